"""市、县政务大厅“一件事一次办”跨域通办窗口发证岗位工作人员负责接收承办部门的办理结果的交付。"""

import pytest
from django.test import Client

from tests.clauses.walk import event, item, messages, page
from tests.world import World, key
from tongban.cases.actions import department, release
from tongban.cases.actions.door import Refused


def test_the_issuing_desk_receives_what_the_department_sends(client: Client, world: World) -> None:
    case = world.case(until="decided")
    assert case.number not in page(client, world.issuing, "/issuing/")
    department.send_result(world.department, case.number, key=key())
    assert case.number in page(client, world.issuing, "/issuing/")
    assert event(case, "result_sent")[0] == ("十",)
    assert "领证短信" in messages(case)["result_ready"]


def test_the_platform_follows_the_hand_over(world: World) -> None:
    case = world.case(until="handed")
    assert (case.state, item(case).state) == ("released", "delivered")
    assert item(case).delivered_at is not None


def test_only_the_issuing_desk_hands_over(world: World) -> None:
    case = world.case(until="sent")
    for role in ("window_clerk", "department", "post", "archive", "oversight"):
        with pytest.raises(Refused):
            release.hand_over(world.people[role], case.number, key=key(), shown=world.shown())
    case.refresh_from_db()
    assert case.state == "delivering"
