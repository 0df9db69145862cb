"""对符合收件要点的。"""

from django.test import Client

from tests.clauses.walk import at_the_window, event, in_force, page
from tests.world import World


def test_it_is_taken_in_and_pushed_in_one_act(world: World) -> None:
    case = world.case()
    assert (case.outcome, case.state) == ("conform", "pushed")
    assert list(case.events.order_by("sequence").values_list("kind", flat=True)) == ["taken_in", "pushed"]
    assert event(case, "taken_in")[0] == ("八（五）",)


def test_the_screen_cites_it(client: Client, world: World) -> None:
    case = at_the_window(client, world)
    assert case is not None
    assert {"八（五）", "八（五）3"} <= in_force(page(client, world.window_clerk, f"/window/done/{case.number}/"))
