"""What a page costs: as many queries for twelve cases as for two, within a budget; lists paged by key."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.world import ADULT, World
from tongban.cases.models import Case
from tongban.cases.queries import PAGE

pytestmark = pytest.mark.django_db
POST = {"delivery": "post", "delivery_name": "样例·张", "delivery_phone": "13800000000", "delivery_address": "示例路"}
LISTS = {
    # who, url: (cases taken until, changes), queries at most
    ("window_clerk", "/window/"): ("taken_in", {}, 14),
    ("window_clerk", "/window/forms/"): ("taken_in", {}, 14),
    ("department", "/department/"): ("taken_in", {}, 10),
    ("department", "/department/accepted/"): ("accepted", {}, 10),
    ("department", "/department/done/"): ("sent", {}, 10),
    ("issuing", "/issuing/"): ("sent", {}, 10),
    ("issuing", "/issuing/list/post/"): ("sent", POST, 10),
    ("issuing", "/issuing/list/papers/"): ("handed", {}, 10),
    ("post", "/post/results/"): ("sent", POST, 10),
    ("archive", "/archive/"): ("passed", {}, 10),
    ("archive", "/archive/list/archived/"): ("archived", {}, 10),
    ("oversight", "/oversight/"): ("accepted", {}, 10),
    ("oversight", "/oversight/list/open/"): ("accepted", {}, 10),
    ("oversight", "/cases/"): ("accepted", {}, 10),  # what is looked for comes in the body
}


def spent(client: Client, url: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = client.post(url, {"q": ADULT}) if url == "/cases/" else client.get(url)
        assert answer.status_code == 200
    return [query["sql"] for query in captured]


@pytest.mark.parametrize(("who", "url"), LISTS)
def test_a_list_costs_the_same_for_two_and_for_twelve(client: Client, world: World, who: str, url: str) -> None:
    until, changes, budget = LISTS[who, url]
    client.force_login(world.people[who])
    for _ in range(2):
        world.case(until, **changes)
    client.get(url)  # what is read once a process
    few = spent(client, url)
    for _ in range(10):
        world.case(until, **changes)
    client.get(url)  # what is noted once a day for each case
    many = spent(client, url)
    assert len(many) == len(few), "\n".join(sql[:150] for sql in many)
    assert len(many) <= budget, "\n".join(sql[:150] for sql in many)


@pytest.mark.parametrize("until", ["taken_in", "accepted", "sent", "archived"])
def test_a_case_page_stays_within_its_budget(client: Client, world: World, until: str) -> None:
    case = world.case(until)
    client.force_login(world.oversight)
    url = f"/cases/{case.number}/"
    client.get(url)
    assert len(spent(client, url)) <= 21


def test_pages_by_key_show_every_case_once(client: Client, world: World) -> None:
    made = [world.case().number for _ in range(2)]
    template = Case.objects.get(number=made[-1])
    item = template.items.get()
    rows = []
    for n in range(PAGE + 5):
        rows.append(
            Case(**{f.attname: getattr(template, f.attname) for f in Case._meta.concrete_fields if f.name != "id"})
        )
        rows[-1].number = f"NX-20261124-T{n:07d}"
    Case.objects.bulk_create(rows)
    for row in Case.objects.filter(pk__gt=template.pk):
        item.pk, item.case_id = None, row.pk
        item.save(force_insert=True)
    client.force_login(world.oversight)
    url, seen = "/oversight/list/open/", []
    while url:
        html = client.get(url).content.decode()
        seen += [number for number in Case.objects.values_list("number", flat=True) if f"/cases/{number}/" in html]
        after = html.partition("?after=")[2].partition('"')[0]
        url = f"/oversight/list/open/?after={after}" if after else ""
    assert sorted(seen) == sorted(Case.objects.values_list("number", flat=True))


@pytest.mark.parametrize("after", ["x", "-1", "99999999999999999999", "", "1; drop"])
def test_a_malformed_page_is_the_first(client: Client, world: World, after: str) -> None:
    case = world.case()
    client.force_login(world.oversight)
    assert case.number in client.get("/oversight/list/open/", {"after": after}).content.decode()


def test_what_is_looked_for_stands_in_no_address(client: Client, world: World) -> None:
    case = world.case()
    client.force_login(world.window_clerk)
    assert "请在上面输入" in client.get("/cases/", {"q": ADULT}).content.decode()
    found = client.post("/cases/", {"q": ADULT})
    assert (found.status_code, found["Location"]) == (302, f"/cases/{case.number}/")
    assert 'method="post" action="/cases/"' in client.get("/cases/").content.decode()
