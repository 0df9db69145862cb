"""Single sign-on against a real OpenID Connect provider on this machine: who gets in, what is refused, what is down."""

import base64
import hashlib
import warnings
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from django.test import Client

from tests.world import World
from tongban.people import single_sign_on as sso
from tongban.people.models import Staff

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the provider's own libraries speak of their next versions
    import oidc_provider_mock

pytestmark = [pytest.mark.django_db, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
PERSON = "430900-0001"


@pytest.fixture
def provider(settings: Any) -> Iterator[str]:
    with oidc_provider_mock.run_server_in_thread(require_nonce=True) as server:
        settings.OIDC_ISSUER = f"http://localhost:{server.server_port}"
        settings.OIDC_CLIENT, settings.OIDC_SECRET = "tongban", "a secret"
        yield settings.OIDC_ISSUER


@pytest.fixture
def clerk(world: World) -> Staff:
    Staff.objects.filter(pk=world.window_clerk.pk).update(single_sign_on=PERSON, demo=False)
    return world.window_clerk


def leave(client: Client, where: str = "/login/sso/?next=/window/supplements/") -> str:
    """The provider's page the log-in leads to."""
    answer = client.get(where)
    assert answer.status_code == 302
    return str(answer.headers["Location"])


def at_provider(url: str, person: str = PERSON) -> str:
    """The person logs in there; where it sends the browser back to."""
    answer = requests.post(url, data={"sub": person}, allow_redirects=False, timeout=5)
    assert answer.status_code in (302, 303), answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def test_a_bound_account_is_logged_in_where_it_wanted_to_go(client: Client, clerk: Staff, provider: str) -> None:
    url = leave(client)
    asked = parse_qs(urlsplit(url).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["response_type"] == ["code"]
    assert {"state", "nonce", "code_challenge"} <= set(asked)
    answer = client.get(at_provider(url))
    assert answer.headers["Location"] == "/window/supplements/"
    assert client.get("/window/").status_code == 200
    assert client.session["_auth_user_id"] == str(clerk.pk)


@pytest.mark.parametrize("lacks", ["binding", "state of account"])
def test_nobody_is_let_in_whom_no_administrator_bound(client: Client, clerk: Staff, provider: str, lacks: str) -> None:
    before = Staff.objects.count()
    changes = {"single_sign_on": None} if lacks == "binding" else {"is_active": False}
    Staff.objects.filter(pk=clerk.pk).update(**changes)
    answer = client.get(at_provider(leave(client)))
    assert answer.status_code == 403
    assert "没有绑定" in answer.content.decode()
    assert client.get("/window/").status_code == 302
    assert Staff.objects.count() == before


def test_the_second_factor_and_a_closed_demo_hold_here_too(
    client: Client, clerk: Staff, provider: str, settings: Any
) -> None:
    settings.SECOND_FACTOR = ("window",)
    client.get(at_provider(leave(client)))
    assert client.get("/window/").headers["Location"].startswith("/login/factor/")
    client.logout()
    settings.DEMO = False
    Staff.objects.filter(pk=clerk.pk).update(demo=True)
    assert client.get(at_provider(leave(client))).status_code == 403


def test_an_answer_is_taken_once_and_only_by_the_browser_that_asked(
    client: Client, clerk: Staff, provider: str
) -> None:
    back = at_provider(leave(client))
    assert Client().get(back).status_code == 400
    assert client.get(back.replace("state=", "state=x")).status_code == 403
    assert client.get(back).status_code == 400  # what was kept is gone
    back = at_provider(leave(client))
    assert client.get(back).status_code == 302
    assert client.get(back).status_code == 400


def test_a_token_of_another_log_in_is_refused(client: Client, clerk: Staff, provider: str) -> None:
    back = at_provider(leave(client))
    session = client.session
    session["sso"]["begun"]["nonce"] = "other"
    session.save()
    assert client.get(back).status_code == 403
    assert client.get("/window/").status_code == 302


def test_the_code_is_redeemed_with_the_verifier_of_its_challenge(
    client: Client, clerk: Staff, provider: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = leave(client)
    challenge = parse_qs(urlsplit(url).query)["code_challenge"][0]
    back, sent, send = at_provider(url), [], requests.Session.send

    def look(self: requests.Session, request: requests.PreparedRequest, **more: Any) -> requests.Response:
        sent.append(request)
        return send(self, request, **more)

    monkeypatch.setattr(requests.Session, "send", look)
    assert client.get(back).status_code == 302
    token = next(request for request in sent if request.method == "POST")
    verifier = parse_qs(str(token.body))["code_verifier"][0]
    digest = hashlib.sha256(verifier.encode()).digest()
    assert base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge


def test_a_token_for_another_or_by_another_is_refused(
    client: Client, clerk: Staff, provider: str, settings: Any
) -> None:
    url = leave(client)
    back = at_provider(url)
    settings.OIDC_CLIENT = "somebody-else"
    assert client.get(back).status_code == 403
    settings.OIDC_CLIENT = "tongban"
    settings.OIDC_ISSUER = provider + "/"  # answers there, but says it is another
    with pytest.raises(sso.Unavailable, match="issuer"):
        sso.begin("http://testserver/login/sso/back/")


def test_a_person_who_declines_there_is_not_logged_in(client: Client, clerk: Staff, provider: str) -> None:
    url = leave(client)
    state = parse_qs(urlsplit(url).query)["state"][0]
    answer = client.get("/login/sso/back/", {"state": state, "error": "access_denied"})
    assert answer.status_code == 403
    assert "没有完成" in answer.content.decode()


@pytest.mark.parametrize("passwords", [True, False])
def test_a_provider_that_is_down_is_said_so(client: Client, clerk: Staff, settings: Any, passwords: bool) -> None:
    settings.OIDC_ISSUER, settings.OIDC_CLIENT = "http://127.0.0.1:9", "tongban"  # nobody listens there
    settings.PASSWORD_LOGIN = passwords
    answer = client.get("/login/sso/")
    html = answer.content.decode()
    assert answer.status_code == 503
    assert "连不上" in html
    assert ('name="password"' in html) == passwords
    assert client.post("/login/", {"username": "x", "password": "y"}).status_code == (200 if passwords else 404)


def test_without_a_provider_there_is_no_such_way(client: Client, db: None) -> None:
    assert client.get("/login/sso/").status_code == 404
    assert client.get("/login/sso/back/").status_code == 404
    assert "统一身份登录" not in client.get("/login/").content.decode()


def test_leaving_ends_both(client: Client, clerk: Staff, provider: str) -> None:
    client.get(at_provider(leave(client)))
    answer = client.post("/logout/")
    assert answer.status_code == 302
    end = sso.provider().get("end_session_endpoint")
    if end:
        assert answer.headers["Location"].startswith(end)
        assert "id_token_hint=" in answer.headers["Location"]
    assert client.get("/window/").status_code == 302
