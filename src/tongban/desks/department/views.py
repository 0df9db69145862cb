"""What the department does to one case."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongban.cases.actions import department as acts
from tongban.cases.actions.door import Refused
from tongban.cases.actions.forms import issue_form
from tongban.cases.due import GROUNDS
from tongban.cases.models import Case, CaseItem
from tongban.cases.sheets import clock_sheet, fee_sheet, late_sheet
from tongban.cases.states import ItemState
from tongban.desks.doors import case_or_404, desk, key_of, new_key, perform, staff_of
from tongban.people.models import Role, Staff


def _orders(request: HttpRequest) -> list[int] | None:
    return [int(order) for order in request.POST.getlist("order") if order.isdecimal() and len(order) < 5] or None


def _act(
    request: HttpRequest, number: str, act: Any, done: str, *, then: Callable[[], None] | None = None, **facts: Any
) -> HttpResponse:
    """Do an act, ``then`` what follows once it is done, and go back to the case."""

    def do() -> Case:
        case: Case = act(staff_of(request), number, key=key_of(request), orders=_orders(request), **facts)
        if then:
            then()
        return case

    return perform(request, do, done, reverse("case", args=[number]))


def _notices(request: HttpRequest, number: str, kind: str, sheet: Any, wanted: Any) -> None:
    """Issue a written notice for each item that ``wanted`` picks; the act itself stands even if printing fails."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.DEPARTMENT)
    units = {duty.unit_id for duty in staff.duties_as(Role.DEPARTMENT) if duty.unit_id}
    for item in case.items.filter(unit_id__in=units):
        if wanted(item):
            try:
                issue_form(staff, number, key=new_key(), kind=kind, data=sheet(case, item, staff))
            except (Refused, OSError) as error:
                messages.error(request, f"告知书没有打印成功：{error}")


@desk(Role.DEPARTMENT)
@require_POST
def accept(request: HttpRequest, number: str) -> HttpResponse:
    """Accept: the limit starts."""
    return _act(request, number, acts.accept, "已受理，从明天起计时，短信告知申请人。")


@desk(Role.DEPARTMENT)
@require_POST
def not_accept(request: HttpRequest, number: str) -> HttpResponse:
    """Do not accept, with the reason."""
    reason = request.POST.get("reason", "")
    return _act(request, number, acts.not_accept, "已登记不予受理，理由短信告知申请人。", reason=reason)


@desk(Role.DEPARTMENT)
@require_POST
def pause(request: HttpRequest, number: str) -> HttpResponse:
    """Pause the clock on a legal ground, and issue the written notice."""
    ground, note = request.POST.get("ground", ""), request.POST.get("note", "")

    def sheet(case: Case, item: CaseItem, staff: Staff) -> dict[str, Any]:
        return clock_sheet(case, item, staff, ground=GROUNDS.get(ground, ""), note=note.strip())

    def then() -> None:
        _notices(request, number, "pause_notice", sheet, lambda item: item.state == ItemState.PAUSED)

    return _act(request, number, acts.pause, "已中止计时，告知书已出具。", then=then, ground=ground, note=note)


@desk(Role.DEPARTMENT)
@require_POST
def resume(request: HttpRequest, number: str) -> HttpResponse:
    """Resume the clock, and issue the written notice."""
    case = case_or_404(staff_of(request), number, Role.DEPARTMENT)
    paused = set(case.items.filter(state=ItemState.PAUSED).values_list("pk", flat=True))

    def then() -> None:
        _notices(request, number, "resume_notice", clock_sheet, lambda item: item.pk in paused)

    return _act(request, number, acts.resume, "已恢复计时，告知书已出具。", then=then)


@desk(Role.DEPARTMENT)
@require_POST
def fee(request: HttpRequest, number: str) -> HttpResponse:
    """Ask a fee."""
    case_or_404(staff_of(request), number, Role.DEPARTMENT)
    try:
        amount = Decimal(request.POST.get("amount", "").strip())
        if not amount.is_finite():
            raise InvalidOperation
    except InvalidOperation:
        messages.error(request, "金额有误，请填写数字，单位元，例如 120 或 120.50。")
        return redirect("case", number)

    def then() -> None:
        _notices(
            request, number, "fee_notice", fee_sheet, lambda item: item.fee_asked == amount and not item.fee_paid_at
        )

    return _act(request, number, acts.ask_fee, "已通知缴费，缴费告知单已出具。", then=then, amount=amount)


@desk(Role.DEPARTMENT)
@require_POST
def fee_paid(request: HttpRequest, number: str) -> HttpResponse:
    """The fee was paid."""
    return _act(request, number, acts.confirm_fee, "已确认缴费。")


@desk(Role.DEPARTMENT)
@require_POST
def decide(request: HttpRequest, number: str) -> HttpResponse:
    """Grant or refuse."""
    granted = request.POST.get("granted") == "1"
    done = "已准予办结，请把结果送发证岗位。" if granted else "已登记不予办理，请把决定送发证岗位。"
    return _act(request, number, acts.decide, done, granted=granted, reason=request.POST.get("reason", ""))


@desk(Role.DEPARTMENT)
@require_POST
def end_late(request: HttpRequest, number: str) -> HttpResponse:
    """A tolerated material did not come by its day: what the notice said, and a notice of it."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.DEPARTMENT)
    late = acts.overdue(case, timezone.localdate())

    def then() -> None:
        own = {duty.unit_id for duty in staff.duties_as(Role.DEPARTMENT)}
        ended = [item for item in case.items.all() if item.unit_id in own and item.reason]
        done = "；".join(f"{item.name}：{item.get_decision_display() or item.get_state_display()}" for item in ended)
        try:
            issue_form(staff, number, key=new_key(), kind="late_notice", data=late_sheet(case, staff, late, done))
        except (Refused, OSError) as error:
            messages.error(request, f"告知书没有打印成功：{error}")

    note = request.POST.get("note", "")
    return _act(request, number, acts.end_late, "已按逾期处理，告知书已出具。", then=then, note=note)


@desk(Role.DEPARTMENT)
@require_POST
def send(request: HttpRequest, number: str) -> HttpResponse:
    """Send the result to the issuing desk."""
    return _act(request, number, acts.send_result, "结果已送发证岗位。")
