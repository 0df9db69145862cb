"""Results by post: numbers from a pool or typed, signed, returned, lost; addresses changed and kept; who pays."""

import pytest
from django.test import Client

from tests.cases.test_races import together
from tests.custody.test_pages import said
from tests.world import World, build, key
from tongban.cases.actions import release
from tongban.cases.actions.door import Conflict, NotFound, Refused
from tongban.cases.events import verify_all
from tongban.cases.models import Case, CaseItem
from tongban.custody import acts, post, tracking
from tongban.custody.models import Consignment, Missing, PostalAddress, Waybill

BY_POST = {
    "delivery": "post", "delivery_name": "样例·张㛃", "delivery_phone": "13800000000",
    "delivery_address": "湖南省益阳市南县示例路 1 号",
}  # fmt: skip
NUMBER = "EX123456789CN"


def waiting(world: World, **changes: str) -> Case:
    case = world.case("sent", **(BY_POST | changes))
    return release.give_to_post(world.issuing, case.number, key=key())


def mailed(world: World, waybill: str = NUMBER) -> tuple[Case, Consignment]:
    case = waiting(world)
    post.post(world.post, case.number, key=key(), waybill=waybill)
    return case, Consignment.objects.get(case=case)


def state_of(case: Case) -> tuple[str, str, str]:
    case.refresh_from_db()
    return case.state, case.delivery, CaseItem.objects.get(case=case).state


def test_sent_with_its_county_and_who_pays_and_signed(world: World) -> None:
    case = waiting(world)
    post.post(world.post, case.number, key=key(), waybill=" ex123456789cn ", payer="receiver")
    row = Consignment.objects.get(case=case)
    assert (row.waybill, row.payer, row.area, row.orders, row.sent_by) == (
        NUMBER,
        "receiver",
        "430921",
        [1],
        world.post,
    )
    post.confirm_posted(world.post, case.number, key=key(), consignment_id=row.pk)
    row.refresh_from_db()
    assert (row.state, state_of(case)[0]) == ("signed", "released")
    with pytest.raises(Conflict, match="已签收"):
        post.return_from_post(world.post, case.number, key=key(), consignment_id=row.pk, reason="晚了")
    assert [broken for _, broken in verify_all() if broken] == []


def test_a_number_is_used_once(world: World) -> None:
    mailed(world)
    case = waiting(world)
    with pytest.raises(Refused) as refused:
        post.post(world.post, case.number, key=key(), waybill=NUMBER)
    assert "已经用过" in refused.value.fields["waybill"]
    with pytest.raises(Refused):
        post.post(world.post, case.number, key=key(), waybill="EX000000001CN", payer="nobody")


def test_numbers_come_from_the_pool_in_order_and_run_out(world: World) -> None:
    assert post.add_numbers(world.post, world.region, "ex000000001cn\nEX000000002CN\n\nEX000000002CN") == (2, 0)
    assert post.add_numbers(world.post, world.region, "EX000000002CN\nEX000000003CN") == (1, 1)
    first, second = waiting(world), waiting(world)
    for case in (first, second):
        post.post(world.post, case.number, key=key(), waybill="", from_pool=True)
    assert list(Consignment.objects.values_list("waybill", flat=True)) == ["EX000000001CN", "EX000000002CN"]
    Waybill.objects.filter(number="EX000000003CN").delete()
    with pytest.raises(Refused, match="没有号码了"):
        post.post(world.post, waiting(world).number, key=key(), waybill="", from_pool=True)


@pytest.mark.parametrize("typed", ["", "  \n ", "短", "EX000000001CN\n不是号码", "A" * 31])
def test_a_wrong_line_keeps_the_whole_out_of_the_pool(world: World, typed: str) -> None:
    with pytest.raises(Refused) as refused:
        post.add_numbers(world.post, world.region, typed)
    assert refused.value.fields["numbers"]
    assert not Waybill.objects.exists()


def test_another_halls_pool_is_not_filled(world: World) -> None:
    other = build.__globals__["Region"].objects.create(
        city=world.version.city, name="别县", abbreviation="BX", short="别"
    )
    with pytest.raises(NotFound):
        post.add_numbers(world.post, other, NUMBER)


def test_what_comes_back_waits_for_a_word_with_the_applicant_and_goes_out_again(client: Client, world: World) -> None:
    case, row = mailed(world)
    post.return_from_post(world.post, case.number, key=key(), consignment_id=row.pk, reason="无人签收")
    assert state_of(case) == ("delivering", "collect", "at_issuing")
    client.force_login(world.issuing)
    assert case.number in client.get("/issuing/list/returned/").content.decode()
    html = client.get(f"/issuing/cases/{case.number}/").content.decode()
    assert "无人签收" in html
    form = {
        "delivery_name": "样例·李",
        "delivery_phone": "13900000000",
        "delivery_address": "示例路 2 号",
        "key": key(),
    }
    answer = client.post(f"/issuing/cases/{case.number}/by-post/", form)
    assert answer.status_code == 422
    assert "从省写起" in answer.content.decode()
    assert "示例路 2 号" in answer.content.decode()
    form |= {"delivery_address": "湖南省长沙市岳麓区示例路 2 号", "keep_address": "1"}
    assert client.post(f"/issuing/cases/{case.number}/by-post/", form).status_code == 302
    assert state_of(case)[1] == "post"
    assert case.number not in client.get("/issuing/list/returned/").content.decode()
    assert PostalAddress.objects.get().address == "湖南省长沙市岳麓区示例路 2 号"
    release.give_to_post(world.issuing, case.number, key=key())
    post.post(world.post, case.number, key=key(), waybill="EX000000009CN")
    post.confirm_posted(world.post, case.number, key=key())
    assert state_of(case)[0] == "released"


