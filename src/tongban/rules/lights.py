"""Lights of oversight: green, yellow when it will be late, red when it is."""

from datetime import date
from enum import StrEnum

from tongban.procedure.model import TimeLimit
from tongban.rules.clock import ONE_DAY, PUBLISHED, Calendar, Ledger, clock

SOON_DAYS = 3
SOON_SHARE = 0.2
UNACCEPTED_AFTER = TimeLimit(days=5, unit="working_day")


class Light(StrEnum):
    """How urgent a case is."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"


def light(ledger: Ledger, today: date) -> Light:
    """Red past the due day; yellow with 3 days or a fifth of the limit left, whichever is more; else green."""
    if ledger.due is None:
        return Light.GREEN
    if today > ledger.due:
        return Light.RED
    left = ledger.remaining(today)
    return Light.YELLOW if left <= max(SOON_DAYS, SOON_SHARE * ledger.limit.days) else Light.GREEN


def no_acceptance(pushed: date, today: date, calendar: Calendar = PUBLISHED) -> bool:
    """Whether five working days have passed since the push without an acceptance."""
    due = clock(pushed, UNACCEPTED_AFTER, calendar).due
    return due is not None and today > due


def unaccepted_since(today: date, calendar: Calendar = PUBLISHED) -> date:
    """The first push day that is still in time on ``today``: what was pushed before it waits too long."""
    day = today
    while not no_acceptance(day, today, calendar):
        day -= ONE_DAY
    return day + ONE_DAY
