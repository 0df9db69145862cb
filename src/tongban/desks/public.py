"""The public's pages: where the windows are, what a package asks, how far a case is, a rating."""

from datetime import date
from itertools import groupby
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongban.cases import numbers
from tongban.cases.actions.door import Conflict, Refused
from tongban.cases.calendars import NEWEST_NOTICE, calendar_of
from tongban.cases.due import GROUNDS
from tongban.cases.models import Case, CaseItem, Delivery, ProcedureVersion
from tongban.cases.publish import in_force
from tongban.cases.queries import visible_to_applicant
from tongban.cases.sheets import promise
from tongban.cases.states import CaseState, ItemState
from tongban.desks.days import clock_view
from tongban.desks.doors import inside, key_of, new_key, place_of
from tongban.desks.rating_form import given, levels_of
from tongban.people.models import City, Region, Window
from tongban.procedure.phones import dialable
from tongban.ratings.acts import rate, to_rate
from tongban.ratings.followup import appeal, may_appeal
from tongban.rules.clock import Calendar
from tongban.vault import throttle

TRIES, WITHIN = 20, 600  # look-ups an address may make in so many seconds
WRONG, WRONG_WITHIN = 6, 3600  # wrong ones a number may suffer


def _frame(request: HttpRequest, here: str, **more: Any) -> dict[str, Any]:
    return {"here": here, "elder": request.COOKIES.get("elder") == "1", **more}


def home(request: HttpRequest) -> HttpResponse:
    """What can be done here."""
    today = timezone.localdate()
    cities = [(city, in_force(city.name, today)) for city in City.objects.order_by("id")]
    return render(request, "public/home.html", _frame(request, "home", cities=cities))


def elder(request: HttpRequest) -> HttpResponse:
    """Switch the large type on or off, and go back."""
    response = redirect(inside(request, request.GET.get("back", "/"), "/"))
    response.set_cookie(
        "elder",
        "0" if request.COOKIES.get("elder") == "1" else "1",
        max_age=31536000,
        samesite="Lax",
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
    )
    return response


def windows(request: HttpRequest) -> HttpResponse:
    """The directory of windows by region; ``?q=`` looks for a township."""
    wanted = request.GET.get("q", "").strip()[:40]
    found: QuerySet[Window] = (
        Window.objects.filter(closed_at=None).select_related("region").order_by("region__city", "region__order", "id")
    )
    if wanted:
        found = found.filter(township__icontains=wanted) | found.filter(region__name__icontains=wanted)
    groups = [(region, list(rows)) for region, rows in groupby(found, key=lambda window: window.region)]
    return render(request, "public/windows.html", _frame(request, "windows", groups=groups, q=wanted))


def guide(request: HttpRequest, version_id: int) -> HttpResponse:
    """The guide of a package, made from its procedure."""
    version = ProcedureVersion.objects.filter(pk=version_id, effective__lte=timezone.localdate()).first()
    if version is None:
        raise Http404
    procedure = version.procedure
    contacts = [(c, [(phone, dialable(phone)) for phone in c.phones]) for c in procedure.contacts]
    others = Region.objects.filter(city=version.city, closed_at=None).exclude(
        name__in=[c.region for c in procedure.contacts]
    )
    context = _frame(
        request,
        "guide",
        version=version,
        procedure=procedure,
        contacts=contacts,
        promise=promise(procedure),
        others=others,
    )
    return render(request, "public/guide.html", context)


def too_often(request: HttpRequest) -> bool:
    """Whether this address asks too often."""
    return throttle.count("progress", place_of(request), TRIES, WITHIN) is not None


def _asked(request: HttpRequest, number: str, end: str) -> tuple[Case | None, str]:
    """The case that number and end of the phone both name; else None and what to say.

    A try is counted before anything is compared, and taken back when it was right.
    """
    named = numbers.normalise(number)  # however it is spelled: another spelling gives no more tries
    if too_often(request) or throttle.count("wrong", named, WRONG, WRONG_WITHIN):
        return None, TOO_OFTEN
    if case := visible_to_applicant(number, end):
        throttle.take_back("wrong", named)
    return case, "" if case else NOT_FOUND


def _not_shown(request: HttpRequest, said: str, **more: Any) -> HttpResponse:
    context = _frame(request, "progress", said=said, **more)
    return render(request, "public/progress_ask.html", context, status=404 if said == NOT_FOUND else 429)


NOT_FOUND = "没有找到。请核对回执上的办件编号和手机号后四位，两项都要对。"
TOO_OFTEN = "查询太频繁，请过一会儿再试，或者打电话问窗口。"


def progress(request: HttpRequest) -> HttpResponse:
    """How far a case is, by its number and the last four digits of the phone."""
    context = _frame(request, "progress", number=request.GET.get("number", "")[:60])
    if request.method != "POST":
        return render(request, "public/progress_ask.html", context)
    number, end = request.POST.get("number", "").strip()[:60], request.POST.get("phone_end", "").strip()[:8]
    context |= {"number": number, "phone_end": end}
    errors = {}
    if not number:
        errors["number"] = "请填写回执上的办件编号。"
    if not (len(end) == 4 and end.isascii() and end.isdigit()):
        errors["phone_end"] = "请填写办理时所留手机号的后四位数字。"
    if errors:
        return render(request, "public/progress_ask.html", context | {"errors": errors}, status=422)
    case, said = _asked(request, number, end)
    if case is None:
        return _not_shown(request, said, number=number, phone_end=end)
    return render(request, "public/progress.html", context | _seen(case, end))


