"""The pages of paper at every desk: scanned, ticked, two hundred at once, counted at the end of the day."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.official import sample
from tests.world import World, build, key
from tongban.cases.models import CaseItem
from tongban.custody import acts, holdings
from tongban.custody.models import Closing, Missing, Thing

DESKS = ("window_clerk", "post", "department", "issuing", "archive")


@pytest.fixture
def world(db: None) -> World:
    return build(sample("药店"))


def sent(world: World, how_many: int = 1) -> list[Thing]:
    for _ in range(how_many):
        case = world.case()
        acts.make_lists(world.window_clerk, case.number, key=key())
    rows = list(Thing.objects.filter(place="window").select_related("case"))
    for row in rows:
        acts.give(world.window_clerk, row.case.number, key=key(), thing_id=row.pk)
    return rows


def said(html: str) -> str:
    return re.sub(r"<[^>]+>|\s", "", html)


def test_a_scan_takes_it_and_the_same_scan_again_says_who_has_it(client: Client, world: World) -> None:
    (row,) = sent(world)
    client.force_login(world.post)
    html = client.post("/paper/take/", {"codes": row.code.lower(), "key": key()}).content.decode()
    assert "已签收" in said(html)
    row.refresh_from_db()
    assert (row.place, row.holder) == ("post", world.post)
    colleague = world.staff("post", "样例·同事")
    client.force_login(colleague)
    html = client.post("/paper/take/", {"codes": row.code, "key": key()}).content.decode()
    assert f"由{world.post.name}负责" in said(html)


def test_two_hundred_in_one_go_each_with_its_own_answer(client: Client, world: World) -> None:
    rows = sent(world, 200)
    acts.take(world.post, rows[7].case.number, key=key(), thing_id=rows[7].pk)
    client.force_login(world.post)
    codes = [row.code for row in rows] + ["MNOTACODE000", rows[0].code]
    once = key()
    with CaptureQueriesContext(connection) as captured:
        html = client.post("/paper/take/", {"codes": "\n".join(codes), "key": once}).content.decode()
    assert Thing.objects.filter(place="post", holder=world.post).count() == 200
    assert html.count('light late">没有签收') == 2  # the one already here, and the one that is no code
    assert len(captured) < 200 * 9 + 40, len(captured)
    client.post("/paper/take/", {"codes": "\n".join(codes), "key": once})
    assert world.version.cases.filter(events__kind="list_received").count() == 200


def test_more_than_fit_is_said_and_nothing_is_done(client: Client, world: World) -> None:
    (row,) = sent(world)
    client.force_login(world.post)
    codes = "\n".join([row.code, *(f"M{n:011d}" for n in range(300))])
    assert "一次最多" in client.post("/paper/take/", {"codes": codes, "key": key()}).content.decode()
    row.refresh_from_db()
    assert row.place == "sent"


def test_checked_line_by_line(client: Client, world: World) -> None:
    (row,) = sent(world)
    client.force_login(world.post)
    form = {"ref": f"thing-{row.pk}", "m0": "damaged", "text": "一把钥匙", "key": key()}
    client.post("/paper/check/", form)
    assert row.handovers.get().differences == [
        {"what": "damaged", "text": "开业申请表"}, {"what": "extra", "text": "一把钥匙"},
    ]  # fmt: skip
    assert Missing.objects.get().role == "window"


def test_papers_given_at_the_window_are_taken_at_the_issuing_desk_by_the_cases_number(
    client: Client, world: World
) -> None:
    case = world.case()
    client.force_login(world.window_clerk)
    client.post("/paper/give/", {"ref": f"papers-{case.pk}", "key": key()})
    case.refresh_from_db()
    assert (case.papers, case.papers_holder) == ("to_issuing", world.window_clerk)
    client.force_login(world.issuing)
    client.post("/paper/take/", {"codes": case.number, "key": key()})
    case.refresh_from_db()
    assert (case.papers, case.papers_holder) == ("issuing", world.issuing)


def test_a_result_is_taken_by_scan_and_counted(client: Client, world: World) -> None:
    case = world.case("sent")
    client.force_login(world.issuing)
    client.post("/paper/take/", {"codes": case.number, "key": key()})
    assert CaseItem.objects.get(case=case).holder == world.issuing
    html = client.post("/paper/closing/", {"codes": case.number, "key": key()}, follow=True).content.decode()
    assert "应有1件，全部在" in said(html)
    assert (Closing.objects.get().expected, Closing.objects.get().found) == (1, 1)


def test_what_is_not_there_at_closing_is_looked_for_after_a_second_look(client: Client, world: World) -> None:
    rows = sent(world, 3)
    for row in rows:
        acts.take(world.post, row.case.number, key=key(), thing_id=row.pk)
    client.force_login(world.post)
    once = key()
    form = {"codes": rows[0].code, "ref": [f"thing-{rows[1].pk}"], "key": once}
    first = client.post("/paper/closing/", form).content.decode()
    assert rows[2].code in said(first)
    assert "对不上的" in first
    assert not Closing.objects.exists()
    assert client.post("/paper/closing/", form | {"sure": "1"}).status_code == 422  # why is not written yet
    client.post("/paper/closing/", form | {"sure": "1", "note": "柜子里没有。"})
    client.post("/paper/closing/", form | {"sure": "1", "note": "柜子里没有。"})
    assert (Closing.objects.get().expected, Closing.objects.get().found) == (3, 2)
    search = Missing.objects.get()
    assert (search.thing, search.role) == (rows[2], "post")
    html = client.get("/paper/missing/").content.decode()
    assert rows[2].code in html
    client.post(f"/paper/missing/{search.pk}/", {"outcome": "found", "note": "夹在别的袋里。", "key": key()})
    assert Missing.objects.get().outcome == "found"


@pytest.mark.parametrize("who", DESKS)
def test_where_no_paper_is_nothing_is_asked(client: Client, db: None, who: str) -> None:
    world = build()
    world.case()
    client.force_login(world.people[who])
    html = client.get("/paper/").content.decode()
    assert 'name="ref"' not in html
    assert "什么都不用做" in html


@pytest.mark.parametrize("who", DESKS)
def test_the_pages_cost_the_same_for_two_and_for_twelve(client: Client, world: World, who: str) -> None:
    client.force_login(world.people[who])
    spent = []
    for how_many in (2, 10):
        for until in ("taken_in", "sent"):
            for _ in range(how_many):
                case = world.case(until)
                acts.make_lists(world.window_clerk, case.number, key=key())
        for url in ("/paper/", "/paper/closing/", "/paper/missing/"):
            client.get(url)
            with CaptureQueriesContext(connection) as captured:
                assert client.get(url).status_code == 200
            spent.append(len(captured))
    assert spent[:3] == spent[3:]
    assert max(spent) <= 16


def test_who_works_at_two_desks_chooses_one(client: Client, world: World) -> None:
    from tongban.people.models import Duty

    (row,) = sent(world)
    Duty.objects.create(staff=world.issuing, role="post", region=world.region)
    client.force_login(world.issuing)
    html = client.get("/paper/").content.decode()
    assert row.code not in html
    at = world.issuing.duties.get(role="post").pk
    assert row.code in client.get(f"/paper/?at={at}").content.decode()
    assert row.code not in client.get("/paper/?at=999999").content.decode()


def test_held_and_coming_are_what_the_desks_answer_for(world: World) -> None:
    (row,) = sent(world)
    duty = world.post.duties_now[0]
    assert [held.code for held in holdings.coming(world.post, duty)] == [row.code]
    assert holdings.held(world.post, duty) == []
    acts.take(world.post, row.case.number, key=key(), thing_id=row.pk)
    assert holdings.coming(world.post, duty) == []
    assert [(held.code, held.holder) for held in holdings.held(world.post, duty)] == [(row.code, world.post.name)]
