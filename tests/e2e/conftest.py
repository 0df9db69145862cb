"""A real browser against a real server; a page fails its test on any error in the console."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.official import official
from tests.world import World, build
from tongban.people.models import City, Staff
from tongban.procedure.model import Procedure

os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # playwright's loop runs in the test's own thread
ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here drives a browser."""
    for item in items:
        if "e2e" in str(item.path):
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium") or shutil.which("chromium-browser")
    assert executable, "需要 Chromium：apt install chromium"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield found
        found.close()


@pytest.fixture
def procedure() -> Procedure:
    """The package the world runs; a test or class may name another."""
    return official()


@pytest.fixture
def world(transactional_db: None, procedure: Procedure) -> World:
    made = build(procedure)
    City.objects.create(
        name=made.version.city, title=f"{made.version.city}跨域通办", complaint_phone="12345",
        registration=["示例服务网"],
    )  # fmt: skip
    Staff.objects.update(demo=True)
    return made


@pytest.fixture
def context(browser: Browser, live_server: Any) -> Iterator[BrowserContext]:
    made = browser.new_context(
        base_url=live_server.url, locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1366, "height": 768}
    )
    made.set_default_timeout(40_000)
    yield made
    made.close()


class Desk:
    """A browser page with what the tests do again and again."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", self._console)

    def _console(self, message: Any) -> None:
        expected = "Failed to load resource" in message.text and any(
            code in message.text for code in ("422", "404", "429")
        )
        if message.type == "error" and not expected:
            self.errors.append(message.text)

    def be(self, staff: Staff) -> "Desk":
        """Become another person by the demo's switch."""
        self.page.goto("/demo/")
        self.page.locator(f'form[action="/demo/{staff.username}/"] button').click()
        self.page.wait_for_load_state()
        return self

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name).first.click()
        self.page.wait_for_load_state()

    def shoot(self, name: str) -> None:
        """A screenshot to be looked at, at the desk's size and a phone's; both are held to the rules of access."""
        SCREENSHOTS.mkdir(exist_ok=True)
        for suffix, width, height in (("-phone", 390, 844), ("", 1366, 768)):
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.screenshot(path=SCREENSHOTS / f"{name}{suffix}.png")
            self.accessible(f"{name}{suffix}")
            wide = self.page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name}{suffix}: 页面宽 {wide} px，超出屏幕"

    def accessible(self, name: str) -> None:
        """axe-core finds nothing serious on the page as it stands."""
        self.page.evaluate(AXE.read_text(encoding="utf-8") + "; 0")
        found = self.page.evaluate("async () => (await axe.run()).violations")
        serious = [
            f"{name}: {rule['id']} {node['target']} {node['failureSummary']}"
            for rule in found
            if rule["impact"] in ("serious", "critical")
            for node in rule["nodes"]
        ]
        assert serious == [], "\n".join(serious)


def film(path: Path, luma: Any) -> Path:
    """A still film: grey levels as an array of height × width."""
    height, width = luma.shape
    grey = bytes([128]) * (width * height // 2)
    head = f"YUV4MPEG2 W{width} H{height} F10:1 Ip A1:1 C420mpeg2\n".encode()
    path.write_bytes(head + (b"FRAME\n" + luma.tobytes() + grey) * 5)
    return path


@contextmanager
def filmed_by(browser: Browser, url: str, video: Path | None) -> Iterator[Desk]:
    """A desk in a browser whose camera shows a film; without one there is no camera."""
    settings.DEMO = True
    fake = ["--use-fake-device-for-media-stream", f"--use-file-for-fake-video-capture={video}"] if video else []
    flags = [*FLAGS, "--use-fake-ui-for-media-stream", *fake]
    other = browser.browser_type.launch(executable_path=shutil.which("chromium"), args=flags)
    context = other.new_context(base_url=url, locale="zh-CN", viewport={"width": 1366, "height": 768})
    made = Desk(context)
    yield made
    other.close()
    assert made.errors == []


@pytest.fixture
def desk(context: BrowserContext) -> Iterator[Desk]:
    settings.DEMO = True
    made = Desk(context)
    yield made
    assert made.errors == []
