"""指导并协助申请人完成“湖南政务服务网”、益阳政务服务微信公众号和政务服务APP的注册、使用。"""

import pytest
from django.test import Client

from tests.clauses.walk import at_the_window, event, page
from tests.world import World, key
from tongban.cases.actions import papers
from tongban.people.models import City


@pytest.mark.parametrize("result", sorted(papers.HELP))
def test_help_is_recorded_whatever_came_of_it(world: World, result: str) -> None:
    case = world.case()
    papers.help_register(world.window_clerk, case.number, key=key(), service="示例服务网", result=result)
    assert event(case, "registration_helped") == (("八（七）",), {"service": "示例服务网", "result": result})


def test_it_is_never_a_gate(world: World) -> None:
    case = world.case(until="archived")
    assert not case.events.filter(kind="registration_helped").exists()


def test_the_citys_own_services_are_offered(client: Client, world: World) -> None:
    City.objects.create(
        name=world.version.city,
        title="示例",
        registration=["示例服务网", {"name": "示例公众号", "url": "https://example.invalid/a"}],
    )
    case = at_the_window(client, world)
    assert case is not None
    html = page(client, world.window_clerk, f"/window/done/{case.number}/")
    assert "示例服务网" in html
    assert "示例公众号" in html
    assert 'alt="示例公众号的二维码"' in html  # where the city gave an address
    assert 'alt="示例服务网的二维码"' not in html
