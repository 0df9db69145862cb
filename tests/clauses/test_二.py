"""各区县（市）乡镇（街道、园区）党群和政务服务中心“一件事一次办”跨域通办窗口电话及地址：详见……名录”栏目。"""

from django.test import Client

from tests.official import PROCEDURES
from tests.world import World
from tongban.people.load import load
from tongban.people.models import Window


def test_the_text_names_the_list_and_the_directory_is_public(client: Client, world: World) -> None:
    assert "跨域通办窗口名录" in str(world.procedure.directory)
    html = client.get("/windows/").content.decode()
    assert world.window.name in html
    assert world.window.phone in html


def test_every_window_of_the_citys_list_is_shown_with_address_and_phone(client: Client, db: None) -> None:
    city = load(PROCEDURES / "yiyang")
    html = client.get("/windows/").content.decode()
    windows = Window.objects.filter(region__city=city.city)
    assert windows.count() > 0
    assert all(w.name in html and w.address in html and w.phone in html for w in windows)


def test_a_township_is_found_by_its_name(client: Client, world: World) -> None:
    Window.objects.create(region=world.region, township="别处镇", name="别处镇窗口")
    html = client.get("/windows/?q=别处").content.decode()
    assert "别处镇窗口" in html
    assert world.window.name not in html
