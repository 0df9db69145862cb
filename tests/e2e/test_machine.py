"""The machine beside the clerk: findings as soon as a file is dropped, a tick overruled, a card read in the background."""

import io
import random
from datetime import date
from pathlib import Path

import numpy as np
from PIL import Image
from playwright.sync_api import expect

from tests.e2e import steps
from tests.e2e.conftest import Desk
from tests.e2e.files import good
from tests.imaging import cards
from tests.pictures import portrait
from tests.world import World
from tongban.cases.models import Case, MaterialFinding
from tongban.checks.looking import look


def blue(path: Path) -> Path:
    """A good portrait on a blue background."""
    pixels = np.array(Image.open(io.BytesIO(portrait())).convert("RGB"))
    pixels[pixels.min(axis=2) > 238] = (90, 140, 220)
    picture = Image.fromarray(pixels)
    picture.save(path, "JPEG", quality=95, dpi=(350, 350))
    return path


def test_findings_at_once_a_tick_and_its_overruling(desk: Desk, world: World, tmp_path: Path) -> None:
    page = steps.start(desk, world)
    steps.give(page, 0, tmp_path)
    section = steps.material(page, 1)
    section.get_by_label("符合", exact=True).check()
    section.locator("input[type=file]").set_input_files(blue(tmp_path / "寸照.jpg"))
    section.get_by_text("☑ 非白底彩色寸照").wait_for()
    page.locator("#verdict").get_by_text("1 份材料需补正").wait_for()
    section.scroll_into_view_if_needed()
    desk.shoot("window-findings")
    section.get_by_text("改判…").first.click()
    page.keyboard.press("Tab")
    page.keyboard.type("背景是白墙，光线偏蓝，部门认可")
    page.keyboard.press("Tab")
    page.locator("#verdict").get_by_text("材料符合收件要点").wait_for()
    desk.shoot("window-overruled")
    steps.take_in(page)
    assert Case.objects.get().outcome == "conform"
    kept = MaterialFinding.objects.get(level="failure")
    assert (kept.standing, kept.reason) == (False, "背景是白墙，光线偏蓝，部门认可")
    page.goto(f"/cases/{Case.objects.get().number}/")
    page.get_by_text("已改判").first.wait_for()
    desk.be(world.oversight)
    desk.page.goto("/errors/")
    desk.page.get_by_text("非白底彩色寸照").first.wait_for()
    desk.shoot("oversight-errors")


def test_a_card_is_read_in_the_background_and_fills_the_form(desk: Desk, world: World, tmp_path: Path) -> None:
    page = desk.be(world.window_clerk).page
    desk.press(world.version.name)
    section = steps.material(page, 0)
    front, back = tmp_path / "正面.jpg", tmp_path / "反面.jpg"
    rng = random.Random(7)
    person = cards.changed(cards.person(rng), name="张伟", valid_until=date(2040, 1, 1))
    cards.front(person, rng).save(front, "JPEG", quality=92, dpi=(300, 300))
    cards.back(person, rng).save(back, "JPEG", quality=92, dpi=(300, 300))
    section.locator("input[type=file]").set_input_files([front, back])
    section.get_by_text("机器正在看").wait_for()
    assert look() == 1
    section.get_by_text("正反面齐").wait_for()
    expect(page.locator("[name=applicant_id_number]")).to_have_value(person.number)
    expect(page.locator("[name=applicant_name]")).to_have_value("张伟")
    section.get_by_alt_text("证件上的姓名").wait_for()
    section.scroll_into_view_if_needed()
    desk.shoot("window-card-read")


def test_anybody_checks_a_photo_before_coming(desk: Desk, world: World, tmp_path: Path) -> None:
    page = desk.page
    page.goto(f"/guide/{world.version.pk}/")
    page.get_by_role("link", name="先检查照片再来").click()
    page.locator("input[type=file]").set_input_files(blue(tmp_path / "寸照.jpg"))
    page.locator("button.go").click()
    page.get_by_text("这张照片还不行").wait_for()
    desk.shoot("public-photo")
    page.locator("input[type=file]").set_input_files(good(tmp_path / "good.jpg", "photo"))
    page.locator("button.go").click()
    page.get_by_text("没有看到问题").wait_for()
