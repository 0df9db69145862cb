"""Every way a material comes in: chosen, dropped, pasted, photographed by itself, by phone, from the scanner, from a card."""

import base64
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings
from playwright.sync_api import APIResponse, Browser, Page, Route, expect

from tests.e2e import steps
from tests.e2e.conftest import Desk, film, filmed_by
from tests.e2e.files import good, png
from tests.world import World
from tongban.capture import folder
from tongban.capture.command_simulate import EXAMPLE
from tongban.cases.models import Draft


def files(place: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Draft.objects.get().body["files"].get(str(place), [])
    return found


HAND = """(zone, {bytes, name, kind}) => {
  const data = new DataTransfer();
  const binary = Uint8Array.from(atob(bytes), (c) => c.charCodeAt(0));
  data.items.add(new File([binary], name, {type: 'image/png'}));
  const event = kind === 'drop'
    ? new DragEvent('drop', {bubbles: true, cancelable: true, dataTransfer: data})
    : new ClipboardEvent('paste', {bubbles: true, cancelable: true, clipboardData: data});
  zone.dispatchEvent(event);
}"""


def test_dropped_and_pasted(desk: Desk, world: World, tmp_path: Path) -> None:
    page = steps.start(desk, world)
    section = steps.material(page, 0)
    for count, kind in enumerate(("drop", "paste"), 1):
        body = base64.b64encode(png(tmp_path / f"{kind}.png", 150 + count).read_bytes()).decode()
        section.locator(".drop").evaluate(HAND, {"bytes": body, "name": f"{kind}.png", "kind": kind})
        section.locator(".thumbs img").nth(count - 1).wait_for()
    assert [row["source"] for row in files()] == ["file", "file"]


def test_too_large_is_said_without_sending(desk: Desk, world: World, tmp_path: Path) -> None:
    page = steps.start(desk, world)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/files/" in request.url else None)
    large = tmp_path / "大.jpg"
    with large.open("wb") as out:
        out.truncate(2**30)
    section = steps.material(page, 0)
    section.locator("input[type=file]").set_input_files(large)
    section.get_by_text("“大.jpg”超过 20 MB").wait_for()
    assert sent == []
    steps.give(page, 0, tmp_path)
    assert section.get_by_text("超过 20 MB").count() == 0


def table(*, card: bool) -> Any:
    """A desk seen from above, with or without a card that fills the frame."""
    luma = np.full((480, 640), 70, np.uint8)
    if card:
        luma[66:414, 45:595] = 225
        luma[110:380:18, 80:400] = 60
        luma[120:330, 430:560] = 140
    return luma


@pytest.fixture
def filmed(
    browser: Browser, live_server: Any, world: World, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[Desk]:
    """A desk whose camera shows a film; the parameter says whether a card lies there."""
    with filmed_by(browser, live_server.url, film(tmp_path / "film.y4m", table(card=request.param))) as made:
        yield made


def open_camera(desk: Desk, world: World, place: int) -> Page:
    page = steps.start(desk, world)
    steps.material(page, place).get_by_role("button", name="拍摄").click()
    page.locator("#camera[data-looks]:not([data-looks='0'])").wait_for()
    return page


@pytest.mark.parametrize("filmed", [True], indirect=True)
def test_the_shutter_goes_off_by_itself_and_waits_for_the_other_side(filmed: Desk, world: World) -> None:
    page = open_camera(filmed, world, 0)
    page.get_by_text("已拍一面，请翻到另一面").wait_for()
    filmed.shoot("window-camera")
    page.locator(".thumbs img").wait_for()
    assert page.locator("#camera").get_attribute("open") is not None
    page.keyboard.press("Space")
    page.locator(".thumbs img").nth(1).wait_for()
    assert page.locator("#camera").get_attribute("open") is None
    assert {row["source"] for row in files()} == {"camera"}


@pytest.mark.parametrize("filmed", [False], indirect=True)
def test_without_a_card_only_the_hand_takes_a_picture(filmed: Desk, world: World) -> None:
    page = open_camera(filmed, world, 0)
    page.get_by_text("四边对齐").wait_for()
    expect(page.locator("#camera")).to_have_attribute("data-looks", re.compile(r"\d\d"), timeout=40_000)
    assert files() == []
    page.get_by_role("button", name="关闭").click()
    steps.material(page, 1).get_by_role("button", name="拍摄").click()
    page.get_by_text("请对准人像").wait_for()
    expect(page.locator("#camera")).to_have_attribute("data-looks", re.compile(r"[1-9]"))
    page.get_by_role("button", name="拍 空格").click()
    steps.material(page, 1).locator(".thumbs img").wait_for()
    assert [row["source"] for row in files(1)] == ["camera"]


def test_by_phone(desk: Desk, world: World, tmp_path: Path) -> None:
    page = steps.start(desk, world)
    steps.material(page, 1).get_by_role("button", name="用手机拍").click()
    link = page.locator(".phone-code a")
    url = str(link.get_attribute("href"))
    desk.shoot("window-phone-code")
    phone = desk.context.browser.new_context(
        base_url=page.url.split("/window")[0], viewport={"width": 390, "height": 844}
    )  # type: ignore[union-attr]
    other = Desk(phone)
    other.page.goto(url)
    other.page.locator("input[type=file]").set_input_files(png(tmp_path / "p.png", 210))
    other.page.locator("#preview img").wait_for()
    other.shoot("phone-page")
    other.press("送到窗口")
    other.page.get_by_text("已经送到窗口").wait_for()
    other.shoot("phone-sent")
    steps.material(page, 1).locator(".thumbs img").wait_for()
    other.page.goto(url)
    other.page.get_by_text("二维码已失效").wait_for()
    other.errors = [error for error in other.errors if "410" not in error]
    assert other.errors == []
    phone.close()


def test_from_the_scanner(desk: Desk, world: World, tmp_path: Path) -> None:
    settings.SCANS = str(tmp_path)
    try:
        mine = tmp_path / str(world.window.pk)
        mine.mkdir()
        page = steps.start(desk, world)
        page.get_by_text("扫描仪扫好的文件会自动出现在这里").wait_for()
        path = png(mine / "scan-1.png", 190)
        os.utime(path, (time.time() - 9,) * 2)
        folder.take_scans()
        folder.take_scans()
        page.locator("#tray img").wait_for()
        page.get_by_label("scan-1.png").check()
        desk.shoot("window-tray")
        page.locator("#tray").get_by_role("button", name="1 身份证").click()
        steps.material(page, 0).locator(".thumbs img").wait_for()
        page.get_by_text("扫描仪扫好的文件会自动出现在这里").wait_for()
        assert [row["source"] for row in files()] == ["scanner"]
    finally:
        settings.SCANS = ""


def test_from_the_card_reader_and_the_licence_service(
    desk: Desk, world: World, live_server: Any, settings: Any, tmp_path: Path
) -> None:
    page = desk.be(world.window_clerk).page
    photo = base64.b64encode(png(tmp_path / "chip.png", 170, (102, 126)).read_bytes()).decode()
    with steps.simulated(EXAMPLE | {"photo": photo}, live_server.url):
        desk.press(world.version.name)
        page.get_by_label("姓名", exact=True).fill("样例·张山")
        page.keyboard.press("F8")
        page.get_by_text("姓名和卡上的不同").wait_for()
        assert page.get_by_label("证件号码", exact=True).input_value() == EXAMPLE["number"]
        assert page.get_by_label("姓名", exact=True).input_value() == "样例·张山"
        page.locator("[name=applicant_phone]:focus").wait_for()
        desk.shoot("window-card-differs")
        page.get_by_role("button", name="改成卡上的").click()
        page.get_by_text("读卡 一致").wait_for()
        page.locator("#applicant_name-mark").get_by_text("读卡").wait_for()
        desk.shoot("window-card")
    page.keyboard.press("F8")
    page.get_by_text("没有连上读卡器").wait_for()
    desk.errors.clear()  # the browser itself says that nobody listens there
    with steps.licences():
        page.reload()
        section = steps.material(page, 0)
        section.get_by_role("button", name="从电子证照调取").click()
        section.get_by_text("长期有效").wait_for()
        section.get_by_text("已到期，不能用").wait_for()
        desk.shoot("window-licences")
        section.get_by_label("已核对，是申请人的").check()
        section.get_by_role("button", name="用这一份").click()
        section.locator(".thumbs").get_by_text("证照服务").wait_for()
        desk.shoot("window-licence")
    expect(section.get_by_text("已到期，不能用")).to_have_count(0)
    section.get_by_role("button", name="从电子证照调取").click()
    section.get_by_text("电子证照库连不上").wait_for()


def test_an_answer_that_comes_late_does_not_put_back_an_older_verdict(desk: Desk, world: World, tmp_path: Path) -> None:
    page = steps.start(desk, world)
    steps.material(page, 1).get_by_label("没有带", exact=True).check()
    page.locator("#verdict").get_by_text("还没有核对：身份证").wait_for()
    late: list[tuple[Route, APIResponse]] = []

    def hold(route: Route) -> None:  # the first answer is kept back, later questions are not answered at all
        if not late:
            late.append((route, route.fetch()))

    page.route("**/seen/**", hold)
    steps.material(page, 0).locator("input[type=file]").set_input_files(good(tmp_path / "a.jpg", "idcard", 0))
    page.wait_for_function("() => document.querySelector('#seen-0').classList.contains('htmx-request')")
    steps.material(page, 0).get_by_label("符合", exact=True).check()
    page.locator("#verdict").get_by_text("1 份材料需补正").wait_for()
    [(route, answer)] = late
    with page.expect_response(lambda response: "/seen/" in response.url):
        route.fulfill(response=answer)
    page.wait_for_function("() => !document.querySelector('#seen-0').classList.contains('htmx-request')")
    assert page.locator("#verdict").get_by_text("1 份材料需补正").is_visible()


def test_what_was_replaced_while_it_asked_is_not_heard(desk: Desk, world: World, tmp_path: Path) -> None:
    page = steps.start(desk, world)
    late: list[tuple[Route, APIResponse]] = []
    page.route("**/seen/**", lambda route: late.append((route, route.fetch())), times=1)
    steps.give(page, 0, tmp_path)
    page.wait_for_function("() => document.querySelector('#seen-0').classList.contains('htmx-request')")
    steps.material(page, 0).locator("input[type=file]").set_input_files(good(tmp_path / "b.jpg", "idcard", 7))
    steps.material(page, 0).locator(".thumbs img").nth(1).wait_for()
    [(route, answer)] = late
    with page.expect_response(lambda response: "/seen/" in response.url):  # the one that took its place goes on asking
        route.fulfill(response=answer)
    assert steps.material(page, 0).locator(".thumbs img").count() == 2


def test_what_is_on_its_way_when_the_list_changes_arrives(desk: Desk, world: World, tmp_path: Path) -> None:
    page = steps.start(desk, world, item="")
    held: list[Route] = []
    page.route("**/files/**", lambda route: held.append(route), times=1)
    steps.material(page, 0).locator("input[type=file]").set_input_files(good(tmp_path / "a.jpg", "idcard", 0))
    page.wait_for_function("() => document.querySelector('#files-0 input').classList.contains('htmx-request')")
    with page.expect_response(lambda response: "/check/" in response.url):
        page.get_by_label("社会保障卡申领").check()
    held[0].continue_()
    steps.material(page, 0).locator(".thumbs img").wait_for()
