"""需要寄送的，将办理结果交付邮政专递窗口的工作人员，……按照办理平台中的寄送要求予以寄送。"""

import pytest
from django.test import Client

from tests.clauses.walk import event, in_force, item, messages, page
from tests.world import World, key
from tongban.cases.actions import release
from tongban.cases.actions.door import Refused
from tongban.cases.models import Case
from tongban.custody import post


@pytest.fixture
def case(world: World) -> Case:
    return world.case(
        until="sent", delivery="post", delivery_name="样例·张㛃", delivery_phone="13800000000",
        delivery_address="示例路 1 号",
    )  # fmt: skip


def test_given_to_post_sent_under_its_number_and_signed_for(client: Client, world: World, case: Case) -> None:
    release.give_to_post(world.issuing, case.number, key=key())
    assert in_force(page(client, world.post, "/post/results/")) == {"十.1"}
    post.post(world.post, case.number, key=key(), waybill="ex123456789cn")
    assert event(case, "posted")[0] == ("十.1",)
    assert "EX123456789CN" in messages(case)["posted"]
    post.confirm_posted(world.post, case.number, key=key())
    case.refresh_from_db()
    assert case.state == "released"


@pytest.mark.parametrize("waybill", ["", "123", "EX 123456 789", "邮件一二三四五六七八", "A" * 31])
def test_a_waybill_must_be_one(world: World, case: Case, waybill: str) -> None:
    release.give_to_post(world.issuing, case.number, key=key())
    with pytest.raises(Refused) as refused:
        post.post(world.post, case.number, key=key(), waybill=waybill)
    assert "waybill" in refused.value.fields


def test_what_comes_back_waits_at_the_issuing_desk(world: World, case: Case) -> None:
    release.give_to_post(world.issuing, case.number, key=key())
    post.post(world.post, case.number, key=key(), waybill="EX123456789CN")
    post.return_from_post(world.post, case.number, key=key(), reason="无人签收")
    case.refresh_from_db()
    assert (case.delivery, item(case).state) == ("collect", "at_issuing")


def test_who_collects_is_not_posted_to(world: World) -> None:
    with pytest.raises(Refused, match="现场领取"):
        release.give_to_post(world.issuing, world.case(until="sent").number, key=key())
