"""引导申请人对政务服务开展“好差评”。"""

import pytest
from django.test import Client

from tests.clauses.walk import event, messages
from tests.world import World, key
from tongban.cases.actions.door import Conflict, NotFound, Refused
from tongban.cases.links import sign
from tongban.ratings.acts import invite, rate


@pytest.mark.parametrize("level", [1, 2, 3, 4, 5])
def test_the_applicant_rates_once(world: World, level: int) -> None:
    case = world.case(until="handed")
    rate(case.number, "0000", key=key(), level=level)
    assert case.ratings.get().level == level
    with pytest.raises(Conflict, match="已经评价过"):
        rate(case.number, "0000", key=key(), level=level)


@pytest.mark.parametrize("level", [0, 6, -1])
def test_only_the_five_levels(world: World, level: int) -> None:
    with pytest.raises(Refused):
        rate(world.case(until="handed").number, "0000", key=key(), level=level)


def test_nobody_rates_for_another(world: World) -> None:
    with pytest.raises(NotFound):
        rate(world.case(until="handed").number, "1111", key=key(), level=1)


def test_the_clerk_points_to_it_and_it_is_voluntary(world: World) -> None:
    case = world.case()
    invite(world.window_clerk, case.number, key=key())
    assert event(case, "rating_invited")[0] == ("八（八）",)
    assert "自愿评价" in messages(world.case(until="handed"))["rating_asked"]


def test_pointed_to_it_the_tablet_of_the_window_shows_the_form(client: Client, world: World) -> None:
    case = world.case()
    url = f"/rate/tablet/{world.window.pk}/{sign('tablet', str(world.window.pk))}/"
    assert "提交评价" not in client.get(url).content.decode()
    invite(world.window_clerk, case.number, key=key())
    assert "提交评价" in client.get(url).content.decode()


@pytest.mark.parametrize("level", [4, 5])
def test_a_bad_one_goes_to_a_named_person_with_a_day(world: World, level: int) -> None:
    case = world.case(until="handed")
    rate(case.number, "0000", key=key(), level=level)
    assert case.follow_ups.get().assignee == world.oversight
    assert case.follow_ups.get().due_on > case.ratings.get().rated_at.date()
