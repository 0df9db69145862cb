"""Clause 十 at the issuing desk: every way a result may be handed over, and every refusal."""

import base64
import re
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import SCREENSHOTS, Desk
from tests.e2e.files import png
from tests.e2e.steps import NAME, simulated
from tests.world import ADULT, ANOTHER, World, jpeg
from tongban.capture.command_simulate import EXAMPLE
from tongban.cases.models import Case
from tongban.messages.relay import relay
from tongban.messages.sending import send


def at_the_counter(desk: Desk, world: World, **changes: object) -> Case:
    """A result waiting, its release page open, the collector named."""
    case = world.case(until="sent", **changes)
    page = desk.be(world.issuing).page
    page.goto(f"/issuing/cases/{case.number}/")
    if case.delivery == "collect":
        page.get_by_label("领取人姓名").fill(NAME)
    return case


def ends(desk: Desk, case: Case, state: str, said: str, clause: str) -> None:
    desk.press("核对并发放")
    desk.page.get_by_text(said).first.wait_for()
    case.refresh_from_db()
    assert case.state == state
    event = case.events.filter(kind__in=("handed_over", "release_refused")).latest("sequence")
    assert clause in event.clauses


def test_card_alone(desk: Desk, world: World) -> None:
    case = at_the_counter(desk, world)
    desk.page.get_by_label("出示的身份证号码").fill(ADULT)
    ends(desk, case, "released", "可以发放", "十.2（1）")


def test_the_collectors_card_on_the_reader(desk: Desk, world: World, live_server: Any, tmp_path: Path) -> None:
    photo = base64.b64encode(jpeg(4000)).decode()
    with simulated(EXAMPLE | {"name": NAME, "number": ADULT, "photo": photo}, live_server.url):
        case = at_the_counter(desk, world)
        desk.page.get_by_label("领取人姓名").fill("")
        desk.page.keyboard.press("F8")
        desk.page.get_by_text("请看是不是本人").wait_for()
        desk.page.locator("[name=receipt]:focus").wait_for()
        assert desk.page.get_by_label("领取人姓名").input_value() == NAME
        desk.shoot("issuing-card")
        ends(desk, case, "released", "可以发放", "十.2（1）")
    assert case.events.get(kind="handed_over").data["card"] == "read"


def test_list_alone_is_enough_with_a_warning(desk: Desk, world: World) -> None:
    case = at_the_counter(desk, world)
    desk.page.get_by_label("收件回执（收文清单）").fill(world.receipt(case))
    ends(desk, case, "released", "只凭收文清单领取", "十.2（1）")


def test_original_message_and_written_numbers(desk: Desk, world: World) -> None:
    case = at_the_counter(desk, world)
    page = desk.page
    page.get_by_label("原短信").check()
    page.get_by_label("领取人写出的申请人身份证号").fill(ADULT)
    page.get_by_label("领取人写出的手机号码").fill("13800000000")
    desk.shoot("issuing-message")
    ends(desk, case, "released", "可以发放", "十.2（2）")


def test_a_fresh_code_to_the_phone_beside_the_original_message(desk: Desk, world: World) -> None:
    case = at_the_counter(desk, world)
    page = desk.page
    page.get_by_label("原短信").check()
    page.get_by_role("button", name="发送新验证码").click()
    page.get_by_text("正在发到办理时登记的手机").wait_for()
    relay()
    send()
    page.get_by_text("已发到办理时登记的手机").wait_for()
    phone = desk.context.new_page()
    phone.goto("/demo/phone/")
    text = phone.locator(".bubbles p", has_text="验证码").first.inner_text()
    code = re.search(r"领取验证码 (\d{6})", text)
    assert code, text
    page.get_by_label("领取人写出的申请人身份证号").fill(ADULT)
    page.get_by_label("领取人写出的手机号码").fill("13800000000")
    page.get_by_label("新验证码").fill(code[1])
    desk.shoot("issuing-code")
    ends(desk, case, "released", "可以发放", "十.2（2）")
    assert case.events.get(kind="handed_over").data["code"] == "right"


def test_voucher(desk: Desk, world: World, tmp_path: Path) -> None:
    case = at_the_counter(desk, world)
    page = desk.page
    page.get_by_label("签字的工作人员姓名").fill("样例·周")
    desk.press("核对并发放")
    page.get_by_text("请扫描工作人员签了字的单子").wait_for()
    page.get_by_label("签了字的单子").set_input_files(png(tmp_path / "signed.png", 200))
    ends(desk, case, "released", "可以发放", "十.2（3）")
    assert case.events.get(kind="handed_over").data["voucher"] == "样例·周"


def test_voucher_at_their_own_desk(desk: Desk, world: World) -> None:
    case = world.case(until="sent")
    page = desk.be(world.department).page
    page.goto(f"/cases/{case.number}/")
    page.locator("details.act", has_text="担保领取").locator("summary").click()
    page.get_by_label("替谁领取").fill(NAME)
    desk.shoot("case-vouch")
    desk.press("我代领或担保")
    page.get_by_text("发证岗位可以发放了").wait_for()
    desk.be(world.issuing)
    page.goto(f"/issuing/cases/{case.number}/")
    page.get_by_text("已担保").wait_for()
    page.get_by_label("领取人姓名").fill(NAME)
    ends(desk, case, "released", "可以发放", "十.2（3）")


