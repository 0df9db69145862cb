"""申请材料存在可以当场更正错误的，应当允许申请人当场更正。"""

import pytest
from django.test import Client

from tests.clauses.walk import at_the_window, in_force, page
from tests.world import World
from tongban.cases.actions.door import Refused
from tongban.cases.models import Case, Draft
from tongban.rules.review import MaterialState


def test_nothing_is_stored_until_it_is_corrected(client: Client, world: World) -> None:
    assert at_the_window(client, world, state_0="correctable") is None
    assert Case.objects.count() == 0
    case = at_the_window(client, world)
    assert case is not None
    assert case.outcome == "conform"


def test_what_was_typed_stays_for_the_correction(client: Client, world: World) -> None:
    at_the_window(client, world, state_0="correctable")
    draft = Draft.objects.get()
    html = page(client, world.window_clerk, f"/window/intake/{draft.pk}/")
    assert "样例·张㛃" in html
    assert "八（二）" in in_force(html)


def test_the_act_refuses_too(world: World) -> None:
    with pytest.raises(Refused, match="当场更正"):
        world.case(materials=world.materials({0: MaterialState.CORRECTABLE}))
