"""Regions, halls and units changed on the administrator's desk: recorded, refused where a number or an item would be unclear."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World, key
from tongban.people import places
from tongban.people.load import load
from tongban.people.models import Change, City, Hall, Region, Unit, Window
from tongban.people.refused import Refused

pytestmark = pytest.mark.django_db
CITY = """
city: {city}
title: {city}政务服务
regions:
- name: 南县
  abbreviation: NX
  short: 南
  hall: {{name: 旧大厅, address: 旧路}}
  units:
  - {{name: 旧部门, items: ["1"]}}
"""


@pytest.fixture
def city(world: World) -> str:
    City.objects.get_or_create(name=world.version.city, defaults={"title": "示例"})
    return world.version.city


def region(world: World, of: str, **changes: str) -> Region:
    given = {"city": of, "name": "示例新区", "abbreviation": "xq", "short": "新", "code": ""} | changes
    return places.add_region(world.administrator, key=key(), **given)


def test_a_region_with_its_hall_and_unit_takes_cases(world: World, city: str) -> None:
    made = region(world, city)
    assert (made.abbreviation, made.code, made.order) == ("XQ", None, 1)
    places.save_hall(world.administrator, key=key(), region_id=made.pk, name="新区大厅", address="新路", phone="")
    with pytest.raises(Exception, match="承办地"):
        world.case(region_id=made.pk)
    unit = places.save_unit(
        world.administrator, key=key(), unit_id=None, region_id=made.pk, name="新区局", items=world.unit.items
    )
    case = world.case(region_id=made.pk)
    assert case.number.startswith("XQ-")
    assert case.items.get().unit == unit
    kinds = list(Change.objects.order_by("sequence").values_list("kind", flat=True))
    assert kinds == ["region_added", "hall_added", "unit_added"]


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", ""), ("name", "南县"), ("abbreviation", "NX"), ("abbreviation", "新1"), ("short", "南"), ("short", ""),
     ("code", "43092"), ("code", "４３０９２１"), ("city", "别市")],
)  # fmt: skip
def test_what_would_make_numbers_unclear_is_refused_with_its_field(
    world: World, city: str, field: str, value: str
) -> None:
    with pytest.raises(Refused) as refused:
        region(world, city, **{field: value})
    assert field in refused.value.fields
    assert Region.objects.count() == 1
    assert not Change.objects.exists()


def save(world: World, unit: Unit | None, name: str, items: list[str]) -> Unit:
    return places.save_unit(
        world.administrator, key=key(), unit_id=unit and unit.pk, region_id=world.region.pk, name=name, items=items
    )


def test_a_unit_is_renamed_and_an_item_has_one_unit(world: World) -> None:
    assert save(world, world.unit, "改名局", world.unit.items).name == "改名局"
    assert Change.objects.get().after == {"名称": "改名局"}
    with pytest.raises(Refused, match="已经由改名局办理"):
        save(world, None, "另一局", world.unit.items[:1])
    with pytest.raises(Refused, match="已经有"):
        save(world, None, "改名局", [])
    with pytest.raises(Refused, match="没有改动"):
        save(world, world.unit, "改名局", world.unit.items)
    with pytest.raises(Refused, match="请填写部门名称"):
        save(world, world.unit, " ", [])
    Unit.objects.filter(pk=world.unit.pk).update(closed_at=timezone.now())
    with pytest.raises(Refused, match="已经撤销"):
        save(world, world.unit, "又改", [])


def test_what_was_changed_here_survives_the_next_setup_under_its_new_name(world: World, tmp_path: Path) -> None:
    (tmp_path / "city.yaml").write_text(CITY.format(city=world.version.city))
    (tmp_path / "windows.csv").write_text("承办地,乡镇（街道、园区）,窗口名称\n南县,示例镇,旧窗口\n")
    load(tmp_path)
    unit, window = Unit.objects.get(name="旧部门"), Window.objects.get(name="旧窗口")
    save(world, unit, "新部门", ["1", "2"])
    given = {"name": "新窗口", "township": "示例镇", "address": "", "phone": ""}
    places.save_window(world.administrator, key=key(), window_id=window.pk, region_id=world.region.pk, given=given)
    places.save_hall(world.administrator, key=key(), region_id=world.region.pk, name="新大厅", address="新路", phone="")
    load(tmp_path)
    assert not Unit.objects.filter(name="旧部门").exists()
    assert Unit.objects.get(pk=unit.pk).items == ["1", "2"]
    assert not Window.objects.filter(name="旧窗口").exists()
    assert Hall.objects.get(region=world.region).name == "新大厅"


def test_the_desk(client: Client, world: World, city: str) -> None:
    client.force_login(world.administrator)

    def post(path: str, **form: Any) -> str:
        answer = client.post(f"/admin/{path}", {"key": key()} | form, follow=True)
        assert answer.status_code == 200
        return answer.content.decode()

    assert "承办地已增加" in post("regions/new/", city=city, name="示例新区", abbreviation="XQ", short="新")
    assert "缩写 XQ 已经是" in post("regions/new/", city=city, name="又一区", abbreviation="XQ", short="又")
    made = Region.objects.get(name="示例新区")
    page = client.get("/admin/places/").content.decode()
    assert world.unit.items[0] in page
    assert "部门已增加" in post(f"regions/{made.pk}/unit/", name="新区局", items=world.unit.items)
    unit = Unit.objects.get(name="新区局")
    assert "部门已保存" in post(f"units/{unit.pk}/", name="新区政务局", items=world.unit.items[:1])
    unit.refresh_from_db()
    assert (unit.name, unit.items) == ("新区政务局", world.unit.items[:1])
    assert "政务大厅已保存" in post(f"regions/{made.pk}/hall/", name="新区大厅", address="新路", phone="")
