"""The ledger of a time limit (clause 五): every day counted or left out, and why. Days are Asia/Shanghai's.

Day 1 is the day after acceptance. A due day is always a working day. Published years come from the State Council notices
(chinesecalendar); a later year counts weekends and statutory days as an assumption and is provisional: rest days moved
next to a festival, and the days worked instead, are known only from its notice (``rules.notices`` reads it).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import lru_cache
from itertools import accumulate

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
def statutory(year: int) -> dict[date, str]:
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
        if holiday := statutory(day.year).get(day):
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


@dataclass(frozen=True, eq=False)
class Calendar:
    """Working days: the published years, and ``extra`` days of the notices imported since."""

    extra: Mapping[date, DayKind] = field(default_factory=dict)
    _worked: dict[int, list[int]] = field(default_factory=dict, repr=False)  # year → days worked by each of its days

    def kind(self, day: date) -> DayKind:
        """What kind of day ``day`` is."""
        return self.extra.get(day) or _kind(day)

    def working_days(self, after: date, to: date) -> int:
        """How many days are worked behind ``after`` up to and with ``to``; negative when ``to`` lies before ``after``."""
        if to < after:
            return -self.working_days(to, after)
        whole = sum(self._until(year, 366) for year in range(after.year, to.year))
        return whole + self._until(to.year, to.timetuple().tm_yday) - self._until(after.year, after.timetuple().tm_yday)

    def _until(self, year: int, place: int) -> int:
        if year not in self._worked:
            first, days = date(year, 1, 1), 366 if date(year, 12, 31).timetuple().tm_yday == 366 else 365
            works = (self.kind(first + ONE_DAY * n).works for n in range(days))
            self._worked[year] = list(accumulate(works, initial=0))
        return self._worked[year][min(place, len(self._worked[year]) - 1)]


PUBLISHED = Calendar()


@dataclass(frozen=True)
class Pause:
    """Time that does not count: from ``start`` inclusive to ``end`` exclusive; open while ``end`` is None."""

    start: date
    end: date | None
    ground: str
    by: str = ""

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
    calendar: Calendar = field(default=PUBLISHED, repr=False, compare=False)

    def remaining(self, on: date) -> int:
        """Days of the limit still to come after ``on``; negative is the number of counted days past due.

        While a pause is open: what is left of the limit once it ends. A limit in natural days that rolled to a working
        day has as many days left as there are until that day.
        """
        if self.due is None:
            return self.limit.days - sum(1 for entry in self.days if entry.counted and entry.day <= on)
        if on > self.due or self.limit.unit == "natural_day":
            return days_left(self.due, self.limit, on, self.calendar)
        return sum(1 for entry in self.days if (entry.counted or entry.day == self.due) and entry.day > on)


def days_left(due: date, limit: TimeLimit, on: date, calendar: Calendar) -> int:
    """Days from ``on`` to ``due`` in the unit of ``limit``, negative past it: a ledger's ``remaining`` without its days.

    Right where no pause begins after ``on``, and none can: a pause begins on the day it is made.
    """
    return (due - on).days if limit.unit == "natural_day" else calendar.working_days(on, due)


def left_said(due: date, limit: TimeLimit, on: date, calendar: Calendar) -> str:
    """What is left in words: 还有 12 个工作日, 今天到期, 已超 2 个工作日."""
    left, unit = days_left(due, limit, on, calendar), "个工作日" if limit.unit == "working_day" else "天"
    if on == due:
        return "今天到期"
    if on < due:
        return f"还有 {left} {unit}"
    return f"已超 {-left} {unit}" if left else "已超期"


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
    is open the due day is unknown and days run up to ``until`` (at most); a pause that begins behind the due day changes
    nothing: what is late stays late. Raises :class:`ValueError` for a negative limit.
    """
    if limit.days < 0:
        raise ValueError("办结时限不能是负数。")
    pauses = sorted(pauses, key=lambda pause: pause.start)
    days: list[LedgerDay] = []
    day, number, provisional = accepted, 0, False
    open_from = min((pause.start for pause in pauses if pause.end is None), default=None)
    for _ in range(LONGEST):
        if number >= limit.days and (number or limit.days == 0):
            kind = calendar.kind(day)
            paused = _paused(pauses, day)
            if kind.works and not paused:
                return Ledger(accepted, limit, day, provisional or kind.provisional, tuple(days), calendar)
        day += ONE_DAY
        if open_from is not None and day >= open_from and (until is None or day > until):
            return Ledger(accepted, limit, None, provisional, tuple(days), calendar)
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
        by = f"（{pause.by}）" if pause.by else ""
        return LedgerDay(day, False, None, "paused", f"中止计时：{pause.ground}{by}"), False
    if number >= limit.days:
        return LedgerDay(day, False, None, "rolled", f"顺延：{kind.note}"), kind.provisional
    if limit.unit == "natural_day":
        return LedgerDay(day, True, number + 1, "natural_day", "自然日"), False
    if kind.works:
        return LedgerDay(day, True, number + 1, kind.reason, kind.note), kind.provisional
    return LedgerDay(day, False, None, kind.reason, kind.note), kind.provisional
