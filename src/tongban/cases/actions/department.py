"""What the department does (clauses 五, 七): accept, pause, ask a fee, decide, send the result on."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from tongban.cases.actions.door import Change, Conflict, Refused, act
from tongban.cases.application import LONGEST, has_control
from tongban.cases.due import GROUNDS, case_due, count
from tongban.cases.models import Case, CaseItem, CaseMaterial, Delivery, IssuedForm, Pause
from tongban.cases.states import ItemState
from tongban.people.models import Role
from tongban.procedure.model import Topic
from tongban.rules.review import Outcome

Orders = Iterable[int] | None


def reason_given(reason: str, what: str, *, needed: bool = True, name: str = "reason") -> str:
    """``reason`` without outer spaces. Raises :class:`Refused` when it is empty, too long or holds control characters."""
    text = reason.strip()
    error = ""
    if needed and not text:
        error = f"请填写{what}，申请人会看到。"
    elif len(text) > LONGEST["reason"]:
        error = f"{what}最多 {LONGEST['reason']} 个字，现在 {len(text)} 个，请删减。"
    elif has_control(text.replace("\n", "").replace("\r", "")):
        error = f"{what}里有看不见的控制字符，请删去后重新输入。"
    if error:
        raise Refused(error, {name: error})
    return text


@act("accepted", Role.DEPARTMENT)
def accept(change: Change, *, orders: Orders = None) -> None:
    """Accept items: the time limit starts (day 1 is the day after). Raises :class:`Conflict` when nothing waits."""
    # The pledge of a mirrored case is where it was taken in: it is pushed only when that is signed.
    if change.case.outcome == Outcome.TOLERANCE and not change.case.mirrored and not pledge_signed(change.case):
        raise Refused("《容缺承诺书》的签字件还没有存入。请收件窗口把申请人签好的承诺书扫描存入后再受理。")
    for item in change.move("accept", orders):
        item.accepted_at = change.now
        count(change.procedure, item, (), change.notice)
        due = item.due.isoformat() if item.due else None
        change.note(
            "accepted",
            change.cite(Topic.TIME_LIMIT),
            outgoing=({"message": "accepted", "item": item.order},),
            item=item.order,
            due=due,
            provisional=item.due_provisional,
        )
    case_due(change.case, change.items)
    change.settle()


@act("not_accepted", Role.DEPARTMENT)
def not_accept(change: Change, *, reason: str, orders: Orders = None) -> None:
    """Do not accept items, with the reason the applicant is told."""
    _turn_down(change, reason_given(reason, "不予受理的理由"), orders)
    change.settle()


def _turn_down(change: Change, reason: str, orders: Orders) -> None:
    for item in change.move("not_accept", orders):
        item.reason = reason
        out = ({"message": "not_accepted", "item": item.order},)
        change.note("not_accepted", change.cite(Topic.TIME_LIMIT), outgoing=out, item=item.order, reason=reason)


def pledge_signed(case: Case) -> bool:
    """Whether the applicant's signed pledge (八（四）) is in the file."""
    pledges = IssuedForm.objects.filter(case=case, kind="tolerance_pledge", withdrawn_at=None)
    return pledges.filter(signed_at__isnull=False).exists()


def overdue(case: Case, today: date) -> list[CaseMaterial]:
    """Tolerated materials that were not there by their day."""
    late = CaseMaterial.objects.filter(case=case, tolerated=True, supplied_at=None, tolerance_due__lt=today)
    return list(late.order_by("index"))


@act("tolerance_late", Role.DEPARTMENT)
def end_late(change: Change, *, note: str = "", orders: Orders = None) -> None:
    """What the notice of tolerance said: a material did not come by its day, and a person of the department ends it.

    Items not accepted yet are not accepted, those under way are refused; ``note`` is added to the reason.
    """
    late = overdue(change.case, change.today)
    if not late:
        raise Refused("没有逾期未补齐的容缺材料，不能按逾期处理。")
    text = reason_given(note, "说明", needed=False, name="note")
    reason = f"容缺材料“{'、'.join(row.name for row in late)}”没有在告知的期限内补齐。{text}"
    chosen = set(orders) if orders is not None else {item.order for item in change.own_items()}
    state = {item.order: item.state for item in change.own_items() if item.order in chosen}
    waiting = [order for order, at in state.items() if at == ItemState.PUSHED]
    running = [order for order, at in state.items() if at == ItemState.ACCEPTED]
    if not waiting and not running:
        raise Conflict("办件的事项都已经有了结果，或者正在中止，不能按逾期处理。")
    change.note("tolerance_late", change.cite(Topic.TOLERANCE), materials=[row.index for row in late])
    if waiting:
        _turn_down(change, reason, waiting)
    if running:
        _decide(change, "refused", reason, running)
    case_due(change.case, change.items)
    change.settle()


