"""本规程的套餐使用市一体化平台的“跨域通办”模块接件；若承办部门为桃江县的，使用桃江县一体化平台。"""

from django.test import Client

from tests.clauses.walk import event, page
from tests.world import World
from tongban.people.models import Region, Unit


def test_the_rule(world: World) -> None:
    case = world.case()
    assert (case.platform, case.module) == ("市一体化平台", "跨域通办")
    assert "七" in event(case, "pushed")[0]


def test_the_exception_follows_the_departments_region_not_the_windows(world: World) -> None:
    region = Region.objects.create(city=world.version.city, name="桃江县", abbreviation="TJ", short="桃")
    Unit.objects.create(region=region, name="桃江县承办局（示例）", items=world.unit.items)
    case = world.case(region_id=region.pk)
    assert case.window.region.name == "南县"
    assert case.platform == "桃江县一体化平台"


def test_the_clerk_sees_the_platform_before_sending(client: Client, world: World) -> None:
    client.force_login(world.window_clerk)
    url = client.post("/window/start/", {"version": world.version.pk}).headers["Location"]
    assert "市一体化平台" in page(client, world.window_clerk, url)
