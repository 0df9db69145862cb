"""Windows, halls and units: what a city's files do not fix is changed here, and recorded; an office is closed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from tongban.people.accounts import SCOPES, clean, end, in_force
from tongban.people.city import WindowData
from tongban.people.models import City, Duty, Hall, Region, Staff, Unit, Window
from tongban.people.record import Noting, act, tell
from tongban.people.refused import Refused

FIELDS = {"name": "窗口名称", "township": "乡镇（街道、园区）", "address": "地址", "phone": "电话"}
LONGEST = {"name": 120, "township": 80, "address": 200, "phone": 40}


def _facts(place: Window | Hall) -> dict[str, Any]:
    return {label: getattr(place, field) for field, label in FIELDS.items() if hasattr(place, field)}


def called(place: Window | Unit) -> str:
    """How the record names a place."""
    return f"{'窗口' if isinstance(place, Window) else '部门'} {place.region.name} {place.name}"


def _checked(given: dict[str, str]) -> dict[str, str]:
    values = {field: clean(given.get(field, ""), LONGEST[field]) for field in FIELDS}
    lacking = {field: f"请填写{FIELDS[field]}。" for field in ("name", "township") if not values[field]}
    if lacking:
        raise Refused(next(iter(lacking.values())), lacking)
    return values


def _open_region(region_id: int) -> Region:
    """The region, locked: nothing is added to one that is being closed."""
    region = Region.objects.select_for_update().filter(pk=region_id).first()
    if region is None or region.closed_at:
        raise Refused("没有这个承办地，或者它已经撤销，请刷新后再看。")
    return region


@act()
def save_window(change: Noting, *, window_id: int | None, region_id: int, given: dict[str, str]) -> Window:
    """Add a window to a region, or bring one up to date; its region stays."""
    values = _checked(given)
    region = _open_region(region_id)
    window = Window(region=region)
    if window_id:
        found = Window.objects.select_related("region").filter(pk=window_id).first()
        if found is None:
            raise Refused("没有这个窗口，请刷新后再看。")
        window = found
    if Window.objects.filter(region=window.region, name=values["name"]).exclude(pk=window.pk).exists():
        error = f"{window.region.name}已经有“{values['name']}”。"
        raise Refused(error, {"name": error})
    before = _facts(window) if window.pk else {}
    if window.pk and window.name != values["name"]:
        window.listed_as = window.listed_as or window.name
    for field, value in values.items():
        setattr(window, field, value)
    if before == _facts(window):
        raise Refused("没有改动。")
    window.kept = True
    window.save()
    change.note("window_changed" if before else "window_added", called(window), before=before, after=_facts(window))
    return window


@act()
def save_hall(change: Noting, *, region_id: int, name: str, address: str, phone: str) -> None:
    """Name, address and telephone of a region's hall; a region that had none gets one."""
    region = _open_region(region_id)
    hall = Hall.objects.select_related("region").filter(region=region).first() or Hall(region=region)
    before = _facts(hall) if hall.pk else {}
    hall.name, hall.address, hall.phone = clean(name, 80), clean(address, 200), clean(phone, 40)
    if not hall.name:
        raise Refused("请填写政务大厅的名称。", {"name": "请填写政务大厅的名称。"})
    if before == _facts(hall):
        raise Refused("没有改动。")
    hall.kept = True
    hall.save()
    kind = "hall_changed" if before else "hall_added"
    change.note(kind, f"大厅 {region.name} {hall.name}", before=before, after=_facts(hall))


@act()
def save_unit(change: Noting, *, unit_id: int | None, region_id: int, name: str, items: Iterable[str]) -> Unit:
    """Add a unit to a region, or change its name and the codes of the ``items`` it decides; an item has one unit a region."""
    region = _open_region(region_id)
    unit = (
        Unit.objects.select_for_update().filter(pk=unit_id, region=region).first() if unit_id else Unit(region=region)
    )
    if unit is None or unit.closed_at:
        raise Refused("没有这个部门，或者它已经撤销，请刷新后再看。")
    before = {"名称": unit.name, "事项": list(unit.items)} if unit.pk else {}
    title, codes = clean(name, 80), list(dict.fromkeys(code.strip() for code in items if code.strip()))
    if not title:
        raise Refused("请填写部门名称。", {"name": "请填写部门名称。"})
    others = Unit.objects.filter(region=region).exclude(pk=unit.pk)
    if others.filter(name=title).exists():
        error = f"{region.name}已经有“{title}”。"
        raise Refused(error, {"name": error})
    for other in others.filter(closed_at=None):
        if both := sorted(set(codes) & set(other.items)):
            raise Refused(
                f"{'、'.join(both)} 已经由{other.name}办理，一个事项在一个承办地只归一个部门。请先在那里去掉。"
            )
    if unit.pk and unit.name != title:
        unit.listed_as = unit.listed_as or unit.name
    unit.name, unit.items, unit.kept = title, codes, True
    after = {"名称": title, "事项": codes}
    if before == after:
        raise Refused("没有改动。")
    unit.save()
    change.note("unit_changed" if before else "unit_added", called(unit), before=before, after=after)
    return unit


