"""Two instances side by side in two browsers: the city's window takes a case in, the county's department decides it."""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page

from tests.e2e.conftest import Desk
from tests.e2e.files import good
from tests.exchange.conftest import keyed, platform_of
from tests.exchange.test_foreign import said
from tests.exchange.two import Instance, two
from tests.vault.test_uploads import pdf
from tests.world import ADULT, World
from tongban.cases.models import Case, CaseItem
from tongban.exchange.relay import relay


@contextmanager
def seat(browser: Browser, instance: Instance, username: str) -> Iterator[Desk]:
    """Somebody's own browser at one of the two."""
    context = browser.new_context(
        base_url=f"http://127.0.0.1:{instance.port}", locale="zh-CN", timezone_id="Asia/Shanghai",
        viewport={"width": 1366, "height": 768},
    )  # fmt: skip
    context.set_default_timeout(40_000)
    desk = Desk(context)
    yield desk.be(SimpleNamespace(username=username))  # type: ignore[arg-type]
    context.close()
    assert desk.errors == []


@pytest.fixture
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Instance, Instance]]:
    with two(tmp_path_factory.mktemp("two")) as (city, county):
        for one in (city, county):
            one.start()
            one.work()
        for one in (city, county):
            one.answers()
        yield city, county


def look_until(page: Page, there: Any) -> None:
    """Look again until it is there, as a person does."""
    until = time.monotonic() + 40
    while not there.count():
        assert time.monotonic() < until, page.locator("main").inner_text()
        page.wait_for_timeout(200)
        page.reload()


def test_the_city_takes_in_and_the_county_decides(
    browser: Browser, pair: tuple[Instance, Instance], tmp_path: Path
) -> None:
    city, county = pair
    with seat(browser, city, "zy-window") as window, seat(browser, county, "tj-department") as officer:
        page = window.page
        window.press("我要办社保卡")
        page.get_by_label("证件号码", exact=True).fill(ADULT)
        page.get_by_label("姓名", exact=True).fill("样例·张㛃")
        page.get_by_label("手机号码").fill("138 0000 0000")
        page.get_by_label("承办地", exact=True).select_option(label="桃江县")
        page.get_by_text("桃江县一体化平台").first.wait_for()
        page.get_by_label("社会保障卡申领").check()
        pictures = [good(tmp_path / f"{place}.jpg", check, place) for place, check in enumerate(("idcard", "photo"))]
        for place, picture in enumerate(pictures):
            section = page.locator(f"[data-material='{place}']")
            section.get_by_label("符合", exact=True).check()
            with page.expect_response(lambda response: "/files/" in response.url and response.status == 200):
                section.locator("input[type=file]").set_input_files(picture)
            section.locator(".thumbs img").wait_for()
        page.get_by_label("已验原件").check()
        page.keyboard.press("F9")
        page.get_by_text("要交给申请人的文书").wait_for()
        number = page.url.rstrip("/").rpartition("/")[2].partition("?")[0]

        there = officer.page
        look_until(there, there.locator("tbody a").first)
        there.locator("tbody a").first.click()
        there.get_by_text("由“市一体化平台”转来").wait_for()
        assert number in there.locator("main").inner_text()
        sent = there.request.get(str(there.get_by_role("link", name="下载", exact=True).nth(1).get_attribute("href")))
        assert hashlib.sha256(sent.body()).digest() == hashlib.sha256(pictures[1].read_bytes()).digest()
        officer.shoot("two-department-case")
        there.keyboard.press("F9")
        there.get_by_text("已受理，从明天起计时").wait_for()

        page.goto(f"/cases/{number}/")
        look_until(page, page.locator(".strip"))
        page.get_by_text("还有 60 个工作日").wait_for()

        there.keyboard.press("F9")
        there.locator("details.act", has_text="存入决定文书").locator("summary").click()
        decision = tmp_path / "决定书（样例）.pdf"
        decision.write_bytes(pdf())
        there.locator("input[type=file]").set_input_files(decision)
        officer.press("存入")
        there.get_by_text("决定文书").first.wait_for()
        officer.press("结果送发证岗位")
        there.get_by_text("结果已送发证岗位").wait_for()

        look_until(page, page.get_by_role("link", name="决定文书"))
        look_until(page, page.get_by_text("待领取").first)
        link = str(page.get_by_role("link", name="决定文书").get_attribute("href"))
        assert page.request.get(link).body() == pdf()
        window.shoot("two-window-decided")
        page.goto("/demo/phone/")
        look_until(page, page.get_by_text("此为领证短信"))
        page.get_by_text("已受理，应于").wait_for()
    with seat(browser, city, "zy-administrator") as administrator:
        administrator.page.goto("/admin/platforms/")
        administrator.page.get_by_text("通", exact=True).wait_for()
        administrator.shoot("two-platforms")


def test_what_failed_is_read_and_done_again_and_a_mapping_is_tried(desk: Desk, world: World) -> None:
    foreign = keyed(
        platform_of(
            world, code="yangban", name="市一体化平台", regions=(world.region.name,), way="http",
            mapping="platforms/yangban.yaml",
        )
    )  # fmt: skip
    world.region.refresh_from_db()
    case = world.case()
    Case.objects.filter(pk=case.pk).update(outside="")
    accepted = said(case, "10", timezone.localtime().strftime("%Y-%m-%d %H:%M:%S"))
    assert foreign.post(accepted)[0] == 422
    foreign.post(accepted, secret="of-somebody-nobody-knows-000000000")
    relay()
    page = desk.be(world.staff("oversight", region=None)).page
    page.get_by_role("link", name="外部来件").click()
    page.get_by_text("没有验过签名").wait_for()
    page.get_by_role("button", name="重办").first.click()
    page.get_by_text("还是没有办成").wait_for()
    page.get_by_text("看内容").first.click()
    desk.shoot("two-letters")
    Case.objects.filter(pk=case.pk).update(outside="yangban")
    page.get_by_role("button", name="重办").first.click()
    page.get_by_text("已办。").wait_for()
    page.get_by_text("不再处理…").click()
    page.get_by_label("理由").fill("对方不是本平台")
    page.get_by_role("button", name="不再处理").click()
    page.get_by_text("没有办不成的来件").wait_for()
    assert CaseItem.objects.get(case=case).state == "accepted"

    page = desk.be(world.administrator).page
    page.goto("/admin/platforms/yangban/")
    page.get_by_text("推送办件").click()
    desk.press("看看会怎样")
    page.get_by_text("看得懂").first.wait_for()
    page.get_by_label("对方发来的办理进展").fill('{"status": "99"}')
    desk.press("看看会怎样")
    page.get_by_text("不行", exact=True).wait_for()
    page.get_by_text("不行", exact=True).scroll_into_view_if_needed()
    desk.shoot("two-mapping-tried")
