"""A year's notice of days off (节假日安排通知) from a file: read, checked, and turned into days of a calendar.

YAML and JSON: ``year``, ``title``, ``off`` (``name``, ``from``, ``to``) and ``work`` (days worked on a weekend). CSV: the
columns of ``COLUMNS``, a row a span. A notice speaks of its whole year, and may name days at the end of the year before.
"""

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from tongban.rules.clock import ONE_DAY, WEEKDAYS, DayKind, statutory

COLUMNS = (
    "日期",
    "至",
    "安排",
    "名称",
    "通知",
)  # from, to (may be empty), 放假 or 上班, festival, title (in the first row)
LONGEST_FILE = 200_000  # bytes
LONGEST_REST = 12  # days of one festival; the longest there was had ten
NET = range(8, 19)  # weekdays off less weekends worked: 13 since 2025, 11 before


class Malformed(ValueError):
    """The file is no notice of a year; the message (Chinese) says what, where, and what to do."""


class Rest(BaseModel):
    """Days off of one festival, both ends included."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)
    name: str = Field(min_length=1, max_length=40)
    first: date = Field(alias="from")
    last: date = Field(alias="to")

    @property
    def days(self) -> list[date]:
        """Each day."""
        return [self.first + ONE_DAY * n for n in range((self.last - self.first).days + 1)]


class Work(BaseModel):
    """A weekend day that is worked, for which festival if it is said."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    day: date
    name: str = Field(default="", max_length=40)

    @model_validator(mode="before")
    @classmethod
    def _alone(cls, given: Any) -> Any:
        return given if isinstance(given, Mapping) else {"day": given}


class Notice(BaseModel):
    """What a year's notice says."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    year: int = Field(ge=2004, le=2100)
    title: str = Field(min_length=4, max_length=200)
    off: tuple[Rest, ...]
    work: tuple[Work, ...] = ()


@dataclass(frozen=True)
class Sums:
    """What a notice adds up to: days off, of these weekdays, weekend days worked."""

    off: int
    weekdays_off: int
    worked: int


def read(data: bytes, name: str) -> Notice:
    """The notice in ``data``, named by its file ``name`` (.csv, .yaml, .yml or .json). Raises :class:`Malformed`."""
    if len(data) > LONGEST_FILE:
        raise Malformed(f"{name} 太大，一年的放假安排用不了 200 KB，请核对是不是选错了文件。")
    text = _text(data)
    try:
        if name.lower().endswith(".csv"):
            body = _from_csv(text, name)
        elif name.lower().endswith(".json"):
            body = json.loads(text)
        elif name.lower().endswith((".yaml", ".yml")):
            body = yaml.safe_load(text)
        else:
            raise Malformed(f"{name} 不是 .csv、.yaml 或 .json 文件。")
        notice = Notice.model_validate(body)
    except ValidationError as error:
        fault = error.errors()[0]
        raise Malformed(f"{name} 的“{'.'.join(map(str, fault['loc'])) or '内容'}”有误：{fault['msg']}") from error
    except (yaml.YAMLError, json.JSONDecodeError, csv.Error, RecursionError) as error:
        raise Malformed(f"{name} 读不了，请检查格式。") from error
    if faults := problems(notice):
        raise Malformed("；".join(faults))
    return notice


def _text(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", errors="replace")


def _from_csv(text: str, name: str) -> dict[str, Any]:
    rows = [
        [cell.strip() for cell in row]
        for row in csv.reader(io.StringIO(text, newline=""))
        if any(cell.strip() for cell in row)
    ]
    if not rows or tuple(rows[0]) != COLUMNS:
        raise Malformed(f"{name} 的第一行应为：{','.join(COLUMNS)}。")
    off: list[dict[str, Any]] = []
    work: list[dict[str, Any]] = []
    title = ""
    for line, row in enumerate(rows[1:], 2):
        first, last, what, festival, noted = (*row, "", "", "", "", "")[:5]
        title = title or noted
        if what not in ("放假", "上班"):
            raise Malformed(f"{name} 第 {line} 行的“安排”应为 放假 或 上班，现在是“{what}”。")
        try:
            start, end = date.fromisoformat(first), date.fromisoformat(last or first)
        except ValueError:
            raise Malformed(f"{name} 第 {line} 行的日期应写成 2027-01-01 这样。") from None
        if what == "放假":
            off.append({"name": festival, "from": start, "to": end})
        else:
            work += [{"day": start + ONE_DAY * n, "name": festival} for n in range(min((end - start).days, 30) + 1)]
    years = sorted(entry["to"].year for entry in off)
    return {"year": years[len(years) // 2] if years else 0, "title": title, "off": off, "work": work}


def problems(notice: Notice) -> list[str]:
    """What makes a notice unbelievable, in Chinese; empty when it holds together."""
    found: list[str] = []
    year, seen = notice.year, dict[date, str]()
    if str(year) not in notice.title:
        found.append(f"通知标题“{notice.title}”里没有 {year} 年，请核对标题和年份")
    for rest in notice.off:
        if not rest.first <= rest.last or (rest.last - rest.first).days >= LONGEST_REST:
            found.append(f"{rest.name}放假 {rest.first} 至 {rest.last} 不合理，请核对起止日期")
            continue
        for day in rest.days:
            if day in seen:
                found.append(f"{day} 重复出现（{seen[day]}、{rest.name}）")
            seen[day] = rest.name
    worked: set[date] = set()
    for work in notice.work:
        if work.day in seen:
            found.append(f"{work.day} 又放假又上班，互相矛盾")
        if work.day.weekday() < 5:
            found.append(f"{work.day} 是星期{WEEKDAYS[work.day.weekday()]}，本来就上班，不应列为调休上班")
        if work.day in worked:
            found.append(f"{work.day} 的上班重复出现")
        worked.add(work.day)
    for day in sorted({*seen, *worked}):
        if day.year != year and not date(year - 1, 12, 20) <= day < date(year, 1, 1):
            found.append(f"{day} 不在 {year} 年")
    missing = [f"{name} {day}" for day, name in sorted(statutory(year).items()) if day not in seen]
    if missing:
        found.append(f"全年不齐，缺少法定节日：{'、'.join(missing)}")
    sums = sums_of(notice)
    if not found and sums.weekdays_off - sums.worked not in NET:
        found.append(f"放假比调休上班多 {sums.weekdays_off - sums.worked} 个工作日，不合常理，请核对")
    return found


def sums_of(notice: Notice) -> Sums:
    """The sums of a notice."""
    days = [day for rest in notice.off for day in rest.days]
    return Sums(len(days), sum(day.weekday() < 5 for day in days), len(notice.work))


def days_of(notice: Notice) -> dict[date, DayKind]:
    """Every day of the notice's year, and what it says of the end of the year before."""
    off = {day: rest.name for rest in notice.off for day in rest.days}
    work = {work.day: work.name for work in notice.work}
    first = date(notice.year, 1, 1)
    year = {first + ONE_DAY * n for n in range((date(notice.year + 1, 1, 1) - first).days)}
    found = {}
    for day in sorted(year | off.keys() | work.keys()):
        weekday = f"星期{WEEKDAYS[day.weekday()]}"
        if day in off:
            found[day] = DayKind(False, "holiday", f"{off[day]}放假")
        elif day in work:
            found[day] = DayKind(True, "make_up_workday", f"{weekday}，{work[day]}调休上班")
        elif day.weekday() >= 5:
            found[day] = DayKind(False, "weekend", weekday)
        else:
            found[day] = DayKind(True, "working_day", "工作日")
    return found
