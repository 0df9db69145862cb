"""好差评 at the oversight desk: bad ratings followed up to the end, and what may be said of each window."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongban.cases import readings
from tongban.cases.actions.door import Refused
from tongban.cases.models import Case, Event
from tongban.cases.queries import after, visible_to
from tongban.cases.states import CaseState
from tongban.desks.doors import desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.oversight.views import rail
from tongban.desks.serve_file import file_response
from tongban.desks.window.supplement import stored
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic
from tongban.ratings import followup
from tongban.ratings.acts import rules_of, served_by
from tongban.ratings.models import DONE, Evidence, FollowUp, Level, Rating, Service
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


def _one(staff: Staff, number: str, of: str) -> FollowUp:
    """The bad rating of a case of the service named, or its newest."""
    rows = followup.visible_follow_ups(staff).filter(case__number=number).order_by("-id")
    row = (rows.filter(rating__service=of) if of else rows).first()
    if row is None:
        raise Http404
    return row


@desk(Role.OVERSIGHT)
def page(request: HttpRequest, number: str) -> HttpResponse:
    """One bad rating: what was said, what was done, what is next."""
    staff = staff_of(request)
    row = _one(staff, number, request.GET.get("of", ""))
    readings.note(staff, number, "差评")
    case = row.case
    mine = row.assignee_id == staff.pk
    context = {
        "row": row,
        "case": case,
        "rating": row.rating,
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
    found = Staff.objects.filter(duty, is_active=True).exclude(
        pk__in=(served_by(case, row.rating.service), row.assignee_id or 0)
    )
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
    row = _one(staff_of(request), number, request.POST.get("of", ""))
    given = facts(request.POST) | {"of": row.rating.service}

    def act() -> Case:
        if step in PROVED:
            errors: dict[str, str] = {}
            given["files"] = stored(request, "file", errors)
            if errors:
                raise Refused("没有记下，文件没有收下。", errors)
        return do(staff_of(request), number, key=key_of(request), **given)

    return perform(request, act, said, f"{reverse('oversight-bad-rating', args=[number])}?of={row.rating.service}")


@desk(Role.OVERSIGHT)
@require_GET
def evidence(request: HttpRequest, number: str, file_id: int) -> HttpResponse:
    """A file that proves a finding."""
    rows = followup.visible_follow_ups(staff_of(request)).filter(case__number=number)
    file = Evidence.objects.filter(follow_up__in=rows, pk=file_id).exclude(digest="").first()
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
    groups = [group for service in Service for group in _groups(staff, service, since)]
    context = {
        "groups": groups,
        "days": days,
        "periods": PERIODS,
        "legend": list(zip(TONES, Level.labels, strict=True)),
        "rail": rail(staff, "rates"),
    }
    return render(request, "oversight/rates.html", context)


PLACES = {  # where a service is done: city, place, name
    Service.INTAKE: ("window__region__city", "window__region__name", "window__name"),
    Service.HANDOVER: ("region__city", "region__name", "region__name"),
}
NOT_MALICIOUS = Q(follow_up=None) | ~Q(follow_up__finding="malicious")
Place = tuple[str, str, str]


def _groups(staff: Staff, service: Service, since: datetime) -> Iterator[dict[str, Any]]:
    """A table a city of one service: each place with what was served since then and how it was rated."""
    cases = visible_to(staff, Role.OVERSIGHT).order_by()
    if service == Service.INTAKE:
        cases = cases.filter(taken_at__gte=since).exclude(state__in=(CaseState.SUPPLEMENTING, CaseState.DECLINED))
    else:
        cases = cases.filter(Exists(Event.objects.filter(kind="handed_over", at__gte=since, case=OuterRef("pk"))))
    place = PLACES[service]
    served: dict[Place, int] = {row[:3]: row[3] for row in cases.values_list(*place).annotate(n=Count("pk"))}
    counts = {f"n{level}": Count("pk", filter=Q(level=level) & NOT_MALICIOUS) for level in Level.values}
    counts["malicious"] = Count("pk", filter=Q(follow_up__finding="malicious"))
    of_case = [f"case__{name}" for name in place]
    rows = Rating.objects.filter(case__in=cases, service=service).order_by().values_list(*of_case).annotate(**counts)
    rated: dict[Place, tuple[int, ...]] = {row[:3]: row[3:] for row in rows}
    for city, places in groupby(sorted(served), key=lambda one: one[0]):
        found = list(places)
        smallest = rules_of(city).smallest
        counted = [_counts(one, served[one], rated.get(one, (0,) * 6)) for one in found]
        lines, total = shown(counted, smallest)
        malicious = sum(rated[one][5] for one in found if one in rated)
        yield {
            "city": city,
            "service": service,
            "smallest": smallest,
            "rows": [
                {"place": one[1], "rate": rate, "bars": bars(rate)} for one, rate in zip(found, lines, strict=True)
            ],
            "total": total,
            "total_bars": bars(total),
            "malicious": malicious if malicious >= smallest else 0,
        }


def _counts(place: Place, served: int, rated: tuple[int, ...]) -> Counts:
    n1, n2, n3, n4, n5, *_ = rated
    return Counts(place[2], served, (n1, n2, n3, n4, n5))


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
