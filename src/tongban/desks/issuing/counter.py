"""The counter of the issuing desk: what the text asks of a collector, in its order, answered by the rule (十.2, 十.3)."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.cases import readings
from tongban.cases.actions import collecting
from tongban.cases.actions import release as acts
from tongban.cases.actions.door import NotFound, Refused
from tongban.cases.actions.forms import issue_form
from tongban.cases.models import Case, Delivery, Permit
from tongban.cases.queries import visible_to
from tongban.cases.sheets import refusal_sheet, release_sheet
from tongban.cases.states import ItemState
from tongban.custody import post
from tongban.custody.models import Consignment
from tongban.desks.doors import case_or_404, desk, key_of, new_key, perform, staff_of
from tongban.desks.headers import and_the_reader
from tongban.desks.issuing import card_read, fresh_code, tablet
from tongban.desks.issuing.views import rail
from tongban.desks.window.supplement import stored
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic
from tongban.rules.release import Message

TOGETHER = 20  # cases of one person on one page


def _shown(request: HttpRequest, case: Case, scan: str = "") -> acts.Shown:
    def one(name: str, longest: int) -> str:
        return request.POST.get(name, "").strip()[:longest]

    message = one("message", 20)
    written_id, written_phone = one("written_id", 40), one("written_phone", 30)
    if not (written_id or written_phone):
        written_id, written_phone = tablet.written(case, one("nonce", 64))
    return acts.Shown(
        collector=one("collector", 100),
        card_number=one("card_number", 40),
        card=card_read.of(request),
        receipt=one("receipt", 200),
        message=message if message in list(Message) else Message.NONE.value,
        written_id=written_id,
        written_phone=written_phone,
        voucher=one("voucher", 100),
        voucher_scan=scan,
    )


def _together(staff: Staff, case: Case) -> list[Case]:
    """Other cases of the same person with a result waiting here to be collected."""
    if not case.applicant_id_digest:
        return []
    others = visible_to(staff, Role.ISSUING).filter(
        applicant_id_digest=case.applicant_id_digest, delivery=Delivery.COLLECT, items__state=ItemState.AT_ISSUING
    )
    return list(others.exclude(pk=case.pk).distinct().select_related("version").order_by("id")[:TOGETHER])


def _page(
    request: HttpRequest,
    case: Case,
    shown: acts.Shown | None = None,
    errors: dict[str, str] | None = None,
    to: dict[str, str] | None = None,
) -> HttpResponse:
    staff = staff_of(request)
    procedure = case.procedure
    newest = case.events.order_by("-sequence").first()
    items = [item for item in case.items.all() if item.state == ItemState.AT_ISSUING]
    returned = case.consignments.filter(state=Consignment.State.RETURNED, settled_at=None)
    context = {
        "case": case,
        "procedure": procedure,
        "clauses_now": procedure.cite(Topic.RELEASE_ON_SITE, Topic.RELEASE_DOCUMENTS),
        "items": items,
        "others": _together(staff, case) if items else [],
        "vouched": acts.vouched_for(case) if items else None,
        "permits": list(case.permits.all()[:3]),
        "permit_kinds": Permit.Kind.choices,
        "returned": list(returned),
        "shown": shown,
        "to": to or {},
        "errors": errors or {},
        "locked": case.failed_releases >= acts.WRONG_TRIES,
        "refused": newest if newest and newest.kind == "release_refused" else None,
        "typed": request.POST if errors else {},
        "code_label": f"新验证码（{'必须核对' if procedure.policy.release_code == 'required' else '可以不用，用了更稳妥'}）",
        "key": new_key(),
        "reader": settings.CARD_READER,
        "rail": rail(staff, "collect"),
    }
    return and_the_reader(render(request, "issuing/release.html", context, status=422 if errors else 200))


@desk(Role.ISSUING)
def release_page(request: HttpRequest, number: str) -> HttpResponse:
    """What the text asks of a collector, in its order."""
    case = case_or_404(staff_of(request), number, Role.ISSUING)
    readings.note(staff_of(request), number)
    return _page(request, case)


@desk(Role.ISSUING)
@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Which clauses what is entered so far rests on. Numbers are compared only by the act, where wrong ones count."""
    case = case_or_404(staff_of(request), number, Role.ISSUING)
    procedure = case.procedure
    message = request.POST.get("message", "")
    topics = []
    if request.POST.get("card_number", "").strip() or request.POST.get("receipt", "").strip():
        topics.append(Topic.RELEASE_DOCUMENTS)
    if message == Message.ORIGINAL:
        topics.append(Topic.RELEASE_MESSAGE)
    if request.POST.get("voucher", "").strip() or acts.vouched_for(case):
        topics.append(Topic.RELEASE_VOUCHER)
    if not topics and message == Message.FORWARDED:
        topics.append(Topic.RELEASE_REFUSED)
    return render(request, "issuing/answer.html", {"clauses": procedure.cite(*topics)})


def _receipt(request: HttpRequest, staff: Staff, case: Case, shown: acts.Shown) -> None:
    """Number and print the sheet the collector signs."""
    newest = case.events.filter(kind="handed_over").latest("sequence")
    try:
        data = release_sheet(case, staff, newest.data, shown.collector, newest.clauses)
        issue_form(staff, case.number, key=new_key(), kind="release_receipt", data=data)
    except (Refused, OSError) as error:
        messages.error(request, f"{case.number} 的领证签收单没有打印成功：{error}")


