"""A new calendar: what it would move, and every running case counted again with it, in batches that can be interrupted.

An item knows the newest notice it was counted with; what is left to do is what knows an older one. So a recount needs no
memory of its own, and an acceptance that was counted while the notice came in is caught as well.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import TruncDate

from tongban.cases.actions.clockwork import recount
from tongban.cases.calendars import newest, with_notices
from tongban.cases.due import RUNNING, day_of, limit_of, spans_of
from tongban.cases.models import CaseItem, HolidayNotice, Pause
from tongban.cases.models.version import procedure_of
from tongban.people.record import COMMAND_LINE, Noting, act
from tongban.procedure.model import TimeLimit
from tongban.rules import clock as time
from tongban.rules.notices import Malformed, Notice, days_of

BATCH = 300


@dataclass(frozen=True)
class Move:
    """Items accepted on one day under one limit, from one due day to another."""

    accepted: date
    limit: TimeLimit
    was: date | None
    due: date | None
    was_provisional: bool
    provisional: bool


def notices() -> list[Notice]:
    """Every notice imported, in order."""
    return [Notice.model_validate(body) for body in HolidayNotice.objects.order_by("pk").values_list("body", flat=True)]


def known(year: int) -> str:
    """Where the calendar of ``year`` is from so far: the title of its notice, 内置, or empty for an assumption."""
    title = HolidayNotice.objects.filter(year=year).order_by("-pk").values_list("title", flat=True).first()
    if title:
        return title
    return "" if time.PUBLISHED.kind(date(year, 7, 1)).provisional else "内置"


def changed_days(notice: Notice) -> list[tuple[date, bool]]:
    """Days that are worked, or free, against what was counted so far: (day, whether it is worked now)."""
    before = with_notices(notices())
    return [(day, kind.works) for day, kind in sorted(days_of(notice).items()) if before.kind(day).works != kind.works]


def preview(notice: Notice) -> Counter[Move]:
    """What ``notice`` would move of the running items, and how many items each time; only what changes.

    Items that never paused are counted together by acceptance day and limit: few ledgers for many items.
    """
    calendar = with_notices([*notices(), notice])
    found: Counter[Move] = Counter()
    running = CaseItem.objects.filter(state__in=RUNNING, accepted_at__isnull=False)
    paused = Exists(Pause.objects.filter(item=OuterRef("pk")))
    columns = ("case__version_id", "code", "name", "accepted_on", "due", "due_provisional")
    accepted = running.filter(~paused).annotate(accepted_on=TruncDate("accepted_at")).order_by()
    grouped = accepted.values(*columns).annotate(n=Count("pk"))
    for row in grouped.values_list(*columns, "n", named=True):
        _add(found, row, row.accepted_on, row.case__version_id, (), calendar, row.n)
    for item in running.filter(paused).select_related("case").prefetch_related("pauses").iterator(chunk_size=500):
        since = day_of(item.accepted_at) if item.accepted_at else date.min
        _add(found, item, since, item.case.version_id, spans_of(item.pauses.all()), calendar, 1)
    return found


def _add(
    found: Counter[Move], row: CaseItem, accepted: date, version: int, pauses: object, calendar: time.Calendar, n: int
) -> None:
    limit = limit_of(procedure_of(version), row)
    if limit is None:
        return
    ledger = time.clock(accepted, limit, calendar, pauses)  # type: ignore[arg-type]
    provisional = ledger.due is not None and ledger.provisional
    if (ledger.due, provisional) != (row.due, row.due_provisional):
        found[Move(accepted, limit, row.due, ledger.due, row.due_provisional, provisional)] += n


@act()
def take(change: Noting, *, notice: Notice, reason: str) -> HolidayNotice:
    """Keep a notice: from now on it counts. Called as ``take(by, key=…, notice=…, reason=…)``; recorded like every change.

    Raises :class:`Malformed` where it changes nothing or its reason is missing. Running cases are counted again by
    :func:`step`.
    """
    before = HolidayNotice.objects.filter(year=notice.year).order_by("-pk").first()
    if before and Notice.model_validate(before.body) == notice:
        raise Malformed(f"{notice.year} 年的这份通知已经导入过，没有变化。")
    was = known(notice.year)
    if was and not reason.strip():
        raise Malformed(f"{notice.year} 年已有放假安排（{was}），更正要写明理由。")
    why = reason.strip()[:200]
    change.note(
        "calendar_imported",
        f"{notice.year} 年放假安排",
        before={"title": was},
        after={"title": notice.title, "reason": why},
    )
    return HolidayNotice.objects.create(
        year=notice.year,
        title=notice.title,
        body=notice.model_dump(mode="json", by_alias=True),
        reason=why,
        imported_at=change.now,
        by=change.by,
        by_name=change.by.name if change.by else COMMAND_LINE,
    )


def stale() -> "QuerySet[CaseItem]":
    """Running items counted with an older calendar than the newest."""
    return CaseItem.objects.filter(state__in=RUNNING, calendar__lt=newest())


def step(most: int = BATCH) -> int:
    """Count up to ``most`` stale items again, with their cases; returns how many cases were looked at. 0: all is done."""
    cases = list(dict.fromkeys(stale().order_by("calendar", "pk").values_list("case_id", flat=True)[:most]))
    if not cases:
        return 0
    notice = HolidayNotice.objects.order_by("-pk")[0]
    pauses: dict[int, list[Pause]] = {}
    for pause in Pause.objects.filter(item__case__in=cases):
        pauses.setdefault(pause.item_id, []).append(pause)
    recount(cases, notice=notice, pauses=pauses)
    return len(cases)


def steps() -> Iterator[int]:
    """Every step until nothing is stale: cases looked at by each."""
    while done := step():
        yield done
