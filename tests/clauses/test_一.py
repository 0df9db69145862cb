"""我要办社保卡。"""

from django.test import Client

from tests.clauses.walk import guide, page
from tests.world import World
from tongban.people.models import City


def test_the_package_is_offered_under_its_name(client: Client, world: World) -> None:
    assert world.version.name == "我要办社保卡"
    assert "我要办社保卡" in page(client, world.window_clerk, "/window/")


def test_the_public_finds_it_by_its_name(client: Client, world: World) -> None:
    City.objects.create(name=world.version.city, title="示例")
    assert "我要办社保卡" in client.get("/").content.decode()
    assert "我要办社保卡" in guide(client, world)
