"""Logging in: demo accounts only in a demo, too many wrong tries wait, a session ends when nobody works."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from tongban.people.login import came, failed
from tongban.people.models import LoginTry, Staff
from tongban.vault.models import Tally

pytestmark = pytest.mark.django_db


def test_a_demo_account_is_for_the_demo(client: Client, world: World, settings: Any) -> None:
    staff = world.oversight
    staff.set_password("通办-2026")
    staff.demo = True
    staff.save()
    assert client.login(username=staff.username, password="通办-2026")
    assert client.get("/oversight/").status_code == 200
    settings.DEMO = False
    assert client.get("/oversight/").status_code == 302
    assert not client.login(username=staff.username, password="通办-2026")
    Staff.objects.filter(pk=staff.pk).update(demo=False)
    assert client.login(username=staff.username, password="通办-2026")


def try_login(client: Client, username: str, password: str) -> int:
    return client.post("/login/", {"username": username, "password": password}).status_code


@pytest.fixture
def clerk(world: World) -> Staff:
    world.window_clerk.set_password("通办-2026")
    world.window_clerk.save()
    return world.window_clerk


def test_five_wrong_tries_lock_the_account_for_a_while(client: Client, clerk: Staff) -> None:
    assert [try_login(client, clerk.username, "错") for _ in range(6)] == [200] * 5 + [429]
    assert try_login(client, clerk.username.upper(), "通办-2026") == 429
    assert LoginTry.objects.count() == 5  # what waits is not even tried
    Tally.objects.update(ends_at=0)
    assert try_login(client, clerk.username, "通办-2026") == 302
    assert LoginTry.objects.filter(right=False).count() == 5  # who guessed, and was right in the end, is still seen


def test_an_account_that_does_not_exist_is_locked_just_so(client: Client, clerk: Staff) -> None:
    assert [try_login(client, "nobody-here", "错") for _ in range(6)] == [200] * 5 + [429]
    assert try_login(client, clerk.username, "通办-2026") == 302


def test_one_address_trying_many_accounts_is_stopped(client: Client, clerk: Staff) -> None:
    codes = [try_login(client, f"a{n}", "错") for n in range(31)]
    assert codes == [200] * 30 + [429]
    assert try_login(client, clerk.username, "通办-2026") == 429
    other = Client(REMOTE_ADDR="10.0.0.9")
    assert try_login(other, clerk.username, "通办-2026") == 302


def test_a_right_password_forgets_the_wrong_ones(client: Client, clerk: Staff) -> None:
    for _ in range(3):
        assert [try_login(client, clerk.username, "错") for _ in range(4)] == [200] * 4
        assert try_login(client, clerk.username, "通办-2026") == 302
        client.logout()


def test_the_typed_account_is_not_kept(client: Client, db: None) -> None:
    try_login(client, "我把密码打在这里了", "x")
    assert "密码" not in str(LoginTry.objects.values())


@pytest.mark.parametrize(("name", "limit"), [("seen", "SESSION_IDLE"), ("since", "SESSION_LONGEST")])
def test_a_session_ends(client: Client, clerk: Staff, settings: Any, name: str, limit: str) -> None:
    client.force_login(clerk)
    assert client.get("/window/").status_code == 200
    session = client.session
    session[name] -= getattr(settings, limit) + 1
    session.save()
    answer = client.get("/window/supplements/")
    assert answer.headers["Location"] == "/login/?ended=1&next=/window/supplements/"
    assert "草稿还在" in client.get(answer.headers["Location"]).content.decode()
    assert client.get("/window/").status_code == 302


def test_a_part_of_a_page_leads_the_whole_page_to_the_log_in(client: Client, clerk: Staff, settings: Any) -> None:
    client.force_login(clerk)
    client.get("/window/")
    session = client.session
    session["seen"] -= settings.SESSION_IDLE + 1
    session.save()
    answer = client.post(
        "/window/start/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/window/intake/1/"}
    )
    assert answer.headers["HX-Redirect"] == "/login/?ended=1&next=/window/intake/1/"


def test_work_keeps_a_session_alive(client: Client, clerk: Staff, settings: Any) -> None:
    client.force_login(clerk)
    for _ in range(3):
        client.get("/window/")
        session = client.session
        session["seen"] -= settings.SESSION_IDLE - 10
        session.save()
    assert client.get("/window/").status_code == 200


def test_one_click_ends_every_session(clerk: Staff) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        assert try_login(client, clerk.username, "通办-2026") == 302
    assert here.get("/account/end-sessions/").status_code == 405
    here.post("/account/end-sessions/")
    assert [client.get("/window/").status_code for client in (here, there)] == [302, 302]
    assert try_login(here, clerk.username, "通办-2026") == 302
    assert here.get("/window/").status_code == 200


def test_a_new_password_ends_the_other_sessions(clerk: Staff) -> None:
    here, there = Client(), Client()
    for client in (here, there):
        try_login(client, clerk.username, "通办-2026")
    new = {"new_password1": "township-window-7", "new_password2": "township-window-7"}
    wrong = here.post("/account/", {"old_password": "错"} | new)
    assert wrong.status_code == 422
    assert "旧密码" in wrong.content.decode()
    assert here.post("/account/", {"old_password": "通办-2026"} | new | {"new_password2": "x"}).status_code == 422
    assert (
        here.post("/account/", {"old_password": "通办-2026", "new_password1": "1", "new_password2": "1"}).status_code
        == 422
    )
    assert here.post("/account/", {"old_password": "通办-2026"} | new).status_code == 302
    assert (here.get("/window/").status_code, there.get("/window/").status_code) == (200, 302)


def test_an_open_session_does_not_help_to_guess_the_password(client: Client, clerk: Staff) -> None:
    client.force_login(clerk)
    new = {"new_password1": "township-window-7", "new_password2": "township-window-7"}
    tries = [client.post("/account/", {"old_password": str(n)} | new).status_code for n in range(5)]
    assert tries == [422] * 5
    client.post("/account/", {"old_password": "通办-2026"} | new)
    clerk.refresh_from_db()
    assert clerk.check_password("通办-2026")
    assert "输错次数太多" in client.get("/account/").content.decode()


def test_the_account_page_names_duties_and_their_ends(client: Client, clerk: Staff, world: World) -> None:
    clerk.duties.update(ends_at=timezone.now() + timedelta(days=3))
    client.force_login(Staff.objects.get(pk=clerk.pk))
    html = client.get("/account/").content.decode()
    assert world.window.name in html
    assert "长期" not in html


def seen_of(staff: Staff) -> list[tuple[str, bool, str]]:
    return list(staff.tries.order_by("id").values_list("way", "right", "address"))


def test_who_logged_in_where_from_and_by_what_is_kept(client: Client, clerk: Staff, world: World) -> None:
    here = {"REMOTE_ADDR": "10.1.2.3"}
    for password in ("错", "通办-2026"):
        client.post("/login/", {"username": clerk.username, "password": password}, **here)
    client.post("/account/", {"old_password": "错", "new_password1": "x", "new_password2": "x"}, **here)
    assert seen_of(clerk) == [
        ("password", False, "10.1.2.3"), ("password", True, "10.1.2.3"), ("again", False, "10.1.2.3"),
    ]  # fmt: skip
    assert "10.1.2.3" in client.get("/account/").content.decode()
    other = world.staff("window", "样例·接班")
    other.set_password("通办-2026")
    other.save()
    client.post("/switch/", {"who": other.pk, "proof": "通办-2026", "next": "/window/"}, **here)
    assert seen_of(other) == [("counter", True, "10.1.2.3")]
    client.post(f"/demo/{world.oversight.username}/")
    assert seen_of(world.oversight) == [("demo", True, "127.0.0.1")]


def test_an_administrator_reads_the_log_ins(client: Client, clerk: Staff, world: World) -> None:
    for n in range(60):
        came(clerk, f"10.0.0.{n}", timezone.now(), "password")
    failed("没有这个人", "10.9.9.9", timezone.now())
    client.force_login(world.administrator)
    first = client.get("/admin/tries/").content.decode()
    assert all(text in first for text in ("10.9.9.9", "不存在的账号", "10.0.0.59", clerk.username))
    assert "10.0.0.3<" not in first
    assert (
        "10.0.0.3<"
        in client.get(
            "/admin/tries/", {"q": clerk.name, "after": clerk.tries.get(address="10.0.0.9").pk}
        ).content.decode()
    )
    found = client.get("/admin/tries/", {"q": "10.0.0.59"}).content.decode()
    assert "10.0.0.59" in found
    assert "10.0.0.58" not in found


def test_log_ins_are_kept_for_half_a_year_and_no_longer(clerk: Staff) -> None:
    now = timezone.now()
    for days in (183, 201):
        came(clerk, "10.0.0.1", now, "password")
        LoginTry.objects.filter(pk=LoginTry.objects.latest("pk").pk).update(at=now - timedelta(days=days))
    came(clerk, "10.0.0.2", now, "password")
    assert clerk.tries.count() == 2


@pytest.mark.parametrize("password", ["1234567890", "password123", "qwertyuiop"])
def test_a_common_password_is_refused(client: Client, clerk: Staff, password: str) -> None:
    client.force_login(clerk)
    given = {"old_password": "通办-2026", "new_password1": password, "new_password2": password}
    assert client.post("/account/", given).status_code == 422
    assert Staff.objects.get(pk=clerk.pk).check_password("通办-2026")


def test_a_long_password_counts_to_its_last_character(client: Client, clerk: Staff) -> None:
    client.force_login(clerk)
    long = "窗口·Township 7 " * 6  # 84 characters, spaces and all
    given = {"old_password": "通办-2026", "new_password1": long, "new_password2": long}
    assert client.post("/account/", given).status_code == 302
    other = Client()
    assert try_login(other, clerk.username, long[:-2]) == 200
    assert try_login(other, clerk.username, long) == 302


def test_password_fields_are_masked_and_open_to_password_managers(client: Client, clerk: Staff) -> None:
    for url, marks in (("/login/", ["current-password"]), ("/account/", ["current-password", "new-password"])):
        page = client.get(url).content.decode()
        fields = re.findall(r"<input[^>]*type=\"password\"[^>]*>", page)
        assert fields, url
        assert all(any(f'autocomplete="{mark}"' in field for mark in marks) for field in fields), url
        assert "onpaste" not in page
        client.force_login(clerk)


def test_a_log_in_has_a_new_session_and_a_password_is_kept_as_argon2id(client: Client, clerk: Staff) -> None:
    client.get("/login/")
    client.cookies["sessionid"] = before = "a" * 32  # somebody else's choice
    assert try_login(client, clerk.username, "通办-2026") == 302
    key = client.cookies["sessionid"].value
    assert key != before
    assert re.fullmatch("[a-z0-9]{32}", key)
    assert clerk.password.startswith("argon2$argon2id$")
    page = client.get("/window/").content.decode()
    assert 'action="/logout/"' in page
    client.post("/logout/")
    client.cookies["sessionid"] = key
    assert client.get("/window/").status_code == 302
