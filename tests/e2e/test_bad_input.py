"""Bad input at every form: a clear Chinese message at the field, the focus on it, nothing lost of what was typed."""

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.e2e import steps
from tests.e2e.conftest import Desk
from tests.e2e.files import png
from tests.world import ADULT, CHILD, World
from tongban.cases.models import Case

WRONG = {
    "applicant_id_number": {
        "110105194912310021": "校验位不对",
        "1101051949123100": "应为 18 位，现在是 16 位",
        "11010519491331002X": "出生日期|校验位",
        "": "请填写",
    },
    "applicant_name": {"张\u200b三": "控制字符", "张3": "不应有“3”", "长" * 101: "最多 100 个字", "": "请填写"},
    "applicant_phone": {"1380000": "应为 11 位，现在是 7 位", "12345678901": "格式不对", "": "请填写"},
    "applicant_address": {"示例" * 151: "最多 300 个字", "示例\u202e路": "控制字符"},
}


def typed(page: Page, name: str, value: str) -> None:
    page.locator(f"[name={name}]").evaluate("(e, value) => { e.removeAttribute('maxlength'); e.value = value }", value)


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in WRONG.items() for value in values])
def test_intake_field(desk: Desk, world: World, tmp_path: Path, name: str, value: str) -> None:
    page = steps.start(desk, world)
    for place in range(2):
        steps.give(page, place, tmp_path)
    typed(page, name, value)
    page.keyboard.press("F9")
    error = page.locator(f"#{name}-error")
    error.get_by_text("", exact=False).wait_for()
    page.wait_for_function(f"document.querySelector('#{name}-error').textContent !== ''")
    said = error.inner_text()
    assert any(part in said for part in WRONG[name][value].split("|")), said
    assert page.evaluate("document.activeElement.name") == name, "焦点应在有误的一栏"
    assert page.locator(f"[name={name}]").input_value() == value
    for other, kept in (("applicant_id_number", ADULT), ("applicant_name", steps.NAME)):
        if other != name:
            assert page.locator(f"[name={other}]").input_value() == kept
    assert page.locator(".thumbs img").count() == 2, "已上传的文件不应丢"
    assert page.locator("[name=items]:checked").count() == 1
    assert Case.objects.count() == 0


def test_expired_card_unless_it_is_named_as_a_defect(desk: Desk, world: World, tmp_path: Path) -> None:
    page = steps.start(desk, world)
    for place in range(2):
        steps.give(page, place, tmp_path)
    page.get_by_label("证件有效期至").fill("2020-01-01")
    page.keyboard.press("F9")
    page.get_by_text("证件 2020-01-01 已到期").wait_for()
    desk.shoot("window-expired")
    steps.material(page, 0).get_by_label("身份证不在有效期内").check()
    page.locator("#verdict").get_by_text("1 份材料需补正").wait_for()
    steps.take_in(page)
    assert Case.objects.get().outcome == "supplement"


def test_a_minor_needs_a_guardian(desk: Desk, world: World, tmp_path: Path) -> None:
    page = steps.start(desk, world)
    for place in range(2):
        steps.give(page, place, tmp_path)
    page.get_by_label("证件号码", exact=True).fill(CHILD)
    page.get_by_text("申请人未满 18 周岁").wait_for()
    page.keyboard.press("F9")
    page.get_by_text("请填写监护人姓名和证件号码").wait_for()
    desk.shoot("window-guardian")
    page.get_by_label("监护人姓名").fill("样例·李")
    page.get_by_label("监护人身份证号").fill(ADULT)
    steps.take_in(page)
    assert Case.objects.get().parties.get().role == "guardian"


@pytest.mark.parametrize(
    ("filename", "body", "said"),
    [
        ("照片.jpg", b"<html><script>alert(1)</script></html>", "照片.jpg"),
        ("身份证.pdf", b"PK\x03\x04" + bytes(200), "身份证.pdf"),
        ("空的.png", b"", "空的.png"),
        ("程序.exe", b"MZ" + bytes(500), "程序.exe"),
    ],
)
def test_file_that_is_not_what_it_says(
    desk: Desk, world: World, tmp_path: Path, filename: str, body: bytes, said: str
) -> None:
    page = steps.start(desk, world)
    path = tmp_path / filename
    path.write_bytes(body)
    section = steps.material(page, 0)
    section.locator("input[type=file]").set_input_files([path, png(tmp_path / "好的.png", 222)])
    section.get_by_role("alert").wait_for()
    assert said in section.get_by_role("alert").inner_text()
    section.locator(".thumbs img").wait_for()
    assert section.locator(".thumbs img").count() == 1, "同时选的好文件应当留下"
    assert page.get_by_label("姓名", exact=True).input_value() == steps.NAME


