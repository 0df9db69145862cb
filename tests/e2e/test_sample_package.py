"""The branches the official package does not have: two departments, paper carried, a fee, a late defect, post."""

from pathlib import Path

import pytest

from tests.e2e import steps
from tests.e2e.conftest import Desk
from tests.official import sample
from tests.world import World
from tongban.cases.events import verify_all
from tongban.cases.models import Case
from tongban.people.models import Staff, Unit
from tongban.procedure.model import Procedure
from tongban.rules.review import asked


@pytest.fixture
def procedure() -> Procedure:
    return sample("药店")


@pytest.fixture
def second(world: World) -> Staff:
    """A second department that decides the second item."""
    first, other = (item.code for item in world.procedure.items)
    Unit.objects.filter(pk=world.unit.pk).update(items=[first])
    unit = Unit.objects.create(region=world.region, name="另一承办局（示例）", items=[other])
    staff = world.staff("department", "样例·许", unit=unit)
    Staff.objects.filter(pk=staff.pk).update(demo=True)
    return staff


def took_in(desk: Desk, world: World, folder: Path) -> Case:
    page = steps.start(desk, world, item="")
    for item in world.procedure.items:
        page.get_by_label(item.name).check()
    last = len(world.procedure.materials) - 1
    page.locator(f"[data-material='{last}']").wait_for()
    for place in range(last + 1):
        steps.give(page, place, folder)
    page.get_by_label("邮寄", exact=True).check()
    page.locator("#verdict").get_by_text("材料符合收件要点").wait_for()
    steps.take_in(page)
    return Case.objects.get()


def test_two_departments_paper_fee_and_post(desk: Desk, world: World, second: Staff, tmp_path: Path) -> None:
    case = took_in(desk, world, tmp_path)
    page = desk.page
    desk.press("按单位制作材料目录")
    page.get_by_text("单位材料目录已制作").wait_for()
    desk.shoot("window-lists")
    for _ in range(page.get_by_role("button", name="装袋寄出").count()):
        desk.press("装袋寄出")
        page.get_by_text("已寄往邮政专递窗口").wait_for()

    desk.be(world.post)
    lists = page.get_by_role("button", name="核对无误，接收").count()
    assert lists == 2, "每个单位一份目录"
    desk.shoot("post-incoming")
    page.get_by_label("和目录不符的").first.fill("少一份复印件")
    for _ in range(lists):
        desk.press("核对无误，接收")
        page.get_by_text("已接收，请送到单位窗口").wait_for()
    page.goto("/post/units/")
    page.get_by_text("少一份复印件").wait_for()
    desk.shoot("post-units")
    for _ in range(lists):
        page.get_by_label("签收人").first.fill("样例·钱")
        desk.press("已送达并签收")
        page.get_by_text("已送达并签收。").wait_for()

    for place, staff in enumerate((world.department, second)):
        desk.be(staff)
        page.get_by_role("link", name=case.number).click()
        desk.press("受理，开始计时")
        if place == 0:
            page.locator("details.act", has_text="通知缴费").locator("summary").click()
            page.get_by_label("金额（元）").fill("一百")
            desk.press("通知申请人缴费")
            page.get_by_text("金额有误").first.wait_for()
            assert page.get_by_label("金额（元）").input_value() == "一百"
            page.get_by_label("金额（元）").fill("120.50")
            desk.press("通知申请人缴费")
            page.get_by_text("已通知缴费").wait_for()
            desk.shoot("department-fee")
            desk.press("准予办结")
            page.get_by_text("还没有确认缴纳").wait_for()
            desk.press("确认已缴费")
        desk.press("准予办结")
        desk.press("结果送发证岗位")
        page.get_by_text("结果已送发证岗位。").wait_for()

    desk.be(world.issuing)
    page.goto("/issuing/list/post/")
    desk.press("交邮政专递窗口")
    desk.be(world.post)
    page.goto("/post/results/")
    page.get_by_label("邮件号").first.fill("EX123456789CN")
    page.get_by_role("button", name="寄出", exact=True).click()
    page.get_by_text("已寄出，短信告知").wait_for()
    page.goto("/post/posted/")
    desk.press("申请人已签收")
    page.get_by_text("已登记签收").wait_for()

    case.refresh_from_db()
    assert case.state == "released"
    assert set(case.items.values_list("state", flat=True)) == {"delivered"}
    desk.be(world.window_clerk)
    page.goto("/window/papers/")
    if page.get_by_role("button", name="移交发证人员").count():
        desk.press("移交发证人员")
    desk.be(world.issuing)
    page.goto("/paper/")
    page.get_by_label(f"签收 {case.number}").check()
    page.keyboard.press("F9")
    page.get_by_text("1 件成功").wait_for()
    page.goto("/issuing/list/papers/")
    desk.press("移交归档人员")
    desk.be(world.archive)
    page.get_by_role("link", name="检查并归档").click()
    desk.press("归档并关闭办件")
    page.get_by_text("已归档，办件关闭。").wait_for()
    assert [broken for _, broken in verify_all() if broken] == []


