"""When an item and its case are due, and the light that follows: from rows of the case file to ``rules`` and back."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Protocol

from django.conf import settings
from django.utils import timezone

from tongban.cases.calendars import calendar_of
from tongban.cases.models import Case, CaseItem, CaseMaterial, Delivery, Pause
from tongban.cases.models.version import procedure_of
from tongban.cases.states import CaseState, ItemState
from tongban.procedure.model import Procedure, TimeLimit
from tongban.rules import clock as time
from tongban.rules import lights
from tongban.rules.lights import Cause, Standing
from tongban.rules.review import Outcome

# Time that does not count, by its legal ground (domain: 补正、听证、检验、检测、鉴定、评审、公示).
GROUNDS = {
    "supplement": "补正材料",
    "hearing": "听证",
    "inspection": "检验",
    "testing": "检测",
    "appraisal": "鉴定",
    "review": "专家评审",
    "publicity": "公示",
}
USUAL = lights.thresholds(settings.LIGHTS)
RUNNING = (ItemState.ACCEPTED, ItemState.PAUSED)


def day_of(moment: datetime) -> date:
    """The Asia/Shanghai day of a moment."""
    return timezone.localtime(moment).date()


def limit_of(procedure: Procedure, item: "ItemFacts") -> TimeLimit | None:
    """The limit promised for an item: its own, else the package's."""
    own = next((i.time_limit for i in procedure.items if (i.code or i.name) == (item.code or item.name)), None)
    return own or procedure.time_limit


def spans_of(pauses: Iterable[Pause]) -> list[time.Pause]:
    """Pauses as the clock takes them, each with its ground in words and who made it."""
    return [time.Pause(p.started_on, p.ended_on, GROUNDS.get(p.ground, p.ground), p.by_name) for p in pauses]


def ledger_of(
    procedure: Procedure,
    item: CaseItem,
    calendar: time.Calendar,
    pauses: Iterable[Pause] = (),
    until: date | None = None,
) -> time.Ledger | None:
    """The ledger of an accepted item; None before acceptance or where nothing is promised."""
    limit = limit_of(procedure, item)
    if limit is None or item.accepted_at is None:
        return None
    return time.clock(day_of(item.accepted_at), limit, calendar, spans_of(pauses), until)


@lru_cache(maxsize=4096)
def unpaused(accepted: date, limit: TimeLimit, notice: int) -> tuple[date | None, bool]:
    """Due day and whether it is provisional, of an item that never was paused: many items share them."""
    ledger = time.clock(accepted, limit, calendar_of(notice))
    return ledger.due, ledger.provisional


def count(procedure: Procedure, item: CaseItem, pauses: Sequence[Pause], notice: int) -> None:
    """Set ``due`` of an accepted item by the ledger, with the calendar of ``notice`` (an id of ``HolidayNotice``, or 0)."""
    limit = limit_of(procedure, item)
    if limit is None or item.accepted_at is None:
        item.due, item.due_provisional = None, False
    elif pauses:
        ledger = time.clock(day_of(item.accepted_at), limit, calendar_of(notice), spans_of(pauses))
        item.due, item.due_provisional = ledger.due, ledger.due is not None and ledger.provisional
    else:
        item.due, item.due_provisional = unpaused(day_of(item.accepted_at), limit, notice)
    item.calendar = notice


def case_due(case: Case, items: Iterable[CaseItem]) -> None:
    """A case is due when its latest item is; unknown while one is paused."""
    running = [item for item in items if item.accepted_at and not item.decided_at]
    dues = [item.due for item in running]
    case.due = None if None in dues or not dues else max(due for due in dues if due)
    case.due_provisional = any(item.due_provisional for item in running)


class ItemFacts(Protocol):
    """What the light of a case is seen from, of each item: a ``CaseItem``, or a row of these columns."""

    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def state_since(self) -> datetime: ...  # noqa: D102
    @property
    def due(self) -> date | None: ...  # noqa: D102
    @property
    def code(self) -> str: ...  # noqa: D102
    @property
    def name(self) -> str: ...  # noqa: D102


class CaseFacts(Protocol):
    """The same of the case."""

    @property
    def version_id(self) -> int: ...  # noqa: D102
    @property
    def state(self) -> str: ...  # noqa: D102
    @property
    def state_since(self) -> datetime: ...  # noqa: D102
    @property
    def delivery(self) -> str: ...  # noqa: D102


def standing_of(
    case: CaseFacts, items: Iterable[ItemFacts], tolerances: Iterable[date], today: date, calendar: time.Calendar
) -> Standing:
    """The light of an open case on ``today``. ``tolerances``: the days by which tolerated materials must be there."""
    found = [lights.of_tolerance(day, today, USUAL) for day in tolerances]
    if case.state == CaseState.SUPPLEMENTING:
        found.append(lights.of_wait(Cause.SUPPLEMENT, day_of(case.state_since), today, USUAL))
    procedure = procedure_of(case.version_id)
    for item in items:
        if item.state == ItemState.PUSHED:
            found.append(lights.of_push(day_of(item.state_since), today, calendar, USUAL))
        elif item.state in RUNNING and item.due:
            limit = limit_of(procedure, item)
            if limit:
                found.append(lights.of_due(item.due, limit, today, calendar, USUAL))
        elif item.state == ItemState.AT_ISSUING and case.delivery == Delivery.COLLECT:
            found.append(lights.of_wait(Cause.UNCOLLECTED, day_of(item.state_since), today, USUAL))
    return lights.worst(found)


def tolerances_of(case: Case) -> list[date]:
    """The days by which tolerated materials of ``case`` must be there; asked only where something was tolerated."""
    if case.outcome != Outcome.TOLERANCE:
        return []
    missing = CaseMaterial.objects.filter(case=case, tolerated=True, supplied_at=None, tolerance_due__isnull=False)
    return [day for day in missing.values_list("tolerance_due", flat=True) if day]
