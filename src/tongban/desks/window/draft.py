"""Between the intake form and :class:`Application`: a draft holds the form's own fields, so nothing typed is lost."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.conf import settings
from django.http import QueryDict

from tongban.cases.application import Application, FileGiven, FindingGiven, MaterialGiven, Person
from tongban.cases.looks import with_bound
from tongban.cases.models import CaseMaterial, Delivery, Draft, MaterialFile, PhoneOf
from tongban.cases.states import CaseState
from tongban.identity import citizen_id, names, phones
from tongban.people.models import Region
from tongban.procedure.model import Procedure
from tongban.rules.card import Card, Difference, differences, values
from tongban.rules.review import MaterialState, MaterialVerdict, asked
from tongban.vault.store import Stored

Fields = Mapping[str, list[str]]


class SeenOfMaterial(Protocol):
    """What the machine says of one material (:mod:`tongban.desks.window.seen`)."""

    @property
    def standing(self) -> tuple[str, ...]:
        """The defects that stand by its word."""

    @property
    def kept(self) -> tuple[FindingGiven, ...]:
        """What the case keeps of it."""

    @property
    def bound_file(self) -> Stored | None:
        """The one file made of several, in the vault."""


Machine = Mapping[int, SeenOfMaterial]


NOT_KEPT = ("csrfmiddlewaretoken", "key", "card", "file", "source")  # not fields of the form


def fields_of(post: QueryDict) -> dict[str, list[str]]:
    """The posted fields as a draft keeps them: everything but the token and files, NUL taken out (no database keeps it)."""
    return {name: [value.replace("\x00", "") for value in post.getlist(name)] for name in post if name not in NOT_KEPT}


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


def verdict(fields: Fields, place: int, machine: tuple[str, ...] = ()) -> MaterialVerdict | None:
    """The clerk's verdict on a material, or None while there is none. A ticked error means defective, whether the clerk
    ticked it or the ``machine`` did and nobody overruled it.
    """
    ticked = (*fields.get(f"defect_{place}", []), *machine, one(fields, f"other_{place}"))
    defects = tuple(dict.fromkeys(text for text in ticked if text.strip()))
    state = one(fields, f"state_{place}")
    if defects and state in ("", MaterialState.CONFORMS):
        state = MaterialState.DEFECTIVE.value
    if state not in list(MaterialState):
        return None
    return MaterialVerdict(place, MaterialState(state), defects if state != MaterialState.CONFORMS else ())


def typed_card(fields: Fields) -> Card:
    """What is typed of the applicant, to be compared with a card."""
    who = person(fields, "applicant")
    return Card(who.name, who.id_number, who.address, who.valid_until)


@dataclass(frozen=True)
class CardSeen:
    """The card that was read for a draft, beside what is typed now."""

    card: Card
    photo: str  # digest of the chip's portrait in the vault; empty: none
    read: frozenset[str]  # fields of the form that hold what the card says
    differences: tuple[tuple[str, str, Difference], ...]  # field of the form, the card's value, what differs


CARD_FIELDS = {"name": "name", "number": "id_number", "address": "address", "valid_until": "valid_until"}


def card_seen(draft: Draft) -> CardSeen | None:
    """What the card reader said, compared with what is typed; None while no card was read."""
    kept = draft.body.get("card")
    if not kept:
        return None
    card = Card(**{**kept["card"], "valid_until": _date(kept["card"]["valid_until"] or "")})
    typed = typed_card(draft.body.get("fields", {}))
    found = differences(card, typed)
    said, differ = values(card), {difference.field for difference in found}
    return CardSeen(
        card,
        kept.get("photo", ""),
        frozenset(
            f"applicant_{CARD_FIELDS[field]}" for field in said if field in values(typed) and field not in differ
        ),
        tuple((f"applicant_{CARD_FIELDS[d.field]}", said.get(d.field, ""), d) for d in found),
    )


def stored(row: Mapping[str, Any]) -> Stored:
    """The stored file that a row of a draft names."""
    return Stored(row["digest"], row["size"], row["media_type"])


def _given(row: Mapping[str, Any], merged_into: str = "") -> FileGiven:
    return FileGiven(
        stored(row),
        f"原图 {row['filename']}" if merged_into else row["filename"],
        row.get("source", MaterialFile.Source.FILE.value),
        row.get("reused_from"),
        merged_into,
        tuple(row.get("steps", ())),
        row.get("licence", ""),
    )


def files(body: Mapping[str, Any], place: int, bound: Stored | None = None, name: str = "") -> tuple[FileGiven, ...]:
    """The files a draft holds for a material; where they were ``bound`` into one (called ``name``), that one first, and the
    originals kept behind it.
    """
    rows = body.get("files", {}).get(str(place), [])
    given = [_given(row) for row in rows]
    given += [_given(row["original"], row["digest"]) for row in rows if "original" in row]
    return with_bound(given, bound, name)


def looked(rows: Sequence[Mapping[str, Any]]) -> list[Stored]:
    """What the machine looks at of the files of a material: not a licence of the licence service, which is no picture of one."""
    return [stored(row) for row in rows if not row.get("licence")]


def scanned(rows: Sequence[Mapping[str, Any]]) -> list[Stored]:
    """What the scanner made of them."""
    return [stored(row) for row in rows if row.get("source") == MaterialFile.Source.SCANNER]


def runs_out(body: Mapping[str, Any], place: int) -> date | None:
    """Until when the licences among the files of a material are valid, the first to end; None: none of them ends."""
    ends = [_date(row.get("valid_until") or "") for row in body.get("files", {}).get(str(place), [])]
    return min((end for end in ends if end), default=None)


def chosen(fields: Fields) -> frozenset[str]:
    """Items ticked, by code or name."""
    return frozenset(fields.get("items", []))


def whole(draft: Draft) -> Fields:
    """The fields of a draft; with those of its case the machine compares and measures by, where it has one."""
    fields: Fields = draft.body.get("fields", {})
    case = draft.case
    if case is None:
        return fields
    known = {
        "region": case.region_id,
        "applicant_name": case.applicant_name,
        "applicant_id_kind": case.applicant_id_kind,
    }
    known |= {"applicant_id_number": case.applicant_id_number}
    return {**fields, **{name: [str(value)] for name, value in known.items()}}


def wanted_of(draft: Draft) -> list[CaseMaterial]:
    """The materials of its case a draft may take in: all at a supplement, afterwards those tolerated and still to come."""
    assert draft.case is not None
    wanted = draft.case.materials.order_by("index")
    if draft.case.state != CaseState.SUPPLEMENTING:
        wanted = wanted.filter(tolerated=True, supplied_at=None)
    return list(wanted)


def asked_of(draft: Draft) -> list[tuple[int, str]]:
    """Place and name of the materials a draft asks."""
    if draft.case_id:
        return [(row.index, row.name) for row in wanted_of(draft)]
    procedure = draft.version.procedure
    places = asked(procedure, chosen(draft.body.get("fields", {})))
    return [(place, procedure.materials[place].name) for place in places]


def region_of(fields: Fields) -> Region | None:
    """The handling region chosen, or None."""
    chosen_region = one(fields, "region")
    return (
        Region.objects.filter(pk=int(chosen_region)).first()
        if chosen_region.isdecimal() and len(chosen_region) < 18
        else None
    )


def undecided(fields: Fields, procedure: Procedure, machine: Machine) -> list[int]:
    """Places of the asked materials without a verdict."""
    return [
        place for place in asked(procedure, chosen(fields)) if verdict(fields, place, machine[place].standing) is None
    ]


def application(draft: Draft, procedure: Procedure, machine: Machine) -> Application:
    """The application a draft amounts to, with what the machine saw by place; materials without a verdict are left out."""
    fields: Fields = draft.body.get("fields", {})
    items = chosen(fields)
    found = {place: verdict(fields, place, machine[place].standing) for place in asked(procedure, items)}
    places = [place for place, one_verdict in found.items() if one_verdict is not None]
    until = person(fields, "applicant").valid_until
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
                found[place] or MaterialVerdict(place, MaterialState.MISSING),
                bool(one(fields, f"original_{place}")),
                *(
                    (
                        files(draft.body, place, machine[place].bound_file, procedure.materials[place].name),
                        machine[place].kept,
                    )
                    if one(fields, f"state_{place}") != MaterialState.MISSING
                    else ((), ())
                ),
                (until if procedure.materials[place].check == "idcard" else None) or runs_out(draft.body, place),
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
