"""社会保障卡启用（含社会保障卡银行账户激活），基本编码：002014010002。"""

import pytest
from django.test import Client

from tests.clauses.walk import guide, item
from tests.world import World
from tongban.cases.actions.door import Refused
from tongban.people.models import Unit


def test_it_is_taken_in_and_goes_to_the_unit_that_decides_it(world: World) -> None:
    case = world.case(items=("002014010002",))
    row = item(case)
    assert (row.name, row.code, row.unit) == ("社会保障卡启用（含社会保障卡银行账户激活）", "002014010002", world.unit)


def test_a_region_without_a_unit_for_it_cannot_be_chosen(world: World) -> None:
    Unit.objects.filter(pk=world.unit.pk).update(items=[])
    with pytest.raises(Refused, match="承办地不办理"):
        world.case(items=("002014010002",))


def test_the_guide_names_it_with_its_code(client: Client, world: World) -> None:
    html = guide(client, world)
    assert "社会保障卡启用（含社会保障卡银行账户激活）" in html
    assert "002014010002" in html
