"""Things break while people work: said on the page, nothing lost of what was typed, and on they go."""

import errno
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from django.utils import timezone
from playwright.sync_api import Route, expect

from tests.e2e.conftest import Desk
from tests.e2e.files import good
from tests.e2e.steps import NAME, give, material, start
from tests.world import World
from tongban.cases.models import Case, Draft, Event, IssuedForm

BROKEN = re.compile("^chrome-error:")


@contextmanager
def full_disk() -> Iterator[None]:
    """Where the system flushes a file it says that no space is left."""
    with mock.patch.object(os, "fsync", side_effect=OSError(errno.ENOSPC, "No space left on device")):
        yield


def only_the_line(desk: Desk) -> None:
    """What the console says of a line that was cut is expected; nothing else is."""
    assert [said for said in desk.errors if not said.startswith(("htmx:", "Failed to load resource: net::ERR_"))] == []
    desk.errors.clear()


def test_a_full_disk_while_a_clerk_uploads_and_while_she_submits(desk: Desk, world: World, tmp_path: Path) -> None:
    page = start(desk, world)
    section = material(page, 0)
    section.get_by_label("符合", exact=True).check()
    chosen = good(tmp_path / "正面.jpg", section.locator("[data-camera]").get_attribute("data-camera"))
    with full_disk():
        section.locator("input[type=file]").set_input_files(chosen)
        section.get_by_text("“正面.jpg”：没有存下，磁盘可能已满，请联系系统管理员。已填内容不受影响。").wait_for()
        desk.shoot("breaks-disk-full")
    expect(page.get_by_label("姓名", exact=True)).to_have_value(NAME)
    for place in range(2):  # there is room again
        give(page, place, tmp_path)
    with full_disk():
        page.keyboard.press("F9")
        page.get_by_text("文书没有打印成功").wait_for()
        desk.shoot("breaks-disk-full-submitted")
    case = Case.objects.get()
    assert not Draft.objects.exists()
    assert not IssuedForm.objects.exists()
    page.get_by_role("button", name="再次出具").click()
    page.get_by_text("文书没有打印成功").wait_for(state="detached")
    assert IssuedForm.objects.get().case == case


def test_the_line_is_down_while_a_clerk_works(desk: Desk, world: World, tmp_path: Path) -> None:
    page = start(desk, world)
    give(page, 0, tmp_path)
    page.get_by_text("已保存").wait_for()
    desk.context.set_offline(True)
    page.get_by_label("住址").fill("断线时填的 9 号")
    page.get_by_text("没有保存成功：网络或服务暂时不通。填写的内容还在页面上，恢复后会再保存。").wait_for()
    section = material(page, 1)
    section.get_by_label("符合", exact=True).check()
    section.locator("input[type=file]").set_input_files(good(tmp_path / "寸照.jpg", "photo", 1))
    section.get_by_text("“寸照.jpg”没有传上去，请稍后再选一次。").wait_for()
    page.keyboard.press("F9")
    page.get_by_text("没有提交：").wait_for()
    expect(page.locator("#network")).to_be_in_viewport()  # wherever the page is scrolled
    desk.shoot("breaks-line-down")
    desk.context.set_offline(False)
    page.locator("#network").wait_for(state="hidden")  # saved by itself
    assert Draft.objects.get().body["fields"]["applicant_address"] == ["断线时填的 9 号"]
    assert not Case.objects.exists()
    give(page, 1, tmp_path)

    def lost(route: Route) -> None:  # the server takes the case in and dies before its answer is out
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    where = page.url
    page.route("**/submit/", lost)
    page.keyboard.press("F9")
    expect(page).to_have_url(BROKEN)
    page.unroute("**/submit/")
    page.goto(where)
    page.get_by_text("要交给申请人的文书").wait_for()
    only_the_line(desk)
    assert Case.objects.get().applicant_address == "断线时填的 9 号"
    assert IssuedForm.objects.count() == 1


def test_two_officers_do_the_same_step_and_a_reason_survives_a_dead_line(
    desk: Desk, world: World, live_server: Any
) -> None:
    case, other = world.case(), world.staff("department", name="样例·同事")
    second = Desk(
        desk.context.browser.new_context(base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai")
    )
    for one, who in ((desk, world.department), (second, other)):
        one.be(who).page.goto(f"/cases/{case.number}/")
    refuse = second.page.locator("details.act", has_text="不予受理")
    refuse.locator("summary").click()
    refuse.get_by_label("理由").fill("样例理由：不在受理范围")
    second.context.set_offline(True)
    refuse.get_by_role("button", name="不予受理").click()
    expect(second.page).to_have_url(BROKEN)
    second.context.set_offline(False)
    second.page.go_back()
    expect(refuse.get_by_label("理由")).to_have_value("样例理由：不在受理范围")
    desk.press("受理")
    desk.page.get_by_text("已受理").first.wait_for()
    refuse.get_by_role("button", name="不予受理").click()
    said = second.page.locator(".flash .error")
    expect(said).to_contain_text(world.department.name)
    at = Event.objects.get(case=case, kind="accepted").at
    expect(said).to_contain_text(f"{timezone.localtime(at):%H:%M}")
    second.shoot("breaks-second-officer")
    second.context.close()
