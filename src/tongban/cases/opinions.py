"""Words for a reason that a unit uses again and again: kept by its own people, put in by one key."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from string import Formatter

from django.db.models import QuerySet
from django.utils import timezone

from tongban.cases.application import has_control
from tongban.cases.models import Case, CaseItem, Opinion
from tongban.people.models import Role, Staff
from tongban.people.record import Forbidden, Noting, act
from tongban.people.refused import Refused

TITLE, TEXT, MOST = 40, 500, 50
PLACES = ("事项", "套餐", "办件编号", "承办地", "收件窗口", "收件日期", "受理日期", "应办结日")


def fault(text: str) -> str:
    """What is wrong with a wording (Chinese), or nothing. Braces may only name ``PLACES``."""
    if not text.strip() or len(text) > TEXT:
        return f"内容应为 1 到 {TEXT} 个字。"
    if has_control(text.replace("\n", "").replace("\r", "")):
        return "内容里有看不见的控制字符，请删去后重新输入。"
    try:
        named = [piece[1:] for piece in Formatter().parse(text) if piece[1] is not None]
    except ValueError:
        return "大括号不配对，请核对。"
    unknown = [f"{{{name}}}" for name, form, conversion in named if name not in PLACES or form or conversion]
    if unknown:
        return f"不能用 {'、'.join(unknown)}。可用：{'、'.join(f'{{{name}}}' for name in PLACES)}。"
    return ""


def filled(text: str, case: Case, items: Sequence[CaseItem]) -> str:
    """``text`` with what it names put in; text that is no valid wording stays as it is: somebody typed it by hand."""
    if "{" not in text or fault(text):
        return text
    first = items[0] if items else None
    values = {
        "事项": "、".join(item.name for item in items),
        "套餐": case.version.name,
        "办件编号": case.number,
        "承办地": case.region.name,
        "收件窗口": case.window.name,
        "收件日期": _day(case.taken_at),
        "受理日期": _day(first.accepted_at if first else None),
        "应办结日": (first.due_said if first else "") or "—",
    }
    return text.format_map(values)


def _day(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d}" if at else "—"


def kept_by(staff: Staff) -> QuerySet[Opinion]:
    """The wordings in use of the units ``staff`` works in."""
    units = [duty.unit_id for duty in staff.duties_as(Role.DEPARTMENT) if duty.unit_id]
    return (
        Opinion.objects.filter(unit_id__in=units, retired_at=None)
        .select_related("unit", "made_by")
        .order_by("title", "id")
    )


def offered(staff: Staff, case: Case, items: Iterable[CaseItem]) -> list[tuple[str, str]]:
    """(title, text with everything put in) for the reason fields of a case page."""
    own = list(items)
    return [(one.title, filled(one.text, case, own)) for one in kept_by(staff)[:MOST]] if own else []


@act(Role.DEPARTMENT)
def make(change: Noting, *, unit_id: int, title: str, text: str) -> Opinion:
    """A new wording of a unit one works in."""
    return _made(change, unit_id, title, text)


@act(Role.DEPARTMENT)
def reword(change: Noting, *, opinion_id: int, title: str, text: str) -> Opinion:
    """Another wording in place of an old one, which is kept."""
    old = _own(change, opinion_id)
    _retired(change, old)
    return _made(change, old.unit_id, title, text, before=old)


@act(Role.DEPARTMENT)
def retire(change: Noting, *, opinion_id: int) -> None:
    """A wording is no longer offered; it is kept."""
    old = _own(change, opinion_id)
    _retired(change, old)
    change.note("opinion_retired", f"{old.unit.name}：{old.title}", before={"text": old.text})


def _own(change: Noting, opinion_id: int) -> Opinion:
    if change.by is None:
        raise Forbidden
    found = kept_by(change.by).filter(pk=opinion_id).first()
    if found is None:
        raise Refused("这条常用语已经停用或者改过，请刷新后再看。")
    return found


def _retired(change: Noting, old: Opinion) -> None:
    old.retired_at = change.now
    old.save(update_fields=["retired_at"])


def _made(change: Noting, unit_id: int, title: str, text: str, before: Opinion | None = None) -> Opinion:
    if change.by is None:
        raise Forbidden
    unit = next((duty.unit for duty in change.by.duties_as(Role.DEPARTMENT) if duty.unit_id == unit_id), None)
    if unit is None:
        raise Forbidden
    name, words = title.strip(), text.strip()
    errors = {}
    if not 0 < len(name) <= TITLE or has_control(name):
        errors["title"] = f"名称应为 1 到 {TITLE} 个字。"
    if said := fault(words):
        errors["text"] = said
    same = Opinion.objects.filter(unit=unit, retired_at=None)
    if not errors and same.filter(title=name).exists():
        errors["title"] = f"已经有一条叫“{name}”，请换一个名称，或者修改那一条。"
    if not errors and same.count() >= MOST:
        errors["title"] = f"一个部门最多 {MOST} 条常用语，请先停用不用的。"
    if errors:
        raise Refused("没有存下。", errors)
    change.note(
        "opinion_reworded" if before else "opinion_made",
        f"{unit.name}：{name}",
        before={"title": before.title, "text": before.text} if before else {},
        after={"title": name, "text": words},
    )
    return Opinion.objects.create(unit=unit, title=name, text=words, made_by=change.by, made_at=change.now)
