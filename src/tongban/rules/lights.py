"""Lights of oversight: green, yellow when something will be late, red when it is; with the day and the cause."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache

from tongban.procedure.model import TimeLimit
from tongban.rules.clock import ONE_DAY, PUBLISHED, Calendar, Ledger, clock, days_left


class Light(StrEnum):
    """How urgent a case is."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


class Cause(StrEnum):
    """What the light is about; the order is that of urgency where two are alike."""

    DUE = "due"  # the promised limit
    UNACCEPTED = "unaccepted"  # pushed, and the department did nothing
    TOLERANCE = "tolerance"  # a tolerated material still to come
    RATING = "rating"  # a bad rating nobody followed up
    SUPPLEMENT = "supplement"  # asked for, and never came
    UNCOLLECTED = "uncollected"  # a result nobody collected


SAID = {
    Cause.DUE: "办结时限",
    Cause.UNACCEPTED: "推送后未受理",
    Cause.TOLERANCE: "容缺材料未补齐",
    Cause.RATING: "差评未回访",
    Cause.SUPPLEMENT: "补正材料未交来",
    Cause.UNCOLLECTED: "结果无人领取",
}


@dataclass(frozen=True)
class Thresholds:
    """When a light turns; an instance may set each. Days are natural where nothing else is said."""

    soon_days: int = 3  # of the limit left, in its own unit
    soon_share: float = 0.2  # of the limit left
    unaccepted_days: int = 5  # working days after the push
    unaccepted_soon: int = 1  # working days
    tolerance_soon: int = 3
    supplement_days: int = 30
    uncollected_days: int = 30
    waiting_soon: int = 3  # before a supplement or a collection is overdue


USUAL = Thresholds()


def thresholds(text: str) -> Thresholds:
    """Thresholds from ``soon_days=5,soon_share=0.25``; what is not named is as usual. Raises :class:`ValueError`."""
    known = {field.name: float if field.name == "soon_share" else int for field in fields(Thresholds)}
    given: dict[str, float] = {}
    for part in filter(None, (part.strip() for part in text.split(","))):
        name, _, value = (piece.strip() for piece in part.partition("="))
        try:
            number = known[name](value)
        except (KeyError, ValueError):
            raise ValueError(f"红黄灯设置“{part}”有误，应为 名称=数字，名称可用：{'、'.join(known)}。") from None
        if not 0 <= number <= (1 if name == "soon_share" else 3650):
            raise ValueError(f"红黄灯设置“{part}”超出范围。")
        given[name] = number
    return Thresholds(**given)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Standing:
    """A light, what it is about, and the last day that is in time."""

    light: Light = Light.GREEN
    cause: Cause | None = None
    day: date | None = None


ALL_WELL = Standing()
_ORDER = {Light.RED: 0, Light.YELLOW: 1, Light.GREEN: 2}
_CAUSES = {cause: place for place, cause in enumerate(Cause)}


def worst(standings: Iterable[Standing]) -> Standing:
    """The most urgent: red before yellow, then by cause, then by day. Green tells no cause."""
    lit = [standing for standing in standings if standing.light is not Light.GREEN and standing.cause]
    return min(
        lit, key=lambda s: (_ORDER[s.light], _CAUSES[s.cause], s.day or date.max) if s.cause else (), default=ALL_WELL
    )


def against(cause: Cause, day: date, left: int, soon: float) -> Standing:
    """Red when ``left`` days before ``day`` are negative, yellow when at most ``soon``, else green."""
    light = Light.RED if left < 0 else Light.YELLOW if left <= soon else Light.GREEN
    return Standing(light, cause, day)


def of_due(
    due: date, limit: TimeLimit, today: date, calendar: Calendar = PUBLISHED, usual: Thresholds = USUAL
) -> Standing:
    """The light of a due day: yellow with ``soon_days`` or ``soon_share`` of the limit left, whichever is more."""
    left = days_left(due, limit, today, calendar)
    past = left if today <= due else min(left, -1)  # a weekend behind the due day is late too
    return against(Cause.DUE, due, past, max(usual.soon_days, usual.soon_share * limit.days))


def light(ledger: Ledger, today: date, usual: Thresholds = USUAL) -> Light:
    """The light of a ledger; green while a pause is open, for then nothing is due."""
    return Light.GREEN if ledger.due is None else of_due(ledger.due, ledger.limit, today, ledger.calendar, usual).light


@lru_cache(maxsize=4096)
def acceptance_due(pushed: date, calendar: Calendar = PUBLISHED, usual: Thresholds = USUAL) -> date:
    """The last day on which a push is accepted in time."""
    due = clock(pushed, TimeLimit(days=usual.unaccepted_days, unit="working_day"), calendar).due
    assert due is not None  # no pause
    return due


def of_push(pushed: date, today: date, calendar: Calendar = PUBLISHED, usual: Thresholds = USUAL) -> Standing:
    """The light of an item that waits for acceptance since ``pushed``."""
    due = acceptance_due(pushed, calendar, usual)
    left = calendar.working_days(today, due) if today <= due else -1
    return against(Cause.UNACCEPTED, due, left, usual.unaccepted_soon)


def of_wait(cause: Cause, since: date, today: date, usual: Thresholds = USUAL) -> Standing:
    """The light of a supplement asked for, or of a result that lies at the issuing desk, since a day."""
    longest = usual.supplement_days if cause is Cause.SUPPLEMENT else usual.uncollected_days
    day = since + timedelta(days=longest)
    return against(cause, day, (day - today).days, usual.waiting_soon)


def of_tolerance(due: date, today: date, usual: Thresholds = USUAL) -> Standing:
    """The light of a tolerated material that must be there by ``due``."""
    return against(Cause.TOLERANCE, due, (due - today).days, usual.tolerance_soon)


def no_acceptance(pushed: date, today: date, calendar: Calendar = PUBLISHED, usual: Thresholds = USUAL) -> bool:
    """Whether the days within which a push is to be accepted have passed."""
    return today > acceptance_due(pushed, calendar, usual)


def unaccepted_since(today: date, calendar: Calendar = PUBLISHED, usual: Thresholds = USUAL) -> date:
    """The first push day that is still in time on ``today``: what was pushed before it waits too long."""
    day = today
    while not no_acceptance(day, today, calendar, usual):
        day -= ONE_DAY
    return day + ONE_DAY
