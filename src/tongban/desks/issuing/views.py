"""The issuing desk: the release rule on the screen as the text has it, in its order (十)."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.archive.queries import asks_owed_by
from tongban.cases import readings
from tongban.cases.actions import release as acts
from tongban.cases.actions.door import NotFound, Refused
from tongban.cases.actions.forms import issue_form
from tongban.cases.actions.papers import papers_to_archive
from tongban.cases.models import Case, Delivery, Papers
from tongban.cases.queries import after, visible_to
from tongban.cases.sheets import release_sheet
from tongban.cases.states import CaseState, ItemState
from tongban.desks.doors import case_or_404, desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.law import standing
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic
from tongban.rules.release import Message

HERE = Q(items__state=ItemState.AT_ISSUING)
HERE_STILL = (CaseState.IN_PROGRESS, CaseState.DELIVERING, CaseState.NOT_ACCEPTED, CaseState.RELEASED)
LISTS = {
    "collect": ("待领取", HERE & Q(delivery=Delivery.COLLECT)),
    "post": ("待交邮政", HERE & Q(delivery=Delivery.POST)),
    "papers": ("待移交归档", Q(state__in=(CaseState.RELEASED, CaseState.NOT_ACCEPTED))),
}


def rail(staff: Staff, here: str = "-") -> list[dict[str, Any]]:
    """The desk's lists with their counts: one query over what is not archived."""
    seen = visible_to(staff, Role.ISSUING).filter(state__in=HERE_STILL)
    counts = seen.aggregate(**{name: Count("pk", filter=which, distinct=True) for name, (_, which) in LISTS.items()})
    return [
        {
            "label": "发证",
            "entries": [
                {"label": label, "url": reverse("issuing-list", args=[name]), "count": counts[name], "on": name == here}
                for name, (label, _) in LISTS.items()
            ]
            + [
                {
                    "label": "归档催要",
                    "url": reverse("issuing-asks"),
                    "count": asks_owed_by(staff, Role.ISSUING).count(),
                    "on": here == "issuing-asks",
                }
            ],
        }
    ]


@desk(Role.ISSUING)
def waiting(request: HttpRequest, which: str) -> HttpResponse:
    """Results waiting here, oldest first."""
    if which not in LISTS:
        raise Http404
    staff = staff_of(request)
    label, wanted = LISTS[which]
    rows = visible_to(staff, Role.ISSUING).filter(wanted).distinct().select_related("version", "region")
    page, more = after(rows, page_key(request))
    procedure = page[0].procedure if page else standing(staff)
    now = {"collect": Topic.RELEASE_ON_SITE, "post": Topic.RELEASE_POST, "papers": Topic.ARCHIVING}[which]
    context = {
        "title": label,
        "which": which,
        "rows": page,
        "more": more,
        "key": new_key(),
        "on_its_way": (Papers.WINDOW, Papers.TO_ISSUING),
        "procedure": procedure,
        "clauses_now": procedure.cite(now) if procedure else (),
        "rail": rail(staff, which),
    }
    return render(request, "issuing/list.html", context)


def _shown(request: HttpRequest) -> acts.Shown:
    message = request.POST.get("message", "")
    return acts.Shown(
        collector=request.POST.get("collector", "").strip()[:100],
        card_number=request.POST.get("card_number", "").strip()[:40],
        receipt=bool(request.POST.get("receipt")),
        message=message if message in list(Message) else Message.NONE.value,
        written_id=request.POST.get("written_id", "").strip()[:40],
        written_phone=request.POST.get("written_phone", "").strip()[:30],
        voucher=request.POST.get("voucher", "").strip()[:100],
    )


def _page(
    request: HttpRequest, case: Case, shown: acts.Shown | None = None, errors: dict[str, str] | None = None
) -> HttpResponse:
    staff = staff_of(request)
    procedure = case.procedure
    newest = case.events.order_by("-sequence").first()
    context = {
        "case": case,
        "procedure": procedure,
        "clauses_now": procedure.cite(Topic.RELEASE_ON_SITE, Topic.RELEASE_DOCUMENTS),
        "items": [item for item in case.items.all() if item.state == ItemState.AT_ISSUING],
        "shown": shown,
        "errors": errors or {},
        "locked": case.failed_releases >= acts.WRONG_TRIES,
        "refused": newest if newest and newest.kind == "release_refused" else None,
        "key": new_key(),
        "rail": rail(staff, "collect"),
    }
    return render(request, "issuing/release.html", context, status=422 if errors else 200)


@desk(Role.ISSUING)
def release_page(request: HttpRequest, number: str) -> HttpResponse:
    """What the text asks of a collector, in its order."""
    case = case_or_404(staff_of(request), number, Role.ISSUING)
    readings.note(staff_of(request), number)
    return _page(request, case)


@desk(Role.ISSUING)
@require_POST
def answer(request: HttpRequest, number: str) -> HttpResponse:
    """Which clauses what is ticked so far rests on. Numbers are compared only by the act, where wrong ones count."""
    case = case_or_404(staff_of(request), number, Role.ISSUING)
    shown = _shown(request)
    procedure = case.procedure
    topics = []
    if shown.card_number or shown.receipt:
        topics.append(Topic.RELEASE_DOCUMENTS)
    if shown.message == Message.ORIGINAL:
        topics.append(Topic.RELEASE_MESSAGE)
    if shown.voucher:
        topics.append(Topic.RELEASE_VOUCHER)
    if not topics and shown.message == Message.FORWARDED:
        topics.append(Topic.RELEASE_REFUSED)
    return render(request, "issuing/answer.html", {"clauses": procedure.cite(*topics), "shown": shown})


@desk(Role.ISSUING)
@require_POST
def hand_over(request: HttpRequest, number: str) -> HttpResponse:
    """Hand over, or record the refusal; the receipt to be signed is printed."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.ISSUING)
    shown = _shown(request)
    try:
        after_act = acts.hand_over(staff, number, key=key_of(request), shown=shown)
    except NotFound as error:
        raise Http404 from error
    except Refused as error:
        messages.error(request, str(error))
        return _page(request, case, shown, error.fields)
    newest = after_act.events.order_by("-sequence").first()
    if newest is None or newest.kind != "handed_over":
        return redirect("issuing-release", number)
    try:
        data = release_sheet(case, staff, newest.data, shown.collector, newest.clauses)
        issue_form(staff, number, key=new_key(), kind="release_receipt", data=data)
    except (Refused, OSError) as error:
        messages.error(request, f"领证签收单没有打印成功：{error}")
    messages.success(request, "可以发放。请领取人在签收单上签字。")
    return redirect("case", number)


@desk(Role.ISSUING)
@require_POST
def to_post(request: HttpRequest, number: str) -> HttpResponse:
    """Give results to the post window."""
    act = lambda: acts.give_to_post(staff_of(request), number, key=key_of(request))  # noqa: E731
    return perform(request, act, "已交邮政专递窗口。", reverse("issuing-list", args=["post"]))


@desk(Role.ISSUING)
@require_POST
def pass_on(request: HttpRequest, number: str) -> HttpResponse:
    """Pass the working papers to the archive."""
    act = lambda: papers_to_archive(staff_of(request), number, key=key_of(request))  # noqa: E731
    return perform(request, act, "工作资料已移交归档人员。", reverse("issuing-list", args=["papers"]))
