"""How a time limit is shown: the strip of days, its light, what is left in words."""

from datetime import date
from typing import Any

from tongban.cases.due import USUAL, ledger_of, limit_of
from tongban.cases.models import Case, CaseItem
from tongban.cases.states import OPEN
from tongban.procedure.model import Procedure
from tongban.rules.clock import Calendar, Ledger, left_said
from tongban.rules.lights import Light, light, of_due

TONES = {Light.GREEN: "", Light.YELLOW: "soon", Light.RED: "late"}
PROVISIONAL = "（暂定）"


def clock_view(item: CaseItem, procedure: Procedure, today: date, calendar: Calendar) -> dict[str, Any] | None:
    """The strip of days of an accepted item, its light and what is left in words; None before acceptance."""
    ledger = ledger_of(procedure, item, calendar, item.pauses.all(), until=today)
    if ledger is None:
        return None
    if item.decided_at:
        said, tone = "已作出决定", ""
    elif ledger.due is None:
        unit = "个工作日" if ledger.limit.unit == "working_day" else "天"
        said, tone = f"已中止计时，恢复后还有 {ledger.remaining(today)} {unit}", "soon"
    else:
        said = left_said(ledger.due, ledger.limit, today, calendar) + (PROVISIONAL if ledger.provisional else "")
        tone = TONES[light(ledger, today, USUAL)]
    return {
        "ledger": ledger,
        "days": [{"day": d, "tone": _tone(d.day, d.counted, d.reason, ledger, today)} for d in ledger.days],
        "said": said,
        "tone": tone,
    }


def _tone(day: date, counted: bool, reason: str, ledger: Ledger, today: date) -> str:
    if day == ledger.due:
        return "due"
    if day == today:
        return "today"
    if reason == "paused":
        return "paused"
    if not counted:
        return "off"
    return "past" if day < today else ""


def item_left(item: CaseItem, today: date, calendar: Calendar) -> tuple[str, str]:
    """(tone, words) of what is left to an item of a list, from its columns; two empty strings where nothing is due."""
    limit = limit_of(item.case.procedure, item)
    if item.due is None or limit is None or item.decided_at:
        return "", ""
    words = left_said(item.due, limit, today, calendar) + (PROVISIONAL if item.due_provisional else "")
    return TONES[of_due(item.due, limit, today, calendar, USUAL).light], words


def case_light(case: Case, today: date, calendar: Calendar) -> tuple[str, str]:
    """(tone, words) of a case of a list: its light as last written, and what is left or what it is about."""
    if case.state not in OPEN:
        return ("late" if case.light == Light.RED else "soon", case.light_said) if case.light_cause else ("", "")
    limit = case.procedure.time_limit
    words = ""
    if case.due and limit:
        words = left_said(case.due, limit, today, calendar) + (PROVISIONAL if case.due_provisional else "")
    if case.light_cause and case.light_cause != "due":
        day = f"（{case.light_day:%m-%d}）" if case.light_day else ""
        words = f"{case.light_said}{day}"
    tone = TONES[Light(case.light)]
    if case.due and today > case.due:
        tone = "late"  # whether the night's sweep came or not
    return tone, words
