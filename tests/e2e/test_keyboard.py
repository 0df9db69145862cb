"""A normal intake without a mouse: every control is reached, used and left by keys alone."""

from pathlib import Path

from playwright.sync_api import Page

from tests.e2e.conftest import Desk
from tests.e2e.files import good
from tests.world import ADULT, World
from tongban.cases.models import Case

MOST = 80  # more presses of Tab than any way across the page may take


def focused(page: Page, expression: str) -> str:
    return str(page.evaluate(f"(() => {{ const e = document.activeElement; return String({expression}) }})()"))


def tab_to(page: Page, name: str) -> None:
    """Press Tab until the control called ``name`` has the focus."""
    for _ in range(MOST):
        if name in (focused(page, "e.name"), focused(page, "e.ariaLabel")):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"按 Tab {MOST} 次没有到“{name}”")


def test_normal_intake_by_keyboard_alone(desk: Desk, world: World, tmp_path: Path) -> None:
    page = desk.be(world.window_clerk).page
    # Listening from the start: switched on just before the key, a busy machine may see the key first.
    page.on("filechooser", lambda _: None)
    page.wait_for_load_state()
    assert world.version.name in focused(page, "e.textContent")
    page.keyboard.press("Enter")
    page.wait_for_url("**/intake/**")
    assert focused(page, "e.name") == "applicant_id_number", "焦点应在证件号码"
    page.keyboard.type(ADULT)
    for name, text in (("applicant_name", "样例·张㛃"), ("applicant_phone", "13800000000")):
        page.keyboard.press("Tab")
        assert focused(page, "e.name") == name
        page.keyboard.type(text)
    tab_to(page, "items")
    page.keyboard.press("Space")
    page.locator("[data-material='1']").wait_for()
    for place, label in enumerate(("身份证", "寸照")):
        tab_to(page, f"state_{place}")
        page.keyboard.press("Space")
        tab_to(page, f"上传{label}")
        with page.expect_file_chooser() as chooser:
            page.keyboard.press("Enter")
        chooser.value.set_files(good(tmp_path / f"{place}.jpg", ("idcard", "photo")[place], place))
        page.locator(f"[data-material='{place}'] .thumbs img").wait_for()
    page.get_by_text("材料符合收件要点").wait_for()
    page.keyboard.press("F9")
    page.get_by_text("要交给申请人的文书").wait_for()
    assert Case.objects.get().state == "pushed"
    page.keyboard.press("F2")
    page.get_by_text("要办哪一件事").wait_for()
    page.keyboard.press("/")
    assert focused(page, "e.name") == "q"
    page.keyboard.type(ADULT)
    page.keyboard.press("Enter")
    page.get_by_text(Case.objects.get().number).first.wait_for()
