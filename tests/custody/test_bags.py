"""Bags: back from the applicant with what was tolerated, and from a window to a hall with the paper of many cases."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.official import sample
from tests.world import World, bring, build, jpeg, key
from tongban.cases.actions.door import Conflict, NotFound, Refused
from tongban.cases.events import verify_all
from tongban.cases.models import Case, CaseMaterial
from tongban.custody import acts, bags
from tongban.custody.models import Consignment, Thing
from tongban.rules.review import MaterialState

LACKING = 1  # 经营场所证明, tolerable, by post or at a counter


@pytest.fixture
def world(db: None) -> World:
    return build(sample("药店"))


def tolerated(world: World) -> Case:
    items = (world.procedure.items[0].code or "",)
    materials = tuple(
        given
        for given in world.materials({LACKING: MaterialState.MISSING})
        if given.verdict.material in {g.verdict.material for g in world.application(items=items).materials}
    )
    return world.case(items=items, materials=materials, wants_tolerance=frozenset({LACKING}))


def bagged(world: World) -> Thing:
    case = tolerated(world)
    bags.give_bag(world.window_clerk, case.number, key=key())
    return Thing.objects.select_related("case").get(kind="bag", case=case)


def kinds(case: Case) -> list[str]:
    return list(case.events.order_by("sequence").values_list("kind", flat=True))


def test_only_where_something_is_tolerated_and_once(world: World) -> None:
    with pytest.raises(Refused, match="不需要回寄袋"):
        bags.give_bag(world.window_clerk, world.case().number, key=key())
    bag = bagged(world)
    assert (bag.place, bag.holder) == ("applicant", world.window_clerk)
    with pytest.raises(Conflict, match="已经给过"):
        bags.give_bag(world.window_clerk, bag.case.number, key=key())


def test_from_the_applicants_scan_to_the_file(client: Client, world: World) -> None:
    bag = bagged(world)
    html = client.get(f"/bag/{bag.code.lower()}/").content.decode()
    assert "经营场所证明" in html
    assert "样例·张" not in html
    assert bag.case.number not in html
    assert client.post(f"/bag/{bag.code}/", {"waybill": "不是", "key": key()}).status_code == 422
    assert client.post(f"/bag/{bag.code}/", {"waybill": "ex123456789cn", "key": key()}).status_code == 302
    assert "已经登记寄出" in client.get(f"/bag/{bag.code}/").content.decode()

    client.force_login(world.post)
    assert bag.code in client.get("/paper/").content.decode()
    client.post("/paper/take/", {"codes": bag.code, "key": key()})
    assert Consignment.objects.get().state == "signed"
    page = f"/paper/bags/{bag.pk}/"
    assert "没有超期" in client.get(page).content.decode()
    assert client.post(page, {"key": key()}).status_code == 422  # nothing scanned and nothing said
    bring(client, page, LACKING, SimpleUploadedFile("场所.jpg", jpeg(seed=9)))
    assert client.post(page, {"key": key()}).status_code == 302
    row = CaseMaterial.objects.get(case=bag.case, index=LACKING)
    assert row.supplied_at
    assert row.files.get().filename == "场所.jpg"
    bag.refresh_from_db()
    assert (bag.place, bag.holder) == ("gone", world.post)
    assert client.get(page).status_code == 404
    assert client.get(f"/bag/{bag.code}/").status_code == 404
    assert kinds(bag.case)[-5:] == ["bag_given", "bag_mailed", "bag_taken", "supplied", "bag_emptied"]
    assert [broken for _, broken in verify_all() if broken] == []


def test_a_bag_that_comes_late_is_taken_and_said_to_be_late(client: Client, world: World) -> None:
    bag = bagged(world)
    yesterday = timezone.localdate() - timedelta(days=3)
    CaseMaterial.objects.filter(case=bag.case, index=LACKING).update(tolerance_due=yesterday)
    bags.take_bag(world.post, bag.case.number, key=key(), thing_id=bag.pk, role="post")
    event = bag.case.events.latest("sequence")
    assert (event.data["late"], event.clauses) == (["经营场所证明"], ["八（四）"])
    client.force_login(world.post)
    assert "已过期限 3 天" in client.get(f"/paper/bags/{bag.pk}/").content.decode()


def test_the_window_may_take_it_too_and_a_bag_without_the_paper_is_noted(client: Client, world: World) -> None:
    bag = bagged(world)
    client.force_login(world.window_clerk)
    client.post("/paper/take/", {"codes": bag.code, "key": key()})
    bag.refresh_from_db()
    assert (bag.place, bag.holder) == ("window", world.window_clerk)
    client.post(f"/paper/bags/{bag.pk}/", {"note": "袋里是空的。", "key": key()})
    assert bag.case.events.get(kind="bag_emptied").data["missing"] == ["经营场所证明"]
    assert CaseMaterial.objects.get(case=bag.case, index=LACKING).supplied_at is None
    bags.give_bag(world.window_clerk, bag.case.number, key=key())  # another one may be given


def test_a_bag_is_nobodys_business_elsewhere(client: Client, world: World) -> None:
    bag = bagged(world)
    with pytest.raises(NotFound):
        bags.take_bag(world.issuing, bag.case.number, key=key(), thing_id=bag.pk, role="post")
    with pytest.raises(NotFound):
        bags.mailed("B00000000000", waybill="", key=key())
    bags.take_bag(world.post, bag.case.number, key=key(), thing_id=bag.pk, role="post")
    with pytest.raises(Conflict):
        bags.take_bag(world.post, bag.case.number, key=key(), thing_id=bag.pk, role="post")
    with pytest.raises(NotFound):
        bags.mailed(bag.code, waybill="", key=key())
    with pytest.raises(Conflict):  # whoever took it opens it
        bags.empty_bag(world.window_clerk, bag.case.number, key=key(), thing_id=bag.pk)


def test_guessing_codes_is_slowed_down(client: Client, world: World) -> None:
    answers = [client.get(f"/bag/B{n:011d}/").status_code for n in range(25)]
    assert set(answers) == {404, 429}


def test_paper_of_many_cases_goes_in_one_bag_and_is_taken_by_its_number(client: Client, world: World) -> None:
    for _ in range(3):
        case = world.case()
        acts.make_lists(world.window_clerk, case.number, key=key())
    things = list(Thing.objects.all())
    client.force_login(world.window_clerk)
    assert all(thing.code in client.get("/window/mail/").content.decode() for thing in things)
    form = {"thing": [things[0].pk, things[1].pk], "waybill": "EX123456789CN", "key": key()}
    for _ in range(2):  # sent twice: once
        client.post(f"/window/mail/{world.region.pk}/send/", form)
    bag = Consignment.objects.get()
    assert set(bag.things.all()) == set(things[:2])
    assert Thing.objects.get(pk=things[2].pk).place == "window"
    assert case.events.filter(kind="list_sent").count() == 0
    client.force_login(world.post)
    html = client.post("/paper/take/", {"codes": "ex123456789cn", "key": key()}).content.decode()
    assert "2 件成功" in html
    assert Thing.objects.filter(place="post", holder=world.post).count() == 2


def test_nothing_ticked_sends_nothing(client: Client, world: World) -> None:
    case = world.case()
    acts.make_lists(world.window_clerk, case.number, key=key())
    client.force_login(world.window_clerk)
    client.post(f"/window/mail/{world.region.pk}/send/", {"key": key()})
    client.post(f"/window/mail/{world.region.pk}/send/", {"thing": "999", "key": key()})
    assert not Consignment.objects.exists()
