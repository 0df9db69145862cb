"""The post desk: results sent to applicants under waybills, what becomes of them, the pool of numbers (十.1)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongban.cases import readings
from tongban.cases.actions.door import NotFound, Refused
from tongban.cases.actions.forms import issue_form, issue_sheet
from tongban.cases.models import Case, IssuedForm, Purpose
from tongban.cases.queries import after, items_visible_to, visible_to
from tongban.cases.states import ItemState
from tongban.custody import carrier, post, tracking
from tongban.custody.labels import of_the_day, postal
from tongban.custody.models import Consignment
from tongban.desks.doors import case_or_404, desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.law import standing
from tongban.desks.post.views import rail
from tongban.identity.areas import area_of
from tongban.people.models import Region, Role
from tongban.procedure.model import Topic

MOST_LINES = 1000  # on one list
State, Kind = Consignment.State, Consignment.Kind


def _frame(request: HttpRequest, name: str, title: str, shown: list[Any], more: int | None) -> dict[str, Any]:
    staff = staff_of(request)
    procedure = getattr(shown[0], "case", shown[0]).procedure if shown else standing(staff)
    return {
        "title": title,
        "rows": shown,
        "more": more,
        "rail": rail(staff, name),
        "key": new_key(),
        "procedure": procedure,
        "clauses_now": procedure.cite(Topic.RELEASE_POST) if procedure else (),
    }


@desk(Role.POST)
def results(request: HttpRequest) -> HttpResponse:
    """Results given to post, to be sent: one row a case, with the county its address is in."""
    staff = staff_of(request)
    with_post = items_visible_to(staff, Role.POST).filter(state=ItemState.WITH_POST)
    waiting = visible_to(staff, Role.POST).filter(pk__in=with_post.values("case"))
    shown, more = after(waiting.select_related("version", "region").prefetch_related("items"), page_key(request))
    # whole names and addresses, to be written on what is sent
    readings.shown(staff, [case.number for case in shown], "收件人：姓名、地址", Purpose.POST)
    rows = [
        {
            "case": case,
            "items": [item for item in case.items.all() if item.state == ItemState.WITH_POST],
            "area": area_of(case.delivery_address),
        }
        for case in shown
    ]
    context = _frame(request, "post-results", "待寄出结果", shown, more)
    regions = {case.region_id: case.region for case in shown}
    left = {pk: post.numbers_left(region) for pk, region in regions.items()}
    own = {"rows": rows, "left": left, "automatic": carrier.automatic(), "payers": Consignment.Payer.choices}
    return render(request, "post/results.html", context | own)


@desk(Role.POST)
def posted(request: HttpRequest) -> HttpResponse:
    """Results on their way to applicants, with where they are."""
    under_way = post.consignments_visible_to(staff_of(request), Role.POST).filter(state=State.SENT, kind=Kind.RESULT)
    shown, more = after(under_way.prefetch_related("tracks", "case__items"), page_key(request))
    context = _frame(request, "post-posted", "已寄出待签收", shown, more)
    labels = {
        form.data.get("waybill"): form.pk
        for form in IssuedForm.objects.filter(case__in=[row.case_id for row in shown], kind="post_label")
    }
    return render(request, "post/posted.html", context | {"automatic": carrier.automatic(), "labels": labels})


def _end(name: str, phone: str, address: str) -> dict[str, str]:
    return {"name": name, "phone": phone, "address": address}


def _from_carrier(case: Case, payer: str) -> str:
    """A number from the carrier's interface; the reference stays the same until something is sent under it."""
    hall = getattr(case.region, "hall", None)
    sender = _end(hall.name if hall else case.region.name, hall.phone if hall else "", hall.address if hall else "")
    receiver = _end(case.delivery_name, case.delivery_phone, case.delivery_address)
    reference = f"{case.number}/{case.consignments.count() + 1}"
    return carrier.order(reference, sender=sender, receiver=receiver, payer=payer)


