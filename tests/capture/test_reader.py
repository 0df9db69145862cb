"""The card reader: the simulator keeps the contract, the desk fills itself and says what differs."""

import base64
import contextlib
import json
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from http.server import ThreadingHTTPServer

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from tests.clauses.walk import FORM
from tests.world import World, jpeg
from tongban.capture.command_simulate import EXAMPLE, reader
from tongban.capture.reader import Unreadable, chip
from tongban.cases.models import Draft

ORIGIN = "http://127.0.0.1:8000"


@pytest.fixture
def simulator() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), reader(EXAMPLE, ORIGIN))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def ask(url: str, origin: str | None) -> tuple[int, dict[str, str], str]:
    request = urllib.request.Request(url, headers={"Origin": origin} if origin else {})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, dict(error.headers), error.read().decode()


def test_the_simulator_keeps_the_contract(simulator: str) -> None:
    status, headers, body = ask(f"{simulator}/card", ORIGIN)
    assert status == 200
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert chip(body).name == EXAMPLE["name"]
    status, headers, body = ask(f"{simulator}/card", "http://evil.example")
    assert status == 403
    assert "Access-Control-Allow-Origin" not in headers
    assert str(EXAMPLE["name"]) not in body
    assert ask(f"{simulator}/other", ORIGIN)[0] == 404


@given(
    st.text()
    | st.builds(json.dumps, st.dictionaries(st.sampled_from(list(EXAMPLE)), st.integers() | st.text() | st.none()))
)
def test_whatever_a_reader_says_it_is_a_chip_or_unreadable(text: str) -> None:
    with contextlib.suppress(Unreadable):
        found = chip(text)
        assert found.name == found.name.strip()


def start(client: Client, world: World) -> str:
    client.force_login(world.window_clerk)
    return str(client.post("/window/start/", {"version": world.version.pk}).headers["Location"])


@pytest.mark.django_db
def test_the_card_fills_what_is_empty_and_says_what_differs(client: Client, world: World) -> None:
    url = start(client, world)
    typed = FORM | {"applicant_name": "样例·张山", "applicant_address": "", "applicant_id_number": ""}
    card = EXAMPLE | {"photo": base64.b64encode(jpeg(3000)).decode(), "front": base64.b64encode(jpeg(4000, 7)).decode()}
    html = client.post(f"{url}card/", typed | {"card": json.dumps(card)}).content.decode()
    assert "姓名和卡上的不同" in html
    body = Draft.objects.get().body
    assert body["fields"]["applicant_name"] == ["样例·张山"], "填了的不改"
    assert body["fields"]["applicant_id_number"] == [EXAMPLE["number"]]
    assert body["fields"]["applicant_address"] == [EXAMPLE["address"]]
    assert "card" not in body["fields"]
    assert [row["source"] for row in body["files"]["0"]] == ["reader"]
    assert client.get(f"{url}card/photo/").status_code == 200
    mended = client.post(
        f"{url}check/",
        {name: values[0] for name, values in body["fields"].items()} | {"applicant_name": str(EXAMPLE["name"])},
    )
    assert "读卡 一致" in mended.content.decode()
    assert "读卡 一致" in client.get(url).content.decode(), "刷新后还在"


@pytest.mark.django_db
def test_a_reader_that_says_nonsense_loses_nothing(client: Client, world: World) -> None:
    url = start(client, world)
    answer = client.post(f"{url}card/", FORM | {"card": "<html>"})
    assert answer.status_code == 422
    assert "手工填写" in answer.content.decode()
    body = Draft.objects.get().body
    assert body["fields"]["applicant_name"] == [FORM["applicant_name"]]
    assert "card" not in body


@pytest.mark.django_db
def test_only_the_intake_may_ask_the_reader_and_only_that_address(client: Client, world: World) -> None:
    page = client.get(start(client, world))
    assert "connect-src 'self' http://127.0.0.1:8737" in page.headers["Content-Security-Policy"]
    assert "camera=(self)" in page.headers["Permissions-Policy"]
    assert "connect-src" not in client.get("/window/").headers["Content-Security-Policy"]
