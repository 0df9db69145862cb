"""Lights: red exactly past the due day, yellow before it; no acceptance for five working days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.procedure.model import TimeLimit
from tongban.rules.clock import PUBLISHED, Pause, clock
from tongban.rules.lights import Light, light, no_acceptance, unaccepted_since

pytestmark = pytest.mark.pure
DAYS = st.dates(date(2025, 1, 1), date(2026, 12, 20))
ORDER = [Light.GREEN, Light.YELLOW, Light.RED]


@given(DAYS, st.integers(0, 60), st.integers(0, 120))
def test_light_by_the_due_day(accepted: date, days: int, later: int) -> None:
    ledger = clock(accepted, TimeLimit(days=days, unit="working_day"))
    today = accepted + timedelta(days=later)
    assert ledger.due is not None
    shown = light(ledger, today)
    assert (shown is Light.RED) == (today > ledger.due)
    if today <= ledger.due:
        assert (shown is Light.YELLOW) == (ledger.remaining(today) <= max(3, 0.2 * days))
    tomorrow = light(ledger, today + timedelta(days=1))
    assert ORDER.index(tomorrow) >= ORDER.index(shown)


def test_a_paused_case_is_not_late() -> None:
    ledger = clock(
        date(2026, 3, 2), TimeLimit(days=5, unit="working_day"), pauses=[Pause(date(2026, 3, 3), None, "听证")],
        until=date(2026, 6, 1),
    )  # fmt: skip
    assert light(ledger, date(2026, 6, 1)) is Light.GREEN


@given(DAYS)
def test_no_action_five_working_days_after_the_push(pushed: date) -> None:
    day, worked = pushed, 0
    while worked < 5:
        assert not no_acceptance(pushed, day)
        day += timedelta(days=1)
        worked += PUBLISHED.kind(day).works
    assert not no_acceptance(pushed, day)
    assert no_acceptance(pushed, day + timedelta(days=1))


@given(DAYS)
def test_the_first_push_still_in_time(today: date) -> None:
    first = unaccepted_since(today)
    assert not no_acceptance(first, today)
    assert no_acceptance(first - timedelta(days=1), today)
