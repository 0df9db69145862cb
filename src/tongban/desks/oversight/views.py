"""Oversight: every open case with its light, by region and by age; the chain verified."""

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongban.cases import events, outbox, unmasking
from tongban.cases.actions import sending
from tongban.cases.actions.collecting import decide_permit
from tongban.cases.actions.release import WRONG_TRIES, unlock_release
from tongban.cases.calendars import shown
from tongban.cases.due import USUAL
from tongban.cases.models import Event, Permit
from tongban.cases.queries import PAGE, after, visible_to
from tongban.cases.states import OPEN, CaseState
from tongban.desks.doors import case_or_404, desk, key_of, new_key, page_key, perform, staff_of
from tongban.exchange import letters
from tongban.people.models import Role, Staff
from tongban.ratings.followup import visible_follow_ups
from tongban.ratings.models import DONE
from tongban.rules.lights import Light, unaccepted_since

SOON = timedelta(days=7)


def lists() -> dict[str, tuple[str, Q]]:
    """What oversight looks for, most urgent first; days are Asia/Shanghai's."""
    today = timezone.localdate()
    long_ago = timezone.make_aware(datetime.combine(unaccepted_since(today, shown(), USUAL), datetime.min.time()))
    return {
        "red": ("红灯", Q(state__in=OPEN, light=Light.RED)),
        "yellow": ("黄灯", Q(state__in=OPEN, light=Light.YELLOW)),
        "overdue": ("已超期", Q(state__in=OPEN, due__lt=today)),
        "soon": ("七天内到期", Q(state__in=OPEN, due__gte=today, due__lte=today + SOON)),
        "unaccepted": ("推送满五个工作日未受理", Q(state=CaseState.PUSHED, state_since__lt=long_ago)),
        "late-defects": (
            "再次要求补正",
            Q(Exists(Event.objects.filter(case=OuterRef("pk"), kind="late_defect")), state__in=OPEN),
        ),
        "permits": ("待决定能否发放", Q(Exists(Permit.objects.filter(case=OuterRef("pk"), decision="")))),
        "locked": ("发证锁定", Q(failed_releases__gte=WRONG_TRIES)),
        "open": ("全部在办", Q(state__in=OPEN)),
    }


TONES = {
    "red": "late",
    "yellow": "soon",
    "overdue": "late",
    "soon": "soon",
    "unaccepted": "late",
    "late-defects": "soon",
    "locked": "late",
    "permits": "soon",
}


def rail(staff: Staff, here: str = "-") -> list[dict[str, Any]]:
    """What is open, counted by what is wrong with it: one query."""
    found = lists()
    counts = (
        visible_to(staff, Role.OVERSIGHT)
        .filter(state__in=OPEN)
        .aggregate(**{name.replace("-", "_"): Count("pk", filter=which) for name, (_, which) in found.items()})
    )
    entries: list[dict[str, Any]] = [{"label": "总览", "url": reverse("oversight"), "on": here == "", "count": None}]
    for name, (label, _) in found.items():
        count = counts[name.replace("-", "_")]
        tone = TONES.get(name, "") if count else ""
        entries.append(
            {
                "label": label,
                "url": reverse("oversight-list", args=[name]),
                "count": count,
                "on": name == here,
                "tone": tone,
            }
        )
    first, *others = (sending.given_up(staff, kind).order_by().values("pk") for kind in outbox.kinds().values())
    given_up = first.union(*others, all=True).count()  # one query for whatever leaves
    tone = "late" if given_up else ""
    url = reverse("oversight-sending")
    entries.append({"label": "发送失败", "url": url, "count": given_up, "on": here == "sending", "tone": tone})
    not_done = letters.failed(staff).count()
    url, tone = reverse("oversight-letters"), "late" if not_done else ""
    entries.append({"label": "外部来件", "url": url, "count": not_done, "on": here == "letters", "tone": tone})
    url = reverse("oversight-unmaskings")
    entries.append({"label": "查看完整信息", "url": url, "count": None, "on": here == "unmaskings"})
    entries.append({"label": "常出的错", "url": reverse("errors"), "count": None, "on": here == "errors"})
    bad = (
        visible_follow_ups(staff)
        .exclude(state__in=DONE)
        .aggregate(n=Count("pk"), late=Count("pk", filter=Q(due_on__lt=timezone.localdate())))
    )
    rated: list[dict[str, Any]] = [
        {
            "label": "差评",
            "url": reverse("oversight-bad", args=["mine" if bad["n"] else "open"]),
            "count": bad["n"],
            "on": here == "ratings",
            "tone": "late" if bad["late"] else "soon" if bad["n"] else "",
        },
        {"label": "满意率", "url": reverse("oversight-rates"), "count": None, "on": here == "rates"},
    ]
    kept = [{"label": "到期销毁", "url": reverse("archive-disposals"), "count": None, "on": here == "disposals"}]
    return [
        {"label": "督办", "entries": entries},
        {"label": "好差评", "entries": rated},
        {"label": "档案", "entries": kept},
    ]


