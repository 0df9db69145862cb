"""The public's pages: nothing beyond the receipt, nothing to guess by, no way to another host."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.world import ADULT, World, key
from tongban.cases import queries
from tongban.vault import keys, sealed

pytestmark = pytest.mark.django_db


def ask(client: Client, number: str, end: str) -> tuple[int, str]:
    answer = client.post("/progress/", {"number": number, "phone_end": end})
    return answer.status_code, answer.content.decode()


def test_number_and_phone_show_the_way_and_nothing_personal(client: Client, world: World) -> None:
    case = world.case("accepted")
    code, html = ask(client, f" {case.number.lower()} ", "0000")
    assert code == 200
    assert "正在办理" in html
    for personal in (ADULT, "张㛃", "13800000000", "示例街道"):
        assert personal not in html


def test_a_wrong_number_and_a_wrong_phone_get_the_same_answer(client: Client, world: World) -> None:
    case = world.case()
    other = case.number[:-1] + ("A" if case.number.endswith("Z") else "Z")
    answers = set()
    for number, end in ((case.number, "9999"), (other, "0000")):
        code, html = ask(client, number, end)
        same = re.sub(r'(name="(csrfmiddlewaretoken|csrf-token|phone_end)"[^>]*)', "", html).replace(number, "")
        answers.add((code, same))
    assert len(answers) == 1
    ((code, html),) = answers
    assert code == 404
    assert "没有找到。请核对" in html


def test_a_wrong_number_and_a_wrong_phone_cost_the_same_work(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same statements, the same phones unsealed, the same digests compared: no clock could tell one from the other."""
    case = world.case()
    other = case.number[:-1] + ("A" if case.number.endswith("Z") else "Z")
    done: list[str] = []

    def heard(where: Any, name: str) -> None:
        real = getattr(where, name)
        monkeypatch.setattr(where, name, lambda *args: (done.append(name), real(*args))[1])

    heard(keys, "_hmac")
    heard(sealed, "encrypt")
    heard(sealed, "decrypt")
    heard(queries.hmac, "compare_digest")
    ask(client, case.number, "9999")  # whatever is read once by a process is read
    works = []
    for number, end in ((case.number, "9998"), (other, "0000")):
        done.clear()
        with CaptureQueriesContext(connection) as asked:
            assert ask(client, number, end)[0] == 404
        shapes = [re.sub(r"'[^']*'|\b\d+\b", "?", query["sql"]) for query in asked]
        works.append((shapes, sorted(done)))
    assert works[0] == works[1]
    assert works[0][1].count("compare_digest") == 1
    assert works[0][1].count("decrypt") == 1


def test_another_spelling_of_a_number_gives_no_more_tries(client: Client, world: World) -> None:
    case = world.case()
    spelled = [case.number, case.number.lower(), f" {case.number}", case.number.replace("-", " - "), case.number]
    codes = [ask(client, number, "9999")[0] for number in (*spelled, *spelled)]
    assert codes == [404] * 6 + [429] * 4


def test_guessing_is_stopped(client: Client, world: World) -> None:
    case = world.case()
    codes = [ask(client, case.number, f"{n:04d}")[0] for n in range(1, 12)]
    assert 429 in codes
    assert ask(client, case.number, "0000")[0] == 429


def test_rated_once_and_only_by_who_holds_the_receipt(client: Client, world: World) -> None:
    case = world.case("handed")
    form = {"number": case.number, "phone_end": "0000", "level": "2", "comment": "很快", "key": key()}
    assert client.post("/progress/rate/", form | {"phone_end": "1111"}).status_code == 404
    assert client.post("/progress/rate/", form | {"level": "9"}).status_code == 422
    assert client.post("/progress/rate/", form).status_code == 200
    assert client.post("/progress/rate/", form | {"key": key()}).status_code == 422
    case.refresh_from_db()
    assert (case.ratings.get().level, case.ratings.get().comment) == (2, "很快")


@pytest.mark.parametrize(
    "back",
    [
        "https://example.org/",
        "//example.org",
        "javascript:alert(1)",
        "\\\\example.org",
        "/\r\nX: 1",
        "/a\nb",
        "/\x00",
        "/\u202e",
        "wapiti",
        "../x",
    ],
)
def test_nothing_leads_to_another_host_or_breaks_a_header(client: Client, world: World, back: str) -> None:
    assert client.get("/elder/", {"back": back}).headers["Location"] == "/"
    world.window_clerk.set_password("通办-2026")
    world.window_clerk.save()
    typed = {"username": world.window_clerk.username, "password": "通办-2026", "next": back}
    assert client.post("/login/", typed).headers["Location"] == "/home/"


@pytest.mark.parametrize("url", ["/guide/999999/", "/nothing/", "/cases/NX-1/", "/guide/x/"])
def test_what_is_not_there_is_said_in_chinese(client: Client, db: None, url: str) -> None:
    answer = client.get(url)
    assert answer.status_code in (302, 404)
    if answer.status_code == 404:
        assert "没有这个页面" in answer.content.decode()


def test_a_search_term_is_text(client: Client, world: World) -> None:
    html = client.get("/windows/", {"q": "<script>alert(1)</script>"}).content.decode()
    assert "<script>alert(1)" not in html


def test_every_page_carries_the_headers_that_hold_scripts_back(client: Client, world: World) -> None:
    for url in ("/", "/windows/", "/progress/", "/login/"):
        headers = client.get(url).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] in ("DENY", "SAMEORIGIN")
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert headers["Referrer-Policy"] == "same-origin"


def test_no_copy_is_kept_of_a_page_made_for_one_person_and_nothing_after_the_log_out(
    client: Client, world: World
) -> None:
    case = world.case()
    client.force_login(world.oversight)
    for url in ("/oversight/", f"/cases/{case.number}/", "/account/", "/notices/"):
        assert "no-store" in client.get(url).headers["Cache-Control"], url
    assert '"storage"' in client.post("/logout/").headers["Clear-Site-Data"]
    shown = client.post("/progress/", {"number": case.number, "phone_end": "0000"})
    assert "no-store" in shown.headers["Cache-Control"]


def test_behind_proxies_the_visitor_is_counted_and_cannot_choose_an_address(
    client: Client, db: None, settings: Any
) -> None:
    def codes(forwarded: str, times: int) -> set[int]:
        asked = {"number": "NX-20260101-AAAAAAAA", "phone_end": "0000"}
        return {
            client.post("/progress/", asked | {"number": f"NX-{n}"}, headers={"X-Forwarded-For": forwarded}).status_code
            for n in range(times)
        }

    settings.PROXIES = 1
    assert codes("203.0.113.1", 20) == {404}
    assert codes("203.0.113.1", 1) == {429}
    assert codes("203.0.113.2, 203.0.113.1", 1) == {429}  # what a visitor wrote stands on the left
    assert codes("203.0.113.2", 1) == {404}
    settings.PROXIES = 0
    assert codes("203.0.113.1", 1) == {404}  # nobody of ours wrote it: the connection's own address counts


@pytest.mark.django_db
@pytest.mark.parametrize("url", ["/static/", "/static/desks/", "/vault/", "/.git/", "/static/../settings.py"])
def test_no_folder_is_listed(client: Client, url: str) -> None:
    assert client.get(url).status_code == 404
