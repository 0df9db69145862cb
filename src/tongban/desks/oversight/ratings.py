"""好差评 at the oversight desk: bad ratings followed up to the end, and what may be said of each window."""

from collections.abc import Callable
from datetime import timedelta
from itertools import groupby
from typing import Any

from django.db.models import Count, F, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongban.cases import readings
from tongban.cases.actions.door import Refused
from tongban.cases.models import Case
from tongban.cases.queries import after, visible_to
from tongban.cases.states import CaseState
from tongban.desks.doors import desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.oversight.views import rail
from tongban.desks.serve_file import file_response
from tongban.desks.window.supplement import stored
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic
from tongban.ratings import followup
from tongban.ratings.acts import rules_of
from tongban.ratings.models import DONE, FollowUp, Level
from tongban.rules.rates import Counts, Rate, shown

LISTS = {
    "mine": "我负责的",
    "late": "已过期限",
    "open": "没有办完的",
    "done": "已答复的",
}
PERIODS = {"30": "近 30 天", "90": "近 90 天", "365": "近一年"}
TONES = ("#1f7a4d", "#7fb894", "#c9d6df", "#e0a04a", "#b92b19")  # of the five levels


def _which(staff: Staff, which: str) -> Q:
    not_done = ~Q(state__in=DONE)
    return {
        "mine": not_done & Q(assignee=staff),
        "late": not_done & Q(due_on__lt=timezone.localdate()),
        "open": not_done,
        "done": Q(state__in=DONE),
    }[which]


@desk(Role.OVERSIGHT)
def listing(request: HttpRequest, which: str) -> HttpResponse:
    """Bad ratings, oldest first."""
    if which not in LISTS:
        raise Http404
    staff = staff_of(request)
    page, more = after(followup.visible_follow_ups(staff).filter(_which(staff, which)), page_key(request))
    tabs = [
        {"label": label, "url": reverse("oversight-bad", args=[name]), "on": name == which}
        for name, label in LISTS.items()
    ]
    context = {"title": LISTS[which], "rows": page, "more": more, "tabs": tabs, "rail": rail(staff, "ratings")}
    return render(request, "oversight/bad_ratings.html", context)


def _one(staff: Staff, number: str) -> FollowUp:
    row = followup.visible_follow_ups(staff).filter(case__number=number).first()
    if row is None:
        raise Http404
    return row


@desk(Role.OVERSIGHT)
def page(request: HttpRequest, number: str) -> HttpResponse:
    """One bad rating: what was said, what was done, what is next."""
    staff = staff_of(request)
    row = _one(staff, number)
    readings.note(staff, number, "差评")
    case = row.case
    mine = row.assignee_id == staff.pk
    context = {
        "row": row,
        "case": case,
        "rating": case.rating,
        "mine": mine,
        "done": row.state in DONE,
        "may_appeal": followup.may_appeal(row),
        "may_decide": row.state == "appealed" and staff not in (row.found_by, row.assignee),
        "people": _people(case, row),
        "evidence": list(row.evidence.exclude(digest="").select_related("added_by")),
        "findings": FollowUp.Finding.choices,
        "states": FollowUp.State.choices,
        "procedure": case.procedure,
        "clauses_now": case.procedure.cite(Topic.RATING),
        "key": new_key(),
        "rail": rail(staff, "ratings"),
    }
    return render(request, "oversight/bad_rating.html", context)


def _people(case: Case, row: FollowUp) -> list[Staff]:
    """Who may be named: oversight whose duty covers the case's region."""
    now = timezone.now()
    duty = Q(duties__role=Role.OVERSIGHT, duties__starts_at__lte=now)
    duty &= Q(duties__ends_at=None) | Q(duties__ends_at__gt=now)
    duty &= Q(duties__region=None) | Q(duties__region=case.region_id)
    found = Staff.objects.filter(duty, is_active=True).exclude(pk__in=(case.taken_by_id, row.assignee_id or 0))
    return list(found.distinct().order_by("name"))


def _number(value: str) -> int:
    return int(value) if value.isdecimal() and len(value) < 19 else 0


