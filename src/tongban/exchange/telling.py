"""From events to pushes: which facts of a shared case the other side must know, and how they are told.

A fact that the platform itself did is not told back to it, nor one that it is too old to understand. A case is told of first when it has gone to its department: of a
tolerated one, when the applicant's pledge is signed.
"""

from collections.abc import Mapping
from typing import Any

from tongban.cases.actions.department import pledge_signed
from tongban.cases.models import Case, DecisionDocument, Event, MaterialFile, Party
from tongban.cases.states import CaseState
from tongban.exchange import wire
from tongban.rules.review import Outcome

# kinds of events → kinds of steps. Whose department it is tells the first, who took the case in the second.
TAKEN_OVER = "taken_over"
BY_DEPARTMENT = {
    TAKEN_OVER: wire.RECEIVED,
    **{kind: kind for kind in wire.STEPS},
    "decision_corrected": "corrected",
    "document_attached": wire.DOCUMENT,
}
BY_ORIGIN = {
    "pushed": wire.SUBMITTED,
    "form_signed": wire.SUBMITTED,
    "supplied": wire.SUPPLIED,
    "handed_over": wire.DELIVERED,
    "post_received": wire.DELIVERED,
    "result_sent_back": wire.CAME_BACK,
    "thing_replaced": wire.CAME_BACK,  # a result to be made again; of other things: paper
    **dict.fromkeys(("list_made", "list_sent", "list_received", "list_carried", "list_delivered"), wire.PAPER),
}
# What a department does that the other side need not know: it changes nothing there.
UNTOLD = frozenset({
    "tolerance_late", "confirmed_outside", "passed_to_officer", "passed_to_unit", "colleague_asked", "question_taken_back",
})  # fmt: skip


def told(event: Event, case: Case, *, first: bool) -> tuple[str, dict[str, Any]] | None:
    """(kind of step, its data) of an event, or None. ``first``: nothing was told of this case yet."""
    kind = (BY_DEPARTMENT if case.mirrored else BY_ORIGIN).get(event.kind)
    if kind is None:
        return None
    if kind == wire.SUBMITTED:
        return (kind, submitted(case)) if first and _ready(case) else None
    if first and not case.mirrored:
        return None  # a supplied material before the case itself went: it goes with the case
    if kind == wire.RECEIVED:
        return kind, {"number": case.number}
    if kind == wire.PAPER or (event.kind == "thing_replaced" and not event.data["items"]):
        return wire.PAPER, {"lists": paper(case)}
    if kind == wire.DOCUMENT:
        return kind, document(event, case)
    if kind == wire.SUPPLIED:
        index = int(event.data["material"])
        files = MaterialFile.objects.filter(material__case=case, material__index=index, withdrawn=False)
        return kind, {"material": index, "files": [_file(file) for file in files]}
    step = _step(event.data)
    return (kind, step) if step["items"] else None


def _step(data: Mapping[str, Any]) -> dict[str, Any]:
    items = data.get("items") or ([data["item"]] if "item" in data else [])
    words = {name: data[name] for name in ("reason", "ground", "note", "amount", "why") if data.get(name)}
    if "decision" in data:
        words["granted"] = data["decision"] == "granted"
    return {"items": items, **words}


def document(event: Event, case: Case) -> dict[str, Any]:
    """The document that was attached to a decision; it travels even if another has taken its place meanwhile."""
    rows = DecisionDocument.objects.filter(item__case=case, item__order=event.data["item"])
    row = rows.filter(digest=event.data["digest"]).latest("pk")
    file = {"digest": row.digest, "size": row.size, "media_type": "application/pdf", "filename": row.filename}
    return {"item": event.data["item"], "file": file | {"source": "file"}}


def paper(case: Case) -> list[dict[str, Any]]:
    """The paper for the department as it stands: list by list what is in it and where it is."""
    rows = case.things.filter(kind="materials").exclude(place="gone")  # ``custody`` keeps them
    return [
        {
            "code": row.code,
            "unit": row.unit.name if row.unit else "",
            "materials": [material["name"] for material in row.materials],
            "place": row.get_place_display(),
            "since": row.place_since.isoformat(),
            "waybill": row.consignment.waybill if row.consignment else "",
        }
        for row in rows.select_related("unit", "consignment").order_by("pk")
    ]


def _ready(case: Case) -> bool:
    if case.state in (CaseState.SUPPLEMENTING, CaseState.DECLINED):
        return False
    return case.outcome != Outcome.TOLERANCE or pledge_signed(case)


def submitted(case: Case) -> dict[str, Any]:
    """The whole case as its department needs it: people, items, materials with the digests of their files."""
    parties = {party.role: party for party in Party.objects.filter(case=case)}
    materials = case.materials.prefetch_related("files")
    return {
        "city": case.version.city,
        "region": case.region.name,
        "package": case.version.name,
        "procedure": case.version.digest,
        "taken_at": case.taken_at.isoformat(),
        "window": {"name": case.window.name, "phone": case.window.phone, "officer": case.taken_by.name},
        "items": [item.code or item.name for item in case.items.all()],
        "applicant": {
            "name": case.applicant_name,
            "id_kind": case.applicant_id_kind,
            "id_number": case.applicant_id_number,
            "phone": case.applicant_phone,
            "address": case.applicant_address,
        },
        "phone_of": case.phone_of,
        "email": case.email,
        "agent": _party(parties.get(Party.Role.AGENT)),
        "guardian": _party(parties.get(Party.Role.GUARDIAN)),
        "delivery": {
            "way": case.delivery,
            "name": case.delivery_name,
            "phone": case.delivery_phone,
            "address": case.delivery_address,
        },
        "materials": [
            {
                "index": row.index,
                "state": row.state,
                "defects": row.defects,
                "original_shown": row.original_shown,
                "tolerated": row.tolerated,
                "valid_until": row.valid_until.isoformat() if row.valid_until else None,
                "files": [_file(file) for file in row.files.all() if not file.withdrawn],
            }
            for row in materials
        ],
    }


def _party(party: Party | None) -> dict[str, Any] | None:
    if party is None:
        return None
    return {"name": party.name, "id_kind": party.id_kind, "id_number": party.id_number, "phone": party.phone}


def _file(file: MaterialFile) -> dict[str, Any]:
    return {
        "digest": file.digest,
        "size": file.size,
        "media_type": file.media_type,
        "filename": file.filename,
        "source": file.source,
    }
