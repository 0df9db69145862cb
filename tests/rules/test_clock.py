"""The ledger: the published year day by day, and properties of every limit, pause and unit."""

from datetime import date, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tongban.procedure.model import TimeLimit
from tongban.rules.clock import PUBLISHED, Calendar, DayKind, Ledger, Pause, clock

pytestmark = pytest.mark.pure
ONE = timedelta(days=1)
ACCEPTED = st.dates(date(2005, 1, 1), date(2030, 12, 31))
LIMITS = st.builds(TimeLimit, days=st.integers(0, 120), unit=st.sampled_from(["working_day", "natural_day"]))


def span(first: str, last: str) -> set[date]:
    start, end = date.fromisoformat(first), date.fromisoformat(last)
    return {start + n * ONE for n in range((end - start).days + 1)}


def of_2026(*days: str) -> set[date]:
    return set().union(*(span(*(f"2026-{day}" for day in (part.split("/") * 2)[:2])) for part in days))


OFF_2026 = of_2026(
    "01-01/01-03", "02-15/02-23", "04-04/04-06", "05-01/05-05", "06-19/06-21", "09-25/09-27", "10-01/10-07"
)
WORK_2026 = of_2026("01-04", "02-14", "02-28", "05-09", "09-20", "10-10")


def test_2026_as_the_notice_says_day_by_day() -> None:
    for day in span("2026-01-01", "2026-12-31"):
        works = day in WORK_2026 or (day not in OFF_2026 and day.weekday() < 5)
        kind = PUBLISHED.kind(day)
        assert kind.works == works, day
        assert not kind.provisional, day


def test_2027_is_an_assumption_of_weekends_and_statutory_days() -> None:
    statutory = {date(2027, *day) for day in ((1, 1), (2, 5), (2, 6), (2, 7), (2, 8), (4, 5), (5, 1), (5, 2), (6, 9),
                                              (9, 15), (10, 1), (10, 2), (10, 3))}  # fmt: skip
    for day in span("2027-01-01", "2027-12-31"):
        kind = PUBLISHED.kind(day)
        assert kind.works == (day not in statutory and day.weekday() < 5), day
        assert kind.provisional
        assert "暂定" in kind.note


def held(ledger: Ledger) -> None:
    """What is true of every finished ledger."""
    due = ledger.due
    assert due is not None
    assert [entry.day for entry in ledger.days] == [
        ledger.accepted + n * ONE for n in range(1, (due - ledger.accepted).days + 1)
    ]
    counted = [entry for entry in ledger.days if entry.counted]
    assert [entry.number for entry in counted] == list(range(1, ledger.limit.days + 1))
    assert all(entry.number is None and entry.reason and entry.note for entry in ledger.days if not entry.counted)
    assert PUBLISHED.kind(due).works
    if ledger.limit.unit == "working_day":
        assert all(PUBLISHED.kind(entry.day).works for entry in counted)


@given(ACCEPTED, LIMITS)
def test_every_ledger(accepted: date, limit: TimeLimit) -> None:
    ledger = clock(accepted, limit)
    held(ledger)
    if limit.days and limit.unit == "natural_day":
        assert ledger.days[0].counted
        assert ledger.days[0].day == accepted + ONE
    past_published = ledger.due is not None and ledger.due.year > 2026
    assert ledger.provisional >= past_published


@given(ACCEPTED, st.integers(0, 100), st.integers(0, 5), st.sampled_from(["working_day", "natural_day"]))
def test_due_never_moves_back_for_a_longer_limit_or_a_later_acceptance(
    accepted: date, days: int, more: int, unit: str
) -> None:
    limit = TimeLimit.model_validate({"days": days, "unit": unit})
    longer = TimeLimit.model_validate({"days": days + more, "unit": unit})
    first, second, later = clock(accepted, limit), clock(accepted, longer), clock(accepted + more * ONE, limit)
    assert first.due is not None
    assert second.due is not None
    assert later.due is not None
    assert first.due <= second.due
    assert first.due <= later.due


