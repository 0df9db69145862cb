"""Cases as the API shows them: every look begins at ``visible_to``, is recorded, and masks persons unless a purpose is named."""

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet

from tongban.cases import readings, unmasking
from tongban.cases.labels import label
from tongban.cases.models import Case, CaseMaterial, Delivery, Event, IssuedForm, MaterialFile
from tongban.cases.queries import file_visible_to, form_visible_to, visible_to
from tongban.exchange.api.access import Caller
from tongban.exchange.api.problems import Stop
from tongban.exchange.api.schemas import (
    CaseLine,
    CaseOut,
    DefectOut,
    EventOut,
    FileOut,
    FormOut,
    ItemOut,
    MaterialOut,
    PersonOut,
)
from tongban.identity.masking import mask_address, mask_id, mask_name, mask_phone
from tongban.paperwork.form import KINDS
from tongban.rules.review import MaterialState, Outcome

MASKS: dict[str, Callable[[str], str]] = {
    "name": mask_name,
    "id_number": mask_id,
    "phone": mask_phone,
    "address": mask_address,
}


def cases_of(caller: Caller) -> QuerySet[Case]:
    """The cases a caller may see, with what a line of them needs."""
    return visible_to(caller.staff).select_related("version", "region", "window").defer("version__body")


def case_or_404(caller: Caller, number: str) -> Case:
    """One of them, else 404."""
    case = cases_of(caller).filter(number=number).first()
    if case is None:
        raise Stop(404)
    return case


def line_of(case: Case) -> CaseLine:
    """A case on one line."""
    return CaseLine(**_line(case))


def _line(case: Case) -> dict[str, Any]:
    return {
        "number": case.number,
        "procedure": case.version.name,
        "region": case.region.name,
        "window": case.window.name,
        "state": case.state,
        "state_said": case.get_state_display(),
        "state_since": case.state_since,
        "taken_at": case.taken_at,
        "due": case.due,
        "due_provisional": case.due_provisional,
        "light": case.light,
        "light_said": case.light_said,
    }


def shown(caller: Caller, number: str, purpose: str = "") -> CaseOut:
    """A whole case. The look is recorded; with a ``purpose`` persons are whole, and the purpose is recorded with it."""
    case = case_or_404(caller, number)
    people = unmasking.persons(case, case.parties.all())
    if purpose:
        what = "接口：" + "、".join(person.label for person in people)
        readings.note(caller.staff, number, what, purpose)
    else:
        readings.note(caller.staff, number)
    return CaseOut(
        **_line(case),
        outcome=Outcome(case.outcome),
        clauses=case.outcome_clauses,
        reason=case.outcome_reason,
        defects=[_defect(defect) for defect in case.defects],
        delivery=Delivery(case.delivery),
        people=[_person(person, whole=bool(purpose)) for person in people],
        items=[_item(item) for item in case.items.select_related("unit")],
        forms=[
            FormOut(id=f.pk, kind=f.kind, title=KINDS.get(f.kind, f.kind), serial=f.serial, issued_at=f.issued_at)
            for f in case.forms.filter(withdrawn_at=None)
        ],
    )


def _defect(kept: dict[str, Any]) -> DefectOut:
    return DefectOut(
        place=kept["material"], **{name: kept[name] for name in ("name", "state", "defects", "requirement")}
    )


def _person(person: unmasking.Person, *, whole: bool) -> PersonOut:
    values = {name: person.values.get(name, "") for name in MASKS}
    return PersonOut(
        role=person.which,  # type: ignore[arg-type]
        **values if whole else {name: MASKS[name](value) for name, value in values.items()},
    )


def _item(item: Any) -> ItemOut:
    return ItemOut(
        order=item.order,
        code=item.code,
        name=item.name,
        unit=item.unit.name,
        state=item.state,
        state_said=item.get_state_display(),
        state_since=item.state_since,
        accepted_at=item.accepted_at,
        due=item.due,
        due_provisional=item.due_provisional,
        fee_asked=None if item.fee_asked is None else str(item.fee_asked),
        fee_paid=item.fee_paid_at is not None,
        decision=item.decision,
        reason=item.reason,
    )


def materials(caller: Caller, number: str) -> list[MaterialOut]:
    """The materials of a case with the files that count. The look is recorded."""
    case = case_or_404(caller, number)
    readings.note(caller.staff, number, "材料清单")
    return [_material(row) for row in case.materials.prefetch_related("files")]


def _material(row: CaseMaterial) -> MaterialOut:
    return MaterialOut(
        place=row.index,
        name=row.name,
        clause=row.clause,
        state=MaterialState(row.state),
        defects=row.defects,
        original_shown=row.original_shown,
        forwarded=row.forwarded,
        tolerated=row.tolerated,
        tolerance_due=row.tolerance_due,
        supplied_at=row.supplied_at,
        files=[
            FileOut(
                id=file.pk,
                filename=file.filename,
                media_type=file.media_type,
                size=file.size,
                sha256=file.digest,
                added_at=file.added_at,
            )
            for file in row.files.all()
            if not file.withdrawn
        ],
    )


def file(caller: Caller, number: str, file_id: int) -> MaterialFile:
    """One file of a visible case, else 404. The look is recorded."""
    found = file_visible_to(caller.staff, number, file_id)
    if found is None:
        raise Stop(404)
    readings.note(caller.staff, number, f"材料 {file_id}")
    return found


def form(caller: Caller, number: str, form_id: int) -> IssuedForm:
    """One sheet of a visible case, else 404. The look is recorded."""
    found = form_visible_to(caller.staff, number, form_id)
    if found is None:
        raise Stop(404)
    readings.note(caller.staff, number, f"文书 {found.serial}")
    return found


def event_of(event: Event) -> EventOut:
    """What happened, without what somebody wrote: no personal data. The event's case must be loaded."""
    item = event.data.get("item")
    return EventOut(
        id=event.pk,
        type=f"case.{event.kind}",
        said=label(event.kind),
        number=event.case.number,
        sequence=event.sequence,
        at=event.at,
        item=item if isinstance(item, int) else None,
        clauses=event.clauses,
    )
