"""The five outcomes of the form review, at the window: what the screen says, cites, hands out and stores."""

from pathlib import Path

import pytest

from tests.e2e import steps
from tests.e2e.conftest import Desk
from tests.official import sample
from tests.world import World
from tongban.cases.models import Case, Draft
from tongban.procedure.model import Procedure


def forms_of(case: Case) -> list[str]:
    return list(case.forms.order_by("id").values_list("kind", flat=True))


def verdict(desk: Desk, text: str, clause: str) -> None:
    bar = desk.page.locator("#verdict")
    bar.get_by_text(text).wait_for()
    bar.locator(".cite", has_text=clause).first.wait_for()


def test_out_of_scope_is_declined_with_the_reason(desk: Desk, world: World) -> None:
    page = steps.start(desk, world, item="")
    page.get_by_label("不属于").check()
    verdict(desk, "不予收件并当场告知理由", "八（一）")
    page.get_by_label("不予收件的理由").fill("申请的事项不在本窗口收件范围。")
    desk.shoot("window-decline")
    steps.take_in(page)
    case = Case.objects.get()
    assert (case.state, case.outcome_clauses, forms_of(case)) == ("declined", ["八（一）"], ["decline_notice"])
    assert "申请的事项不在本窗口收件范围。" in case.outcome_reason
    page.get_by_text("不予收件告知单").first.wait_for()


def test_what_can_be_corrected_is_corrected_and_then_taken_in(desk: Desk, world: World, tmp_path: Path) -> None:
    page = steps.start(desk, world)
    steps.give(page, 0, tmp_path, "可当场更正")
    steps.give(page, 1, tmp_path)
    verdict(desk, "可以当场更正", "八（二）")
    assert page.locator("#verdict button").is_disabled()
    page.keyboard.press("F9")
    assert Case.objects.count() == 0
    desk.shoot("window-correct-now")
    steps.give(page, 0, tmp_path)
    verdict(desk, "材料符合收件要点", "八（五）")
    steps.take_in(page)
    assert Case.objects.get().outcome == "conform"


def test_every_defect_is_told_at_once(desk: Desk, world: World, tmp_path: Path) -> None:
    page = steps.start(desk, world)
    steps.material(page, 0).get_by_label("身份证不在有效期内").check()
    steps.give(page, 1, tmp_path, "没有带")
    verdict(desk, "2 份材料需补正", "八（三）")
    desk.shoot("window-supplement-notice")
    steps.take_in(page)
    case = Case.objects.get()
    assert (case.state, forms_of(case)) == ("supplementing", ["supplement_notice"])
    assert [d["name"] for d in case.defects] == ["身份证", "寸照"]

    page.goto("/window/supplements/")
    page.get_by_role("link", name="申请人来补正").click()
    for place in range(2):
        section = page.locator(f"input[name=state_{place}][value=conforms]")
        section.check()
        steps.bring(page, place, steps.good(tmp_path / f"new{place}.jpg", ("idcard", "photo")[place], 5 + place))
    desk.shoot("window-supplement")
    steps.take_in(page)
    case.refresh_from_db()
    assert (case.state, forms_of(case)) == ("pushed", ["supplement_notice", "intake_receipt"])


def test_conforming_material_is_taken_in_and_pushed(desk: Desk, world: World, tmp_path: Path) -> None:
    page = steps.start(desk, world)
    for place in range(2):
        steps.give(page, place, tmp_path)
    page.get_by_label("邮寄", exact=True).check()
    assert page.get_by_label("收件人", exact=True).input_value() == steps.NAME
    assert page.get_by_label("邮寄地址").input_value() == "示例镇示例路 1 号"
    verdict(desk, "收件并推送承办部门", "八（五）")
    steps.take_in(page)
    case = Case.objects.get()
    assert (case.state, case.delivery, forms_of(case)) == ("pushed", "post", ["intake_receipt"])
    assert case.delivery_phone == "13800000000"
    assert Draft.objects.count() == 0


def test_an_earlier_material_is_used_after_it_was_compared(desk: Desk, world: World, tmp_path: Path) -> None:
    world.case(until="archived")
    page = steps.start(desk, world)
    section = steps.material(page, 0)
    section.get_by_text("历史资料").wait_for()
    section.get_by_role("button", name="直接利用").click()
    section.get_by_text("请先核对历史资料").wait_for()
    page.get_by_label("住址").fill("示例镇示例路 2 号")
    section.get_by_label("已核对，和本人一致").check()
    desk.shoot("window-history")
    section.get_by_role("button", name="直接利用").click()
    section.locator(".thumbs li").wait_for()
    section.get_by_label("符合", exact=True).check()
    steps.give(page, 1, tmp_path)
    verdict(desk, "材料符合收件要点", "八（五）")
    steps.take_in(page)
    case = Case.objects.latest("id")
    assert list(case.materials.order_by("index").values_list("files__source", flat=True)) == ["earlier", "file"]


class TestTolerance:
    """A package with a tolerable material; the official one has none."""

    @pytest.fixture
    def procedure(self) -> Procedure:
        return sample("药店")

    def test_pledge_now_and_material_later(self, desk: Desk, world: World, tmp_path: Path) -> None:
        item = next(i for i in world.procedure.items if i.pickable)
        page = steps.start(desk, world, item.name)
        tolerable = 0
        asked = page.locator("[data-material]").evaluate_all("all => all.map(one => one.dataset.material)")
        for place in asked:
            material = world.procedure.materials[int(place)]
            if material.tolerable:
                tolerable += 1
                steps.give(page, int(place), tmp_path, "没有带")
                steps.material(page, int(place)).get_by_label("申请人愿意容缺办理").check()
            else:
                steps.give(page, int(place), tmp_path)
        verdict(desk, "请打印《容缺告知书》和《容缺承诺书》", "八（四）")
        desk.shoot("window-tolerance")
        steps.take_in(page)
        case = Case.objects.get()
        assert case.state == "pushed"
        assert forms_of(case) == ["tolerance_notice", "tolerance_pledge", "intake_receipt"]
        desk.shoot("window-tolerance-done")
        page.goto("/window/tolerated/")
        desk.shoot("window-tolerated")
        page.get_by_role("link", name="材料来了").first.click()
        desk.press("补齐")
        page.get_by_text("请选择补来的材料文件").wait_for()
        place = int(page.locator("[data-material]").get_attribute("data-material") or "")
        steps.bring(page, place, steps.good(tmp_path / "later.jpg", "scan", 9))
        desk.shoot("window-supply")
        desk.press("补齐")
        page.get_by_text("已补齐。").wait_for()
        assert case.materials.filter(tolerated=True, supplied_at=None).count() == tolerable - 1
