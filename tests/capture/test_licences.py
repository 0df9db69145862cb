"""The licence service: the simulator keeps the contract; what is found is used after 核对 and recorded; nonsense loses nothing."""

import hashlib
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.clauses.walk import FORM
from tests.official import sample
from tests.pictures import portrait
from tests.world import ANOTHER, World, build
from tongban.capture.command_licences import held, service
from tongban.capture.command_simulate import EXAMPLE
from tongban.cases.models import Case, CaseMaterial, Draft, Event, MaterialFile
from tongban.cases.signed import genuine
from tongban.checks.models import Check
from tongban.desks.command_serve import _simulated_licences
from tongban.procedure.model import Topic
from tongban.rules.review import MaterialState

pytestmark = pytest.mark.django_db
SECRET = "样例密钥"
NUMBER = str(EXAMPLE["number"])


@contextmanager
def serving(handler: type[BaseHTTPRequestHandler], settings: Any) -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.LICENCE_URL = f"http://127.0.0.1:{server.server_port}"
    settings.LICENCE_SECRETS = (SECRET,)
    yield
    server.shutdown()
    server.server_close()


@pytest.fixture
def simulator(settings: Any) -> Iterator[None]:
    with serving(service((SECRET,)), settings):
        yield


def typed(world: World) -> dict[str, Any]:
    item = next(one for one in world.procedure.items if one.pickable)
    own = {"items": item.code or item.name, "region": str(world.region.pk), "applicant_name": str(EXAMPLE["name"])}
    return FORM | own


def start(client: Client, world: World, **fields: str) -> str:
    client.force_login(world.window_clerk)
    url = str(client.post("/window/start/", {"version": world.version.pk}).headers["Location"])
    client.post(f"{url}check/", typed(world) | fields)
    return url


def files(place: int = 0) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = Draft.objects.get().body["files"].get(str(place), [])
    return found


def test_a_licence_is_found_checked_used_and_recorded(client: Client, world: World, simulator: None) -> None:
    url = start(client, world)
    page = client.get(url).content.decode()
    assert page.count("从电子证照调取") == 2, "一个按钮和它的名称；寸照不是证照"
    found = client.post(f"{url}licences/0/").content.decode()
    assert "示例市数据局签发 2024-03-02，长期有效" in found
    assert "2024-03-01 已到期" in found
    assert NUMBER not in found, "号码要遮盖"
    assert "请先核对" in client.post(f"{url}licences/0/use/", {"licence": "1"}).content.decode()
    assert (
        "已到期，请提供有效的"
        in client.post(f"{url}licences/0/use/", {"licence": "2", "checked": "1"}).content.decode()
    )
    assert "没有这一份" in client.post(f"{url}licences/0/use/", {"licence": "9", "checked": "1"}).content.decode()
    assert not files()
    used = client.post(f"{url}licences/0/use/", {"licence": "1", "checked": "1"})
    assert used.headers["HX-Retarget"] == "#files-0"
    assert "证照服务" in used.content.decode()
    assert "已经在材料里" in client.post(f"{url}licences/0/use/", {"licence": "1", "checked": "1"}).content.decode()
    (row,) = files()
    assert (row["source"], row["media_type"]) == ("licence", "application/pdf")
    assert not Check.objects.exists(), "证照不是照片，机器不看"
    client.post(f"{url}files/1/", {"file": SimpleUploadedFile("寸照.jpg", portrait(), "image/jpeg")})
    client.post(f"{url}submit/", typed(world) | {"state_0": "conforms", "state_1": "conforms"})
    case = Case.objects.get()
    assert MaterialFile.objects.get(material__case=case, material__index=0).source == MaterialFile.Source.LICENCE
    event = Event.objects.get(case=case, kind="licence_used")
    assert event.clauses == list(world.procedure.cite(Topic.DIGITISE))
    assert "示例市数据局签发" in event.data["reason"]
    assert NUMBER not in json.dumps(event.data)
    url = start(client, world)
    client.post(f"{url}files/0/reuse/", {"material": case.materials.get(index=0).pk, "checked": "1"})
    assert (files()[0]["source"], files()[0]["reused_from"]) == ("earlier", case.pk)
    assert not Check.objects.filter(kind="idcard").exists(), "历史资料里的电子证照还是电子证照"
    client.force_login(world.people["department"])
    assert "证照服务" in client.get(f"/cases/{case.number}/").content.decode()


def test_not_set_up_nothing_is_shown_and_nothing_answers(client: Client, world: World) -> None:
    url = start(client, world)
    assert "从电子证照调取" not in client.get(url).content.decode()
    assert client.post(f"{url}licences/0/").status_code == 404
    assert client.post(f"{url}licences/0/use/", {"licence": "1", "checked": "1"}).status_code == 404


def test_of_whom_is_said_first_and_another_number_asks_again(client: Client, world: World, simulator: None) -> None:
    url = start(client, world, applicant_id_number="")
    assert "请先填好" in client.post(f"{url}licences/0/").content.decode()
    client.post(f"{url}check/", typed(world))
    client.post(f"{url}licences/0/")
    client.post(f"{url}check/", typed(world) | {"applicant_id_number": ANOTHER})
    assert "请重新调取" in client.post(f"{url}licences/0/use/", {"licence": "1", "checked": "1"}).content.decode()
    nobody = client.post(f"{url}licences/0/").content.decode()
    assert "里没有申请人的这份证照" in nobody
    assert not files()


ONE = held("x")[0] | {"sha256": "0" * 64}


