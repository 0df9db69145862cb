"""A case of the sample package with everything that goes by mail: a bag that comes late, paper for two units in one bag,
a result that is returned and then collected by the agent.
"""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from tests.e2e.conftest import Desk
from tests.e2e.files import png
from tests.e2e.steps import NAME, bring
from tests.e2e.test_sample_package import second as second
from tests.official import sample
from tests.world import ANOTHER, World, jpeg, key
from tongban.cases.actions import department
from tongban.cases.actions.forms import issue_form, keep_signed
from tongban.cases.application import Person
from tongban.cases.events import verify_all
from tongban.cases.models import Case, CaseMaterial
from tongban.cases.sheets import window_sheet
from tongban.custody.models import Thing
from tongban.people.models import Staff
from tongban.procedure.model import Procedure
from tongban.rules.review import MaterialState
from tongban.vault import store

LACKING = 1


@pytest.fixture
def procedure() -> Procedure:
    return sample("药店")


def tolerated(world: World) -> Case:
    items = tuple(item.code or "" for item in world.procedure.items)
    return world.case(
        items=items, materials=world.materials({LACKING: MaterialState.MISSING}),
        wants_tolerance=frozenset({LACKING}), agent=Person("样例·代", ANOTHER, "13900000000"), delivery="post",
        delivery_name=NAME, delivery_phone="13800000000", delivery_address="湖南省益阳市南县示例路 1 号",
    )  # fmt: skip


def pledged(world: World, case: Case) -> None:
    """The signed pledge is in the file: without it no department accepts."""
    data = window_sheet(case, "tolerance_pledge", world.window_clerk)
    issue_form(world.window_clerk, case.number, key=key(), kind="tolerance_pledge", data=data)
    form = case.forms.get(kind="tolerance_pledge")
    scan = store.store(jpeg(seed=7), "承诺书.jpg")
    keep_signed(world.window_clerk, case.number, key=key(), form_id=form.pk, scan=scan)


def test_a_late_bag_two_units_a_returned_result_and_an_agent(
    desk: Desk, world: World, second: Staff, tmp_path: Path
) -> None:
    case = tolerated(world)
    page = desk.be(world.window_clerk).page
    page.goto(f"/window/done/{case.number}/")
    desk.press("给回寄袋")
    page.get_by_text("回寄袋已登记给申请人").wait_for()
    desk.press("申请人同意留存")
    page.get_by_text("下次办理时可以直接用").wait_for()
    desk.press("按单位制作材料目录")
    page.get_by_text("单位材料目录已制作").wait_for()
    desk.shoot("window-done-bag")
    page.goto("/window/mail/")
    page.get_by_label("邮件号").fill("EX000000001CN")
    desk.shoot("window-mail")
    page.keyboard.press("F9")
    page.get_by_text("共 2 件").wait_for()

    bag = Thing.objects.get(kind="bag")
    page.context.clear_cookies()
    page.goto(f"/bag/{bag.code}/")
    page.get_by_text("经营场所证明").wait_for()
    desk.shoot("public-bag")
    desk.press("我已经寄出")
    page.get_by_text("已经登记寄出").wait_for()

    CaseMaterial.objects.filter(case=case, index=LACKING).update(tolerance_due=timezone.localdate() - timedelta(days=2))
    desk.be(world.post)
    page.goto("/paper/")
    for code in ("EX000000001CN", bag.code):
        page.keyboard.type(code)
        page.keyboard.press("Enter")
    page.keyboard.press("F9")
    page.get_by_text("3 件成功").wait_for()
    page.get_by_role("link", name="开袋").click()
    page.get_by_text("已过期限 2 天").wait_for()
    bring(page, LACKING, png(tmp_path / "place.png", 220))
    desk.shoot("paper-bag")
    page.keyboard.press("F9")
    page.get_by_text("已开袋清点").wait_for()
    page.goto("/post/units/")
    assert page.get_by_role("button", name="已送达并签收").count() == 2
    for _ in range(2):
        page.get_by_label("签收人").first.fill("样例·钱")
        desk.press("已送达并签收")
        page.get_by_text("已送达并签收。").wait_for()

    pledged(world, case)
    for staff in (world.department, second):
        department.accept(staff, case.number, key=key())
        department.decide(staff, case.number, key=key(), granted=True)
        department.send_result(staff, case.number, key=key())
    desk.be(world.issuing)
    page.goto("/issuing/list/post/")
    desk.press("交邮政专递窗口")
    desk.be(world.post)
    page.goto("/post/numbers/")
    page.get_by_label("邮政给的号码").fill("EX000000002CN\nEX000000003CN")
    desk.press("加入号码池")
    page.get_by_text("已加入 2 个").wait_for()
    desk.shoot("post-numbers")
    page.goto("/post/results/")
    desk.shoot("post-results-area")
    page.get_by_role("button", name="寄出", exact=True).click()  # no number typed: the next of the pool
    page.get_by_text("已寄出，短信告知").wait_for()
    page.goto("/post/posted/")
    page.get_by_text("EX000000002CN").wait_for()
    page.get_by_label("退回原因").fill("无人签收")
    page.get_by_role("button", name="退回", exact=True).click()
    page.get_by_text("已退回发证岗位").wait_for()

    desk.be(world.issuing)
    page.goto("/issuing/list/returned/")
    desk.shoot("issuing-returned")
    page.get_by_role("link", name="处理").click()
    page.get_by_text("退回：无人签收").wait_for()
    desk.shoot("issuing-returned-case")
    desk.press("申请人自己来领")
    page.get_by_text("申请人来领").first.wait_for()
    page.get_by_label("领取人姓名").fill("样例·代")
    page.get_by_label("出示的身份证号码").fill(ANOTHER)
    page.keyboard.press("F9")
    page.get_by_text("可以发放").first.wait_for()
    case.refresh_from_db()
    assert case.state == "released"
    assert [broken for _, broken in verify_all() if broken] == []