@act()
def add_region(change: Noting, *, city: str, name: str, abbreviation: str, short: str, code: str) -> Region:
    """A new region of a city. What opens its numbers and serials is another than any region's, and stays as it is."""
    title, prefix, sign, number = clean(name, 40), clean(abbreviation, 8).upper(), clean(short, 8), clean(code, 6)
    wrong: dict[str, str] = {}
    if not title or Region.objects.filter(city=city, name=title).exists():
        wrong["name"] = f"{city}已经有“{title}”。" if title else "请填写承办地名称。"
    if not re.fullmatch(r"[A-Z]{1,8}", prefix):
        wrong["abbreviation"] = "缩写用 1 到 8 个英文字母，写在办件编号最前面。"
    elif other := Region.objects.filter(abbreviation=prefix).first():
        wrong["abbreviation"] = f"缩写 {prefix} 已经是{other.city}{other.name}的，编号会分不开。"
    if not sign:
        wrong["short"] = "请填写简称，写在文书字号最前面。"
    elif other := Region.objects.filter(short=sign).first():
        wrong["short"] = f"简称“{sign}”已经是{other.city}{other.name}的，字号会分不开。"
    if number and not re.fullmatch(r"[0-9]{6}", number):
        wrong["code"] = "行政区划代码是 6 位数字，没有的留空。"
    if not City.objects.filter(name=city).exists():
        wrong["city"] = "请选择城市。"
    if wrong:
        raise Refused(next(iter(wrong.values())), wrong)
    last = Region.objects.filter(city=city).order_by("-order").values_list("order", flat=True).first() or 0
    region = Region.objects.create(
        city=city, name=title, abbreviation=prefix, short=sign, code=number or None, order=last + 1
    )
    after = {"名称": title, "缩写": prefix, "简称": sign, "区划代码": number}
    change.note("region_added", f"承办地 {city} {title}", after=after)
    return region


@dataclass(frozen=True)
class Row:
    """One row of a window list held against what is there: new, changed or same, or what is wrong with it."""

    data: WindowData
    status: str  # 新增, 更新, 不变, 有误
    note: str = ""


def preview(city: str, windows: Iterable[WindowData]) -> list[Row]:
    """What an import of ``windows`` into ``city`` would do, row by row."""
    regions = {region.name: region for region in Region.objects.filter(city=city, closed_at=None)}
    there = {(w.region.name, w.name): w for w in Window.objects.filter(region__city=city).select_related("region")}
    rows, seen = [], set()
    for data in windows:
        place = (data.region, data.name)
        status, note = "新增", ""
        too_long = [label for field, label in FIELDS.items() if len(getattr(data, field)) > LONGEST[field]]
        if data.region not in regions:
            status, note = "有误", f"{city}没有承办地“{data.region}”，或者它已经撤销"
        elif place in seen:
            status, note = "有误", "和前面的一行重复"
        elif too_long:
            status, note = "有误", f"{'、'.join(too_long)}太长"
        elif window := there.get(place):
            changed = [label for field, label in FIELDS.items() if getattr(window, field) != getattr(data, field)]
            status, note = ("更新", "、".join(changed)) if changed else ("不变", "")
        seen.add(place)
        rows.append(Row(data, status, note))
    return rows


@act()
def import_windows(change: Noting, *, city: str, windows: Iterable[WindowData]) -> tuple[int, int]:
    """Add and update windows of a city, all or none. Returns how many were added and updated."""
    rows = preview(city, windows)
    if wrong := next((row for row in rows if row.status == "有误"), None):
        raise Refused(f"“{wrong.data.region} {wrong.data.name}”：{wrong.note}。请改好文件后再导入，现在什么都没有改。")
    regions = {region.name: region for region in Region.objects.filter(city=city)}
    counts = {"新增": 0, "更新": 0}
    for row in rows:
        if row.status not in counts:
            continue
        counts[row.status] += 1
        region = regions[row.data.region]
        window = Window.objects.filter(region=region, name=row.data.name).first() or Window(region=region)
        before = _facts(window) if window.pk else {}
        for field in FIELDS:
            setattr(window, field, getattr(row.data, field))
        window.kept = True
        window.save()
        kind = "window_changed" if before else "window_added"
        change.note(kind, called(window), before=before, after=_facts(window))
    if not any(counts.values()):
        raise Refused("和现在的窗口一样，没有要导入的。")
    return counts["新增"], counts["更新"]


def _successor(place: Window | Unit, other: Window | Unit | None) -> None:
    if place.closed_at:
        raise Refused(f"{place}已经撤销。")
    if other is None or other.pk == place.pk or other.closed_at:
        raise Refused("请选择接手的单位。", {"successor": "请选择接手的单位。"})