@desk(Role.POST)
@require_POST
def send(request: HttpRequest, number: str) -> HttpResponse:
    """Send the results of a case off: under the number typed, else the carrier's, else the next of the pool."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.POST)
    waybill, payer = request.POST.get("waybill", ""), request.POST.get("payer", Consignment.Payer.SENDER)
    waiting = case.items.filter(state=ItemState.WITH_POST).exists()

    def act() -> Case:
        key, typed = key_of(request), waybill
        if not typed.strip() and carrier.automatic() and waiting:
            try:
                typed = _from_carrier(case, payer)
            except carrier.CarrierFailed as error:
                raise Refused(str(error), {"waybill": str(error)}) from error
        done: Case = post.post(staff, number, key=key, waybill=typed, payer=payer, from_pool=True)
        try:
            row = post.consignments_visible_to(staff, Role.POST).filter(case=done).latest("pk")
            issue_form(staff, number, key=f"label{key}"[:64], kind="post_label", data=postal(row, staff))
        except (Refused, OSError) as error:
            messages.error(request, f"邮政标签没有打印成功：{error}")
        return done

    return perform(request, act, "已寄出，短信告知申请人邮件号。", reverse("post-results"))


def _number_of(request: HttpRequest, consignment_id: int) -> str:
    row = post.consignments_visible_to(staff_of(request), Role.POST).filter(pk=consignment_id).first()
    if row is None or row.case is None:
        raise Http404
    return row.case.number


@desk(Role.POST)
@require_POST
def signed(request: HttpRequest, consignment_id: int) -> HttpResponse:
    """The applicant signed for the result."""
    staff, number = staff_of(request), _number_of(request, consignment_id)
    return perform(
        request,
        lambda: post.confirm_posted(staff, number, key=key_of(request), consignment_id=consignment_id),
        "已登记签收。",
        reverse("post-posted"),
    )


@desk(Role.POST)
@require_POST
def returned(request: HttpRequest, consignment_id: int) -> HttpResponse:
    """A result came back, or is lost (``outcome``)."""
    staff, number = staff_of(request), _number_of(request, consignment_id)
    reason = request.POST.get("reason", "")
    is_lost = request.POST.get("outcome") == "lost"
    act = post.lost if is_lost else post.return_from_post
    return perform(
        request,
        lambda: act(staff, number, key=key_of(request), consignment_id=consignment_id, reason=reason),
        "已记为丢失，列入查找。" if is_lost else "已退回发证岗位，短信告知申请人。",
        reverse("post-posted"),
    )


@desk(Role.POST)
@require_POST
def note(request: HttpRequest, consignment_id: int) -> HttpResponse:
    """Where a consignment is, as the post desk learned by telephone."""
    try:
        key_of(request)
        tracking.note(staff_of(request), consignment_id, request.POST.get("text", ""))
    except NotFound as error:
        raise Http404 from error
    except Refused as error:
        messages.error(request, str(error))
    else:
        messages.success(request, "已记下。")
    return redirect("post-posted")


@desk(Role.POST)
@require_POST
def list_of_the_day(request: HttpRequest) -> HttpResponse:
    """The list handed to the carrier with what was sent today from one's hall."""
    staff, today = staff_of(request), timezone.localdate()
    region = next(duty.region for duty in staff.duties_as(Role.POST) if duty.region)
    sent = post.consignments_visible_to(staff, Role.POST).filter(region=region, kind=Kind.RESULT, sent_at__date=today)
    rows = list(sent[:MOST_LINES])
    if not rows:
        messages.error(request, "今天还没有寄出的邮件。")
        return redirect("post-posted")
    try:
        data = of_the_day(rows, staff, region, today, carrier.name())
        made = issue_sheet(staff, region, key=key_of(request), kind="post_list", data=data)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("post-posted")
    return redirect("paper-sheet", made.pk)


@desk(Role.POST)
def numbers(request: HttpRequest) -> HttpResponse:
    """The pool of numbers of one's halls."""
    staff = staff_of(request)
    regions: list[Region] = [duty.region for duty in staff.duties_as(Role.POST) if duty.region]
    error, typed = "", ""
    if request.method == "POST":
        typed = request.POST.get("numbers", "")
        region = next((one for one in regions if str(one.pk) == request.POST.get("region", "")), regions[0])
        try:
            key_of(request)
            new, known = post.add_numbers(staff, region, typed)
        except Refused as refusal:
            error = str(refusal)
        else:
            messages.success(request, f"已加入 {new} 个邮件号" + (f"，{known} 个本来就有。" if known else "。"))
            return redirect("post-numbers")
    context = _frame(request, "post-numbers", "邮件号码", [], None)
    pools = [{"region": region, "left": post.numbers_left(region)} for region in regions]
    own = {"pools": pools, "error": error, "typed": typed, "automatic": carrier.automatic(), "carrier": carrier.name()}
    return render(request, "post/numbers.html", context | own, status=422 if error else 200)