@desk(Role.ISSUING)
@require_POST
def hand_over(request: HttpRequest, number: str) -> HttpResponse:
    """Hand over, or record the refusal; the receipt to be signed is printed. Other cases of the person go along."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.ISSUING)
    errors: dict[str, str] = {}
    scans = stored(request, "voucher_scan", errors)
    shown = _shown(request, case, scans[0].stored.digest if scans else "")
    if shown.voucher and not scans and not errors:
        errors["voucher_scan"] = "请扫描工作人员签了字的单子；他在自己岗位上担保过的，这里不用填。"
    shown = fresh_code.proved(case, shown, request.POST.get("fresh_code", "")[:40], errors)
    orders = [int(order) for order in request.POST.getlist("order") if order.isdecimal() and len(order) < 5] or None
    try:
        key = key_of(request)
        if errors:
            raise Refused("有一处需要先改好。", errors)
        after_act = acts.hand_over(staff, number, key=key, shown=shown, orders=orders)
    except NotFound as error:
        raise Http404 from error
    except Refused as error:
        messages.error(request, str(error))
        return _page(request, case, shown, error.fields or {"": str(error)})
    tablet.forget(case)
    newest = after_act.events.order_by("-sequence").first()
    if newest is None or newest.kind != "handed_over":
        return redirect("issuing-release", number)
    _receipt(request, staff, case, shown)
    wanted = set(request.POST.getlist("together"))
    done = 1
    for other in (one for one in _together(staff, case) if one.number in wanted):
        done += _along(request, staff, other, shown, f"{key}{other.pk}")
    said = f"{done} 个办件可以发放。" if done > 1 else "可以发放。"
    messages.success(request, f"{said}请领取人在签收单上签字。")
    return redirect("case", number)


def _along(request: HttpRequest, staff: Staff, other: Case, shown: acts.Shown, key: str) -> int:
    """Hand another case of the same person over by the same evidence: the rule is asked again for it."""
    try:
        after_act = acts.hand_over(staff, other.number, key=key, shown=shown)
    except Refused as error:
        messages.error(request, f"{other.number}：{error}")
        return 0
    newest = after_act.events.order_by("-sequence").first()
    if newest is None or newest.kind != "handed_over":
        messages.error(request, f"{other.number} 不能发放：{newest.data.get('reason', '') if newest else ''}")
        return 0
    _receipt(request, staff, other, shown)
    return 1


@desk(Role.ISSUING)
@require_POST
def print_refusal(request: HttpRequest, number: str) -> HttpResponse:
    """Why it was not handed over, on paper, for who wants it."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.ISSUING)
    newest = case.events.order_by("-sequence").first()
    collector = request.POST.get("collector", "")[:100]

    def act() -> object:
        if newest is None or newest.kind != "release_refused":
            raise Refused("最近一次不是不予发放，没有可以打印的。")
        data = refusal_sheet(case, staff, newest.data, collector)
        return issue_form(staff, number, key=key_of(request), kind="release_refusal", data=data)

    return perform(request, act, "告知单已出具，请打印交给领取人。", reverse("case", args=[number]))


@desk(Role.ISSUING)
@require_POST
def ask_permit(request: HttpRequest, number: str) -> HttpResponse:
    """Ask a supervisor whether it may go to somebody the text does not name."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.ISSUING)
    errors: dict[str, str] = {}
    scans = stored(request, "permit_scan", errors)
    given = {name: request.POST.get(f"permit_{name}", "")[:600] for name in ("kind", "name", "id_number", "reason")}
    try:
        if errors:
            raise Refused("文件没有收下。", errors)
        scan = scans[0].stored if scans else None
        collecting.ask_permit(staff, number, key=key_of(request), scan=scan, **given)
    except NotFound as error:
        raise Http404 from error
    except Refused as error:
        messages.error(request, str(error))
        return _page(request, case, errors=error.fields or {"permit_reason": str(error)})
    messages.success(request, "已报督办人员决定。")
    return redirect("issuing-release", number)


@desk(Role.ISSUING)
@require_POST
def send_back(request: HttpRequest, number: str) -> HttpResponse:
    """Nobody came for a long time: the result goes back to its department."""
    reason = request.POST.get("reason", "")
    act = lambda: collecting.send_back(staff_of(request), number, key=key_of(request), reason=reason)  # noqa: E731
    return perform(request, act, "已退回承办部门。", reverse("issuing-list", args=["uncollected"]))


@desk(Role.ISSUING)
@require_POST
def by_post(request: HttpRequest, number: str) -> HttpResponse:
    """The applicant wants it by post after all, or again to another address."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.ISSUING)
    to = {name: request.POST.get(f"delivery_{name}", "")[:600] for name in ("name", "phone", "address")}
    ticks = {"sure": bool(request.POST.get("sure")), "keep_address": bool(request.POST.get("keep_address"))}
    try:
        post.post_instead(staff, number, key=key_of(request), **to, **ticks)
    except NotFound as error:
        raise Http404 from error
    except Refused as error:
        messages.error(request, str(error))
        return _page(request, case, errors=error.fields or {"delivery_address": str(error)}, to=to)
    messages.success(request, "已改为邮寄，请交邮政专递窗口。")
    return redirect("issuing-release", number)


@desk(Role.ISSUING)
@require_POST
def by_hand(request: HttpRequest, number: str) -> HttpResponse:
    """The applicant comes to collect what came back in the mail."""
    act = lambda: post.collect_instead(staff_of(request), number, key=key_of(request))  # noqa: E731
    return perform(request, act, "已记下，申请人来领。", reverse("issuing-release", args=[number]))
