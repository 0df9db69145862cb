"""The ledger of a time limit (clause 五): every day counted or left out, and why. Days are Asia/Shanghai's.

Day 1 is the day after acceptance. A due day is always a working day. Published years come from the State Council notices
(chinesecalendar); a later year counts weekends and statutory days as an assumption and is provisional: rest days moved
next to a festival, and the days worked instead, are known only from its notice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache

import chinese_calendar  # type: ignore[import-untyped]
import holidays

from tongban.procedure.model import TimeLimit

ONE_DAY = timedelta(days=1)
LONGEST = 3650  # days a ledger may span before something is wrong with the question
HOLIDAYS = {
    "New Year's Day": "元旦",
    "Spring Festival": "春节",
    "Tomb-sweeping Day": "清明节",
    "Labour Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-autumn Festival": "中秋节",
    "National Day": "国庆节",
    "Anti-Fascist 70th Day": "抗战胜利纪念日",
}
# The festivals of the State Council's rules (全国年节及纪念日放假办法, as in force since 2025), by their names in `holidays`.
STATUTORY = {
    "New Year's Day": "元旦",
    "Chinese New Year's Eve": "除夕",
    "Chinese New Year (Spring Festival)": "春节",
    "Tomb-Sweeping Day": "清明节",
    "Labor Day": "劳动节",
    "Dragon Boat Festival": "端午节",
    "Mid-Autumn Festival": "中秋节",
    "National Day": "国庆节",
}
WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True)
class DayKind:
    """Whether a day is worked, why (a code), in words, and whether the year's notice is still to come."""

    works: bool
    reason: str
    note: str
    provisional: bool = False


@lru_cache
def _statutory(year: int) -> dict[date, str]:
    """The statutory festival days of a year; what `holidays` adds for rest days moved or given back is left out."""
    named = holidays.country_holidays("CN", years=year, language="en_US")
    found = {day: STATUTORY[name] for day in named for name in named.get_list(day) if name in STATUTORY}
    return {day: name for day, name in found.items() if day.year == year}


@lru_cache(maxsize=20_000)
def _kind(day: date) -> DayKind:
    weekday = f"星期{WEEKDAYS[day.weekday()]}"
    try:
        off, name = chinese_calendar.get_holiday_detail(day)
    except NotImplementedError:
        if holiday := _statutory(day.year).get(day):
            return DayKind(False, "holiday", f"{holiday}（暂定）", True)
        if day.weekday() >= 5:
            return DayKind(False, "weekend", f"{weekday}（暂定）", True)
        return DayKind(True, "working_day", f"工作日（暂定：{day.year} 年放假安排未公布）", True)
    holiday = HOLIDAYS.get(name or "", name or "")
    if off and name:
        return DayKind(False, "holiday", f"{holiday}放假")
    if off:
        return DayKind(False, "weekend", weekday)
    if day.weekday() >= 5:
        return DayKind(True, "make_up_workday", f"{weekday}，{holiday}调休上班")
    return DayKind(True, "working_day", "工作日")


@dataclass(frozen=True)
class Calendar:
    """Working days: the published years, and ``extra`` days imported since."""

    extra: Mapping[date, DayKind] = field(default_factory=dict)

    def kind(self, day: date) -> DayKind:
        """What kind of day ``day`` is."""
        return self.extra.get(day) or _kind(day)


PUBLISHED = Calendar()


@dataclass(frozen=True)
class Pause:
    """Time that does not count: from ``start`` inclusive to ``end`` exclusive; open while ``end`` is None."""

    start: date
    end: date | None
    ground: str

    def covers(self, day: date) -> bool:
        """Whether ``day`` is left out by this pause."""
        return self.start <= day and (self.end is None or day < self.end)


@dataclass(frozen=True)
class LedgerDay:
    """One day: counted with its number, or left out with the reason (code) and in words."""

    day: date
    counted: bool
    number: int | None
    reason: str
    note: str


@dataclass(frozen=True)
class Ledger:
    """All days from the day after acceptance to the due day; ``due`` is None while a pause is open."""

    accepted: date
    limit: TimeLimit
    due: date | None
    provisional: bool
    days: tuple[LedgerDay, ...]

    def remaining(self, on: date) -> int:
        """Days of the limit still to come after ``on``; negative is the number of counted days past due."""
        left = sum(1 for entry in self.days if entry.counted and entry.day > on)
        if self.due is None or on <= self.due:
            return left
        past = (self.due + ONE_DAY * n for n in range(1, (on - self.due).days + 1))
        if self.limit.unit == "natural_day":
            return -(on - self.due).days
        return -sum(1 for day in past if PUBLISHED.kind(day).works)


def clock(
    accepted: date,
    limit: TimeLimit,
    calendar: Calendar = PUBLISHED,
    pauses: Sequence[Pause] = (),
    until: date | None = None,
) -> Ledger:
    """The ledger of ``limit`` for an acceptance on the day ``accepted``.

    Working days count from the day after; so do natural days, and a natural-day limit that ends on a day off rolls to the
    next working day. A limit of 0 days is due on the day itself (rolled likewise). Paused days never count. While a pause
    is open the due day is unknown and days run up to ``until`` (at most). Raises :class:`ValueError` for a negative limit.
    """
    if limit.days < 0:
        raise ValueError("办结时限不能是负数。")
    days: list[LedgerDay] = []
    day, number, provisional = accepted, 0, False
    open_from = min((pause.start for pause in pauses if pause.end is None), default=None)
    for _ in range(LONGEST):
        if number >= limit.days and (number or limit.days == 0):
            kind = calendar.kind(day)
            paused = _paused(pauses, day)
            if kind.works and not paused:
                return Ledger(accepted, limit, day, provisional or kind.provisional, tuple(days))
        day += ONE_DAY
        if open_from is not None and day >= open_from and (until is None or day > until):
            return Ledger(accepted, limit, None, provisional, tuple(days))
        entry, unsure = _entry(day, number, limit, calendar, pauses)
        provisional = provisional or unsure
        number = entry.number or number
        days.append(entry)
    raise ValueError("办结时限过长，请核对工作规程和中止记录。")


def _paused(pauses: Sequence[Pause], day: date) -> Pause | None:
    return next((pause for pause in pauses if pause.covers(day)), None)


def _entry(
    day: date, number: int, limit: TimeLimit, calendar: Calendar, pauses: Sequence[Pause]
) -> tuple[LedgerDay, bool]:
    """One day of the ledger, and whether it rests on an unpublished calendar."""
    kind = calendar.kind(day)
    if pause := _paused(pauses, day):
        return LedgerDay(day, False, None, "paused", f"中止计时：{pause.ground}"), False
    if number >= limit.days:
        return LedgerDay(day, False, None, "rolled", f"顺延：{kind.note}"), kind.provisional
    if limit.unit == "natural_day":
        return LedgerDay(day, True, number + 1, "natural_day", "自然日"), False
    if kind.works:
        return LedgerDay(day, True, number + 1, kind.reason, kind.note), kind.provisional
    return LedgerDay(day, False, None, kind.reason, kind.note), kind.provisional