def test_or_the_applicant_comes_for_it(client: Client, world: World) -> None:
    case, row = mailed(world)
    post.return_from_post(world.post, case.number, key=key(), consignment_id=row.pk, reason="地址不详")
    client.force_login(world.issuing)
    client.post(f"/issuing/cases/{case.number}/by-hand/", {"key": key()})
    row.refresh_from_db()
    assert row.settled_at
    assert state_of(case) == ("delivering", "collect", "at_issuing")


def test_what_is_lost_is_looked_for_found_or_made_again(world: World) -> None:
    case, row = mailed(world)
    post.lost(world.post, case.number, key=key(), consignment_id=row.pk, reason="邮政查无此件")
    search = Missing.objects.get()
    assert (search.item.case, search.role) == (case, "post")  # type: ignore[union-attr]
    acts.found(world.post, case.number, key=key(), missing_id=search.pk, note="在分拣中心。")
    row.refresh_from_db()
    assert row.state == "sent"
    post.lost(world.post, case.number, key=key(), consignment_id=row.pk, reason="还是没有")
    acts.replaced(world.post, case.number, key=key(), missing_id=Missing.objects.latest("pk").pk, note="请部门补制。")
    assert state_of(case)[2] == "decided"


def test_an_address_whose_county_is_not_in_the_table_is_taken_when_it_is_so(world: World) -> None:
    case = world.case("sent")
    with pytest.raises(Refused):
        post.post_instead(world.issuing, case.number, key=key(), name="样例·张", phone="13800000000", address="示例路")
    post.post_instead(
        world.issuing, case.number, key=key(), name="样例·张", phone="13800000000", address="示例路", sure=True
    )
    assert state_of(case)[1] == "post"
    for wrong in ({"name": ""}, {"phone": "1"}, {"address": ""}, {"address": "湖南省益阳市南县" + "长" * 300}):
        facts = {"name": "样例·张", "phone": "13800000000", "address": "湖南省益阳市南县示例路"} | wrong
        with pytest.raises(Refused) as refused:
            post.post_instead(world.issuing, case.number, key=key(), **facts)
        assert set(refused.value.fields) == {f"delivery_{next(iter(wrong))}"}


def test_an_address_is_kept_only_with_consent_sealed_and_can_be_taken_back(client: Client, world: World) -> None:
    from django.db import connection

    case = world.case(**BY_POST)
    assert not PostalAddress.objects.exists()
    post.agree_to_keep(world.window_clerk, case.number, key=key(), agreed=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, phone, address FROM custody_postaladdress")
        assert "南县" not in str(cursor.fetchall())
    client.force_login(world.window_clerk)
    client.post("/window/start/", {"version": world.version.pk})
    draft = client.get("/window/").context["rail"][1]["entries"][0]["url"].split("/")[3]
    url = f"/window/intake/{draft}/address/"
    known = client.post(url, {"applicant_id_number": world.application().applicant.id_number}).content.decode()
    assert BY_POST["delivery_address"] in known
    unknown = client.post(url, {"applicant_id_number": "430903199001011238", "delivery_name": "样例·别人"})
    assert "没有留存过地址" in unknown.content.decode()
    assert "样例·别人" in unknown.content.decode()
    with pytest.raises(Refused):
        post.agree_to_keep(world.window_clerk, world.case().number, key=key(), agreed=True)
    post.agree_to_keep(world.window_clerk, case.number, key=key(), agreed=False)
    assert not PostalAddress.objects.exists()


def test_the_desk_writes_down_what_it_heard(client: Client, world: World) -> None:
    case, row = mailed(world)
    client.force_login(world.post)
    client.post(f"/post/mail/{row.pk}/note/", {"text": "电话问过，在长沙。", "key": key()})
    assert "在长沙" in client.get("/post/posted/").content.decode()
    with pytest.raises(NotFound):
        tracking.note(world.issuing, row.pk, "不是我的岗位")
    assert "请填写" in said(
        client.post(f"/post/mail/{row.pk}/note/", {"text": " ", "key": key()}, follow=True).content.decode()
    )
    assert case.number in client.get("/post/posted/").content.decode()


@pytest.mark.django_db(transaction=True)
def test_one_pool_and_many_desks_give_each_number_once(transactional_db: None) -> None:
    world = build()
    post.add_numbers(world.post, world.region, "\n".join(f"EX{n:09d}CN" for n in range(8)))
    cases = [waiting(world) for _ in range(8)]
    answers = together(
        [lambda c=c: post.post(world.post, c.number, key=key(), waybill="", from_pool=True) for c in cases]
    )
    assert all(isinstance(answer, Case) for answer in answers), answers
    assert Consignment.objects.values("waybill").distinct().count() == 8
    assert post.numbers_left(world.region) == 0