@act("paused", Role.DEPARTMENT)
def pause(change: Change, *, ground: str, note: str = "", orders: Orders = None) -> None:
    """Stop the clock of items from today on a legal ground (a key of ``GROUNDS``); the applicant is told."""
    if ground not in GROUNDS:
        raise Refused("请选择中止的法定事由。", {"ground": "请选择中止的法定事由。"})
    text = reason_given(note, "说明", needed=False, name="note")
    moved = change.move("pause", orders)
    by = change.staff.name if change.staff else ""
    Pause.objects.bulk_create(
        Pause(item=item, ground=ground, note=text, by_name=by, started_on=change.today) for item in moved
    )
    pauses = list(Pause.objects.filter(item__in=moved))
    for item in moved:
        count(change.procedure, item, [pause for pause in pauses if pause.item_id == item.pk], change.notice)
        out = ({"message": "paused", "item": item.order},)
        change.note("paused", change.cite(Topic.TIME_LIMIT), outgoing=out, item=item.order, ground=ground, note=text)
    case_due(change.case, change.items)


@act("resumed", Role.DEPARTMENT)
def resume(change: Change, *, orders: Orders = None) -> None:
    """Let the clock of paused items run again from today; the due day moves by what was left out."""
    moved = change.move("resume", orders)
    Pause.objects.filter(item__in=moved, ended_on=None).update(ended_on=change.today)
    pauses = list(Pause.objects.filter(item__in=moved))
    for item in moved:
        count(change.procedure, item, [pause for pause in pauses if pause.item_id == item.pk], change.notice)
        due = item.due.isoformat() if item.due else None
        out = ({"message": "resumed", "item": item.order},)
        change.note("resumed", change.cite(Topic.TIME_LIMIT), outgoing=out, item=item.order, due=due)
    case_due(change.case, change.items)


@act("fee_asked", Role.DEPARTMENT)
def ask_fee(change: Change, *, amount: Decimal, orders: Orders = None) -> None:
    """Ask a fee in yuan for items of a package that knows fees; the applicant is told by message."""
    if not change.procedure.policy.fee:
        raise Refused("本套餐不收费，不能通知缴费。")
    if not Decimal("0.01") <= amount <= Decimal("99999999.99") or amount != round(amount, 2):
        raise Refused("金额有误。", {"amount": "请填写大于 0 的金额，单位元，最多两位小数。"})
    for item in change.move("ask_fee", orders):
        if item.fee_asked is not None:
            raise Refused(f"“{item.name}”已经通知缴费 {item.fee_asked} 元。")
        item.fee_asked = amount
        out = ({"message": "fee_asked", "item": item.order},)
        change.note("fee_asked", change.cite(Topic.RECEIPT), outgoing=out, item=item.order, amount=str(amount))


@act("fee_confirmed", Role.DEPARTMENT)
def confirm_fee(change: Change, *, orders: Orders = None) -> None:
    """The fee of items was paid."""
    for item in change.move("confirm_fee", orders):
        if item.fee_asked is None or item.fee_paid_at:
            raise Refused(f"“{item.name}”没有待确认的缴费。")
        item.fee_paid_at = change.now
        change.note("fee_confirmed", change.cite(Topic.RECEIPT), item=item.order)


@act("granted", Role.DEPARTMENT)
def decide(change: Change, *, granted: bool, reason: str = "", orders: Orders = None) -> None:
    """Decide items. A refusal needs its reason; an unpaid fee or a tolerated material still missing stops a grant."""
    text = reason_given(reason, "不予办理的理由", needed=not granted)
    _decide(change, "granted" if granted else "refused", text, orders)
    case_due(change.case, change.items)
    change.settle()


def may_grant(change: Change, items: Iterable[CaseItem]) -> None:
    """Raise :class:`Refused` while a tolerated material is missing or a fee of ``items`` is unpaid."""
    if change.case.outcome == Outcome.TOLERANCE:
        tolerated = CaseMaterial.objects.filter(case=change.case, tolerated=True, supplied_at=None)
        if missing := list(tolerated.values_list("name", flat=True)):
            raise Refused(f"容缺材料“{'、'.join(missing)}”还没有补齐，补齐后才能准予办结。")
    for item in items:
        if item.fee_asked is not None and not item.fee_paid_at:
            raise Refused(f"“{item.name}”的费用 {item.fee_asked} 元还没有确认缴纳。")


def decided(item: CaseItem) -> str:
    """A decision in words, with its reason."""
    return item.get_decision_display() + (f"（{item.reason}）" if item.reason else "")


def _decide(change: Change, decision: str, reason: str, orders: Orders) -> None:
    moved = change.move("decide", orders)
    if decision == "granted":
        may_grant(change, moved)
    for item in moved:
        item.decision, item.reason, item.decided_at = decision, reason, change.now
        change.note(decision, change.cite(Topic.TIME_LIMIT), item=item.order, reason=reason)


@act("result_sent", Role.DEPARTMENT)
def send_result(change: Change, *, orders: Orders = None) -> None:
    """Send the results of decided items to the issuing desk of the region's hall; the applicant is told (领证短信)."""
    moved = change.move("send_result", orders)
    collect = change.case.delivery == Delivery.COLLECT
    out = ({"message": "result_ready"},) if collect else ()
    change.note("result_sent", change.cite(Topic.RELEASE), outgoing=out, items=[item.order for item in moved])
    change.settle()
