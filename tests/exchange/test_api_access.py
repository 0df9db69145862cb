"""Who gets in: every operation of the description, asked as nobody, with every scope but its own, and from elsewhere."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client as Browser
from django.utils import timezone

from tests.desks.test_access import everything
from tests.exchange.api import Api, announced, application, let_in
from tests.exchange.test_api_description import operations
from tests.worker import look_all
from tests.world import World, jpeg, key
from tongban.cases.models import Case
from tongban.desks.counter import colleagues
from tongban.exchange import clients, webhooks
from tongban.exchange.models import Client, Scope, Token, Webhook
from tongban.people import accounts
from tongban.people.models import Change, Notice, Region, Role, Staff, Unit, Window
from tongban.people.refused import Refused

pytestmark = pytest.mark.django_db
NOT_COUNTED = ("exchange.Token", "vault.Tally")  # what merely asking leaves: a token was used, a request was made


def state() -> dict[str, list[Any]]:
    return {name: rows for name, rows in everything().items() if name not in NOT_COUNTED}


def real(path: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        path = path.replace("{" + name + "}", value)
    assert "{" not in path, f"请为 {path} 写一个值"
    return path.removeprefix("/api/v1")


def send(api: Api, method: str, path: str, one: dict[str, Any]) -> Any:
    """A request as the description's own example has it."""
    body: Any = None
    headers: dict[str, str] = {}
    for kind, content in one.get("requestBody", {}).get("content", {}).items():
        body, headers = content.get("example", b"abc"), {"Content_Type": kind}
    if any(parameter["in"] == "header" and parameter["name"] == "Upload-Offset" for parameter in one["parameters"]):
        headers["Upload_Offset"] = "0"
    return api.call(method.upper(), path, body, key=key(), **headers)


@pytest.fixture
def values(world: World) -> dict[str, str]:
    """What stands for each parameter of a path: things there are, all of a client of this region."""
    owner = let_in(world, Role.WINDOW, receivers="http://127.0.0.1:9")
    case = Case.objects.get(
        number=owner.post("/cases", application(world, owner), key="an-owned-case").json()["number"]
    )
    hook = owner.post("/webhooks", {"url": "http://127.0.0.1:9/x"}).json()["id"]
    upload = owner.post("/uploads", announced(jpeg())).json()["id"]
    file = case.materials.get(index=0).files.get()
    return {
        "number": case.number, "file_id": str(file.pk), "form_id": str(case.forms.get().pk), "webhook_id": str(hook),
        "upload_id": upload, "procedure_id": str(world.version.pk), "place": "0",
    }  # fmt: skip


def elsewhere(world: World, role: str, *scopes: str) -> Api:
    region, _ = Region.objects.get_or_create(city="别市", name="别县", defaults={"abbreviation": "BX", "short": "别"})
    unit, _ = Unit.objects.get_or_create(region=region, name="别县承办局", defaults={"items": world.unit.items})
    window, _ = Window.objects.get_or_create(region=region, name="别县窗口", defaults={"township": "别镇"})
    return let_in(world, role, *scopes, place=window.pk if role == Role.WINDOW else unit.pk)


def test_nobody_and_every_wrong_scope(world: World, values: dict[str, str]) -> None:
    by_scope = {scope: let_in(world, Role.WINDOW, scope) for scope in Scope.values}
    nobody = [Api(), Api("tb_" + "x" * 43), Api("")]
    before = state()
    for path, method, one in operations():
        where = real(path, values)
        for api in nobody:
            answer = send(api, method, where, one)
            assert answer.status_code == 401, f"{method} {path}"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")
            assert values["number"] not in answer.content.decode()
        wanted = one["security"][0]["Token"]
        for scope, api in by_scope.items():
            if wanted and scope not in wanted:
                answer = send(api, method, where, one)
                assert answer.status_code == 403, f"{method} {path} {scope}"
                assert values["number"] not in answer.content.decode()
    assert state() == before


@pytest.mark.parametrize("role", accounts.OF_MACHINES)
def test_from_elsewhere_nothing_is_there(world: World, values: dict[str, str], role: str) -> None:
    api = elsewhere(world, role)
    before = state()
    missing = {"number": "XX-20260101-00000000", "upload_id": "0" * 8 + "-0000-4000-8000-" + "0" * 12}
    for path, method, one in operations():
        where = f"{method} {path}"
        if "{" in path:
            answer = send(api, method, real(path, values), one)
            assert answer.status_code == 404, f"{where}: {answer.status_code} {answer.content.decode()}"
            there_is_none = send(api, method, real(path, {**dict.fromkeys(values, "999999"), **missing}), one)
            assert answer.content == there_is_none.content, where
        elif method == "get":
            answer = send(api, method, real(path, values), one)
            assert answer.status_code == 200, where
            assert values["number"] not in answer.content.decode(), where
    assert state() == before