STEPS: dict[str, tuple[Callable[..., Case], Callable[[Any], dict[str, Any]], str]] = {
    "assign": (followup.assign, lambda p: {"staff_id": _number(p.get("staff", ""))}, "已指派。"),
    "call": (followup.call, lambda p: {"reached": p.get("reached") == "1", "note": p.get("note", "")}, "回访已记录。"),
    "find": (followup.find, lambda p: {"finding": p.get("finding", ""), "note": p.get("note", "")}, "认定已记录。"),
    "right": (followup.put_right, lambda p: {"remedy": p.get("remedy", "")}, "整改已记录。"),
    "tell": (followup.tell, lambda p: {"answer": p.get("answer", "")}, "已答复申请人，进度页看得到，另发短信。"),
    "appeal": (
        followup.record_appeal,
        lambda p: {"side": p.get("side", ""), "text": p.get("text", "")},
        "申诉已记录，请另一位督办人员复核。",
    ),
    "decide": (
        followup.decide_appeal,
        lambda p: {"finding": p.get("finding", ""), "decision": p.get("decision", "")},
        "复核已记录，已告知申请人。",
    ),
}  # fmt: skip


PROVED = ("find", "decide")  # steps that files may prove


@desk(Role.OVERSIGHT)
@require_POST
def step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """One step of a follow-up."""
    if step not in STEPS:
        raise Http404
    do, facts, said = STEPS[step]
    _one(staff_of(request), number)
    given = facts(request.POST)

    def act() -> Case:
        if step in PROVED:
            errors: dict[str, str] = {}
            given["files"] = stored(request, "file", errors)
            if errors:
                raise Refused("没有记下，文件没有收下。", errors)
        return do(staff_of(request), number, key=key_of(request), **given)

    return perform(request, act, said, reverse("oversight-bad-rating", args=[number]))


@desk(Role.OVERSIGHT)
@require_GET
def evidence(request: HttpRequest, number: str, file_id: int) -> HttpResponse:
    """A file that proves a finding."""
    row = _one(staff_of(request), number)
    file = row.evidence.exclude(digest="").filter(pk=file_id).first()
    if file is None:
        raise Http404
    readings.note(staff_of(request), number, "差评证据")
    return file_response(file.digest, file.filename, file.media_type)


@desk(Role.OVERSIGHT)
def rates(request: HttpRequest) -> HttpResponse:
    """Each window's ratings over a period, the unrated apart, small numbers left blank."""
    staff = staff_of(request)
    days = request.GET.get("days", "90")
    days = days if days in PERIODS else "90"
    since = timezone.now() - timedelta(days=int(days))
    served = visible_to(staff, Role.OVERSIGHT).filter(taken_at__gte=since)
    served = served.exclude(state__in=(CaseState.SUPPLEMENTING, CaseState.DECLINED)).order_by()
    counts = {f"n{level}": Count("pk", filter=Q(rating__level=level) & NOT_MALICIOUS) for level in Level.values}
    rows = (
        served.values(city=F("window__region__city"), place=F("window__region__name"), name=F("window__name"))
        .annotate(served=Count("pk"), malicious=Count("pk", filter=Q(follow_up__finding="malicious")), **counts)
        .order_by("window__region__city", "window__region__order", "window__name")
    )
    groups = []
    for city, of_city in groupby(rows, key=lambda row: row["city"]):
        found = list(of_city)
        smallest = rules_of(city).smallest
        lines, total = shown([_counts(row) for row in found], smallest)
        table = [
            {"place": row["place"], "rate": rate, "bars": bars(rate)} for row, rate in zip(found, lines, strict=True)
        ]
        malicious = sum(row["malicious"] for row in found)
        groups.append({"city": city, "smallest": smallest, "rows": table, "total": total, "total_bars": bars(total),
                       "malicious": malicious if malicious >= smallest else 0})  # fmt: skip
    context = {
        "groups": groups,
        "days": days,
        "periods": PERIODS,
        "legend": list(zip(TONES, Level.labels, strict=True)),
        "rail": rail(staff, "rates"),
    }
    return render(request, "oversight/rates.html", context)


NOT_MALICIOUS = Q(follow_up=None) | ~Q(follow_up__finding="malicious")


def _counts(row: Any) -> Counts:
    n1, n2, n3, n4, n5 = (row[f"n{level}"] for level in Level.values)
    return Counts(row["name"], row["served"], (n1, n2, n3, n4, n5))


def bars(rate: Rate | None) -> list[dict[str, Any]]:
    """The five levels as pieces of one bar of 240; nothing where nothing may be shown."""
    if rate is None or not rate.rated or rate.levels is None:
        return []
    pieces, at = [], 0.0
    for level, n in enumerate(rate.levels):
        width = 240 * n / rate.rated
        if n:
            pieces.append({"x": round(at, 1), "width": round(width, 1), "fill": TONES[level]})
        at += width
    return pieces
