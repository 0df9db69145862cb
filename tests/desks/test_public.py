"""The public's pages: nothing beyond the receipt, nothing to guess by, no way to another host."""

import re

import pytest
from django.core.cache import cache
from django.test import Client

from tests.world import ADULT, World, key

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    cache.clear()


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
    assert (case.rating.level, case.rating.comment) == (2, "很快")


@pytest.mark.parametrize("back", ["https://example.org/", "//example.org", "javascript:alert(1)", "\\\\example.org"])
def test_the_large_type_leads_nowhere_else(client: Client, db: None, back: str) -> None:
    assert client.get("/elder/", {"back": back}).headers["Location"] == "/"


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
