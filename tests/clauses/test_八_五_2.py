"""确认申请人对办理结果的邮寄需求，并将需要邮寄的相关信息录入收件办理平台。"""

import pytest
from django.test import Client

from tests.clauses.walk import at_the_window, page
from tests.world import World, key
from tongban.cases.actions import release

POST = {
    "delivery": "post",
    "delivery_name": "样例·张㛃",
    "delivery_phone": "13800000000",
    "delivery_address": "示例路 1 号",
}


def test_the_address_is_kept_with_the_case(client: Client, world: World) -> None:
    case = at_the_window(client, world, **POST)
    assert case is not None
    assert (case.delivery, case.delivery_name, case.delivery_address) == ("post", "样例·张㛃", "示例路 1 号")


@pytest.mark.parametrize("field", ["delivery_name", "delivery_phone", "delivery_address"])
def test_post_without_an_address_is_not_taken(client: Client, world: World, field: str) -> None:
    assert at_the_window(client, world, **(POST | {field: ""})) is None


def test_the_post_window_sees_it_when_the_result_is_given(client: Client, world: World) -> None:
    case = world.case(until="sent", **POST)
    release.give_to_post(world.issuing, case.number, key=key())
    assert "示例路 1 号" in page(client, world.post, "/post/results/")
