"""What people get wrong: errors by material, window and month, for the owner of the procedure and for oversight. No case."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tongban.cases.errors import errors_by, intakes_by_month
from tongban.desks.doors import desk, staff_of
from tongban.desks.rails import rail_of
from tongban.people.models import Role

PERIODS = {"1": "本月", "3": "近 3 个月", "12": "近 12 个月"}
MOST = 40  # bars of a chart


@desk(Role.OVERSIGHT, Role.EDITOR)
def page(request: HttpRequest) -> HttpResponse:
    """Bars of errors; how many ticks of the machine people took away, by error."""
    staff = staff_of(request)
    wanted = request.GET.get("months", "")
    months = wanted if wanted in PERIODS else "3"
    since = _months_back(timezone.localdate(), int(months) - 1)
    by_error = errors_by(staff, since, "material__case__version__name", "material__name", "error")
    by_window = errors_by(staff, since, "material__case__window__region__name", "material__case__window__name")
    by_month = errors_by(staff, since, "month")
    taken = intakes_by_month(staff, since)
    context = {
        "errors": _bars(
            by_error,
            lambda r: (r["material__name"], r["error"] or "其他（自己写的）", r["material__case__version__name"]),
        ),
        "windows": _bars(
            by_window, lambda r: (r["material__case__window__name"], r["material__case__window__region__name"], "")
        ),
        "months": _bars(by_month, lambda r: (f"{r['month']:%Y 年 %m 月}", f"收件 {taken.get(r['month'], 0)} 件", "")),
        "periods": PERIODS,
        "chosen": months,
        "since": since,
        "rail": rail_of(staff),
    }
    return render(request, "errors/page.html", context)


def _months_back(day: date, months: int) -> date:
    """The first day of the month that lies ``months`` before that of ``day``."""
    years, month = divmod(day.month - 1 - months, 12)
    return date(day.year + years, month + 1, 1)


def _bars(rows: list[dict[str, Any]], label: Any) -> list[dict[str, Any]]:
    """Rows with their labels and the widths of their bars (what stood, what was overruled) out of 240."""
    most = max((row["stood"] + row["overruled"] for row in rows), default=0) or 1
    found = []
    for row in rows[:MOST]:
        first, second, third = label(row)
        wide = round(240 * row["stood"] / most)
        found.append(
            {
                **row,
                "first": first,
                "second": second,
                "third": third,
                "width": wide,
                "over": round(240 * row["overruled"] / most),
            }
        )
    return found
