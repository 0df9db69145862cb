"""People at their desks: a log-in with a telephone's code, taking turns at a counter, administering, unmasking, editing."""

from pathlib import Path

import pyotp
import pytest
from django.utils import timezone
from playwright.sync_api import Error, expect

from tests.e2e.conftest import Desk
from tests.e2e.steps import NAME, start
from tests.world import ADULT, World
from tongban.cases.models import Draft
from tongban.people.models import Duty, Role, Staff, Window

PASSWORD = "township-window-7"
DOCUMENT = Path(__file__).parents[1] / "procedure" / "fixtures" / "official.doc"


def code(secret: str) -> str:
    return pyotp.TOTP(secret).generate_otp(int(timezone.now().timestamp()) // 30)


def log_in(desk: Desk, staff: Staff, password: str = PASSWORD) -> None:
    desk.page.goto("/login/")
    desk.page.get_by_label("账号").fill(staff.username)
    desk.page.get_by_label("密码").fill(password)
    desk.press("登录")


def test_the_first_log_in_of_an_officer_and_the_second(desk: Desk, world: World) -> None:
    officer = world.department
    officer.set_password(PASSWORD)
    officer.demo, officer.password_once = False, True
    officer.save()
    page = desk.page
    log_in(desk, officer)
    page.get_by_text("扫下面的二维码").wait_for()
    assert page.locator(".qr svg").bounding_box()["width"] > 180  # type: ignore[index]
    desk.shoot("people-factor")
    secret = page.locator("p.small b").inner_text().replace(" ", "")
    page.get_by_label("验证码").fill("12")
    desk.press("完成设置")
    page.get_by_text("验证码不对").wait_for()
    page.get_by_label("验证码").fill(code(secret))
    desk.press("完成设置")
    expect(page.locator(".codes li")).to_have_count(10)
    desk.shoot("people-codes")
    recovery = page.locator(".codes li").first.inner_text()
    page.get_by_role("link", name="已经存好，继续").click()
    page.get_by_label("新密码（至少 10 位）").fill("county-seat-2026")
    page.get_by_label("再输一次新密码").fill("county-seat-2026")
    desk.shoot("people-password")
    desk.press("保存新密码")
    page.get_by_role("heading", name="待受理").wait_for()
    desk.press("退出")
    log_in(desk, officer, "county-seat-2026")
    page.get_by_label("验证码").fill(recovery)
    desk.shoot("people-code")
    desk.press("继续")
    page.get_by_role("heading", name="待受理").wait_for()
    page.goto("/account/")
    desk.shoot("people-account")


def test_the_next_person_at_the_counter_goes_on_with_the_draft(desk: Desk, world: World) -> None:
    other = world.staff(Role.WINDOW, "样例·接班")
    other.set_password(PASSWORD)
    other.demo = True
    other.save()
    page = start(desk, world)
    where = page.url
    page.get_by_label("手机号码").fill("139 0000 0001")  # and at once:
    page.get_by_role("link", name="本岗换人").click()
    page.get_by_text("样例·接班").wait_for()
    desk.shoot("people-counter")
    page.get_by_label("本人的密码或验证码").fill("错")
    desk.press("换人")
    page.get_by_text("没有换人").wait_for()
    page.get_by_label("样例·接班").check()
    page.get_by_label("本人的密码或验证码").fill(PASSWORD)
    page.get_by_role("button", name="换人").click()
    page.wait_for_url(where)
    expect(page.get_by_label("姓名", exact=True)).to_have_value(NAME)
    expect(page.get_by_label("手机号码")).to_have_value("139 0000 0001")
    expect(page.locator(".who")).to_contain_text("样例·接班")
    assert Draft.objects.count() == 1


def test_an_administrator_makes_an_account_gives_a_duty_and_closes_a_window(desk: Desk, world: World) -> None:
    world.case()
    Window.objects.create(region=world.region, township="邻镇", name="邻镇窗口")
    page = desk.be(world.administrator).page
    desk.shoot("admin-accounts")
    page.get_by_text("建立账号…").click()
    page.get_by_label("账号（小写字母、数字）").fill("Li.Si")
    page.get_by_label("姓名", exact=True).fill("样例·李四")
    desk.press("建立账号")
    first = page.locator(".big-number").inner_text()
    assert Staff.objects.get(username="li.si").check_password(first)
    desk.shoot("admin-first-password")
    page.reload()
    assert page.locator(".big-number").count() == 0
    page.get_by_text("安排岗位…").click()
    page.get_by_label("收件", exact=True).check()
    page.get_by_label("窗口", exact=True).select_option(label=f"{world.region.name} 邻镇窗口")
    desk.shoot("admin-duty")
    page.get_by_role("button", name="安排岗位").click()
    page.get_by_text("岗位已安排").wait_for()
    assert Duty.objects.get(staff__username="li.si").window.name == "邻镇窗口"  # type: ignore[union-attr]
    desk.shoot("admin-account")
    page.goto("/admin/places/")
    desk.shoot("admin-places")
    page.get_by_role("link", name=world.window.name).click()
    page.get_by_label("谁来接手").select_option(label=f"{world.region.name} 邻镇窗口")
    desk.shoot("admin-window")
    desk.press("撤销并移交")
    page.get_by_text("在办的都已移交").wait_for()
    desk.shoot("admin-window-closed")
    for name in ("changes", "tries", "places/import"):
        page.goto(f"/admin/{name}/")
        desk.shoot(f"admin-{name.replace('/', '-')}")
    desk.be(world.window_clerk)
    desk.page.goto("/notices/")
    desk.page.get_by_text("移交给邻镇窗口").wait_for()
    desk.shoot("people-notices")


def test_a_window_list_is_shown_before_it_is_imported(desk: Desk, world: World, tmp_path: Path) -> None:
    listed = tmp_path / "窗口.csv"
    listed.write_text(
        f"承办地,乡镇（街道、园区）,窗口名称,地址,电话\n{world.region.name},新镇,新镇窗口,新镇示例路 1 号,0737-0000000\n",
        encoding="gb18030",
    )
    page = desk.be(world.administrator).page
    page.goto("/admin/places/import/")
    page.get_by_label("窗口名录", exact=True).set_input_files(listed)
    desk.press("看看要改什么")
    page.get_by_text("新增 1，更新 0").wait_for()
    desk.shoot("admin-import-preview")
    page.get_by_role("button", name="导入", exact=True).click()
    page.get_by_role("link", name="新镇窗口").wait_for()


def test_whole_data_are_asked_for_with_a_purpose_and_oversight_sees_it(desk: Desk, world: World) -> None:
    case = world.case("accepted")
    page = desk.be(world.department).page
    page.goto(f"/cases/{case.number}/")
    assert ADULT not in page.content()
    page.get_by_text("看申请人的完整信息…").click()
    page.get_by_label("证件号码", exact=True).check()
    desk.shoot("people-unmask")
    desk.press("显示一次")
    page.get_by_text("请选择用途").first.wait_for()
    page.get_by_label("证件号码", exact=True).check()
    page.get_by_label("用途").select_option(label="核对身份")
    desk.press("显示一次")
    page.get_by_text(ADULT).wait_for()
    desk.shoot("people-unmasked")
    page.get_by_role("link", name="看完了，回到办件").click()
    with pytest.raises(Error, match="CACHE_MISS"):  # the page was kept nowhere
        page.go_back()
    page.wait_for_url("chrome-error://**")  # the browser's own page has come: nothing interrupts the next
    desk.be(world.oversight)
    page.goto("/oversight/unmaskings/")
    page.get_by_text("核对身份").wait_for()
    desk.shoot("people-unmaskings")


def test_a_document_becomes_a_version(desk: Desk, world: World) -> None:
    page = desk.be(world.editor).page
    desk.shoot("editor")
    page.get_by_label("官方文件").set_input_files(DOCUMENT)
    desk.press("读出来")
    page.get_by_text("需要留意").wait_for()
    text = page.get_by_label("YAML")
    text.fill(text.input_value().replace(world.procedure.materials[0].name, "新材料", 1))
    desk.press("保存草稿")
    page.get_by_text("比现行的第 1 版").wait_for()
    desk.shoot("editor-draft")
    page.get_by_label("施行日").fill(str(timezone.localdate()))
    page.get_by_label("发文机关").fill("示例市政务服务局")
    page.get_by_label("依据（文号、法规）").fill("示例办〔2026〕1 号")
    if page.get_by_text("照样发布").count():
        page.get_by_label("照样发布").check()
    page.get_by_role("button", name="发布", exact=True).click()
    page.get_by_role("heading", name="第 2 版").wait_for()
    desk.shoot("editor-version")
