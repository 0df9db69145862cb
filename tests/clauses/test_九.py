"""市、县政务大厅“一件事一次办”跨域通办邮政专递窗口负责纸质材料的接收，并按单位材料目录送到对应单位的窗口。"""

import pytest
from django.test import Client

from tests.clauses.walk import event, in_force, page
from tests.official import sample
from tests.world import World, build, key
from tongban.cases.actions.door import Conflict, NotFound, Refused
from tongban.custody import acts as custody
from tongban.custody.models import MaterialList
from tongban.people.models import Region


@pytest.fixture
def world(db: None) -> World:
    return build(sample("药店"))


def sent(world: World) -> MaterialList:
    case = world.case()
    custody.make_lists(world.window_clerk, case.number, key=key())
    row = MaterialList.objects.get(case=case)
    custody.send_list(world.window_clerk, case.number, key=key(), list_id=row.pk)
    return row


def test_received_by_the_list_and_carried_to_the_unit(client: Client, world: World) -> None:
    row = sent(world)
    number = row.case.number
    assert number in page(client, world.post, "/post/")
    custody.receive_list(world.post, number, key=key(), list_id=row.pk, difference="少一份复印件")
    assert event(row.case, "list_received") == (("九",), {"unit": world.unit.name, "difference": "少一份复印件"})
    assert "少一份复印件" in page(client, world.post, "/post/units/")
    custody.deliver_list(world.post, number, key=key(), list_id=row.pk, signed_by="样例·钱")
    row.refresh_from_db()
    assert (row.place, row.signed_by) == ("unit", "样例·钱")
    assert event(row.case, "list_delivered")[0] == ("九",)


def test_the_highlight_is_this_clause(client: Client, world: World) -> None:
    sent(world)
    assert in_force(page(client, world.post, "/post/")) == {"九"}


def test_no_step_is_skipped_or_done_twice(world: World) -> None:
    row = sent(world)
    with pytest.raises(Conflict):
        custody.deliver_list(world.post, row.case.number, key=key(), list_id=row.pk, signed_by="样例·钱")
    custody.receive_list(world.post, row.case.number, key=key(), list_id=row.pk)
    with pytest.raises(Conflict):
        custody.receive_list(world.post, row.case.number, key=key(), list_id=row.pk)
    with pytest.raises(Refused, match="签收人"):
        custody.deliver_list(world.post, row.case.number, key=key(), list_id=row.pk, signed_by=" ")


def test_another_halls_post_window_does_not_see_it(client: Client, world: World) -> None:
    row = sent(world)
    region = Region.objects.create(city=world.version.city, name="别县", abbreviation="BX", short="别")
    stranger = world.staff("post", region=region)
    assert row.case.number not in page(client, stranger, "/post/")
    with pytest.raises(NotFound):
        custody.receive_list(stranger, row.case.number, key=key(), list_id=row.pk)
