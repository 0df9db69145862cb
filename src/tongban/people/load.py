"""A city's data into the database: what is there is brought up to date, nothing is removed."""

from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Q

from tongban.paperwork.template import BadTemplate, read_templates
from tongban.people import city as data_of
from tongban.people.city import Malformed, WindowData, read_city, read_windows
from tongban.people.models import City, Hall, Region, Unit, Window
from tongban.people.record import Noting, act


def city_folders(root: Path) -> list[Path]:
    """Folders below ``root`` that hold a city."""
    return sorted(file.parent for file in root.glob("*/city.yaml"))


@transaction.atomic
def load(folder: Path) -> data_of.City:
    """Load ``city.yaml`` and ``windows.csv`` of a folder; loading again changes nothing. Raises :class:`Malformed`."""
    city = read_city(folder / "city.yaml")
    try:
        templates = read_templates(folder / "forms")
    except BadTemplate as error:
        raise Malformed(f"{city.city}的文书{error}") from error
    before = _facts(city.city)
    City.objects.update_or_create(
        name=city.city,
        defaults={
            "title": city.title,
            "complaint_phone": city.complaint_phone,
            "seal": city.seal,
            "templates": templates,
            "registration": [one if isinstance(one, str) else one.model_dump() for one in city.registration],
            "archive": city.archive.model_dump(),
            "ratings": city.ratings.model_dump(),
            "messages": city.messages,
        },
    )
    regions = {}
    for order, data in enumerate(city.regions):
        _alone(city.city, data)
        region, _ = Region.objects.update_or_create(
            city=city.city,
            name=data.name,
            defaults={"abbreviation": data.abbreviation, "short": data.short, "code": data.code, "order": order}
            | {"photo": data.photo.model_dump(exclude_unset=True), "outside": city.outside(data.name)},
        )
        regions[data.name] = region
        if region.closed_at:  # on a page: nothing is put back there
            continue
        if not Hall.objects.filter(region=region, kept=True).exists():
            Hall.objects.update_or_create(region=region, defaults=data.hall.model_dump())
        for unit in data.units:
            if not Unit.objects.filter(_listed(unit.name), region=region, kept=True).exists():
                Unit.objects.update_or_create(region=region, name=unit.name, defaults={"items": list(unit.items)})
        for closed in Unit.objects.filter(region=region, closed_at__isnull=False).select_related("successor"):
            heir = closed.successor  # what a closed unit decided, its successor decides
            if heir and not set(closed.items) <= set(heir.items):
                heir.items = [*heir.items, *(code for code in closed.items if code not in heir.items)]
                heir.save(update_fields=["items"])
    for windows in sorted(folder.glob("windows.*")):  # .csv or .xlsx
        load_windows(read_windows(windows.read_bytes(), windows.name), regions)
    note_load(None, key=None, city=city.city, before=before, after=_facts(city.city))
    return city


def _listed(name: str) -> Q:
    """What the city's files call ``name``, whatever a page calls it now."""
    return Q(listed_as=name) | Q(listed_as="", name=name)


def _facts(city: str) -> dict[str, Any]:
    """Units and windows of a city in words, for the record."""
    units = {
        f"部门 {u.region} {u}": list(u.items) for u in Unit.objects.filter(region__city=city).select_related("region")
    }
    windows = Window.objects.filter(region__city=city).select_related("region")
    return units | {f"窗口 {w.region} {w}": [w.township, w.address, w.phone] for w in windows}


@act()
def note_load(change: Noting, *, city: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """Record what loading a city's files changed, if anything."""
    if before != after:
        change.note("city_loaded", f"城市 {city}", before=before, after=after)


def _alone(city: str, data: data_of.RegionData) -> None:
    """Raise :class:`Malformed` when another region opens its numbers or serials alike."""
    taken = Region.objects.exclude(city=city, name=data.name).filter(
        Q(abbreviation=data.abbreviation) | Q(short=data.short)
    )
    if other := taken.first():
        raise Malformed(
            f"{data.name}的缩写“{data.abbreviation}”或简称“{data.short}”和{other.city}{other.name}的相同，"
            "编号会分不开，请在 city.yaml 里换一个。"
        )


def load_windows(windows: tuple[WindowData, ...], regions: dict[str, Region]) -> None:
    """Load the window directory; a window changed on a page since is left as it is. Raises :class:`Malformed` for a
    region the city does not have.
    """
    here = Window.objects.filter(kept=True, region__in=regions.values()).values_list(
        "region__name", "name", "listed_as"
    )
    kept = {(region, listed_as or name) for region, name, listed_as in here}
    for data in windows:
        if data.region not in regions:
            raise Malformed(f"窗口名录里的承办地“{data.region}”不在 city.yaml 里，请核对。")
        if (data.region, data.name) in kept or regions[data.region].closed_at:
            continue
        Window.objects.update_or_create(
            region=regions[data.region],
            name=data.name,
            defaults={"township": data.township, "address": data.address, "phone": data.phone},
        )
