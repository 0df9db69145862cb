"""Paper from hand to hand in the browser: by scanner and keyboard alone, counted at the end of the day, looked for."""

from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pytest
from django.conf import settings
from django.test import Client
from PIL import Image
from playwright.sync_api import Browser

from tests.e2e.conftest import Desk, film, filmed_by
from tests.official import sample
from tests.world import World, key
from tongban.custody import acts
from tongban.custody.models import Missing, Thing
from tongban.procedure.model import Procedure
from tongban.vault import store


@pytest.fixture
def procedure() -> Procedure:
    return sample("药店")


def sent(world: World, how_many: int) -> list[Thing]:
    for _ in range(how_many):
        case = world.case()
        acts.make_lists(world.window_clerk, case.number, key=key())
    rows = list(Thing.objects.select_related("case"))
    for row in rows:
        acts.give(world.window_clerk, row.case.number, key=key(), thing_id=row.pk)
    return rows


def test_a_bag_scanned_and_the_day_closed_by_keyboard_alone(desk: Desk, world: World) -> None:
    rows = sent(world, 4)
    page = desk.be(world.post).page
    page.goto("/paper/")
    desk.shoot("paper-coming")
    for row in rows[:3]:  # the field has the focus: a hand scanner types and ends with Enter
        page.keyboard.type(row.code)
        page.keyboard.press("Enter")
    page.keyboard.type("M00000000000")
    page.get_by_text("已扫 4 件").wait_for()
    page.keyboard.press("F9")
    page.get_by_text("3 件成功").wait_for()
    page.get_by_text("1 件没有成功").wait_for()
    desk.shoot("paper-taken")
    assert Thing.objects.filter(place="post", holder=world.post).count() == 3

    page.goto("/paper/closing/")
    page.keyboard.type(rows[0].code)
    page.keyboard.press("Enter")
    assert page.get_by_label(f"{rows[0].code} 在").is_checked()
    page.get_by_label(f"{rows[1].code} 在").check()
    page.keyboard.press("F9")
    page.get_by_text("没有清点到 1 件").wait_for()
    desk.shoot("paper-closing")
    page.get_by_label("差异说明").fill("柜子里没有。")
    page.get_by_label("已再找过").check()
    page.keyboard.press("F9")
    page.get_by_text("已列入查找").wait_for()
    desk.shoot("paper-missing")
    page.get_by_label("说明").fill("夹在别的袋里。")
    desk.press("找到了")
    page.get_by_text("查找了结").wait_for()
    assert Missing.objects.get().outcome == "found"


def test_a_label_before_the_camera_of_a_browser_that_reads_no_codes(
    browser: Browser, live_server: Any, world: World, tmp_path: Path
) -> None:
    """The label as it is printed lies askew before the camera; our server reads it."""
    case = world.case()
    settings.DEMO = True
    client = Client()
    client.force_login(world.window_clerk)
    client.post(f"/window/cases/{case.number}/lists/", {"key": key()})
    thing, sheet = Thing.objects.get(), case.forms.get(kind="material_list")
    acts.give(world.window_clerk, case.number, key=key(), thing_id=thing.pk)
    page = pypdfium2.PdfDocument(store.read(sheet.digest))[0].render(scale=1.6, grayscale=True).to_pil()
    table = Image.new("L", (1280, 960), 90)
    table.paste(page.rotate(7, expand=True, fillcolor=90), (140, 20))
    with filmed_by(browser, live_server.url, film(tmp_path / "label.y4m", np.asarray(table))) as desk:
        desk.be(world.post)
        desk.page.goto("/paper/")
        assert not desk.page.evaluate("async () => (await window.BarcodeDetector?.getSupportedFormats())?.length")
        desk.page.get_by_role("button", name="用摄像头扫").click()
        desk.page.get_by_text("已扫 1 件").wait_for()
        assert sheet.token in desk.page.locator("[data-scan]").input_value()
        desk.shoot("paper-camera")
        desk.page.keyboard.press("F9")
        desk.page.get_by_text("1 件成功").wait_for()
    thing.refresh_from_db()
    assert (thing.place, thing.holder) == ("post", world.post)


def test_where_no_camera_is_the_page_says_what_to_do(desk: Desk, world: World) -> None:
    desk.be(world.post).page.goto("/paper/")
    desk.page.get_by_role("button", name="用摄像头扫").click()
    desk.page.get_by_text("没有找到摄像头，请接好再试；也可以用扫描枪").wait_for()


def test_a_list_checked_line_by_line(desk: Desk, world: World) -> None:
    (row,) = sent(world, 1)
    page = desk.be(world.post).page
    page.goto("/paper/")
    page.locator("summary", has_text="有出入").click()
    page.get_by_label("开业申请表").select_option("missing")
    page.get_by_label("多出来的").fill("一把钥匙")
    desk.shoot("paper-differences")
    desk.press("签收，记下出入")
    page.get_by_text("出入已记下").wait_for()
    desk.be(world.window_clerk)
    page.goto("/paper/missing/")
    page.get_by_text("少了“开业申请表”").wait_for()
    page.goto(f"/cases/{row.case.number}/")
    page.locator("#paper").get_by_text("少了").first.wait_for()
    desk.shoot("paper-case")
