"""业务咨询方式。"""

from django.test import Client

from tests.clauses.walk import guide, page
from tests.world import World
from tongban.people.models import Region


def test_every_region_of_the_text_has_its_line_in_the_guide(client: Client, world: World) -> None:
    html = guide(client, world)
    assert len(world.procedure.contacts) == 9
    for contact in world.procedure.contacts:
        assert f'<th scope="row">{contact.region}</th>' in html


def test_a_region_the_text_leaves_out_is_shown_without_a_phone(client: Client, world: World) -> None:
    Region.objects.create(city=world.version.city, name="益阳市本级", abbreviation="BJ", short="本")
    assert "规程没有列电话" in guide(client, world)


def test_the_clerk_sees_the_phone_of_the_handling_region(client: Client, world: World) -> None:
    client.force_login(world.window_clerk)
    url = client.post("/window/start/", {"version": world.version.pk}).headers["Location"]
    assert "0737-5212333" in page(client, world.window_clerk, url)
