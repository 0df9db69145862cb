"""协助申请人将必需的纸质申报材料按单位进行区分，制作单位材料目录，并统一寄送到……邮政专递窗口。"""

import pytest

from tests.clauses.walk import event
from tests.official import sample
from tests.world import World, build, key
from tongban.cases.actions.door import Conflict, Refused
from tongban.custody import acts as custody
from tongban.custody.models import Thing
from tongban.people.models import Unit


def test_this_package_sends_no_paper(world: World) -> None:
    with pytest.raises(Refused, match="不需要制作目录"):
        custody.make_lists(world.window_clerk, world.case().number, key=key())


def test_one_list_a_unit_and_only_what_it_needs(db: None) -> None:
    world = build(sample("药店"))
    first, second = (i.code or "" for i in world.procedure.items)
    Unit.objects.filter(pk=world.unit.pk).update(items=[first])
    other = Unit.objects.create(region=world.region, name="另一承办局（示例）", items=[second])
    case = world.case(items=(first, second))
    custody.make_lists(world.window_clerk, case.number, key=key())
    lists = {row.unit: [m["name"] for m in row.materials] for row in Thing.objects.filter(case=case)}
    assert lists == {world.unit: ["开业申请表"], other: ["开业申请表", "消防平面图"]}
    with pytest.raises(Conflict, match="已经制作过"):
        custody.make_lists(world.window_clerk, case.number, key=key())
    row = Thing.objects.filter(case=case)[0]
    custody.give(world.window_clerk, case.number, key=key(), thing_id=row.pk)
    row.refresh_from_db()
    assert row.place == "sent"
    assert event(case, "list_sent")[0] == ("八（六）",)