def test_nothing_chosen_is_said_at_each_place(desk: Desk, world: World) -> None:
    page = steps.start(desk, world, item="")
    page.keyboard.press("F9")
    page.get_by_text("请至少选一个事项").wait_for()
    assert page.get_by_text("选一个结论").count() == 2
    desk.shoot("window-nothing-chosen")


def test_postal_address_is_asked(desk: Desk, world: World, tmp_path: Path) -> None:
    page = steps.start(desk, world)
    for place in range(2):
        steps.give(page, place, tmp_path)
    page.get_by_label("邮寄", exact=True).check()
    page.get_by_label("邮寄地址").fill("")
    page.get_by_label("收件人电话").fill("1")
    page.keyboard.press("F9")
    page.get_by_text("请填写邮寄地址").wait_for()
    page.get_by_text("手机号码应为 11 位，现在是 1 位").wait_for()
    assert page.get_by_label("邮寄", exact=True).is_checked()


def test_draft_survives_a_closed_browser(desk: Desk, world: World, tmp_path: Path) -> None:
    page = steps.start(desk, world)
    steps.give(page, 0, tmp_path)
    page.get_by_label("住址").fill("另一处 2 号")
    page.get_by_text("已保存").wait_for()
    page.wait_for_function("!document.querySelector('.htmx-request')")
    url = page.url
    with page.expect_response(lambda answer: "/check/" in answer.url):
        page.get_by_label("手机号码").fill("13800000001")
        page.get_by_label("手机号码").blur()
    page.close()
    desk.page = desk.context.new_page()
    desk.page.goto(url)
    assert desk.page.get_by_label("手机号码").input_value() == "13800000001"
    assert desk.page.get_by_label("住址").input_value() == "另一处 2 号"
    assert desk.page.locator(".thumbs img").count() == 1


@pytest.mark.parametrize(
    ("summary", "button", "field", "value", "said"),
    [
        ("不予受理", "不予受理", "reason", "长" * 501, "最多 500 个字"),
        ("不予受理", "不予受理", "reason", "\u0007", "控制字符|请填写"),
    ],
)
def test_department_reason(
    desk: Desk, world: World, summary: str, button: str, field: str, value: str, said: str
) -> None:
    case = world.case()
    page = desk.be(world.department).page
    page.goto(f"/cases/{case.number}/")
    act = page.locator("details.act", has_text=summary)
    act.locator("summary").click()
    act.locator(f"[name={field}]").evaluate("(e, v) => { e.removeAttribute('maxlength'); e.value = v }", value)
    act.get_by_role("button", name=button).click()
    page.locator(".flash .error").wait_for()
    assert any(part in page.locator(".flash .error").inner_text() for part in said.split("|"))
    if value.strip():
        kept = act.locator(f"[name={field}]")
        assert kept.input_value() == value
        assert kept.is_visible()
        assert kept.evaluate("e => e === document.activeElement")
        assert any(part in act.locator(".error-text").inner_text() for part in said.split("|"))
    case.refresh_from_db()
    assert case.state == "pushed"


def test_wrong_password_says_what_to_do_and_keeps_the_account(desk: Desk, world: World) -> None:
    page = desk.page
    page.goto("/login/")
    page.get_by_label("账号").fill("nx-window")
    page.get_by_label("密码").fill("不对")
    desk.press("登录")
    page.get_by_role("alert").wait_for()
    assert page.get_by_label("账号").input_value() == "nx-window"
    desk.shoot("public-login")


@pytest.mark.parametrize(("number", "end"), [("", ""), ("NX-20260101-00000000", "12a4"), ("<b>", "0000")])
def test_progress_asked_wrongly(desk: Desk, world: World, number: str, end: str) -> None:
    page = desk.page
    page.goto("/progress/")
    page.get_by_label("办件编号").fill(number)
    page.get_by_label("手机号后四位").fill(end)
    desk.press("查询")
    page.locator(".error, .error-text, [role=alert]").filter(has_text="请").first.wait_for()
    assert page.get_by_label("办件编号").input_value() == number
