"""Between the officers of departments: an item passed on, a colleague asked."""

from collections.abc import Iterable
from datetime import datetime

from tongban.cases.actions.door import Change, Conflict, NotFound, Refused, act
from tongban.cases.actions.wording import written
from tongban.cases.models import CaseItem, Question
from tongban.cases.states import ItemState
from tongban.people.accounts import in_force
from tongban.people.models import Duty, Role, Staff, Unit
from tongban.people.record import tell
from tongban.procedure.model import Topic
from tongban.rules.passing import item_of, pass_to_unit

PASSABLE = (
    ItemState.PUSHED,
    ItemState.ACCEPTED,
    ItemState.PAUSED,
)  # after that there is a paper, which changes hands by two


def officers(now: datetime, units: Iterable[int]) -> list[Staff]:
    """Who works now in departments ``units``, each once, by name."""
    duties = Duty.objects.filter(in_force(now), role=Role.DEPARTMENT, unit_id__in=list(units))
    people = Staff.objects.filter(pk__in=duties.values("staff_id"), is_active=True, machine=False)
    return list(people.order_by("name", "pk"))


def _one(change: Change, order: int) -> CaseItem:
    """An own item that may be passed. Raises :class:`Conflict`, :class:`NotFound`."""
    item = next((one for one in change.own_items() if one.order == order), None)
    if item is None:
        raise NotFound
    if item.state not in PASSABLE:
        raise Conflict(f"“{item.name}”现在是“{ItemState(item.state).label}”，不能再转。")
    return item


@act("passed_to_officer", Role.DEPARTMENT)
def pass_to_officer(change: Change, *, order: int, officer_id: int, reason: str = "") -> None:
    """An item goes to another officer of the same unit, who answers for it from now on; who lost it is told."""
    item = _one(change, order)
    heir = next((one for one in officers(change.now, [item.unit_id]) if one.pk == officer_id), None)
    if heir is None:
        raise Refused("这个人现在不在本部门，请重新选择。", {"officer": "请选择本部门在岗的人。"})
    if item.holder_id == heir.pk:
        raise Conflict(f"“{item.name}”已经由{heir.name}经办。")
    text = written(reason, "说明", name="reason", needed=False, longest=200)
    before, item.holder, item.holder_since = item.holder, heir, change.now
    change.note(
        "passed_to_officer",
        change.cite(Topic.TIME_LIMIT),
        item=item.order,
        old=before.name if before else "未指定",
        to=heir.name,
        reason=text,
    )
    _tell(change, [*([before] if before else []), heir], f"“{item.name}”由{change.staff}转给{heir.name}经办。")


@act("passed_to_unit", Role.DEPARTMENT)
def pass_to_unit_of_region(change: Change, *, order: int, unit_id: int, reason: str) -> None:
    """An item goes to another unit of the region, where the procedure lets that unit decide it; both are told.

    The clock runs on: the limit is the applicant's, whoever decides.
    """
    item = _one(change, order)
    text = written(reason, "转出的理由", name="reason", longest=200)
    unit = Unit.objects.filter(pk=unit_id).first()
    if unit is None or unit.pk == item.unit_id:
        raise Refused("请选择另一个部门。", {"unit": "请选择另一个部门。"})
    answer = pass_to_unit(
        change.procedure,
        item_of(change.procedure, item.code, item.name),
        unit=unit.name,
        decides=unit.items,
        same_region=unit.region_id == change.case.region_id,
        closed=unit.closed_at is not None,
    )
    if not answer.allowed:
        raise Refused(answer.reason)
    before, old = item.holder, item.unit
    lost = [before] if before else officers(change.now, [old.pk])
    item.unit, item.holder, item.holder_since = unit, None, None
    change.note("passed_to_unit", answer.clauses, item=item.order, old=old.name, to=unit.name, reason=text)
    _tell(change, [*lost, *officers(change.now, [unit.pk])], f"“{item.name}”从{old.name}转到{unit.name}：{text}")


def _tell(change: Change, people: Iterable[Staff], said: str) -> None:
    others = {one.pk: one for one in people if one.pk != getattr(change.staff, "pk", None)}
    tell(
        others.values(),
        f"{change.case.number}　{said}",
        f"passed-{change.case.pk}-{change.case.events_count}",
        change.now,
    )


def colleagues(staff: Staff, case_region: int, now: datetime) -> list[Staff]:
    """Who may be asked about a case of the region: whoever works in one of its departments, but oneself."""
    units = Unit.objects.filter(region_id=case_region).values_list("pk", flat=True)
    return [one for one in officers(now, units) if one.pk != staff.pk]


@act("colleague_asked", Role.DEPARTMENT)
def ask_colleague(change: Change, *, officer_id: int, text: str) -> None:
    """Ask a colleague of the region's departments; they may read the case until they answer."""
    if not change.own_items():
        raise NotFound
    assert change.staff is not None
    asked = next(
        (one for one in colleagues(change.staff, change.case.region_id, change.now) if one.pk == officer_id), None
    )
    if asked is None:
        raise Refused("请选择要请教的人。", {"officer": "请选择要请教的人。"})
    question = written(text, "问题", name="text")
    if Question.objects.filter(case=change.case, asked=asked, ended_at=None).exists():
        raise Conflict(f"已经请教{asked.name}，还没有答复。")
    row = Question.objects.create(
        case=change.case, asked_by=change.staff, asked=asked, text=question, asked_at=change.now
    )
    change.note(
        "colleague_asked", change.cite(Topic.TIME_LIMIT), to=asked.name, old=change.staff.name, question=question
    )
    tell(
        [asked],
        f"{change.staff.name}就办件 {change.case.number} 请教你，答复前可以查看办件。",
        f"asked-{row.pk}",
        change.now,
    )


def _question(change: Change, question_id: int) -> Question:
    row = Question.objects.filter(case=change.case, pk=question_id).select_related("asked_by", "asked").first()
    if row is None:
        raise NotFound
    if row.ended_at:
        raise Conflict("这个问题已经答复或者收回。")
    return row


@act("colleague_answered")
def answer(change: Change, *, question_id: int, text: str) -> None:
    """Answer what one was asked; from now on the case is seen by one's own duties alone."""
    row = _question(change, question_id)
    if row.asked != change.staff:
        raise NotFound
    row.answer, row.ended_at = written(text, "答复", name="text"), change.now
    row.save(update_fields=["answer", "ended_at"])
    change.note("colleague_answered", change.cite(Topic.TIME_LIMIT), answer=row.answer)
    tell([row.asked_by], f"{row.asked.name}答复了办件 {change.case.number} 的问题。", f"answered-{row.pk}", change.now)


@act("question_taken_back", Role.DEPARTMENT)
def take_back(change: Change, *, question_id: int) -> None:
    """Take a question back: the colleague no longer sees the case by it. By who asked, or a colleague of the same unit."""
    row = _question(change, question_id)
    if not change.own_items():
        raise NotFound
    row.ended_at = change.now
    row.save(update_fields=["ended_at"])
    change.note("question_taken_back", change.cite(Topic.TIME_LIMIT), to=row.asked.name, old=row.asked_by.name)