def test_one_department_refuses_while_the_other_grants(desk: Desk, world: World, second: Staff) -> None:
    codes = tuple(item.code or item.name for item in world.procedure.items)
    case = world.case(items=codes)
    page = desk.be(world.department).page
    page.get_by_role("link", name=case.number).click()
    page.locator("details.act", has_text="不予受理").locator("summary").click()
    page.get_by_label("理由（申请人会看到）").fill("经营场所不在本县。")
    desk.press("不予受理")
    page.get_by_text("理由：经营场所不在本县。").wait_for()
    desk.shoot("department-not-accepted")
    desk.be(second)
    page.get_by_role("link", name=case.number).click()
    assert page.get_by_role("button", name="受理，开始计时").count() == 1
    desk.press("受理，开始计时")
    page.get_by_text("已受理，从明天起计时").wait_for()
    assert sorted(case.items.values_list("state", flat=True)) == ["accepted", "not_accepted"]


def test_a_defect_named_only_at_the_second_visit_needs_a_reason(desk: Desk, world: World, tmp_path: Path) -> None:
    item = world.procedure.items[0]
    places = asked(world.procedure, frozenset({item.code or ""}))
    page = steps.start(desk, world, item.name)
    page.wait_for_function("n => document.querySelectorAll('[data-material]').length === n", arg=len(places))
    steps.give(page, places[0], tmp_path, "没有带")
    for place in places[1:]:
        steps.give(page, place, tmp_path)
    page.locator("#verdict").get_by_text("1 份材料需补正").wait_for()
    steps.take_in(page)
    case = Case.objects.get()
    page.goto(f"/window/supplements/{case.number}/")
    page.locator(f"input[name=state_{places[0]}][value=conforms]").check()
    steps.bring(page, places[0], steps.good(tmp_path / "came.jpg", "scan", 8))
    page.locator(f"input[name=state_{places[-1]}][value=defective]").check()
    page.locator(f"input[name=other_{places[-1]}]").fill("少一页")
    desk.press("提交")
    page.get_by_text("第一次就能看到").first.wait_for()
    desk.shoot("window-late-defect")
    assert page.locator(f"input[name=other_{places[-1]}]").input_value() == "少一页"
    page.get_by_label("为什么第一次没有告知").fill("当时没有翻到最后一页。")
    page.get_by_alt_text("came.jpg").wait_for()
    desk.press("提交")
    page.get_by_text("要交给申请人的文书").wait_for()
    assert case.materials.get(index=places[0]).files.filter(withdrawn=False).count() == 1
    desk.be(world.oversight)
    page.goto("/oversight/list/late-defects/")
    assert page.locator(".rail a[aria-current=page] .count").inner_text() == "1", "oversight counts such cases"
    page.get_by_role("link", name=case.number).click()
    page.get_by_text("当时没有翻到最后一页。").first.wait_for()