@desk(Role.OVERSIGHT)
def unmaskings(request: HttpRequest) -> HttpResponse:
    """Who saw personal data whole, for what, and how often each person did."""
    staff = staff_of(request)
    rows = unmasking.listed(staff)
    if before := page_key(request):
        rows = rows.filter(pk__lt=before)
    page = list(rows[: PAGE + 1])
    context = {
        "people": unmasking.by_person(staff),
        "rows": page[:PAGE],
        "more": page[PAGE - 1].pk if len(page) > PAGE else None,
        "unusual": unmasking.UNUSUAL,
        "rail": rail(staff, "unmaskings"),
    }
    return render(request, "oversight/unmaskings.html", context)


@desk(Role.OVERSIGHT)
def overview(request: HttpRequest) -> HttpResponse:
    """Open cases by region and by age, as bars."""
    staff = staff_of(request)
    today = timezone.localdate()
    now = timezone.now()
    seen = visible_to(staff, Role.OVERSIGHT).filter(state__in=OPEN).order_by()
    regions = list(
        seen.values("region__name", "region__order")
        .annotate(n=Count("id"), late=Count("id", filter=Q(due__lt=today)))
        .order_by("region__order")
    )
    edges = ((0, 7, "7 天内"), (7, 30, "7–30 天"), (30, 60, "30–60 天"), (60, 90, "60–90 天"), (90, 36500, "90 天以上"))
    ages = seen.aggregate(
        **{
            f"a{low}": Count(
                "id", filter=Q(taken_at__lte=now - timedelta(days=low), taken_at__gt=now - timedelta(days=high))
            )
            for low, high, _ in edges
        }
    )
    age_rows = [{"label": label, "n": ages[f"a{low}"], "late": 0} for low, _, label in edges]
    region_rows = [{"label": row["region__name"], "n": row["n"], "late": row["late"]} for row in regions]
    states = list(seen.values("state").annotate(n=Count("id")).order_by("state"))
    context = {
        "charts": [("按承办地", _bars(region_rows)), ("按收件至今", _bars(age_rows))],
        "states": [{"label": CaseState(row["state"]).label, "n": row["n"]} for row in states],
        "rail": rail(staff, ""),
    }
    return render(request, "oversight/overview.html", context)


def _bars(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with the widths of their bars (whole, and late part) out of 240."""
    most = max((row["n"] for row in rows), default=0) or 1
    return [
        {**row, "width": round(240 * row["n"] / most), "late_width": round(240 * row["late"] / most)} for row in rows
    ]


@desk(Role.OVERSIGHT)
def listing(request: HttpRequest, which: str) -> HttpResponse:
    """One list of cases, oldest first."""
    found = lists()
    if which not in found:
        raise Http404
    staff = staff_of(request)
    label, wanted = found[which]
    rows = visible_to(staff, Role.OVERSIGHT).filter(wanted).distinct().select_related("version", "region", "window")
    page, more = after(rows, page_key(request))
    return render(
        request, "oversight/list.html", {"title": label, "rows": page, "more": more, "rail": rail(staff, which)}
    )


@desk(Role.OVERSIGHT)
@require_POST
def verify_case(request: HttpRequest, number: str) -> HttpResponse:
    """Verify the chain of one case."""
    case = case_or_404(staff_of(request), number, Role.OVERSIGHT)
    found = events.verify(case.events.order_by("sequence"), case)
    if found:
        messages.error(request, f"核验不通过：{found.what}。")
    else:
        messages.success(request, f"核验通过：{case.events_count} 条经过完整，没有改动。")
    return redirect("case", number)


@desk(Role.OVERSIGHT)
@require_POST
def unlock(request: HttpRequest, number: str) -> HttpResponse:
    """Let the issuing desk try again."""
    reason = request.POST.get("reason", "")
    act = lambda: unlock_release(staff_of(request), number, key=key_of(request), reason=reason)  # noqa: E731
    return perform(request, act, "已解除发证锁定。", reverse("case", args=[number]))


@desk(Role.OVERSIGHT)
def outgoing(request: HttpRequest) -> HttpResponse:
    """How what must leave stands, and what was given up of the cases one sees."""
    staff, now = staff_of(request), timezone.now()
    rows = [
        {"kind": name, "label": kind.label, "row": row}
        for name, kind in outbox.kinds().items()
        for row in sending.given_up(staff, kind).select_related("case").order_by("id")[:PAGE]
    ]
    queues = [(queue, queue.late(now)) for queue in outbox.queues()]
    context = {"queues": queues, "rows": rows, "key": new_key(), "rail": rail(staff, "sending")}
    return render(request, "oversight/sending.html", context)


@desk(Role.OVERSIGHT)
@require_POST
def send_again(request: HttpRequest, number: str, kind: str, row: int) -> HttpResponse:
    """Try one that was given up again."""
    act = lambda: sending.retry(staff_of(request), number, key=key_of(request), kind=kind, row=row)  # noqa: E731
    return perform(request, act, "已重新排队，马上再发。", reverse("oversight-sending"))


@desk(Role.OVERSIGHT)
@require_POST
def permit(request: HttpRequest, number: str, permit_id: int) -> HttpResponse:
    """Decide whether a result may go to somebody the text does not name."""
    given, reason = request.POST.get("given") == "1", request.POST.get("reason", "")
    staff = staff_of(request)

    def act() -> Any:
        return decide_permit(staff, number, key=key_of(request), permit_id=permit_id, given=given, reason=reason)

    return perform(request, act, "已决定，发证岗位可以看到。", reverse("case", args=[number]))
