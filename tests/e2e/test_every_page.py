"""Every page with something on it, looked at by axe-core at both sizes; the screenshots are for people."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from tests.e2e.conftest import Desk
from tests.world import World
from tongban.cases.models import Case, CaseItem
from tongban.people.models import Window

PAGES = {
    "window_clerk": (
        "/window/", "/window/supplements/", "/window/tolerated/", "/window/forms/", "/window/papers/", "/window/asks/",
        "/cases/",
    ),
    "department": tuple(f"/department/{name}/" for name in ("accepted", "paused", "decided", "done", "questions")),
    "post": ("/post/", "/post/units/", "/post/results/", "/post/posted/"),
    "issuing": (*(f"/issuing/list/{name}/" for name in ("collect", "post", "papers")), "/issuing/forms/"),
    "archive": (
        *(f"/archive/list/{name}/" for name in ("waiting", "archived")), "/archive/loans/", "/archive/transfers/",
        "/disposals/",
    ),
    "oversight": (
        "/oversight/",
        *(f"/oversight/list/{n}/" for n in ("overdue", "soon", "unaccepted", "late-defects", "locked", "open")),
        *(f"/oversight/ratings/list/{n}/" for n in ("mine", "late", "open", "done")), "/oversight/ratings/rates/",
    ),
    "editor": ("/editor/", "/account/", "/notices/"),
    "administrator": ("/admin/", "/admin/places/", "/admin/changes/", "/admin/tries/", "/admin/places/import/"),
}  # fmt: skip
PUBLIC = (
    "/",
    "/windows/",
    "/windows/?q=示例",
    "/windows/?q=没有",
    "/progress/",
    "/check/",
    "/login/",
    "/demo/",
    "/no-such-page/",
)


def name_of(role: str, url: str) -> str:
    return f"page-{role}-" + (url.strip("/").replace("/", "-").split("?")[0] or "home") + ("-q" if "?" in url else "")


@pytest.fixture
def busy(world: World) -> World:
    """Cases at every stage: late, soon due, waiting, paused, by post, archived."""
    post = {
        "delivery": "post", "delivery_name": "样例·张㛃", "delivery_phone": "13800000000",
        "delivery_address": "示例镇示例路 1 号",
    }  # fmt: skip
    for until in ("taken_in", "accepted", "decided", "sent", "handed", "passed", "archived"):
        world.case(until=until)
    world.case(until="sent", **post)
    late, soon = world.case(until="accepted"), world.case(until="accepted")
    today = timezone.localdate()
    for case, due in ((late, today - timedelta(days=3)), (soon, today + timedelta(days=2))):
        Case.objects.filter(pk=case.pk).update(due=due, taken_at=timezone.now() - timedelta(days=95))
        CaseItem.objects.filter(case=case).update(due=due)
    waits = world.case()
    Case.objects.filter(pk=waits.pk).update(state_since=timezone.now() - timedelta(days=20))
    for number in range(2, 9):
        Window.objects.create(
            region=world.region, township=f"示例{number}镇", name=f"示例{number}镇跨域通办窗口",
            address=f"示例{number}镇示例路 {number} 号", phone="0737-0000000",
        )  # fmt: skip
    return world


@pytest.mark.parametrize("role", PAGES)
def test_desk(desk: Desk, busy: World, role: str) -> None:
    desk.be(getattr(busy, role))
    for url in PAGES[role]:
        answer = desk.page.goto(url)
        assert answer is not None
        assert answer.ok, f"{url}: {answer.status}"
        desk.shoot(name_of(role, url))


@pytest.mark.parametrize("state", ["pushed", "in_progress", "delivering", "released", "archiving", "archived"])
def test_case_page(desk: Desk, busy: World, state: str) -> None:
    desk.be(busy.oversight)
    case = Case.objects.filter(state=state).order_by("id").first()
    assert case is not None
    desk.page.goto(f"/cases/{case.number}/")
    desk.shoot(f"page-case-{state}")


def test_public(desk: Desk, busy: World) -> None:
    for url in (*PUBLIC, f"/guide/{busy.version.pk}/"):
        desk.page.goto(url)
        desk.shoot(name_of("public", url))
    desk.page.goto("/elder/?back=/progress/")
    desk.shoot("page-public-elder")


def test_progress_of_a_running_case(desk: Desk, busy: World) -> None:
    case = Case.objects.filter(state="in_progress").order_by("id").first()
    assert case is not None
    assert case.due is None or case.due > date(2026, 1, 1)
    page = desk.page
    page.goto("/progress/")
    page.get_by_label("办件编号").fill(case.number.lower())
    page.get_by_label("手机号后四位").fill("0000")
    desk.press("查询")
    page.get_by_text("正在办理").first.wait_for()
    desk.shoot("page-public-progress-running")


def test_law_pane_opens_on_a_phone_and_says_where_a_clause_is_done(desk: Desk, busy: World) -> None:
    page = desk.be(busy.department).page
    page.set_viewport_size({"width": 390, "height": 844})
    page.get_by_role("button", name="依据").click()
    clause = page.locator("[data-clause='五']")
    assert clause.is_visible()
    clause.locator("summary").click()
    clause.get_by_text("在哪里办").wait_for()
    page.get_by_role("button", name="关闭").click()
    page.get_by_role("button", name="依据").wait_for()
    assert page.get_by_role("button", name="依据").evaluate("e => e === document.activeElement")