def test_a_role_that_may_not_is_told_nothing_either(world: World, values: dict[str, str]) -> None:
    """A department with every scope does not take in; a window with every scope does not decide."""
    number = values["number"]
    department, window = let_in(world, Role.DEPARTMENT), let_in(world, Role.WINDOW)
    answer = department.post("/cases", application(world), key=key())
    assert [one["field"] for one in answer.json()["errors"]] == ["window"]
    assert (
        department.post(
            f"/cases/{number}/supplement", {"materials": [{"place": 0, "state": "missing"}]}, key=key()
        ).status_code
        == 404
    )
    assert window.post(f"/cases/{number}/accept", {}, key=key()).status_code == 404
    assert Case.objects.get().state == "pushed"


def test_a_session_is_nothing_to_the_api(client: Browser, world: World) -> None:
    client.force_login(world.window_clerk)
    assert client.get("/api/v1/cases").status_code == 401
    assert client.get("/window/").status_code == 200  # and it is still logged in elsewhere
    token = let_in(world).token
    answer = client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert answer.status_code == 200
    assert not answer.cookies
    assert client.get("/window/", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    assert Browser().get("/window/", headers={"Authorization": f"Bearer {token}"}).status_code == 302


def test_a_token_sent_in_the_clear_is_not_sent_on(world: World, settings: Any) -> None:
    api = let_in(world)
    settings.SECURE_SSL_REDIRECT = True
    answer = api.get("/me")
    assert (answer.status_code, answer.headers.get("Location")) == (403, None)
    assert "换发" in answer.json()["detail"]


def test_tokens_expire_rotate_and_are_revoked(world: World) -> None:
    api = let_in(world)
    assert api.client
    first = Token.objects.get()
    assert api.token not in str(Token.objects.values_list())
    assert api.get("/me").status_code == 200
    assert Token.objects.get().used_at
    second = Api(clients.make_token(None, key=key(), client_id=api.client.pk, days=10, overlap=7))
    assert [one.get("/me").status_code for one in (api, second)] == [200, 200]
    first.refresh_from_db()
    assert first.expires_at < timezone.now() + timedelta(days=7, minutes=1)
    third = Api(clients.make_token(None, key=key(), client_id=api.client.pk, days=10, overlap=0))
    assert [one.get("/me").status_code for one in (api, second, third)] == [401, 401, 200]
    clients.revoke_token(None, key=key(), client_id=api.client.pk, token_id=Token.objects.latest("id").pk)
    assert third.get("/me").status_code == 401
    kinds = Change.objects.filter(about_staff=api.client.staff).order_by("sequence").values_list("kind", flat=True)
    assert list(kinds) == ["client_made", "duty_given", *["token_made"] * 3, "token_revoked"]
    assert not any(one.token in str(list(Change.objects.values())) for one in (api, second, third))


def test_administrators_are_told_before_the_last_token_ends(world: World) -> None:
    api = let_in(world)
    assert api.client
    now = timezone.now()
    assert clients.warn(now) == 0
    soon = now + timedelta(days=17)  # of thirty
    assert [clients.warn(soon), clients.warn(soon)] == [1, 1]
    assert api.client.name in Notice.objects.get(staff=world.administrator).text
    clients.make_token(None, key=key(), client_id=api.client.pk, days=200, overlap=20)
    assert clients.warn(soon) == 0
    assert clients.warn(now + timedelta(days=31)) == 0


def test_a_client_shut_out_opens_nothing(world: World) -> None:
    api = let_in(world, receivers="http://127.0.0.1:9")
    assert api.client
    api.post("/webhooks", {"url": "http://127.0.0.1:9/x"})
    clients.revoke_client(None, key=key(), client_id=api.client.pk)
    assert api.get("/me").status_code == 401
    assert not webhooks.of(api.client).exists()
    with pytest.raises(Refused):
        clients.make_token(None, key=key(), client_id=api.client.pk, days=10, overlap=0)


def test_a_duty_that_ended_shows_nothing(world: World, values: dict[str, str]) -> None:
    api = let_in(world)
    assert api.client
    assert api.get(f"/cases/{values['number']}").status_code == 200
    accounts.end_duty(None, key=key(), duty_id=api.client.staff.duties.get().pk)
    assert api.get(f"/cases/{values['number']}").status_code == 404
    assert api.get("/cases").json()["cases"] == []


def test_the_account_of_a_client_is_no_person(world: World) -> None:
    api = let_in(world)
    assert api.client
    staff = api.client.staff
    staff.set_password("a-long-password-9")
    staff.save()
    browser = Browser()
    assert not browser.login(username=staff.username, password="a-long-password-9")
    for act in (accounts.reset_password, accounts.end_sessions, accounts.unlock):
        with pytest.raises(Refused, match="接入系统"):
            act(None, key=key(), staff_id=staff.pk)
    with pytest.raises(Refused, match="接入系统"):
        accounts.give_duty(None, key=key(), staff_id=staff.pk, role=Role.OVERSIGHT, scope_id=None)
    assert staff not in colleagues(world.window_clerk)
    assert not Staff.objects.get(pk=staff.pk).holds(Role.OVERSIGHT)


def test_the_quota_counts_every_request(world: World) -> None:
    api = let_in(world, a_minute=3)
    for left in (2, 1, 0):
        answer = api.get("/me")
        assert answer.status_code == 200
        assert answer.headers["RateLimit"].startswith(f'"minute";r={left};t=')
    assert answer.headers["RateLimit-Policy"] == '"minute";q=3;w=60, "day";q=1000000;w=86400'
    over = api.get("/me")
    assert over.status_code == 429
    assert 1 <= int(over.headers["Retry-After"]) <= 60
    assert over.headers["Content-Type"] == "application/problem+json"
    assert let_in(world, a_minute=3).get("/me").status_code == 200  # each has its own
    daily = let_in(world, a_day=1)
    assert daily.get("/me").status_code == 200
    assert int(daily.get("/me").headers["Retry-After"]) > 60


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("text/plain", b"{}", 415),
        ("application/json", b"{", 400),
        ("application/json", b'{"size": ' + b"9" * 5000 + b"}", 400),
        ("application/json", b"[" * 100_000, 400),
        ("application/json", b'{"filename": "\\ud800", "size": 1, "sha256": "' + b"0" * 64 + b'"}', 422),
        ("application/json", b"x" * (2**20 + 1), 413),
        ("application/json", b"\xff\xfe", 400),
    ],
)
def test_bodies_that_are_none(world: World, kind: str, body: bytes, status: int) -> None:
    answer = let_in(world).call("POST", "/uploads", body, Content_Type=kind)
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
    assert answer.json()["todo"]


