"""Forms at the counter: printed with one key, signed on the screen, checked by phone, each kind opened by the browser."""

import io
from pathlib import Path

import pypdf
import pytest

from tests.e2e import steps
from tests.e2e.conftest import Desk
from tests.official import sample as package
from tests.world import World, key
from tongban.cases import prints
from tongban.cases.actions.forms import SERIES, issue_form, issue_sheet
from tongban.cases.models import Case, IssuedForm, Reading
from tongban.paperwork.form import KINDS, MODELS
from tongban.paperwork.model import Form
from tongban.paperwork.samples import sample
from tongban.procedure.model import Procedure

ADDED = ("serial", "token", "check_at", "issued_at", "case_number")


@pytest.fixture
def procedure() -> Procedure:
    return package("药店")


def opened(desk: Desk, url: str) -> pypdf.PdfReader:
    """The PDF behind a link, as the browser's own session gets it."""
    answer = desk.page.request.get(url)
    assert answer.ok, url
    assert answer.headers["content-type"] == "application/pdf"
    return pypdf.PdfReader(io.BytesIO(answer.body()))


def test_tolerance_is_printed_together_signed_on_the_screen_and_checked(
    desk: Desk, world: World, tmp_path: Path
) -> None:
    page = steps.start(desk, world, item=world.procedure.items[0].name)
    places = [
        n
        for n, m in enumerate(world.procedure.materials)
        if not m.applies_to or world.procedure.items[0].code in m.applies_to
    ]
    page.locator(f"[data-material='{places[-1]}']").wait_for()
    for place in places:
        steps.give(page, place, tmp_path, "没有带" if place == 1 else "符合")
    page.locator("#verdict").get_by_text("需补正").wait_for()  # what was judged has been answered
    steps.material(page, 1).get_by_label("容缺").check()
    page.locator("#verdict").get_by_text("容缺，请打印").wait_for()
    steps.take_in(page)
    case = Case.objects.get()
    desk.shoot("forms-waiting")
    link = page.get_by_role("link", name="打印 3 份文书")
    assert link.get_attribute("data-key") == "F9"
    assert len(opened(desk, str(link.get_attribute("href"))).pages) >= 3
    assert set(IssuedForm.objects.values_list("prints", flat=True)) == {1}

    desk.be(world.department)
    page.goto(f"/cases/{case.number}/")
    desk.press("受理，开始计时")
    page.get_by_text("签字件还没有存入").first.wait_for()

    desk.be(world.window_clerk)
    page.goto(f"/window/done/{case.number}/")
    page.get_by_role("link", name="在屏幕上签名").click()
    page.get_by_text("请先看完全文").wait_for()
    confirm = page.get_by_role("button", name="确认签名")
    assert confirm.is_disabled()
    box = page.locator("canvas").bounding_box()
    assert box is not None
    for start, end in (((0.1, 0.2), (0.8, 0.8)), ((0.1, 0.8), (0.8, 0.2))):
        page.mouse.move(box["x"] + box["width"] * start[0], box["y"] + box["height"] * start[1])
        page.mouse.down()
        page.mouse.move(box["x"] + box["width"] * end[0], box["y"] + box["height"] * end[1], steps=8)
        page.mouse.up()
    desk.shoot("forms-sign")
    confirm.click()
    page.get_by_text("签名已存入。").wait_for()
    pledge = IssuedForm.objects.get(kind="tolerance_pledge")
    signed = opened(desk, f"/cases/{case.number}/forms/{pledge.pk}/signed/")
    assert "手写于" in signed.pages[0].extract_text()

    page.goto(f"/check/{pledge.token}/")
    page.get_by_text("有效", exact=True).wait_for()
    desk.shoot("forms-check")
    copy = tmp_path / "副本.pdf"
    copy.write_bytes(page.request.get(f"/cases/{case.number}/forms/{pledge.pk}.pdf").body())
    page.locator("#file").set_input_files(copy)
    desk.press("比对")
    page.get_by_text("没有改动").wait_for()
    copy.write_bytes(copy.read_bytes() + b"\n")
    page.locator("#file").set_input_files(copy)
    desk.press("比对")
    page.get_by_text("与电子原件不一致").wait_for()
    page.goto("/check/?token=123")
    page.get_by_text("没有这张文书").wait_for()
    desk.shoot("forms-check-unknown")

    page.goto("/window/forms/")
    desk.shoot("forms-tray")
    page.locator(".find").fill(f"https://tongban.example/check/{pledge.token}")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/cases/{case.number}/")
    page.locator("details.act", has_text="作废…").first.locator("summary").click()
    page.get_by_label("为什么作废").first.fill("姓名打错了")
    page.get_by_role("button", name="作废").first.click()
    page.get_by_text("文书已作废，原件留存。").wait_for()
    desk.shoot("forms-withdrawn")


def test_each_form_opens_and_all_of_a_kind_print_as_one(desk: Desk, world: World) -> None:
    case = world.case()
    for kind in KINDS:
        data = {name: value for name, value in sample(kind).items() if name not in ADDED}
        if issubclass(MODELS[kind], Form) or kind == "post_label":
            issue_form(world.window_clerk, case.number, key=key(), kind=kind, data=data)
        else:
            issue_sheet(world.window_clerk, world.region, key=key(), kind=kind, data=data)
    assert set(IssuedForm.objects.values_list("kind", flat=True)) == set(SERIES)
    page = desk.be(world.window_clerk).page
    page.goto(f"/cases/{case.number}/")
    desk.shoot("forms-every")
    for form in IssuedForm.objects.exclude(case=None):
        with page.expect_popup() as popup:
            page.locator(f'a[href$="/forms/{form.pk}.pdf"]').first.click()
        popup.value.close()
        text = "".join(opened(desk, f"/cases/{case.number}/forms/{form.pk}.pdf").pages[-1].extract_text().split())
        assert form.serial in text
    assert Reading.objects.filter(what__startswith="文书").count() >= len(KINDS) - 2

    page.goto("/prints/")
    desk.shoot("prints-day")
    page.get_by_role("row", name="邮寄交接清单").get_by_role("button").click()
    page.get_by_text("正在合并").wait_for()
    desk.shoot("prints-progress")
    assert prints.put_together() == 1
    page.get_by_role("link", name="打印 1 份").wait_for()
    desk.shoot("prints-ready")
    link = page.get_by_role("link", name="打印 1 份").get_attribute("href")
    assert len(opened(desk, str(link)).pages) == 1


def test_a_character_no_font_draws_is_told_before_anything_is_printed(desk: Desk, world: World) -> None:
    page = steps.start(desk, world, item=world.procedure.items[0].name)
    page.get_by_label("姓名", exact=True).fill("\U00031351样例")
    page.locator("#verdict").get_by_text("字体画不出来").wait_for()
    desk.shoot("forms-undrawn")
