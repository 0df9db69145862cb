"""The second factor: who must have one, each code once, recovery codes, and nothing reached before it is given."""

from datetime import datetime
from typing import Any

import pyotp
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.desks.test_access import GUARDED, url
from tests.desks.test_access import full as full
from tests.people.test_login import try_login
from tests.world import World, key
from tongban.desks.steps import STEPS
from tongban.people import factor
from tongban.people.login import account_digest
from tongban.people.models import Change, RecoveryCode, Role, Staff
from tongban.people.refused import Refused
from tongban.vault import throttle
from tongban.vault.models import Tally


def locked(username: str, limit: int) -> dict[str, int]:
    return throttle.waits("login", [account_digest(username)], limit)


pytestmark = pytest.mark.django_db
PASSWORD = "township-window-7"


@pytest.fixture
def officer(world: World) -> Staff:
    """A person of the department, no demo's, with a password."""
    staff = world.department
    staff.set_password(PASSWORD)
    staff.demo = False
    staff.save()
    return Staff.objects.get(pk=staff.pk)


def code(secret: str, steps: int = 0, now: datetime | None = None) -> str:
    """The code of the step that many after the one ``now`` lies in."""
    return pyotp.TOTP(secret).generate_otp(int((now or timezone.now()).timestamp()) // 30 + steps)


def with_factor(staff: Staff) -> tuple[str, list[str]]:
    """Set up a second factor; the code of the present step is not used up by it."""
    secret = factor.new_secret()
    codes = factor.set_up(staff, key=key(), secret=secret, code=code(secret))
    Staff.objects.filter(pk=staff.pk).update(factor_step=0)
    return secret, codes


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("asked", [(), ("window",), tuple(Role.values)])
@pytest.mark.parametrize("demo", [True, False])
def test_who_must_have_one(world: World, settings: Any, role: str, asked: tuple[str, ...], demo: bool) -> None:
    settings.SECOND_FACTOR = asked
    staff = world.staff(role)
    staff.demo = demo
    wanted = role in ("department", "oversight", "editor", "administrator", *asked)
    assert factor.required(staff) == (wanted and not demo)
    settings.DEMO = False
    assert factor.required(staff) == wanted


def test_a_code_is_taken_once_and_none_before_it(officer: Staff) -> None:
    secret, _ = with_factor(officer)
    now = timezone.now()
    fresh = lambda: Staff.objects.get(pk=officer.pk)  # noqa: E731
    assert not factor.check(fresh(), code(secret, -2, now), now)
    assert not factor.check(fresh(), code(secret, 2, now), now)
    assert factor.check(fresh(), code(secret, 0, now), now)
    assert not factor.check(fresh(), code(secret, 0, now), now)
    assert not factor.check(fresh(), code(secret, -1, now), now)
    stale = fresh()
    assert factor.check(fresh(), code(secret, 1, now), now)
    assert not factor.check(stale, code(secret, 1, now), now)  # read before, sent at the same moment


@pytest.mark.parametrize("typed", ["", "1", "12345", "1234567", "abcdef", "１２３４５６", "000000\x00", "-" * 6])
def test_what_is_no_code_is_wrong(officer: Staff, typed: str) -> None:
    with_factor(officer)
    assert not factor.check(Staff.objects.get(pk=officer.pk), typed, timezone.now())


def test_recovery_codes_are_taken_once_and_not_kept(officer: Staff) -> None:
    _, codes = with_factor(officer)
    assert len(set(codes)) == 10
    assert not any(one.replace("-", "") in str(RecoveryCode.objects.values()) for one in codes)
    staff, now = Staff.objects.get(pk=officer.pk), timezone.now()
    assert factor.check(staff, codes[0].upper(), now)
    assert not factor.check(staff, codes[0], now)
    assert factor.check(staff, codes[1].replace("-", " "), now)
    again = factor.new_codes(staff, key=key())
    assert not factor.check(staff, codes[2], now)
    assert factor.check(staff, again[0], now)


def test_the_secret_is_sealed_and_not_recorded(officer: Staff) -> None:
    from django.db import connection

    secret, codes = with_factor(officer)
    with connection.cursor() as cursor:
        cursor.execute("select factor_secret from people_staff where id = %s", [officer.pk])
        assert secret not in cursor.fetchone()[0]
    said = str([(row.before, row.after) for row in Change.objects.all()])
    assert not any(one in said for one in (secret, *codes))


def test_only_who_need_not_have_one_goes_without_again(officer: Staff, world: World) -> None:
    with_factor(officer)
    with pytest.raises(Refused, match="不能取消"):
        factor.remove(officer, key=key())
    clerk = world.window_clerk
    with_factor(clerk)
    factor.remove(clerk, key=key())
    assert not Staff.objects.get(pk=clerk.pk).factor_secret
    assert not clerk.recovery_codes.exists()


def test_the_whole_log_in(client: Client, officer: Staff) -> None:
    Staff.objects.filter(pk=officer.pk).update(password_once=True)
    assert try_login(client, officer.username, PASSWORD) == 302
    assert client.get("/department/").headers["Location"] == "/login/factor/?next=/department/"
    page = client.get("/login/factor/?next=/department/").content.decode()
    secret = client.session["factor_new"]
    assert secret[:4] in page
    wrong = client.post("/login/factor/", {"code": "000000", "key": key(), "next": "/department/"})
    assert wrong.status_code == 422
    assert client.session["factor_new"] == secret
    first = code(secret)
    answer = client.post("/login/factor/", {"code": first, "key": key(), "next": "/department/"})
    assert answer.headers["Location"] == "/login/codes/?next=/department/"
    shown = client.get("/login/codes/?next=/department/").content.decode()
    assert shown.count("<li>") == 10
    assert client.get("/login/codes/").status_code == 302  # once
    assert client.get("/department/").headers["Location"] == "/login/password/?next=/department/"
    same = {"new_password1": PASSWORD, "new_password2": PASSWORD, "next": "/department/"}
    assert "首次密码不同" in client.post("/login/password/", same).content.decode()
    new = {"new_password1": "county-seat-2026", "new_password2": "county-seat-2026", "next": "/department/"}
    assert client.post("/login/password/", new).headers["Location"] == "/department/"
    assert client.get("/department/").status_code == 200
    client.logout()
    assert try_login(client, officer.username, "county-seat-2026") == 302
    assert client.get("/department/").headers["Location"] == "/login/code/?next=/department/"
    assert client.post("/login/code/", {"code": first}).status_code == 422  # used to set it up
    Staff.objects.filter(pk=officer.pk).update(factor_step=0)
    answer = client.post("/login/code/", {"code": code(secret), "next": "/department/"})
    assert answer.headers["Location"] == "/department/"
    assert client.get("/department/").status_code == 200
    assert locked(officer.username, 1) == {}


@pytest.mark.parametrize("lacks", ["code", "factor", "password"])
def test_with_a_password_alone_nothing_is_reached(
    client: Client, world: World, full: dict[str, str], lacks: str
) -> None:
    staff = world.oversight
    Staff.objects.filter(pk=staff.pk).update(
        demo=lacks == "password", password_once=lacks == "password", factor_secret="A" * 32 if lacks == "code" else ""
    )
    client.force_login(Staff.objects.get(pk=staff.pk))
    before = world.case_file()
    for name, path in GUARDED:
        for answer in (client.get(url(path, full)), client.post(url(path, full), {"key": key()})):
            if name not in STEPS:
                assert answer.status_code == 302, path
                assert answer.headers["Location"].startswith(f"/login/{lacks}/"), path
    assert world.case_file() == before


def test_a_duty_given_meanwhile_asks_for_it_in_the_open_session(client: Client, world: World) -> None:
    from tongban.people.models import Duty

    clerk = world.window_clerk
    Staff.objects.filter(pk=clerk.pk).update(demo=False)
    client.force_login(clerk)
    assert client.get("/window/").status_code == 200
    Duty.objects.create(staff=clerk, role=Role.OVERSIGHT)
    assert client.get("/window/").headers["Location"].startswith("/login/factor/")


def test_wrong_codes_lock_like_wrong_passwords_and_a_right_password_does_not_forget_them(
    client: Client, officer: Staff
) -> None:
    with_factor(officer)
    for _ in range(4):
        assert try_login(client, officer.username, PASSWORD) == 302
        assert client.post("/login/code/", {"code": "000000"}).status_code == 422
        client.logout()
    assert try_login(client, officer.username, PASSWORD) == 302
    assert [client.post("/login/code/", {"code": "000000"}).status_code for _ in range(2)] == [422, 429]
    assert try_login(Client(), officer.username, PASSWORD) == 429
    Tally.objects.update(ends_at=0)
    assert try_login(Client(), officer.username, PASSWORD) == 302


def test_a_factor_is_changed_with_the_password_only(client: Client, officer: Staff) -> None:
    secret, _ = with_factor(officer)
    try_login(client, officer.username, PASSWORD)
    client.post("/login/code/", {"code": code(secret)})
    assert client.get("/login/factor/").status_code == 404
    change = lambda password, do: client.post(  # noqa: E731
        "/account/factor/", {"password": password, "do": do, "key": key()}, follow=True
    )
    assert "密码不对" in change("错", "replace").content.decode()
    assert client.get("/login/factor/").status_code == 404
    assert "扫下面的二维码" in change(PASSWORD, "replace").content.decode()
    new = client.session["factor_new"]
    client.post("/login/factor/", {"code": code(new), "key": key()})
    assert Staff.objects.get(pk=officer.pk).factor_secret == new != secret
    assert "恢复码" in change(PASSWORD, "codes").content.decode()
    assert "不能取消" in change(PASSWORD, "remove").content.decode()


def test_every_step_is_behind_the_password(client: Client, db: None) -> None:
    for name in STEPS:
        if name != "logout":
            assert client.get(reverse(name)).headers["Location"].startswith("/login/?next=")
