"""A carrier's interface, stood in for by a real server on this machine that fails the ways such servers fail."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client

from tests.custody.test_post import mailed, state_of, waiting
from tests.world import World, key
from tongban.custody import carrier, tracking
from tongban.custody.models import Consignment, Track

KEY = "a key of the carrier's"
SIGNED = {
    "state": "signed",
    "events": [
        {"at": "2026-11-24T08:00:00+08:00", "text": "已收寄"}, {"at": "2026-11-25T09:30:00+08:00", "text": "本人签收"},
    ],
}  # fmt: skip


class Stand:
    """What the server answers next, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, Any]]] = []
        self.numbers: dict[str, str] = {}
        self.answer: Callable[[Any], None] | None = None
        self.tracks: dict[str, Any] = {}
        self.over = threading.Event()


class Handler(BaseHTTPRequestHandler):
    stand: Stand

    def log_message(self, *_: Any) -> None:
        return

    def _body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def do_POST(self) -> None:
        body = self._body()
        text = "\n".join(("POST", self.path, self.headers["X-Timestamp"], body.decode())).encode()
        right = hmac.digest(KEY.encode(), text, hashlib.sha256).hex()
        if not hmac.compare_digest(right, self.headers["X-Signature"]):
            self.send_error(401)
            return
        asked = json.loads(body)
        self.stand.asked.append(("POST", self.path, asked))
        number = self.stand.numbers.setdefault(asked["reference"], f"HT{len(self.stand.numbers):09d}CN")
        self._say({"waybill": number})

    def do_GET(self) -> None:
        self.stand.asked.append(("GET", self.path, {}))
        self._say(self.stand.tracks.get(self.path.rpartition("/")[2], {"state": "", "events": []}))

    def _say(self, body: Any) -> None:
        if self.stand.answer:
            self.stand.answer(self)
            return
        self.raw(json.dumps(body).encode())

    def raw(self, data: bytes, status: int = 200, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(data) if length is None else length))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def stand(settings: Any) -> Iterator[Stand]:
    found = Stand()
    handler = type("Own", (Handler,), {"stand": found})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    settings.CARRIER_URL = f"http://127.0.0.1:{server.server_port}/api"
    settings.CARRIER_KEY, settings.CARRIER_TIMEOUT = KEY, 5.0
    yield found
    found.over.set()
    server.shutdown()
    server.server_close()
    thread.join()


def send(client: Client, world: World, number: str, waybill: str = "") -> str:
    client.force_login(world.post)
    form = {"waybill": waybill, "payer": "receiver", "key": key()}
    return client.post(f"/post/cases/{number}/send/", form, follow=True).content.decode()


def test_a_number_is_got_and_the_whole_address_goes_to_the_carrier(client: Client, world: World, stand: Stand) -> None:
    case = waiting(world)
    assert "已寄出" in send(client, world, case.number)
    row = Consignment.objects.get()
    assert row.waybill == "HT000000000CN"
    ((_, path, asked),) = stand.asked
    assert path == "/api/orders"
    assert (asked["receiver"]["address"], asked["payer"]) == (case.delivery_address, "receiver")


FAILURES: dict[str, Callable[[Any], None]] = {
    "refuses": lambda h: h.send_error(503),
    "wrong key": lambda h: h.send_error(401),
    "nonsense": lambda h: h.raw(b"<html>ok</html>"),
    "a list": lambda h: h.raw(b"[]"),
    "no number": lambda h: h.raw(b"{}"),
    "a number that is none": lambda h: h.raw(b'{"waybill": "../../etc"}'),
    "cut off": lambda h: h.raw(b'{"wayb', length=400),
    "closes at once": lambda h: h.connection.close(),
    "not text": lambda h: h.raw(b"\xff\xfe\x00"),
    "far too much": lambda h: h.raw(b'{"waybill": "' + b"A" * 900_000 + b'"}'),
    "never answers": lambda h: h.stand.over.wait(30),
}  # fmt: skip


@pytest.mark.parametrize("failure", FAILURES)
def test_whatever_fails_is_said_nothing_is_sent_and_a_typed_number_goes(
    client: Client, world: World, stand: Stand, settings: Any, failure: str
) -> None:
    if failure == "never answers":
        settings.CARRIER_TIMEOUT = 0.2
    stand.answer = FAILURES[failure]
    case = waiting(world)
    assert "手工填邮件号" in send(client, world, case.number)
    assert not Consignment.objects.exists()
    assert state_of(case)[2] == "with_post"
    assert "已寄出" in send(client, world, case.number, "EX123456789CN")


def test_an_answer_that_was_lost_gives_the_same_number_again(client: Client, world: World, stand: Stand) -> None:
    case = waiting(world)
    stand.answer = FAILURES["closes at once"]
    send(client, world, case.number)
    stand.answer = None
    send(client, world, case.number)
    assert len(stand.numbers) == 1
    assert Consignment.objects.get().waybill == "HT000000000CN"


def test_nobody_listens(client: Client, world: World, settings: Any) -> None:
    settings.CARRIER_URL = "http://127.0.0.1:9/"
    assert "手工填邮件号" in send(client, world, waiting(world).number)


def test_the_worker_asks_and_a_signature_ends_the_case_once(world: World, stand: Stand) -> None:
    case, row = mailed(world)
    stand.tracks[row.waybill] = SIGNED
    assert tracking.ask_carrier() == 1
    assert state_of(case)[0] == "released"
    event = case.events.latest("sequence")
    assert (event.kind, event.by_name) == ("post_received", "系统")
    tracking.told(row, carrier.track(row.waybill))
    tracking.told(row, carrier.track(row.waybill))
    assert case.events.filter(kind="post_received").count() == 1
    assert list(Track.objects.filter(consignment=row).values_list("text", flat=True)) == ["已收寄", "本人签收"]
    assert tracking.ask_carrier() == 0


def test_that_it_came_back_is_for_a_person(client: Client, world: World, stand: Stand) -> None:
    case, row = mailed(world)
    stand.tracks[row.waybill] = {"state": "returned", "events": []}
    tracking.ask_carrier()
    assert state_of(case)[2] == "posted"
    client.force_login(world.post)
    assert "邮政说退回" in client.get("/post/posted/").content.decode()


@pytest.mark.parametrize(
    "nonsense",
    [
        {"state": "eaten", "events": []}, {"state": "", "events": {}}, {"state": "signed"}, {"events": []},
        {"state": "", "events": [{"at": "昨天", "text": "x"}]}, {"state": "", "events": [{"text": "x"}]},
        {"state": "", "events": [{"at": "2026-11-24T08:00:00", "text": "没有时区"}]}, {"state": "", "events": ["x"]},
        {"state": "", "events": [{"at": "2026-11-24T08:00:00+08:00", "text": "x"}] * 201},
    ],
)  # fmt: skip
def test_tracking_that_makes_no_sense_changes_nothing_and_others_are_still_asked(
    world: World, stand: Stand, nonsense: dict[str, Any]
) -> None:
    case, row = mailed(world)
    other, second = mailed(world, "EX000000002CN")
    stand.tracks |= {row.waybill: nonsense, second.waybill: SIGNED}
    assert tracking.ask_carrier() == 1
    assert (state_of(case)[2], state_of(other)[0]) == ("posted", "released")
    assert not Track.objects.filter(consignment=row).exists()
    assert tracking.ask_carrier() == 0  # asked again when its turn comes, not at once


def test_without_an_address_nobody_is_asked(world: World) -> None:
    mailed(world)
    assert tracking.ask_carrier() == 0
