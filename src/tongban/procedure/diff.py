"""What changed between two procedures, in words for a person."""

from collections.abc import Iterable
from dataclasses import dataclass

from tongban.procedure.model import Procedure, TimeLimit, Tolerance

UNITS = {"working_day": "个工作日", "natural_day": "个自然日"}


@dataclass(frozen=True)
class Change:
    """One difference: where it is, whether something came, went or changed, and both sides as read."""

    place: str
    kind: str  # added, removed, changed
    before: str
    after: str

    def __str__(self) -> str:
        if self.kind == "added":
            return f"{self.place}：新增“{self.after}”"
        if self.kind == "removed":
            return f"{self.place}：删去“{self.before}”"
        return f"{self.place}：由“{self.before}”改为“{self.after}”"


def limit_text(limit: TimeLimit | None) -> str:
    """A limit in words."""
    return f"{limit.days} {UNITS[limit.unit]}" if limit else "未写明"


def _pairs(place: str, before: dict[str, str], after: dict[str, str]) -> Iterable[Change]:
    for name in dict.fromkeys([*before, *after]):
        if name not in after:
            yield Change(f"{place}·{name}", "removed", before[name] or name, "")
        elif name not in before:
            yield Change(f"{place}·{name}", "added", "", after[name] or name)
        elif before[name] != after[name]:
            yield Change(f"{place}·{name}", "changed", before[name], after[name])


def diff(before: Procedure, after: Procedure) -> tuple[Change, ...]:
    """Differences from ``before`` to ``after``, what an applicant feels first: materials, limits, items, phones, text."""
    found: list[Change] = []
    found += _pairs("套餐", {"名称": before.name}, {"名称": after.name})
    found += _pairs("办结时限", {"全部": limit_text(before.time_limit)}, {"全部": limit_text(after.time_limit)})
    found += _pairs("事项", _items(before), _items(after))
    for field, label in FIELDS:
        found += _pairs(f"材料（{label}）", _materials(before, field), _materials(after, field))
    found += _pairs("咨询电话", _contacts(before), _contacts(after))
    found += _pairs("收件办理平台", _platforms(before), _platforms(after))
    found += _pairs("条款", _clauses(before), _clauses(after))
    names = {m.name for m in before.materials} ^ {m.name for m in after.materials}
    # A material that came or went is said once, by its requirement.
    return tuple(
        change
        for change in found
        if not (
            change.place.startswith("材料（") and change.place.split("·")[1] in names and "（要求）" not in change.place
        )
    )


FIELDS = (
    ("requirement", "要求"), ("tolerable", "可否容缺"), ("tolerance", "容缺时限"), ("common_errors", "常见错误"),
    ("paper_handling", "纸质处理"), ("copies", "复印件份数"), ("original", "原件"), ("electronic", "电子档"),
    ("check", "机器检查"),
)  # fmt: skip


def _materials(procedure: Procedure, field: str) -> dict[str, str]:
    def text(value: object) -> str:
        if isinstance(value, bool):
            return "是" if value else "否"
        if isinstance(value, tuple):
            return "；".join(value)
        if value is None:
            return "不查"
        if isinstance(value, Tolerance):
            limit = limit_text(TimeLimit(days=value.days, unit=value.unit)) if value.days is not None else ""
            return "，".join(part for part in (limit, value.until or "", "、".join(value.channels)) if part)
        return str(value)

    return {material.name: text(getattr(material, field)) for material in procedure.materials}


def _items(procedure: Procedure) -> dict[str, str]:
    return {
        item.name: f"{item.code or '无编码'}{'，' + limit_text(item.time_limit) if item.time_limit else ''}"
        for item in procedure.items
    }


def _contacts(procedure: Procedure) -> dict[str, str]:
    return {contact.region: "、".join(contact.phones) or "无" for contact in procedure.contacts}


def _platforms(procedure: Procedure) -> dict[str, str]:
    return {
        p.region or "一般情形": f"{p.platform}{'“' + p.module + '”' if p.module else ''}" for p in procedure.platforms
    }


def _clauses(procedure: Procedure) -> dict[str, str]:
    """Prose clauses: what other comparisons already say (items, phones, materials) is left out."""
    data = {"items", "contacts", "materials", "package", "time_limit", "platforms"}
    covered = {clause.number for clause in procedure.clauses if clause.topic and clause.topic.value in data}
    return {
        clause.number: clause.text
        for clause in procedure.clauses
        if clause.text and clause.number.split(".")[0] not in covered and clause.number not in covered
    }
