"""放假安排: the calendars in force, a year's notice checked and held against what is counted so far, then imported."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongban.cases import recount
from tongban.cases.due import RUNNING
from tongban.cases.models import CaseItem, HolidayNotice
from tongban.desks.admin.rail import rail
from tongban.desks.doors import desk, key_of, new_key, staff_of
from tongban.people.models import Role
from tongban.people.refused import Refused
from tongban.rules.notices import Malformed, Notice, read, sums_of

KEPT = "calendar"  # in the session: the notice that was shown last


def _frame(request: HttpRequest) -> dict[str, Any]:
    year = timezone.localdate().year
    years = [{"year": one, "from": recount.known(one)} for one in range(year - 1, year + 3)]
    context = {"years": years, "notices": HolidayNotice.objects.all()[:20], "key": new_key()}
    return context | _progress() | {"rail": rail(staff_of(request), "admin-calendar")}


def _progress() -> dict[str, int]:
    left = recount.stale().count()
    return {"left": left, "done": CaseItem.objects.filter(state__in=RUNNING).count() - left if left else 0}


@desk(Role.ADMINISTRATOR)
def page(request: HttpRequest) -> HttpResponse:
    """What counts; a file posted is checked, and what it would move is shown. Nothing is changed yet."""
    context = _frame(request)
    if request.method != "POST":
        return render(request, "admin/calendar.html", context)
    upload = request.FILES.get("file")
    try:
        if upload is None:
            raise Malformed("请选择放假安排文件（.csv、.yaml 或 .json）。")
        notice = read(upload.read(300_000), upload.name or "")
    except Malformed as error:
        return render(request, "admin/calendar.html", context | {"said": str(error)}, status=422)
    request.session[KEPT] = notice.model_dump(mode="json", by_alias=True)
    return render(request, "admin/calendar.html", context | _shown(notice))


def _shown(notice: Notice) -> dict[str, Any]:
    moves = recount.preview(notice)
    rows = sorted(moves.items(), key=lambda pair: (pair[0].accepted, pair[0].limit.days))
    return {
        "notice": notice,
        "sums": sums_of(notice),
        "was": recount.known(notice.year),
        "changed": recount.changed_days(notice),
        "moves": rows,
        "total": sum(moves.values()),
        "moved": sum(n for move, n in moves.items() if move.was != move.due),
    }


@desk(Role.ADMINISTRATOR)
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Import the notice that was shown last; the worker counts running cases again."""
    kept = request.session.get(KEPT)
    if not kept:
        messages.error(request, "请先选择文件，看过要变什么再导入。")
        return redirect("admin-calendar")
    notice = Notice.model_validate(kept)
    try:
        reason = request.POST.get("reason", "")
        recount.take(staff_of(request), key=key_of(request), notice=notice, reason=reason)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("admin-calendar")
    except Malformed as error:
        return render(
            request, "admin/calendar.html", _frame(request) | _shown(notice) | {"said": str(error)}, status=422
        )
    del request.session[KEPT]
    messages.success(request, f"{notice.year} 年放假安排已导入，正在重算在办件的时限。")
    return redirect("admin-calendar")


@desk(Role.ADMINISTRATOR)
@require_GET
def progress(request: HttpRequest) -> HttpResponse:
    """How many running items are still to be counted again; asked again until there are none."""
    return render(request, "admin/recount.html", _progress())