@pytest.mark.once
@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b"<html>", "看不懂（不是 JSON）"),
        (200, b"[]", "看不懂"),
        (200, json.dumps({"licences": [ONE | {"issuer": 5}]}).encode(), "看不懂（issuer）"),
        (200, json.dumps({"licences": [ONE] * 11}).encode(), "看不懂"),
        (200, json.dumps({"licences": [ONE | {"holder_number": ANOTHER}]}).encode(), "别人的证照"),
        (200, b" " * 70_000, "太长"),
        (403, json.dumps({"error": "没有授权 13800000000"}).encode(), "应答 403：没有授权 …"),
        (500, b"boom", "应答 500）"),
        (302, b"", "应答 302）"),
    ],
)
def test_nonsense_is_told_and_loses_nothing(
    client: Client, world: World, settings: Any, status: int, body: bytes, said: str
) -> None:
    with serving(answering(lambda: (status, body)), settings):
        url = start(client, world)
        before = Draft.objects.get().body
        answer = client.post(f"{url}licences/0/")
    assert answer.status_code == 200
    assert said in answer.content.decode()
    assert "照常扫描" in answer.content.decode()
    assert Draft.objects.get().body == before


def answering(said: Callable[[], tuple[int, bytes]]) -> type[BaseHTTPRequestHandler]:
    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            assert genuine({k.lower(): v for k, v in self.headers.items()}, body, [SECRET], time.time())
            status, answer = said()
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None: ...

    return Service


def test_one_that_hangs_or_is_not_there_is_not_waited_for(client: Client, world: World, settings: Any) -> None:
    settings.LICENCE_TIMEOUT = 0.2
    over = threading.Event()

    def hang() -> tuple[int, bytes]:
        over.wait(10)
        return 200, b"{}"

    with serving(answering(hang), settings):
        url = start(client, world)
        assert "秒内没有" in client.post(f"{url}licences/0/").content.decode()
        over.set()
    assert "连不上" in client.post(f"{url}licences/0/").content.decode()


@pytest.mark.once
@pytest.mark.parametrize(
    ("document", "digest", "said"),
    [
        (b"%PDF-1.4 other", "0" * 64, "和它说的不一致"),
        (b"no file at all", hashlib.sha256(b"no file at all").hexdigest(), "给的文件不能用"),
        (b"", hashlib.sha256(b"").hexdigest(), "给的文件不能用"),
    ],
)
def test_a_document_that_is_another_or_none_is_not_taken(
    client: Client, world: World, settings: Any, document: bytes, digest: str, said: str
) -> None:
    answers = iter([json.dumps({"licences": [ONE | {"sha256": digest}]}).encode(), document])
    with serving(answering(lambda: (200, next(answers))), settings):
        url = start(client, world)
        client.post(f"{url}licences/0/")
        answer = client.post(f"{url}licences/0/use/", {"licence": "1", "checked": "1"}).content.decode()
    assert said in answer
    assert not files()


def test_the_simulator_answers_only_who_signs(client: Client, world: World, simulator: None, settings: Any) -> None:
    settings.LICENCE_SECRETS = ("另一个",)
    url = start(client, world)
    assert "签名不对" in client.post(f"{url}licences/0/").content.decode()


def test_a_tolerated_material_comes_from_the_service_and_from_earlier(
    client: Client, db: None, simulator: None
) -> None:
    world = build(sample("药店"))
    before = world.case("accepted")
    place = next(n for n, one in enumerate(world.procedure.materials) if one.tolerable and one.check == "scan")
    lacking = world.materials({place: MaterialState.MISSING})
    given = tuple(
        one for one in lacking if one.verdict.material in {m.verdict.material for m in world.application().materials}
    )
    case = world.case(materials=given, wants_tolerance=frozenset({place}))
    client.force_login(world.window_clerk)
    url = f"/window/tolerated/{case.number}/{place}/"
    page = client.get(url).content.decode()
    assert "从电子证照调取" in page
    assert before.number in page, "历史资料"
    draft = Draft.objects.get(case=case)
    client.post(f"/window/intake/{draft.pk}/licences/{place}/")
    client.post(f"/window/intake/{draft.pk}/licences/{place}/use/", {"licence": "1", "checked": "1"})
    old = before.materials.get(index=place)
    client.post(f"/window/intake/{draft.pk}/files/{place}/reuse/", {"material": old.pk, "checked": "1"})
    client.post(url, {"key": "supplied-by-licence-1"})
    assert CaseMaterial.objects.get(case=case, index=place).supplied_at
    assert re.search(r"证照服务<br>\s*历史资料", client.get(f"/cases/{case.number}/").content.decode()), (
        "每个文件各有来源"
    )
    kinds = set(Event.objects.filter(case=case).values_list("kind", flat=True))
    assert {"licence_used", "reused", "supplied"} <= kinds


def test_the_demo_brings_its_own(client: Client, world: World, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TONGBAN_LICENCE", "TONGBAN_LICENCE_URL", "TONGBAN_LICENCE_SECRET"):
        monkeypatch.setenv(name, "")  # put back afterwards
    server = _simulated_licences()
    settings.LICENCE_URL = os.environ["TONGBAN_LICENCE_URL"]
    settings.LICENCE_SECRETS = (os.environ["TONGBAN_LICENCE_SECRET"],)
    try:
        assert "长期有效" in client.post(f"{start(client, world)}licences/0/").content.decode()
    finally:
        server.shutdown()
        server.server_close()