def _close(
    change: Noting, place: Window | Unit, other: Window | Unit | None, duties: Iterable[Duty], work: str
) -> None:
    """Close ``place`` in favour of ``other``: its duties end, who lost work and who takes it over are told."""
    leaving = list(duties)
    column = "window" if isinstance(place, Window) else "unit"
    if other is None:
        place.closed_at = change.now
        place.save()
        change.note(f"{column}_closed", called(place), after={"接手": "没有，没有在办的"})
        tell({d.staff for d in leaving}, f"{place.name}撤销。", f"close-{column}-{place.pk}", change.now)
        end(change, leaving, change.now)
        return
    heirs = Staff.objects.filter(
        pk__in=Duty.objects.filter(in_force(change.now), **{column: other.pk}).values("staff_id"), is_active=True
    )
    place.closed_at, place.successor = change.now, other
    place.save()
    change.note(f"{column}_closed", called(place), after={"接手": called(other), "移交": work})
    told = f"close-{column}-{place.pk}"
    tell({d.staff for d in leaving}, f"{place.name}撤销，您手上的{work}移交给{other.name}。", told, change.now)
    tell(heirs, f"{place.name}撤销，{work}移交给您所在的{other.name}。", told, change.now)
    end(change, leaving, change.now)


def _duties(**scope: Any) -> "QuerySet[Duty]":
    return Duty.objects.filter(**scope).select_related("staff", "region", "unit__region", "window__region")


@act()
def close_window(change: Noting, *, window_id: int, successor_id: int, work: str) -> None:
    """Close a window; its open work goes to another window of the city (``cases.actions.transfer`` carries it)."""
    windows = {
        w.pk: w
        for w in Window.objects.select_for_update(of=("self",))
        .select_related("region")
        .filter(pk__in=(window_id, successor_id))
    }
    window, other = windows.get(window_id), windows.get(successor_id)
    if window is None:
        raise Refused("没有这个窗口，请刷新后再看。")
    _successor(window, other)
    assert other is not None
    if other.region.city != window.region.city:
        raise Refused("接手的窗口要在同一个城市。", {"successor": "接手的窗口要在同一个城市。"})
    live = _duties(window=window).filter(Q(ends_at=None) | Q(ends_at__gt=change.now))
    _close(change, window, other, live, work)


@act()
def close_unit(change: Noting, *, unit_id: int, successor_id: int | None, work: str) -> None:
    """Close a unit; its open items go to another unit of the region, which decides its items from now on.

    Without a successor nobody decides them in this region any more: ``cases.actions.transfer.end_unit`` sees to it that none is open.
    """
    units = {
        u.pk: u
        for u in Unit.objects.select_for_update(of=("self",))
        .select_related("region")
        .filter(pk__in=(unit_id, successor_id or 0))
    }
    unit, other = units.get(unit_id), units.get(successor_id or 0)
    if unit is None:
        raise Refused("没有这个部门，请刷新后再看。")
    live = _duties(unit=unit).filter(Q(ends_at=None) | Q(ends_at__gt=change.now))
    if successor_id is None and not unit.closed_at:
        _close(change, unit, None, live, work)
        return
    _successor(unit, other)
    assert other is not None
    if other.region_id != unit.region_id:
        raise Refused("接手的部门要在同一个承办地。", {"successor": "接手的部门要在同一个承办地。"})
    before = {"事项": list(other.items)}
    other.items = [*other.items, *(code for code in unit.items if code not in other.items)]
    other.save(update_fields=["items"])
    if other.items != before["事项"]:
        change.note("unit_changed", called(other), before=before, after={"事项": list(other.items)})
    _close(change, unit, other, live, work)


@act()
def close_region(change: Noting, *, region_id: int) -> None:
    """Close a region where no window and no unit stands any more; its duties end, who held them is told.

    ``cases.actions.transfer.end_region`` sees to it that no case is open there. Raises :class:`Refused`.
    """
    region = _open_region(region_id)
    standing = {
        "个窗口": region.windows.filter(closed_at=None, stands_for=""),
        "个部门": region.units.filter(closed_at=None),
    }
    left = "、".join(f"{places.count()} {what}" for what, places in standing.items() if places.exists())
    if left:
        raise Refused(f"{region.name}还有{left}。请先逐个撤销，再撤销承办地。")
    region.closed_at = change.now
    region.save(update_fields=["closed_at"])
    change.note("region_closed", f"承办地 {region.city} {region.name}")
    regional = [role for role, (column, _) in SCOPES.items() if column == "region"]
    leaving = list(_duties(region=region, role__in=regional).filter(Q(ends_at=None) | Q(ends_at__gt=change.now)))
    tell({d.staff for d in leaving}, f"承办地{region.name}撤销。", f"close-region-{region.pk}", change.now)
    end(change, leaving, change.now)
