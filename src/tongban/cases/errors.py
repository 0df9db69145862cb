"""What people get wrong, counted. Counts alone leave this module: it shows no case."""

from datetime import date, datetime, time
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import TruncMonth
from django.utils import timezone

from tongban.cases.models import Case, MaterialFinding
from tongban.cases.queries import visible_to
from tongban.people.models import Role, Staff


def errors_by(staff: Staff, since: date, *groups: str) -> list[dict[str, Any]]:
    """Errors of materials of cases taken in from the Asia/Shanghai day ``since``, counted by ``groups``, most first.

    Each row has the groups, ``stood`` (counted against the material), ``machine`` (of these, ticked by the machine) and
    ``overruled`` (ticked by the machine, taken away by a person). ``month`` is the month of intake. Counts alone leave this
    function: an editor sees no case, and counts of all; oversight those of the cases it sees.
    """
    rows = MaterialFinding.objects.exclude(level="advice").filter(
        material__case__in=_counted(staff), material__case__taken_at__gte=_start(since)
    )
    if "month" in groups:
        rows = rows.annotate(month=TruncMonth("material__case__taken_at"))
    counts = {
        "stood": Count("id", filter=Q(standing=True)),
        "machine": Count("id", filter=Q(standing=True) & ~Q(code="")),
        "overruled": Count("id", filter=Q(standing=False)),
    }
    found = list(rows.order_by().values(*groups).annotate(**counts))
    if "month" in groups:
        return sorted(found, key=lambda row: row["month"])
    return sorted(found, key=lambda row: (-row["stood"] - row["overruled"], *(str(row[group]) for group in groups)))


def intakes_by_month(staff: Staff, since: date) -> dict[datetime, int]:
    """Month → cases taken in, of those that :func:`errors_by` counts."""
    rows = _counted(staff).filter(taken_at__gte=_start(since)).order_by().annotate(month=TruncMonth("taken_at"))
    return dict(rows.values_list("month").annotate(Count("id")))


def _start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _counted(staff: Staff) -> QuerySet[Case]:
    """Cases whose errors ``staff`` may have counted; never to be shown themselves."""
    return Case.objects.all() if staff.holds(Role.EDITOR) else visible_to(staff, Role.OVERSIGHT)