@pytest.mark.parametrize("number", ["x", "NX-20260101-0000%00000", "%27", "NX-20260101-0000000I", "1" * 5000])
def test_numbers_that_are_none(world: World, number: str) -> None:
    assert let_in(world).get(f"/cases/{number}").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_the_same_submission_at_once_is_one_case(world: World) -> None:
    api = let_in(world)
    asked = application(world, api)
    assert api.call("POST", "/cases", asked, key="looked-at-first").status_code == 409
    look_all()
    answers: list[Any] = []
    barrier = threading.Barrier(8)

    def submit() -> None:
        barrier.wait()
        try:
            answers.append(Api(api.token).post("/cases", asked, key="all-at-once"))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {answer.status_code for answer in answers} == {201}, [answer.content.decode() for answer in answers]
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert Case.objects.count() == 1
    assert Case.objects.get().forms.count() == 1
    assert connection.vendor


def test_webhooks_belong_to_their_client_and_go_where_the_administrator_said(world: World) -> None:
    api = let_in(world, receivers="https://app.example.cn\nhttp://127.0.0.1:9000")
    for url in (
        "https://app.example.cn:444/x",
        "http://app.example.cn/x",
        "https://app.example.cn@evil.cn/",
        "file:///etc/passwd",
        "http://127.0.0.1:9001/",
        "https://app.example.cn /x",
    ):
        answer = api.post("/webhooks", {"url": url})
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "url"), url
    assert api.post("/webhooks", {"url": "https://APP.example.cn/hooks?x=1"}).status_code == 201
    assert Webhook.objects.get().secret.startswith("whsec_")
    assert "secret" not in api.get("/webhooks").json()[0]
    assert Client.objects.get(pk=api.client and api.client.pk).receivers == [
        "https://app.example.cn",
        "http://127.0.0.1:9000",
    ]