def test_numbers_written_on_a_tablet(desk: Desk, world: World) -> None:
    case = at_the_counter(desk, world)
    page = desk.page
    page.get_by_label("原短信").check()
    page.get_by_role("button", name="让领取人在平板、手机上写").click()
    address = page.locator("#tablet img").get_attribute("alt")
    assert address
    tablet = desk.context.new_page()
    tablet.goto(address.removeprefix("写号码的页面："))
    tablet.get_by_label("申请人的身份证号码").fill(ADULT)
    tablet.get_by_label("办理时留的手机号码").fill("13800000000")
    tablet.set_viewport_size({"width": 390, "height": 844})
    tablet.screenshot(path=SCREENSHOTS / "public-write-phone.png")
    tablet.get_by_role("button", name="写好了").click()
    tablet.get_by_text("请把设备交还工作人员").wait_for()
    page.get_by_text("领取人写好了").wait_for()
    desk.shoot("issuing-tablet")
    ends(desk, case, "released", "可以发放", "十.2（2）")


def test_an_heir_by_a_supervisors_decision(desk: Desk, world: World, tmp_path: Path) -> None:
    case = at_the_counter(desk, world)
    page = desk.page
    page.locator("summary", has_text="另一个代办人").click()
    page.get_by_label("是哪一种人").select_option("heir")
    page.get_by_label("姓名", exact=True).fill("样例·继")
    page.get_by_label("身份证号码", exact=True).fill(ANOTHER)
    page.get_by_label("情况", exact=True).fill("申请人已去世，有关系证明。")
    page.get_by_label("书面材料").set_input_files(png(tmp_path / "proof.png", 210))
    desk.shoot("issuing-permit")
    desk.press("报督办人员决定")
    page.get_by_text("还没有决定").wait_for()
    desk.be(world.oversight)
    page.goto("/oversight/list/permits/")
    page.get_by_role("link", name=case.number).click()
    page.get_by_label("决定的理由").fill("证明齐全。")
    desk.shoot("case-permit")
    desk.press("同意发放")
    page.get_by_text("已决定，发证岗位可以看到").wait_for()
    desk.be(world.issuing)
    page.goto(f"/issuing/cases/{case.number}/")
    page.get_by_label("领取人姓名").fill("样例·继")
    page.get_by_label("出示的身份证号码").fill(ANOTHER)
    desk.shoot("issuing-decided")
    ends(desk, case, "released", "可以发放", "十.2")


def test_nothing_but_a_forwarded_message_is_refused(desk: Desk, world: World) -> None:
    case = at_the_counter(desk, world)
    desk.page.get_by_label("转发的").check()
    ends(desk, case, "delivering", "领证短信属于转发，不能现场发放", "十.3")
    desk.shoot("issuing-refused")


def test_nothing_at_all_is_refused(desk: Desk, world: World) -> None:
    case = at_the_counter(desk, world)
    ends(desk, case, "delivering", "没有出示规定的证明", "十.3")


def test_a_collector_must_be_named(desk: Desk, world: World) -> None:
    case = at_the_counter(desk, world)
    desk.page.get_by_label("领取人姓名").fill("")
    desk.press("核对并发放")
    desk.page.get_by_text("请填写领取人姓名").first.wait_for()
    assert not case.events.filter(kind="release_refused").exists()


def test_three_wrong_numbers_lock_until_a_supervisor_unlocks(desk: Desk, world: World) -> None:
    case = at_the_counter(desk, world)
    page = desk.page
    for _ in range(3):
        page.get_by_label("领取人姓名").fill(NAME)
        page.get_by_label("原短信").check()
        page.get_by_label("领取人写出的申请人身份证号").fill(ADULT)
        page.get_by_label("领取人写出的手机号码").fill("13900000000")
        with page.expect_navigation():  # the page before says the same
            desk.press("核对并发放")
        page.get_by_text("不能现场发放").first.wait_for()
    page.get_by_text("发证已锁定").first.wait_for()
    assert page.locator(".verdict button").is_disabled()
    desk.shoot("issuing-locked")

    desk.be(world.oversight)
    page.goto("/oversight/list/locked/")
    page.get_by_role("link", name=case.number).click()
    page.locator("details.act", has_text="解除发证锁定").locator("summary").click()
    page.get_by_label("核实情况").fill("已电话核实领取人身份。")
    desk.press("解除锁定")

    desk.be(world.issuing)
    page.goto(f"/issuing/cases/{case.number}/")
    page.get_by_label("领取人姓名").fill(NAME)
    page.get_by_label("出示的身份证号码").fill(ADULT)
    ends(desk, case, "released", "可以发放", "十.2（1）")


def test_by_post_with_a_waybill_and_once_returned(desk: Desk, world: World) -> None:
    address = {"delivery_name": NAME, "delivery_phone": "13800000000", "delivery_address": "示例镇示例路 1 号"}
    case = at_the_counter(desk, world, delivery="post", **address)
    page = desk.page
    desk.shoot("issuing-post")
    desk.press("交邮政专递窗口")
    desk.be(world.post)
    page.goto("/post/results/")
    page.get_by_label("邮件号").fill("a!")
    page.get_by_role("button", name="寄出", exact=True).click()
    page.get_by_text("请填写 8 到 30 位的邮件号").first.wait_for()
    page.get_by_label("邮件号").fill("EX123456789CN")
    desk.shoot("post-results")
    page.get_by_role("button", name="寄出", exact=True).click()
    page.get_by_text("已寄出，短信告知").wait_for()
    page.goto("/post/posted/")
    desk.shoot("post-posted")
    page.get_by_label("退回原因").fill("无人签收")
    page.get_by_role("button", name="退回", exact=True).click()
    page.get_by_text("已退回发证岗位").wait_for()
    case.refresh_from_db()
    assert (case.state, case.delivery) == ("delivering", "collect")


@pytest.mark.parametrize("role", ["archive", "department", "post"])
def test_nobody_else_may_hand_over(desk: Desk, world: World, role: str) -> None:
    case = world.case(until="sent")
    desk.be(world.people[role])
    desk.page.goto(f"/issuing/cases/{case.number}/")
    desk.page.get_by_text("没有这个页面").wait_for()
