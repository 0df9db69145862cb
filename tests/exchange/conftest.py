"""A platform outside, seen from either side of the line; a stand-in for it that fails the ways such platforms fail."""

import json
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World
from tongban.cases.models import Case
from tongban.cases.signed import new_secret, signed_headers
from tongban.exchange import platforms, telling, wire
from tongban.exchange.models import Platform
from tongban.people import city as data_of
from tongban.people.models import Region, Unit

FILLER = {"abbreviation": "QT", "short": "其", "hall": {"name": "大厅（示例）"}}


def platform_of(
    world: World, *, code: str, name: str, regions: tuple[str, ...], way: str = "peer", **more: Any
) -> Platform:
    """A platform as the city's file would name it."""
    data = data_of.PlatformData(name=name, way=way, code=code, regions=regions, **more)  # type: ignore[arg-type]
    city = data_of.City(
        city=world.version.city, title="样例",
        platforms=(data,),
        regions=tuple(data_of.RegionData(name=region, **FILLER) for region in regions),  # type: ignore[arg-type]
    )  # fmt: skip
    from pathlib import Path

    platforms.load(city, Path("procedures/sample"))
    for region in Region.objects.filter(city=world.version.city, name__in=regions):
        region.outside = city.outside(region.name)
        region.save()
    return platforms.find(code)


@dataclass
class Sender:
    """The other side of the line: signs and posts what it likes to our address."""

    platform: Platform
    secret: str
    client: Client = field(default_factory=Client)

    def post(
        self, body: bytes, *, once: str = "", secret: str = "", now: float | None = None, code: str = ""
    ) -> tuple[int, dict[str, Any]]:
        """Post ``body`` signed; (status, answer)."""
        headers = signed_headers(
            [secret or self.secret], once or uuid.uuid4().hex, time.time() if now is None else now, body
        )
        answer = self.client.post(
            f"/exchange/{code or self.platform.code}/events/", body, content_type=wire.MEDIA_TYPE, headers=headers
        )
        return answer.status_code, answer.json()

    def tell(
        self, kind: str, number: str, data: Any, sequence: int, *, key: str = "", at: datetime | None = None, **how: Any
    ) -> tuple[int, dict[str, Any]]:
        """Post one event of a case."""
        once = key or uuid.uuid4().hex
        event = wire.envelope(
            key=once, source=f"/{self.platform.code}", kind=kind, number=number, at=at or timezone.now(), sequence=sequence,
            data=data,
        )  # fmt: skip
        return self.post(json.dumps(event | how.pop("event", {})).encode(), once=once, **how)

    def get(self, what: str, secret: str = "") -> Any:
        """A signed GET."""
        path = f"{self.platform.code}/{what}"
        headers = signed_headers([secret or self.secret], uuid.uuid4().hex, time.time(), f"GET {path}".encode())
        return self.client.get(f"/exchange/{path}", headers=headers)


def keyed(platform: Platform) -> Sender:
    """The other side, with a key we both have."""
    secret = new_secret()
    platforms.take_key(None, key=None, code=platform.code, secret=secret)
    return Sender(platforms.find(platform.code), secret)


@pytest.fixture
def origin(world: World) -> Sender:
    """A peer that takes cases in for our department."""
    region = Region.objects.create(city=world.version.city, name="别县", abbreviation="BX", short="别")
    Unit.objects.create(region=region, name="别县承办局（示例）", items=[])
    return keyed(platform_of(world, code="away", name="别县平台", regions=("别县",)))


@pytest.fixture
def department(world: World) -> Sender:
    """A peer whose department works on the cases we take in."""
    found = keyed(platform_of(world, code="town", name="市一体化平台", regions=(world.region.name,)))
    world.region.refresh_from_db()
    return found


def sent(world: World, **changes: Any) -> dict[str, Any]:
    """A whole case as a peer would push it; its files are here already. The case it was made of stays as it is."""
    from tests.world import key
    from tongban.cases.actions.intake import take_in

    case = take_in(world.window_clerk, world.application(**changes), key=key())
    return telling.submitted(Case.objects.select_related("version", "region", "window", "taken_by").get(pk=case.pk))


class Stand:
    """An outside platform on this machine. ``moods`` are used up one a request; then it takes what comes."""

    def __init__(self) -> None:
        self.moods: list[str] = []
        self.asked: list[tuple[str, dict[str, str], bytes]] = []
        self.files: dict[str, bytes] = {}
        self.answer: Any = {"state": "done"}
        self.over = threading.Event()
        self.port = 0

    @property
    def told(self) -> list[dict[str, Any]]:
        """The bodies it was sent."""
        return [json.loads(body) for _, _, body in self.asked if body]

    @property
    def steps(self) -> list[tuple[str, str, int]]:
        """(number, kind, sequence) of the events it was sent, in the order they came."""
        return [(e["subject"], e["type"].split(".")[2], int(e["sequence"])) for e in self.told]


@pytest.fixture
def stand() -> Iterator[Stand]:
    """The stand-in, on a free port."""
    found = Stand()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            mood = found.moods.pop(0) if found.moods else "ok"
            if mood == "hang":
                found.over.wait(20)
                return
            status, answer = {
                "ok": (200, json.dumps(found.answer).encode()),
                "500": (500, b"internal error 13800000000"),
                "503": (503, b""),
                "early": (425, json.dumps({"state": "early", "message": "还没有收到第 1 步。"}).encode()),
                "refused": (422, json.dumps({"state": "refused", "message": "版本不一致"}).encode()),
                "nonsense": (200, b"<html>welcome</html>"),
                "deep": (200, b"[" * 50_000),
                "no": (200, json.dumps({"code": "500", "msg": "系统繁忙"}).encode()),
            }[mood]
            self.say(status, answer)

        def do_GET(self) -> None:
            found.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, b""))
            data = found.files.get(self.path.rstrip("/").rpartition("/")[2])
            self.say(200 if data is not None else 404, data or b"")

        def say(self, status: int, answer: bytes) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            pass  # the other side went away: that is the test

    server = Server(("127.0.0.1", 0), Handler)
    found.port = server.server_port
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    found.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def reach(platform: Platform, stand: Stand, path: str = "exchange/us/") -> None:
    """Let a platform be where the stand-in is."""
    platforms.set_address(None, key=None, code=platform.code, address=f"http://127.0.0.1:{stand.port}/{path}")


def rested(platform: Platform) -> None:
    """As if its rest were over, and every pause before a retry."""
    from tongban.exchange.models import PlatformPush

    past = timezone.now() - timedelta(seconds=1)
    Platform.objects.filter(pk=platform.pk).update(rests_until=past)
    PlatformPush.objects.filter(platform=platform).update(next_at=past)
