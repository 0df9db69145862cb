"""市、县政务大厅“一件事一次办”跨域通办邮政专递窗口负责纸质材料的接收，并按单位材料目录送到对应单位的窗口。"""

import pytest
from django.test import Client

from tests.clauses.walk import event, in_force, page
from tests.official import sample
from tests.world import World, build, key
from tongban.cases.actions.door import Conflict, NotFound, Refused
from tongban.custody import acts as custody
from tongban.custody.models import Thing
from tongban.people.models import Region


@pytest.fixture
def world(db: None) -> World:
    return build(sample("药店"))


def sent(world: World) -> Thing:
    case = world.case()
    custody.make_lists(world.window_clerk, case.number, key=key())
    row = Thing.objects.get(case=case)
    custody.give(world.window_clerk, case.number, key=key(), thing_id=row.pk)
    return row


def test_received_by_the_list_and_carried_to_the_unit(client: Client, world: World) -> None:
    row = sent(world)
    number = row.case.number
    assert number in page(client, world.post, "/post/")
    custody.take(
        world.post, number, key=key(), thing_id=row.pk, differences=[{"what": "missing", "text": "一份复印件"}]
    )
    clauses, said = event(row.case, "list_received")
    assert (clauses, said["unit"], said["difference"]) == (("九",), world.unit.name, "少了“一份复印件”")
    assert "一份复印件" in page(client, world.post, "/post/units/")
    custody.deliver(world.post, number, key=key(), thing_id=row.pk, signed_by="样例·钱")
    row.refresh_from_db()
    assert row.place == "unit"
    assert row.handovers.latest("id").signed_by == "样例·钱"
    assert event(row.case, "list_delivered")[0] == ("九",)


def test_the_highlight_is_this_clause(client: Client, world: World) -> None:
    sent(world)
    assert in_force(page(client, world.post, "/post/")) == {"九"}


def test_no_step_is_skipped_or_done_twice(world: World) -> None:
    row = sent(world)
    with pytest.raises(Conflict):
        custody.deliver(world.post, row.case.number, key=key(), thing_id=row.pk, signed_by="样例·钱")
    custody.take(world.post, row.case.number, key=key(), thing_id=row.pk)
    with pytest.raises(Conflict):
        custody.take(world.post, row.case.number, key=key(), thing_id=row.pk)
    with pytest.raises(Refused, match="签收人"):
        custody.deliver(world.post, row.case.number, key=key(), thing_id=row.pk, signed_by=" ")


def test_another_halls_post_window_does_not_see_it(client: Client, world: World) -> None:
    row = sent(world)
    region = Region.objects.create(city=world.version.city, name="别县", abbreviation="BX", short="别")
    stranger = world.staff("post", region=region)
    assert row.case.number not in page(client, stranger, "/post/")
    with pytest.raises(NotFound):
        custody.take(stranger, row.case.number, key=key(), thing_id=row.pk)
