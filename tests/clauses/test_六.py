"""申报材料收件要点。"""

from django.test import Client

from tests.clauses.walk import at_the_window, page
from tests.world import World
from tongban.rules.review import asked


def test_every_material_is_asked_with_its_requirement_and_common_errors(client: Client, world: World) -> None:
    client.force_login(world.window_clerk)
    url = client.post("/window/start/", {"version": world.version.pk}).headers["Location"]
    html = page(client, world.window_clerk, url)
    for material in world.procedure.materials:
        for said in (material.name, material.requirement, material.paper_handling, *material.common_errors):
            assert said in html


def test_none_may_be_left_without_a_verdict(client: Client, world: World) -> None:
    assert at_the_window(client, world, state_1="") is None


def test_both_materials_are_asked_for_every_item(world: World) -> None:
    for code in ("002014010001", "002014010002"):
        assert list(asked(world.procedure, frozenset({code}))) == [0, 1]