@given(ACCEPTED, st.integers(1, 60), st.integers(0, 80), st.integers(1, 40))
def test_a_pause_moves_the_due_day_by_what_it_left_out(accepted: date, days: int, begins: int, lasts: int) -> None:
    limit = TimeLimit(days=days, unit="working_day")
    start = accepted + begins * ONE
    pause = Pause(start, start + lasts * ONE, "检验")
    plain, paused = clock(accepted, limit), clock(accepted, limit, pauses=[pause])
    held(paused)
    assert plain.due is not None
    assert paused.due is not None
    assert all(entry.reason == "paused" for entry in paused.days if pause.covers(entry.day))
    lost = sum(1 for entry in plain.days if entry.counted and pause.covers(entry.day))
    if lost == 0:
        assert paused.due == plain.due or pause.covers(plain.due)
    assert paused.due >= plain.due
    worked = sum(1 for e in paused.days if e.day > plain.due and e.counted)
    assert worked == lost


@given(ACCEPTED, LIMITS, st.integers(1, 30), st.integers(0, 30))
def test_an_open_pause_leaves_the_due_day_unknown(accepted: date, limit: TimeLimit, begins: int, shown: int) -> None:
    plain = clock(accepted, limit)
    assert plain.due is not None
    start = accepted + begins * ONE
    assume(start <= plain.due)
    until = start + shown * ONE
    ledger = clock(accepted, limit, pauses=[Pause(start, None, "听证")], until=until)
    assert ledger.due is None
    assert all(not entry.counted for entry in ledger.days if entry.day >= start)
    assert all(entry.day <= until for entry in ledger.days)


@given(ACCEPTED, LIMITS, st.integers(-10, 200))
def test_what_remains(accepted: date, limit: TimeLimit, offset: int) -> None:
    ledger = clock(accepted, limit)
    today = accepted + offset * ONE
    assert ledger.due is not None
    left = ledger.remaining(today)
    assert (left < 0) <= (today > ledger.due)
    if limit.unit == "working_day":
        assert left <= max(limit.days, 1)  # due today, accepted on a day off: there is still tomorrow
    if today == accepted and limit.unit == "working_day" and limit.days:
        assert left == limit.days
    if today > ledger.due and limit.unit == "natural_day":
        assert left == -(today - ledger.due).days


@pytest.mark.parametrize(
    ("accepted", "days", "unit", "due"),
    [
        ("2026-11-23", 1, "working_day", "2026-11-24"),
        ("2026-11-23", 5, "working_day", "2026-11-30"),
        ("2026-11-27", 1, "working_day", "2026-11-30"),
        ("2026-11-23", 5, "natural_day", "2026-11-30"),  # the 28th is a Saturday: it rolls
        ("2026-09-24", 1, "natural_day", "2026-09-28"),  # 中秋 25–27
        ("2026-09-18", 1, "working_day", "2026-09-20"),  # a Sunday that is worked
        ("2026-11-23", 0, "working_day", "2026-11-23"),
        ("2026-11-22", 0, "working_day", "2026-11-23"),
        ("2026-11-23", 60, "working_day", "2027-02-18"),
    ],
)
def test_counted_by_hand(accepted: str, days: int, unit: str, due: str) -> None:
    ledger = clock(date.fromisoformat(accepted), TimeLimit.model_validate({"days": days, "unit": unit}))
    assert ledger.due == date.fromisoformat(due)


def test_a_day_declared_since_counts_as_declared() -> None:
    extra = Calendar({date(2026, 11, 24): DayKind(False, "holiday", "临时放假")})
    ledger = clock(date(2026, 11, 23), TimeLimit(days=1, unit="working_day"), extra)
    assert ledger.due == date(2026, 11, 25)
    assert ledger.days[0].note == "临时放假"


def test_a_negative_limit_is_refused() -> None:
    with pytest.raises(ValueError, match="负数"):
        clock(date(2026, 11, 23), TimeLimit(days=-1, unit="working_day"))


@settings(max_examples=30)
@given(ACCEPTED, st.lists(st.tuples(st.integers(0, 50), st.integers(1, 20)), max_size=4))
def test_pauses_that_overlap_count_once(accepted: date, given_pauses: list[tuple[int, int]]) -> None:
    pauses = [
        Pause(accepted + begins * ONE, accepted + (begins + lasts) * ONE, "公示") for begins, lasts in given_pauses
    ]
    held(clock(accepted, TimeLimit(days=20, unit="working_day"), pauses=pauses))
