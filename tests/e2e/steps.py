"""What a clerk does at the window again and again."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import ThreadingHTTPServer
from pathlib import Path

from django.conf import settings
from playwright.sync_api import Locator, Page

from tests.e2e.conftest import Desk
from tests.e2e.files import good
from tests.world import ADULT, World
from tongban.capture.command_licences import service
from tongban.capture.command_simulate import reader
from tongban.rules.review import asked

NAME = "样例·张㛃"


def start(desk: Desk, world: World, item: str = "社会保障卡申领") -> Page:
    """At the window, with a new draft, the applicant typed and an item ticked."""
    page = desk.be(world.window_clerk).page
    desk.press(world.version.name)
    page.get_by_label("证件号码", exact=True).fill(ADULT)
    page.get_by_label("姓名", exact=True).fill(NAME)
    page.get_by_label("手机号码").fill("138 0000 0000")
    page.get_by_label("住址").fill("示例镇示例路 1 号")
    if item:
        page.get_by_label(item).check()
        chosen = next((i.code or i.name for i in world.procedure.items if i.name == item), "")
        wanted = asked(world.procedure, frozenset({chosen}))
        for place in range(len(world.procedure.materials)):  # the list follows what is ticked
            material(page, place).wait_for(state="visible" if place in wanted else "detached")
    return page


def material(page: Page, place: int) -> Locator:
    """The section of one material."""
    return page.locator(f"[data-material='{place}']")


def give(page: Page, place: int, folder: Path, state: str = "符合") -> None:
    """Judge a material; one that conforms gets a file."""
    section = material(page, place)
    section.get_by_label(state, exact=True).check()
    if state != "符合":
        return
    with page.expect_response(lambda response: "/files/" in response.url and response.status == 200):
        section.locator("input[type=file]").set_input_files(
            good(folder / f"{place}.jpg", section.locator("[data-camera]").get_attribute("data-camera"), place)
        )
    section.locator(".thumbs img").wait_for()


@contextmanager
def simulated(card: Mapping[str, object] | None, origin: str) -> Iterator[None]:
    """A card reader with this card on it, which answers the pages of ``origin``."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), reader(card, origin))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.CARD_READER = f"http://127.0.0.1:{server.server_port}"
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        settings.CARD_READER = "http://127.0.0.1:8737"


def bring(page: Page, place: int, picture: Path) -> None:
    """A file for a material, as it comes later: the machine's first word is there when this returns."""
    page.wait_for_load_state()  # scripts that send what is chosen come last
    section = material(page, place)
    with page.expect_response(lambda response: "/files/" in response.url and response.status == 200):
        section.locator("input[type=file]").set_input_files(picture)
    section.locator(".thumbs img").first.wait_for()


def take_in(page: Page) -> None:
    """F9, and wait for what to hand out."""
    page.keyboard.press("F9")
    page.get_by_text("要交给申请人的文书").wait_for()


@contextmanager
def licences() -> Iterator[None]:
    """A licence service, set up for as long as it lasts; afterwards nobody answers where it was."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), service(("样例密钥",)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    settings.LICENCE_URL, settings.LICENCE_SECRETS = f"http://127.0.0.1:{server.server_port}", ("样例密钥",)
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
