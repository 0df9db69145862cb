"""Limits of time as a document writes them: 60个工作日, 二十日, 即办件, 办结前."""

import re
import unicodedata
from dataclasses import dataclass

from tongban.procedure.model import Unit

CHINESE = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_NUMBER = r"(\d+|[零〇一二两三四五六七八九十百]+)"
_LIMIT = re.compile(_NUMBER + r"\s*(?:\([^)]*\))?\s*个?\s*(工作日|自然日|法定工作日|日历日|日历天|天|日|个?月|年|小时)")
IMMEDIATE = re.compile(r"即办件|即时办结|当场办结|当场办理|即办|立等可取|即来即办|随到随办")


def number(text: str) -> int:
    """60, 六十, 二十一, 一百二十 → int. Raises :class:`ValueError` for anything else."""
    if text.isdigit():
        return int(text)
    total, digit = 0, 0
    for char in text:
        if char in "十百":
            total += (digit or 1) * (10 if char == "十" else 100)
            digit = 0
        elif char in CHINESE:
            digit = CHINESE[char]
        else:
            raise ValueError(text)
    return total + digit


@dataclass(frozen=True)
class Amount:
    """A limit found; ``assumed`` where 日 stood without 工作 or 自然; ``unit`` None where it is not in days."""

    days: int
    unit: Unit | None
    assumed: bool
    text: str


def amounts(text: str) -> list[Amount]:
    """Every limit in ``text``, in order."""
    plain = unicodedata.normalize("NFKC", text)
    found = []
    for match in _LIMIT.finditer(plain):
        if match[2] in ("月", "个月", "年", "小时"):
            if match[2] in ("月", "年") and plain[match.end() : match.end() + 1].isdigit():
                continue  # part of a date
            found.append(Amount(number(match[1]), None, False, match[0]))
            continue
        unit: Unit = "working_day" if match[2].endswith("工作日") else "natural_day"
        assumed = match[2] in ("日", "天")
        if assumed and plain[match.end() : match.end() + 1] in ("前", "起") and match[2] == "日":
            continue  # a date: 3月5日前
        found.append(Amount(number(match[1]), unit, assumed, match[0]))
    if not found and IMMEDIATE.search(plain):
        found.append(Amount(0, "working_day", False, IMMEDIATE.search(plain)[0]))  # type: ignore[index]
    return found