def _seen(case: Case, end: str, errors: dict[str, str] | None = None, comment: str = "") -> dict[str, Any]:
    """What the applicant sees of a case: nothing that does not stand on the receipt."""
    today = timezone.localdate()
    items: list[Any] = list(case.items.select_related("unit").prefetch_related("pauses").annotate(notice=NEWEST_NOTICE))
    calendar = calendar_of(items[0].notice if items else 0)
    contact = next((c for c in case.procedure.contacts if c.region == case.region.name), None)
    return {
        "case": case,
        "phone_end": end,
        "items": [_item(case, item, today, calendar) for item in items],
        "way": _way(case, items),
        "contact": contact,
        "hall": getattr(case.region, "hall", None),
        "ratings": _ratings(case),
        "levels": levels_of(case),
        "action": reverse("public-rating"),
        "service": to_rate(case),
        "key": new_key(),
        "errors": errors or {},
        "comment": comment,
    }


def _ratings(case: Case) -> list[dict[str, Any]]:
    """What was said of each service so far, with what became of a bad one."""
    found = []
    for rating in case.ratings.select_related("follow_up"):
        row = getattr(rating, "follow_up", None)
        told = {"service": rating.service, "get_service_display": rating.get_service_display()}
        told |= {"get_level_display": rating.get_level_display()}
        found.append({**told, "follow_up": row, "may_appeal": row is not None and may_appeal(row)})
    return found


def _item(case: Case, item: CaseItem, today: date, calendar: Calendar) -> dict[str, Any]:
    clock = clock_view(item, case.procedure, today, calendar)
    said = item.get_state_display()
    if clock and not item.decided_at:
        due = clock["ledger"].due
        late = due is not None and today > due
        said = "暂停计时" if due is None else "正在办理，已超过承诺时限" if late else f"正在办理，{clock['said']}"
    pause = next((p for p in item.pauses.all() if p.ended_on is None), None)
    ground = GROUNDS.get(pause.ground, "") if pause else ""
    return {"item": item, "clock": None if item.decided_at else clock, "said": said, "ground": ground}


def _way(case: Case, items: list[CaseItem]) -> list[dict[str, Any]]:
    """The steps of a case for its applicant, each done, on, or to come."""
    states = {item.state for item in items}
    accepted = next((item for item in items if item.accepted_at), None)
    decided = bool(items) and all(item.decided_at or item.state == ItemState.NOT_ACCEPTED for item in items)
    over = case.state in (CaseState.RELEASED, CaseState.ARCHIVING, CaseState.ARCHIVED)
    taken = case.state not in (CaseState.SUPPLEMENTING, CaseState.DECLINED)
    by_post = case.delivery == Delivery.POST
    waits = bool(states & {ItemState.AT_ISSUING, ItemState.WITH_POST, ItemState.POSTED})
    local = timezone.localtime
    steps = [
        ("窗口收件", taken, f"{local(case.taken_at):%m 月 %d 日}　{case.window.name}"),
        (
            "部门受理",
            accepted is not None,
            f"{local(accepted.accepted_at):%m 月 %d 日}" if accepted and accepted.accepted_at else "",
        ),
        ("部门办理", decided, ""),
        ("寄出" if by_post else "可以领取", waits or over, ""),
        ("已交付", over, ""),
    ]
    found: list[dict[str, Any]] = []
    for label, done, note in steps:
        first_open = not done and all(step["done"] for step in found)
        found.append({"label": label, "done": done, "on": first_open, "note": note})
    return found


@require_POST
def appeal_answer(request: HttpRequest) -> HttpResponse:
    """The applicant does not agree with the answer to a bad rating."""
    number, end = request.POST.get("number", "")[:60], request.POST.get("phone_end", "")[:8]
    case, said = _asked(request, number, end)
    if case is None:
        return _not_shown(request, said, number=number)
    errors: dict[str, str] = {}
    try:
        of = request.POST.get("of", "")[:10]
        appeal(case.number, end, key=key_of(request), text=request.POST.get("text", ""), of=of)
    except Refused as error:
        errors = error.fields or {"appeal": str(error)}
    context = _frame(request, "progress", appealed=not errors) | _seen(case, end, errors)
    return render(request, "public/progress.html", context, status=422 if errors else 200)


@require_POST
def rate_case(request: HttpRequest) -> HttpResponse:
    """Rate a case once."""
    number, end = request.POST.get("number", "")[:60], request.POST.get("phone_end", "")[:8]
    case, said = _asked(request, number, end)
    if case is None:
        return _not_shown(request, said, number=number)
    errors: dict[str, str] = {}
    try:
        rate(case.number, end, key=key_of(request), **given(request))
    except Conflict as error:
        errors["level"] = str(error)
    except Refused as error:
        errors = error.fields or {"level": str(error)}
    context = _frame(request, "progress", thanks=not errors) | _seen(case, end, errors, request.POST.get("comment", ""))
    return render(request, "public/progress.html", context, status=422 if errors else 200)
