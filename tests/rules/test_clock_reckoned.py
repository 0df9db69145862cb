"""The ledger against a second, brute-force reckoner: pauses of every kind, both units, any calendar."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.rules.reckoner import due_day
from tongban.procedure.model import TimeLimit
from tongban.rules.clock import PUBLISHED, Calendar, DayKind, Pause, clock, days_left, left_said

pytestmark = pytest.mark.pure
ONE = timedelta(days=1)
DAYS = st.dates(date(2024, 1, 1), date(2026, 12, 31))
UNITS = st.sampled_from(["working_day", "natural_day"])
PAUSES = st.lists(st.tuples(st.integers(-20, 90), st.integers(0, 40)), max_size=5)


def limit_of(days: int, unit: str) -> TimeLimit:
    return TimeLimit.model_validate({"days": days, "unit": unit})


@settings(max_examples=150)
@given(DAYS, st.integers(0, 70), UNITS, PAUSES)
def test_closed_pauses_before_within_over_and_behind(
    accepted: date, days: int, unit: str, spans: list[tuple[int, int]]
) -> None:
    """Pauses that overlap, begin before acceptance, end after the due day, or leave nothing out (paused and resumed in a day)."""
    pairs = [(accepted + begin * ONE, accepted + (begin + lasts) * ONE) for begin, lasts in spans]
    ledger = clock(accepted, limit_of(days, unit), pauses=[Pause(a, b, "检验") for a, b in pairs])
    assert ledger.due == due_day(accepted, days, unit, lambda day: PUBLISHED.kind(day).works, list(pairs))
    for entry in ledger.days:
        paused = any(a <= entry.day < b for a, b in pairs)
        assert (entry.reason == "paused") == paused
        assert not (paused and entry.counted)


@settings(max_examples=80)
@given(DAYS, st.integers(0, 70), UNITS, st.integers(-10, 120), PAUSES)
def test_an_open_pause_hides_the_due_day_only_where_it_comes_before_it(
    accepted: date, days: int, unit: str, opens: int, spans: list[tuple[int, int]]
) -> None:
    closed = [(accepted + begin * ONE, accepted + (begin + lasts) * ONE) for begin, lasts in spans]
    pairs = [*closed, (accepted + opens * ONE, None)]
    ledger = clock(
        accepted, limit_of(days, unit), pauses=[Pause(a, b, "听证") for a, b in pairs], until=accepted + 30 * ONE
    )
    assert ledger.due == due_day(accepted, days, unit, lambda day: PUBLISHED.kind(day).works, pairs)


@settings(max_examples=80)
@given(DAYS, st.integers(0, 40), UNITS, st.dictionaries(st.integers(0, 80), st.booleans(), max_size=30))
def test_any_calendar(accepted: date, days: int, unit: str, declared: dict[int, bool]) -> None:
    extra = {accepted + n * ONE: DayKind(works, "declared", "另行安排") for n, works in declared.items()}
    calendar = Calendar(extra)
    ledger = clock(accepted, limit_of(days, unit), calendar)
    assert ledger.due == due_day(accepted, days, unit, lambda day: calendar.kind(day).works)


@given(DAYS, st.integers(0, 800), st.dictionaries(st.integers(0, 800), st.booleans(), max_size=30))
def test_working_days_between_two_days(first: date, span: int, declared: dict[int, bool]) -> None:
    calendar = Calendar({first + n * ONE: DayKind(works, "declared", "另行安排") for n, works in declared.items()})
    last = first + span * ONE
    worked = sum(calendar.kind(first + n * ONE).works for n in range(1, span + 1))
    assert calendar.working_days(first, last) == worked
    assert calendar.working_days(last, first) == -worked


@settings(max_examples=100)
@given(DAYS, st.integers(0, 70), UNITS, PAUSES, st.integers(0, 150))
def test_what_is_left_needs_no_ledger_once_no_pause_is_to_come(
    accepted: date, days: int, unit: str, spans: list[tuple[int, int]], later: int
) -> None:
    pairs = [(accepted + begin * ONE, accepted + (begin + lasts) * ONE) for begin, lasts in spans]
    today = max([accepted, *(b for _, b in pairs)]) + later * ONE
    limit = limit_of(days, unit)
    ledger = clock(accepted, limit, pauses=[Pause(a, b, "检验") for a, b in pairs])
    assert ledger.due is not None
    assert ledger.remaining(today) == days_left(ledger.due, limit, today, PUBLISHED)


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


@pytest.mark.parametrize(
    ("accepted", "days", "unit", "pauses", "due", "why"),
    [
        ("03-02", 5, "working_day", [("03-04", "03-06")], "03-11", "two days left out"),
        ("03-02", 5, "working_day", [("03-04", "03-06"), ("03-05", "03-09")], "03-12", "the same day is left out once"),
        ("03-02", 5, "working_day", [("02-20", "03-04")], "03-10", "from before acceptance: only the 3rd is lost"),
        ("03-02", 5, "working_day", [("02-20", "02-27")], "03-09", "over before acceptance: nothing is lost"),
        ("03-02", 5, "working_day", [("03-09", "03-20")], "03-20", "the due day itself is left out"),
        ("03-02", 5, "working_day", [("03-10", "03-20")], "03-09", "behind the due day: late stays late"),
        ("03-02", 5, "working_day", [("03-04", "03-07")], "03-12", "resumed on a Saturday: Monday counts next"),
        ("04-01", 3, "working_day", [("04-02", "04-05")], "04-09", "resumed in 清明: the 7th is the next day"),
        ("03-02", 5, "working_day", [("03-04", "03-04")], "03-09", "paused and resumed in one day: nothing is lost"),
        ("03-02", 5, "natural_day", [("03-04", "03-06")], "03-09", "natural days too stand still"),
        ("09-24", 2, "natural_day", [], "09-28", "the second day is in 中秋: it rolls"),
        ("02-13", 2, "working_day", [], "02-24", "14 February is worked, then nine days off"),
        ("12-31", 1, "working_day", [], None, "the day after is in a year not published"),
    ],
)  # fmt: skip
def test_by_hand(accepted: str, days: int, unit: str, pauses: list[tuple[str, str]], due: str | None, why: str) -> None:
    spans = [Pause(day(a), day(b), "检验") for a, b in pauses]
    ledger = clock(day(accepted), limit_of(days, unit), pauses=spans)
    if due is None:
        assert ledger.provisional, why
    else:
        assert (ledger.due, ledger.provisional) == (day(due), False), why


def test_the_ledger_says_who_paused_and_why() -> None:
    pause = Pause(day("03-04"), day("03-05"), "听证", "李示例")
    ledger = clock(day("03-02"), limit_of(5, "working_day"), pauses=[pause])
    assert [entry.note for entry in ledger.days if entry.reason == "paused"] == ["中止计时：听证（李示例）"]


@pytest.mark.parametrize(
    ("due", "unit", "on", "said"),
    [
        ("03-09", "working_day", "03-02", "还有 5 个工作日"),
        ("03-09", "working_day", "03-08", "还有 1 个工作日"),
        ("03-09", "working_day", "03-09", "今天到期"),
        ("03-06", "working_day", "03-07", "已超期"),
        ("03-06", "working_day", "03-09", "已超 1 个工作日"),
        ("03-09", "natural_day", "03-07", "还有 2 天"),
        ("03-09", "natural_day", "03-11", "已超 2 天"),
    ],
)
def test_in_words(due: str, unit: str, on: str, said: str) -> None:
    assert left_said(day(due), limit_of(5, unit), day(on), PUBLISHED) == said
