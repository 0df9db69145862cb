"""The nightly sweep: the light of every open case as the new day sees it, and the reminders that fall due.

A light depends on the day alone, so one sweep makes up for any number that were missed. It goes through the cases by id, a
batch a transaction, and remembers the last; a second sweep of the same day goes on behind it.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tongban.cases.actions.clockwork import remind_collection, remind_tolerance
from tongban.cases.calendars import current
from tongban.cases.due import USUAL, day_of, standing_of
from tongban.cases.models import Case, CaseItem, CaseMaterial, Delivery, Sweep
from tongban.cases.states import OPEN, CaseState, ItemState
from tongban.rules import lights
from tongban.rules.clock import Calendar
from tongban.rules.lights import Cause, Light, Standing

BATCH = 2000
# Rooms above tell what else must be done by a day: each returns case id → the last day in time, of all cases it knows.
WATCHES: dict[Cause, Callable[[], Mapping[int, date]]] = {}


def due(now: datetime) -> bool:
    """Whether the sweep of the day is still to be done, or to be finished."""
    local = timezone.localtime(now)
    return local.hour >= settings.SWEEP_AT and not Sweep.objects.filter(day=local.date(), finished_at__isnull=False)


def sweep(now: datetime) -> Iterator[Sweep]:
    """Sweep the day of ``now``, a batch at a time; yields how far it is. Nothing where the day is done."""
    today = timezone.localtime(now).date()
    Sweep.objects.get_or_create(day=today, defaults={"started_at": now})
    calendar = current()
    while True:
        with transaction.atomic():
            row = Sweep.objects.select_for_update().get(day=today)
            if row.finished_at:
                return
            cases = list(
                Case.objects.select_for_update()
                .filter(state__in=OPEN, pk__gt=row.after)
                .order_by("pk")
                .values_list(*CASE, named=True)[:BATCH]
            )
            if cases:
                row.turned += _relight(cases, today, calendar)
                row.after, row.seen = cases[-1].pk, row.seen + len(cases)
            else:
                row.turned += sum(_watched(cause, watch(), today) for cause, watch in WATCHES.items())
                row.finished_at = timezone.now()
            row.save()
        if cases:
            reminded = _remind(cases[0].pk, cases[-1].pk, now)
            if reminded:
                row.reminded += reminded
                row.save(update_fields=["reminded"])
        yield row


CASE = ("pk", "version_id", "state", "state_since", "delivery", "light", "light_cause", "light_day")
ITEM = ("case_id", "state", "state_since", "due", "code", "name")


def _relight(cases: list[Case], today: date, calendar: Calendar) -> int:
    """Write the lights of a locked batch that are others now; returns how many."""
    span = Q(case_id__gte=cases[0].pk, case_id__lte=cases[-1].pk)
    items: dict[int, list[CaseItem]] = {}
    for item in CaseItem.objects.filter(span).order_by().values_list(*ITEM, named=True):
        items.setdefault(item.case_id, []).append(item)
    tolerances: dict[int, list[date]] = {}
    missing = CaseMaterial.objects.filter(span, tolerated=True, supplied_at=None, tolerance_due__isnull=False)
    for case_id, day in missing.order_by().values_list("case_id", "tolerance_due"):
        tolerances.setdefault(case_id, []).append(day or today)
    turned: dict[Standing, list[int]] = {}
    for case in cases:
        now = standing_of(case, items.get(case.pk, ()), tolerances.get(case.pk, ()), today, calendar)
        if (now.light, now.cause or "", now.day) != (case.light, case.light_cause, case.light_day):
            turned.setdefault(now, []).append(case.pk)
    for standing, pks in turned.items():
        _light(pks, standing)
    return sum(map(len, turned.values()))


def _light(pks: list[int], standing: Standing) -> int:
    return Case.objects.filter(pk__in=pks).update(
        light=standing.light, light_cause=standing.cause or "", light_day=standing.day
    )


def _watched(cause: Cause, days: Mapping[int, date], today: date) -> int:
    """Lights of cases that are closed but for what another room watches."""
    lit = Case.objects.filter(light_cause=cause).exclude(state__in=OPEN)
    turned = lit.exclude(pk__in=days).update(light=Light.GREEN, light_cause="", light_day=None)
    closed = set(Case.objects.filter(pk__in=days).exclude(state__in=OPEN).values_list("pk", flat=True))
    by_day = sorted((day, pk) for pk, day in days.items() if pk in closed)
    for day, rows in groupby(by_day, key=lambda row: row[0]):
        standing = lights.worst([lights.against(cause, day, (day - today).days, USUAL.waiting_soon)])
        turned += _light([pk for _, pk in rows], standing)
    return turned


def _remind(first: int, last: int, now: datetime) -> int:
    """Reminders that fall due, of cases from id ``first`` to ``last``; returns how many were made."""
    today = day_of(now)
    span = Q(case_id__gte=first, case_id__lte=last)
    made = 0
    if settings.REMIND:
        latest = timezone.make_aware(
            datetime.combine(today - timedelta(days=min(settings.REMIND) - 1), datetime.min.time())
        )
        waiting = CaseItem.objects.filter(
            span, state=ItemState.AT_ISSUING, state_since__lt=latest, case__delivery=Delivery.COLLECT,
            case__reminders__lt=len(settings.REMIND), case__state__in=OPEN,
        ).values_list("case_id", "state_since", "case__reminders")  # fmt: skip
        steps: dict[int, int] = {}
        for case_id, since, reminded in waiting:
            step = sum((today - day_of(since)).days >= day for day in settings.REMIND)
            if step > reminded:
                steps[case_id] = max(step, steps.get(case_id, 0))
        if steps:
            made += remind_collection(steps, key=f"remind:{today}", at=now, steps=steps)
    soon = CaseMaterial.objects.filter(
        span, tolerated=True, supplied_at=None, reminded_on=None,
        tolerance_due__lte=today + timedelta(days=USUAL.tolerance_soon), case__state__in=OPEN,
    ).exclude(case__state=CaseState.SUPPLEMENTING)  # fmt: skip
    materials: dict[int, list[CaseMaterial]] = {}
    for material in soon:
        materials.setdefault(material.case_id, []).append(material)
    if materials:
        made += remind_tolerance(materials, key=f"tolerance:{today}", at=now, materials=materials)
    return made
