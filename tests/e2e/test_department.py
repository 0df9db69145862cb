"""The department's desk with a queue: many at once, a unit's own words, field after field, a table of decisions."""

import io
from pathlib import Path

import openpyxl

from tests.e2e.conftest import Desk
from tests.world import ADULT, World
from tongban.cases import batches
from tongban.cases.models import CaseItem, Event


def test_a_queue_is_worked_through(desk: Desk, world: World, tmp_path: Path) -> None:
    cases = [world.case() for _ in range(17)]
    world.staff("department", name="样例·同事")
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = desk.be(world.department).page

    page.get_by_label("本页").check()
    page.get_by_text("17 件已勾选").wait_for()
    desk.shoot("department-many")
    page.keyboard.press("F9")
    page.get_by_text("正在受理：15 / 17").wait_for()
    desk.shoot("department-progress")
    batches.work()
    page.get_by_text("17 件已受理").wait_for()
    desk.shoot("department-batch")
    assert Event.objects.filter(kind="accepted").count() == 17

    page.goto("/department/opinions/")
    page.get_by_label("名称").fill("材料不符")
    page.get_by_label("内容").fill("“{事项}”的材料与登记的内容不符。")
    desk.press("存为常用语")
    page.get_by_text("Alt 1").wait_for()
    desk.shoot("department-opinions")
    page.goto(f"/cases/{cases[0].number}/")
    page.locator("details.act", has_text="不予办理").locator("summary").click()
    page.locator("#r2").focus()
    page.keyboard.press("Alt+1")
    name = CaseItem.objects.get(case=cases[0]).name
    assert page.locator("#r2").input_value() == f"“{name}”的材料与登记的内容不符。"
    desk.shoot("department-opinion-key")
    desk.press("不予办理")
    page.get_by_text("已登记不予办理").wait_for()

    page.locator("details.act", has_text="更正决定").locator("summary").click()
    page.get_by_label("准予办结", exact=True).check()
    page.get_by_label("为什么更正").fill("复核后材料相符")
    desk.shoot("department-correct")
    page.locator("form", has_text="为什么更正").get_by_role("button", name="更正决定").click()
    page.get_by_text("决定已更正，短信告知申请人").wait_for()
    page.get_by_text("不予办理（").first.wait_for()

    page.goto(f"/department/cases/{cases[1].number}/copy/")
    page.keyboard.press("F8")
    page.get_by_text("已复制“办件编号”").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == cases[1].number
    page.get_by_role("button", name="复制证件号码").click()
    page.get_by_text("已复制“证件号码”").wait_for()
    assert page.evaluate("navigator.clipboard.readText()") == ADULT
    desk.shoot("department-copy")

    page.goto("/department/decisions/")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载决定表").click()
    book = openpyxl.load_workbook(io.BytesIO(download.value.path().read_bytes()))
    sheet = book.worksheets[0]
    sheet["F2"], sheet["F3"] = "准予办结", "不予办理"
    book.save(tmp_path / "决定.xlsx")
    page.get_by_label("填好的决定表").set_input_files(tmp_path / "决定.xlsx")
    desk.shoot("department-decisions")
    desk.press("上传并逐行核对")
    page.get_by_text("不予办理要写理由").wait_for()
    desk.shoot("department-check")
    desk.press("只导入没有问题的 1 行")
    page.get_by_text("1 件已导入决定").wait_for()
    assert Event.objects.filter(kind="granted").count() == 1

    page.goto(f"/cases/{cases[2].number}/")
    page.locator("details.act", has_text="转给同事").locator("summary").click()
    page.get_by_label("转给本部门的").select_option(label="样例·同事")
    desk.shoot("department-pass")
    desk.press("转给他")
    page.get_by_text("已转出").wait_for()
    page.locator("details.act", has_text="中止计时").locator("summary").click()
    page.get_by_label("法定事由").select_option(label="检验")
    desk.press("中止计时，并书面告知")
    page.goto("/department/forms/")
    page.get_by_text("样例·张㛃").wait_for()
    desk.shoot("department-tray")
    page.get_by_label("怎样交给申请人").select_option(label="邮寄")
    desk.press("已交给申请人")
    page.get_by_text("都已交给申请人").wait_for()
    page.goto(f"/cases/{cases[2].number}/")
    desk.press("合成一个 PDF")
    page.get_by_text("打开 2 个文件合成的 PDF").wait_for()
