"""The whole case of the official text by the people of each desk, from the township window to the archive."""

from pathlib import Path

from tests.e2e.conftest import Desk
from tests.e2e.files import good
from tests.world import ADULT, World
from tongban.cases.events import verify_all
from tongban.cases.models import Case
from tongban.messages.relay import relay
from tongban.messages.sending import send


def intake(desk: Desk, world: World, folder: Path) -> Case:
    """A normal intake at the window."""
    page = desk.be(world.window_clerk).page
    desk.shoot("window-home")
    desk.press(world.version.name)
    page.get_by_label("证件号码", exact=True).fill(ADULT)
    page.get_by_label("姓名", exact=True).fill("样例·张㛃")
    page.get_by_label("手机号码").fill("138 0000 0000")
    page.get_by_label("住址").fill("示例镇示例路 1 号")
    page.get_by_label("社会保障卡申领").check()
    for place in range(2):
        section = page.locator(f"[data-material='{place}']")
        section.get_by_label("符合", exact=True).check()
        with page.expect_response(lambda response: "/files/" in response.url and response.status == 200):
            section.locator("input[type=file]").set_input_files(
                good(folder / f"{place}.jpg", ("idcard", "photo")[place], place)
            )
        section.locator(".thumbs img").wait_for()
    page.get_by_label("已验原件").check()
    page.get_by_text("材料符合收件要点").wait_for()
    desk.shoot("window-intake")
    page.keyboard.press("F9")
    page.get_by_text("要交给申请人的文书").wait_for()
    return Case.objects.get()


def test_from_the_window_to_the_archive(desk: Desk, world: World, tmp_path: Path) -> None:
    case = intake(desk, world, tmp_path)
    page = desk.page
    assert case.state == "pushed"
    assert case.platform == "市一体化平台"
    desk.shoot("window-done")
    desk.press("已交给 样例·张㛃")
    page.get_by_text("已交申请人", exact=True).wait_for()

    desk.be(world.department)
    desk.shoot("department-inbox")
    page.get_by_role("link", name=case.number).click()
    desk.press("受理，开始计时")
    page.get_by_text("已受理，从明天起计时").wait_for()
    page.get_by_text("还有 60 个工作日").wait_for()
    desk.shoot("department-case")
    page.locator("details.act", has_text="中止计时").locator("summary").click()
    page.get_by_label("法定事由").select_option(label="检验")
    desk.press("中止计时，并书面告知")
    page.get_by_text("已中止计时，恢复后还有").wait_for()
    desk.press("恢复计时")
    desk.press("准予办结")
    desk.press("结果送发证岗位")
    page.get_by_text("结果已送发证岗位。").wait_for()

    desk.be(world.issuing)
    desk.shoot("issuing-list")
    page.get_by_role("link", name="发放", exact=True).click()
    page.get_by_label("领取人姓名").fill("样例·张㛃")
    page.get_by_label("出示的身份证号码").fill(ADULT)
    page.get_by_text("十.2（1）").first.wait_for()
    desk.shoot("issuing-release")
    desk.press("核对并发放")
    page.get_by_text("可以发放。").wait_for()
    desk.press("工作资料移交归档")

    desk.be(world.archive)
    desk.shoot("archive-list")
    page.get_by_role("link", name="检查并归档").click()
    page.get_by_text("资料齐全").wait_for()
    desk.shoot("archive-check")
    desk.press("归档并关闭办件")
    page.get_by_text("已归档，办件关闭。").wait_for()

    while relay() or send():
        pass
    desk.be(world.oversight)
    desk.shoot("oversight")
    page.goto(f"/cases/{case.number}/")
    desk.press("核验经过有无改动")
    page.get_by_text("核验通过").wait_for()
    desk.shoot("oversight-case")

    page.goto("/progress/")
    page.get_by_label("办件编号").fill(case.number)
    page.get_by_label("手机号后四位").fill("0000")
    desk.press("查询")
    desk.shoot("public-progress")
    page.get_by_label("非常满意").check()
    desk.press("提交评价")
    page.get_by_text("谢谢您的评价").wait_for()

    case.refresh_from_db()
    assert case.state == "archived"
    assert case.ratings.get().level == 1
    assert [broken for _, broken in verify_all() if broken] == []
