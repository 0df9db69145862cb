"""根据申请人的申请从以下审批事项中确定。"""

import pytest
from django.test import Client

from tests.clauses.walk import at_the_window
from tests.world import World
from tongban.cases.models import Case


def test_the_applicant_picks_among_the_items(client: Client, world: World) -> None:
    case = at_the_window(client, world, items="002014010002")
    assert case is not None
    assert [(i.code, i.name) for i in case.items.all()] == [
        ("002014010002", "社会保障卡启用（含社会保障卡银行账户激活）")
    ]


@pytest.mark.parametrize("items", ["", "00201401000Y", "999999999999"])
def test_nothing_the_group_or_a_stranger_cannot_be_picked(client: Client, world: World, items: str) -> None:
    assert at_the_window(client, world, items=items) is None
    assert Case.objects.count() == 0
