"""The clock and the messages on screen: what is left on lists, a notice imported, a call made instead, the demo's phone."""

import json
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

from tests.cases.test_recount import NOTICE_2027, accepted_on
from tests.e2e.conftest import Desk
from tests.e2e.steps import start
from tests.world import World, key
from tongban.cases import recount
from tongban.cases.actions import department
from tongban.cases.sweep import sweep
from tongban.messages.codes import issue
from tongban.messages.models import Message
from tongban.messages.relay import relay
from tongban.messages.sending import send


def test_what_is_left_stands_on_the_lists_the_case_and_the_public_page(desk: Desk, world: World) -> None:
    cases = [world.case("accepted") for _ in range(4)]
    for case, day in zip(cases, ("11-23", "09-08", "08-24", "11-20"), strict=True):
        accepted_on(case, day)
    department.pause(world.department, cases[3].number, key=key(), ground="hearing", note="等听证结果")
    world.case("sent")
    for _ in sweep(timezone.now() + timedelta(days=29)):
        pass
    page = desk.be(world.department).page
    page.goto("/department/accepted/")
    assert "个工作日" in page.locator("main").inner_text()
    desk.shoot("lists-department")
    desk.be(world.oversight)
    page.goto("/oversight/list/open/")
    desk.shoot("lists-oversight")
    page.goto(f"/cases/{cases[3].number}/")
    page.get_by_text("逐日说明").click()
    desk.shoot("clock-paused")
    page.goto("/progress/")
    page.get_by_label("办件编号").fill(cases[0].number)
    page.get_by_label("手机号后四位").fill("0000")
    page.locator("main form button").first.click()
    page.locator(".strip").wait_for()
    assert "正在办理，还有" in page.locator("main").inner_text()
    desk.shoot("public-strip")


def test_a_notice_is_shown_imported_and_counted(desk: Desk, world: World, tmp_path: Path) -> None:
    accepted_on(world.case("accepted"), "11-23")
    accepted_on(world.case("accepted"), "03-02")
    file = tmp_path / "2027.json"
    file.write_text(json.dumps(NOTICE_2027, ensure_ascii=False), encoding="utf-8")
    page = desk.be(world.administrator).page
    page.goto("/admin/calendar/")
    page.get_by_label("放假安排（").set_input_files(file)
    desk.press("检查，看看要变什么")
    assert "2027-02-18（暂定）" in page.locator("main").inner_text()
    desk.shoot("calendar-preview")
    desk.press("导入并重算")
    page.get_by_text("还有 2 个事项").wait_for()
    desk.shoot("calendar-imported")
    assert sum(recount.steps()) == 2
    page.get_by_text("都是按现在的放假安排算的").wait_for()


def test_what_did_not_arrive_is_told_by_telephone(desk: Desk, world: World) -> None:
    case = world.case("sent")
    issue(world.issuing, case.number, key=key())
    while relay() or send():
        pass
    Message.objects.filter(kind="received").update(state="failed", error="没有送达：空号")
    page = desk.be(world.window_clerk).page
    page.get_by_role("link", name="电话告知").click()
    page.get_by_text("没有送达：空号").wait_for()
    desk.shoot("calls")
    page.get_by_role("link", name="打电话").click()
    assert "13800000000" in page.locator("main").inner_text()
    desk.shoot("call")
    page.get_by_label("备注").fill("本人接的")
    page.keyboard.press("F9")
    page.get_by_text("已记录电话告知").wait_for()
    desk.be(world.issuing)
    page.goto(f"/cases/{case.number}/")
    assert "电话告知" in page.locator("main").inner_text()
    page.goto("/demo/phone/")
    assert "领取验证码" in page.locator("main").inner_text()
    desk.shoot("demo-phone")


def test_whose_phone_is_asked_at_the_window(desk: Desk, world: World) -> None:
    page = start(desk, world)
    page.get_by_label("手机是谁的").scroll_into_view_if_needed()
    desk.shoot("reach")
