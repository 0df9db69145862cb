"""Windows, halls and units: what a city's files do not fix is changed here, and recorded; an office is closed."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from tongban.people.accounts import clean, end, in_force
from tongban.people.city import WindowData
from tongban.people.models import Duty, Hall, Region, Staff, Unit, Window
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


@act()
def save_window(change: Noting, *, window_id: int | None, region_id: int, given: dict[str, str]) -> Window:
    """Add a window to a region, or bring one up to date; its region stays."""
    values = _checked(given)
    region = Region.objects.filter(pk=region_id).first()
    if region is None:
        raise Refused("请选择承办地。", {"region": "请选择承办地。"})
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
    for field, value in values.items():
        setattr(window, field, value)
    if before == _facts(window):
        raise Refused("没有改动。")
    window.kept = True
    window.save()
    change.note("window_changed" if before else "window_added", called(window), before=before, after=_facts(window))
    return window


@act()
def save_hall(change: Noting, *, region_id: int, address: str, phone: str) -> None:
    """Address and telephone of a region's hall."""
    hall = Hall.objects.select_related("region").filter(region_id=region_id).first()
    if hall is None:
        raise Refused("这个承办地没有登记政务大厅。")
    before = _facts(hall)
    hall.address, hall.phone = clean(address, 200), clean(phone, 40)
    if before == _facts(hall):
        raise Refused("没有改动。")
    hall.save()
    change.note("hall_changed", f"大厅 {hall.region.name} {hall.name}", before=before, after=_facts(hall))


@dataclass(frozen=True)
class Row:
    """One row of a window list held against what is there: new, changed or same, or what is wrong with it."""

    data: WindowData
    status: str  # 新增, 更新, 不变, 有误
    note: str = ""


def preview(city: str, windows: Iterable[WindowData]) -> list[Row]:
    """What an import of ``windows`` into ``city`` would do, row by row."""
    regions = {region.name: region for region in Region.objects.filter(city=city)}
    there = {(w.region.name, w.name): w for w in Window.objects.filter(region__city=city).select_related("region")}
    rows, seen = [], set()
    for data in windows:
        place = (data.region, data.name)
        status, note = "新增", ""
        too_long = [label for field, label in FIELDS.items() if len(getattr(data, field)) > LONGEST[field]]
        if data.region not in regions:
            status, note = "有误", f"{city}没有承办地“{data.region}”"
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


def _close(change: Noting, place: Window | Unit, other: Window | Unit, duties: Iterable[Duty], work: str) -> None:
    """Close ``place`` in favour of ``other``: its duties end, who lost work and who takes it over are told."""
    leaving = list(duties)
    column = "window" if isinstance(place, Window) else "unit"
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
def close_unit(change: Noting, *, unit_id: int, successor_id: int, work: str) -> None:
    """Close a unit; its open items go to another unit of the region, which decides its items from now on."""
    units = {
        u.pk: u
        for u in Unit.objects.select_for_update(of=("self",))
        .select_related("region")
        .filter(pk__in=(unit_id, successor_id))
    }
    unit, other = units.get(unit_id), units.get(successor_id)
    if unit is None:
        raise Refused("没有这个部门，请刷新后再看。")
    _successor(unit, other)
    assert other is not None
    if other.region_id != unit.region_id:
        raise Refused("接手的部门要在同一个承办地。", {"successor": "接手的部门要在同一个承办地。"})
    before = {"事项": list(other.items)}
    other.items = [*other.items, *(code for code in unit.items if code not in other.items)]
    other.save(update_fields=["items"])
    if other.items != before["事项"]:
        change.note("unit_changed", called(other), before=before, after={"事项": list(other.items)})
    live = _duties(unit=unit).filter(Q(ends_at=None) | Q(ends_at__gt=change.now))
    _close(change, unit, other, live, work)
