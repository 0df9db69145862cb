"""Between the intake form and :class:`Application`: a draft holds the form's own fields, so nothing typed is lost."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.http import QueryDict

from tongban.cases.application import Application, FileGiven, MaterialGiven, Person
from tongban.cases.models import Delivery, Draft, MaterialFile, PhoneOf
from tongban.identity import citizen_id, names, phones
from tongban.procedure.model import Procedure
from tongban.rules.review import MaterialState, MaterialVerdict, asked
from tongban.vault.store import Stored

Fields = Mapping[str, list[str]]


def fields_of(post: QueryDict) -> dict[str, list[str]]:
    """The posted fields as a draft keeps them: everything but the token, NUL taken out (no database keeps it)."""
    return {
        name: [value.replace("\x00", "") for value in post.getlist(name)]
        for name in post
        if name not in ("csrfmiddlewaretoken", "key")
    }


def one(fields: Fields, name: str) -> str:
    """The single value of a field, trimmed; empty when absent."""
    return (fields.get(name) or [""])[0].strip()


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def person(fields: Fields, prefix: str) -> Person:
    """A person from the fields named with ``prefix``, normalised."""
    kind = one(fields, f"{prefix}_id_kind") or "resident_id"
    return Person(
        name=names.normalise(one(fields, f"{prefix}_name")),
        id_number=citizen_id.normalise(one(fields, f"{prefix}_id_number")),
        phone=phones.normalise(one(fields, f"{prefix}_phone")),
        id_kind=kind,
        address=one(fields, f"{prefix}_address"),
        valid_until=_date(one(fields, f"{prefix}_valid_until")),
    )


def verdict(fields: Fields, place: int) -> MaterialVerdict | None:
    """The clerk's verdict on a material, or None while there is none. A ticked error means defective."""
    defects = tuple(
        text for text in (*fields.get(f"defect_{place}", []), one(fields, f"other_{place}")) if text.strip()
    )
    state = one(fields, f"state_{place}")
    if defects and state in ("", MaterialState.CONFORMS):
        state = MaterialState.DEFECTIVE.value
    if state not in list(MaterialState):
        return None
    return MaterialVerdict(place, MaterialState(state), defects if state != MaterialState.CONFORMS else ())


def files(body: Mapping[str, Any], place: int) -> tuple[FileGiven, ...]:
    """The files a draft holds for a material."""
    return tuple(
        FileGiven(
            Stored(file["digest"], file["size"], file["media_type"]),
            file["filename"],
            file.get("source", MaterialFile.Source.FILE.value),
            file.get("reused_from"),
        )
        for file in body.get("files", {}).get(str(place), [])
    )


def chosen(fields: Fields) -> frozenset[str]:
    """Items ticked, by code or name."""
    return frozenset(fields.get("items", []))


def undecided(fields: Fields, procedure: Procedure) -> list[int]:
    """Places of the asked materials without a verdict."""
    return [place for place in asked(procedure, chosen(fields)) if verdict(fields, place) is None]


def application(draft: Draft, procedure: Procedure) -> Application:
    """The application a draft amounts to; materials without a verdict are left out."""
    fields: Fields = draft.body.get("fields", {})
    items = chosen(fields)
    places = [place for place in asked(procedure, items) if verdict(fields, place) is not None]
    region = one(fields, "region")
    delivery = one(fields, "delivery")
    return Application(
        version_id=draft.version_id,
        window_id=draft.window_id,
        region_id=int(region) if region.isdecimal() and len(region) < 18 else 0,
        items=tuple(code for item in procedure.items if (code := item.code or item.name) in items)
        + tuple(sorted(items - {item.code or item.name for item in procedure.items})),
        applicant=person(fields, "applicant"),
        agent=person(fields, "agent") if one(fields, "has_agent") else None,
        guardian=person(fields, "guardian")
        if one(fields, "guardian_name") or one(fields, "guardian_id_number")
        else None,
        materials=tuple(
            MaterialGiven(
                verdict(fields, place) or MaterialVerdict(place, MaterialState.MISSING),
                bool(one(fields, f"original_{place}")),
                files(draft.body, place) if one(fields, f"state_{place}") != MaterialState.MISSING else (),
            )
            for place in places
        ),
        in_scope=one(fields, "in_scope") != "no",
        scope_reason=one(fields, "scope_reason"),
        wants_tolerance=frozenset(place for place in places if one(fields, f"tolerate_{place}")),
        delivery=delivery if delivery in Delivery.values else Delivery.COLLECT.value,
        delivery_name=names.normalise(one(fields, "delivery_name")),
        delivery_phone=phones.normalise(one(fields, "delivery_phone")),
        delivery_address=one(fields, "delivery_address"),
        phone_of=phone_of if (phone_of := one(fields, "phone_of")) in PhoneOf.values else PhoneOf.SELF.value,
        email=one(fields, "email").strip() if settings.EMAIL_HOST else "",
    )
