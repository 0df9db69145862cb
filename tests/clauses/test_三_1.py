"""社会保障卡服务，基本编码：00201401000Y。"""

from django.test import Client

from tests.clauses.walk import page
from tests.world import World


def test_it_is_the_heading_of_its_children(world: World) -> None:
    group = world.procedure.items[0]
    assert (group.name, group.code, group.group, group.pickable) == ("社会保障卡服务", "00201401000Y", True, False)


def test_a_city_may_let_it_be_picked(world: World) -> None:
    assert world.procedure.items[0].model_copy(update={"selectable": True}).pickable


def test_the_window_shows_it_without_a_box_to_tick(client: Client, world: World) -> None:
    client.force_login(world.window_clerk)
    url = client.post("/window/start/", {"version": world.version.pk}).headers["Location"]
    html = page(client, world.window_clerk, url)
    assert "社会保障卡服务" in html
    assert 'value="00201401000Y"' not in html
