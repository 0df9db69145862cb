"""The HTTP gateway against a real peer: it takes each message once, and whatever it does nothing is lost or told twice."""

import json
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db.models import F
from django.test import Client

from tests.messages.peer import Gateway, gateway
from tests.world import World
from tongban.cases.outbox import NotSent
from tongban.cases.signed import genuine, signature
from tongban.messages.gateways import send_http
from tongban.messages.models import Message
from tongban.messages.relay import relay
from tongban.messages.sending import send

pytestmark = pytest.mark.django_db
SECRET = "a secret for tests alone"


@pytest.fixture
def peer(settings: Any) -> Iterator[Gateway]:
    with gateway() as running:
        settings.SMS_GATEWAY, settings.SMS_SECRETS, settings.SMS_TIMEOUT = "http", (SECRET,), 0.4
        settings.SMS_URL = f"http://127.0.0.1:{running.port}/send?v=1"
        yield running


def again() -> int:
    """Try what waits as if its time had come."""
    Message.objects.update(next_at=F("next_at") - timedelta(hours=2))
    return send()


def test_a_message_is_taken_signed_and_known_by_the_gateways_id(world: World, peer: Gateway) -> None:
    world.case()
    relay()
    assert send() == 1
    row = Message.objects.get()
    assert (row.state, row.gateway_id) == ("sent", "gw-1")
    headers, body = peer.asked[0]
    told = json.loads(body)
    assert told == {"id": row.once, "to": "13800000000", "text": row.text}
    assert headers["webhook-id"] == row.once
    assert genuine(headers, body, ["another", SECRET], time.time())
    assert not genuine(headers, body + b" ", [SECRET], time.time())
    assert not genuine(headers, body, ["another"], time.time())
    assert not genuine(headers, body, [SECRET], time.time() + 301)


@pytest.mark.parametrize(
    ("mood", "said", "final"),
    [
        ("500", "网关应答 500：internal error …", False),
        ("429", "网关应答 429", False),
        ("422", "网关不收这条短信（422）：空号 …", True),
        ("nonsense", "内容看不懂", False),
        ("empty", "内容看不懂", False),
        ("list", "内容看不懂", False),
        ("deep", "内容看不懂", False),
        ("no", "网关没有收下：余额不足 …", False),
        ("redirect", "网关应答 302", False),
        ("long", "应答太长", False),
        ("hang", "秒内没有", False),
        ("drip", "秒内没有答完", False),
        ("reset", "网关连不上", False),
    ],
)
def test_whatever_the_gateway_does(world: World, peer: Gateway, mood: str, said: str, final: bool) -> None:
    world.case()
    relay()
    peer.moods = [mood]
    send()
    row = Message.objects.get()
    assert said in row.error
    assert "13800000000" not in row.error
    assert row.state == ("failed" if final else "waiting")
    assert len(peer.asked) == 1, "no redirect is followed"
    if not final:
        again()
        assert Message.objects.get().state == "sent"
        assert list(peer.taken) == [row.once]


def test_an_answer_that_is_lost_sends_again_under_the_same_id(world: World, peer: Gateway) -> None:
    world.case()
    relay()
    peer.moods = ["late"]
    send()
    assert Message.objects.get().state == "waiting"
    again()
    assert Message.objects.get().state == "sent"
    assert len(peer.asked) == 2
    assert len(peer.taken) == 1


def test_nobody_there(settings: Any) -> None:
    with gateway() as gone:
        port = gone.port
    settings.SMS_URL, settings.SMS_SECRETS = f"http://127.0.0.1:{port}/", (SECRET,)
    with pytest.raises(NotSent, match="连不上"):
        send_http("13800000000", "样例", "message-1-0")


def test_a_gateway_with_its_own_words(peer: Gateway, settings: Any) -> None:
    settings.SMS_FIELDS = {"id": "id", "to": "mobile", "text": "content"}
    settings.SMS_EXTRA = {"account": "样例"}
    assert send_http("13800000000", "样例", "m-1") == "gw-1"
    assert json.loads(peer.asked[0][1]) == {"account": "样例", "id": "m-1", "mobile": "13800000000", "content": "样例"}


def reported(client: Client, told: object, *, secret: str = SECRET, at: float = 0) -> tuple[int, dict[str, object]]:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    moment = str(int(time.time() + at))
    headers = {
        "webhook-id": "r-1",
        "webhook-timestamp": moment,
        "webhook-signature": signature(secret, "r-1", moment, body),
    }
    answer = client.post("/sms/report/", body, content_type="application/json", headers=headers)
    return answer.status_code, answer.json()


def test_delivery_reports(client: Client, world: World, peer: Gateway) -> None:
    world.case()
    world.case()
    relay()
    send()
    first, second = Message.objects.order_by("pk")
    assert reported(client, {"id": first.once, "state": "delivered"}) == (200, {"taken": 1, "unknown": 0})
    told = [{"id": second.gateway_id, "state": "failed", "reason": "空号 13800000000"}, {"id": "x", "state": "failed"}]
    for _ in range(3):
        assert reported(client, told) == (200, {"taken": 1, "unknown": 1})
    assert reported(client, {"id": first.once, "state": "failed"})[0] == 200
    states = list(Message.objects.order_by("pk").values_list("state", "error"))
    assert states == [("delivered", ""), ("failed", "没有送达：空号 …")]
    assert reported(client, {"id": second.once, "state": "delivered"})[0] == 200
    assert Message.objects.get(pk=second.pk).state == "delivered", "it got there after all: nobody need call"


def test_a_report_that_overtakes_our_own_record_counts(client: Client, world: World, peer: Gateway) -> None:
    from tongban.cases import outbox

    world.case()
    relay()
    outbox.deliver(Message, lambda row: reported(client, {"id": row.once, "state": "delivered"}))  # type: ignore[arg-type,return-value]
    assert Message.objects.get().state == "delivered"


@pytest.mark.parametrize(
    ("told", "how", "status"),
    [
        ({"id": "x", "state": "delivered"}, {"secret": "wrong"}, 403),
        ({"id": "x", "state": "delivered"}, {"at": -400}, 403),
        ({"id": "x", "state": "delivered"}, {"at": 400}, 403),
        (b"nonsense", {}, 400),
        (b"[" * 5000, {}, 400),
        ([1], {}, 400),
        ([{}] * 1001, {}, 400),
        ({"id": "x", "state": "lost"}, {}, 200),
        ({"id": ["message-1-0"], "state": {}}, {}, 200),
        ({"id": "message-99999999999999999999-0", "state": "failed"}, {}, 200),
        (b" " * 300_000, {}, 413),
    ],
)
def test_bad_reports(client: Client, peer: Gateway, told: object, how: dict[str, object], status: int) -> None:
    assert reported(client, told, **how)[0] == status  # type: ignore[arg-type]


def test_without_a_secret_nothing_is_genuine(client: Client, settings: Any) -> None:
    settings.SMS_SECRETS = ()
    assert reported(client, {"id": "x", "state": "delivered"})[0] == 403
