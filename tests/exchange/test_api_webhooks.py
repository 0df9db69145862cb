"""What a client is told: signed, once, only of its own cases; given up after a day, and made good again."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.utils import timezone

from tests.exchange.api import Api, let_in
from tests.world import World
from tongban.cases import outbox, signed
from tongban.cases.actions import department
from tongban.cases.models import Event
from tongban.exchange import webhooks
from tongban.exchange.models import Push, Webhook
from tongban.people.models import Change, Notice, Role

pytestmark = pytest.mark.django_db


class Receiver:
    """A client's own server: keeps what it is sent, answers as it is told."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 204
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append(({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(receiver.status)
                self.send_header("Location", "http://127.0.0.1:9/")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.origin = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def genuine(self, secret: str) -> list[dict[str, Any]]:
        """What it was sent, all signed with ``secret``."""
        now = timezone.now().timestamp()
        assert all(signed.genuine(headers, body, [secret], now) for headers, body in self.got)
        return [json.loads(body) for _, body in self.got]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()
    yield found
    found.server.shutdown()
    found.server.server_close()
    found.thread.join()


@pytest.fixture
def platform(world: World, receiver: Receiver) -> Api:
    world.case()  # of before: not told
    return let_in(world, Role.DEPARTMENT, "webhooks", receivers=receiver.origin)


def subscribed(api: Api, receiver: Receiver) -> dict[str, Any]:
    answer = api.post("/webhooks", {"url": f"{receiver.origin}/hook?a=1"})
    assert answer.status_code == 201, answer.content.decode()
    made: dict[str, Any] = answer.json()
    return made


def test_each_event_of_a_visible_case_is_told_once_and_signed(world: World, platform: Api, receiver: Receiver) -> None:
    secret = subscribed(platform, receiver)["secret"]
    other = let_in(world, Role.WINDOW, "webhooks", receivers=receiver.origin)
    held = world.case(materials=world.materials({1: world_state("defective")}))  # not the department's yet
    case = world.case("accepted")
    for _ in range(2):
        webhooks.fan_out()
        webhooks.send()
    told = receiver.genuine(secret)
    assert [one["type"] for one in told] == [f"case.{kind}" for kind in case.events.values_list("kind", flat=True)]
    assert {one["data"]["number"] for one in told} == {case.number} != {held.number}
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == len(told)
    assert told[-1]["data"]["state"] == "in_progress"
    assert told[-1]["data"]["clauses"]
    assert "样例" not in str(told)
    assert other.get("/webhooks").json() == []
    assert platform.get("/webhooks").json()[0]["waiting"] == 0


def world_state(name: str) -> Any:
    from tongban.rules.review import MaterialState

    return MaterialState(name)


def test_what_becomes_visible_late_is_still_told(world: World, platform: Api, receiver: Receiver) -> None:
    """An older id that is seen only after a newer one was told: as where two acts are written side by side."""
    subscribed(platform, receiver)
    case = world.case()
    late = case.events.last()
    assert late
    Event.objects.filter(pk=late.pk).update(at=timezone.now() - timedelta(days=1))
    webhooks.fan_out()
    before = Push.objects.count()
    department.accept(world.department, case.number, key="x" * 16)
    webhooks.fan_out()
    Event.objects.filter(pk=late.pk).update(at=timezone.now())
    Push.objects.filter(event=late).delete()
    webhooks.fan_out()
    assert Push.objects.filter(event=late).exists()
    assert Push.objects.count() == before + 1


def test_who_lost_the_duty_is_not_told_what_still_waited(world: World, platform: Api, receiver: Receiver) -> None:
    subscribed(platform, receiver)
    world.case()
    assert webhooks.fan_out()
    assert platform.client
    platform.client.staff.duties.update(ends_at=timezone.now())
    webhooks.send()
    assert receiver.got == []
    assert not Push.objects.exists()


def test_a_receiver_that_fails_is_tried_again_and_loses_nothing(
    world: World, platform: Api, receiver: Receiver
) -> None:
    secret = subscribed(platform, receiver)["secret"]
    receiver.status = 302  # not followed
    world.case()
    webhooks.fan_out()
    made = Push.objects.count()
    assert webhooks.send() == made
    assert "302" in Push.objects.all()[0].error
    assert set(Push.objects.values_list("state", flat=True)) == {"waiting"}
    first = [headers["webhook-id"] for headers, _ in receiver.got]
    receiver.status, receiver.got = 200, []
    Push.objects.update(next_at=timezone.now())
    webhooks.send()
    assert sorted(headers["webhook-id"] for headers, _ in receiver.got) == sorted(first)
    assert len(receiver.genuine(secret)) == made


def test_after_a_day_it_is_disabled_told_and_made_good(world: World, platform: Api, receiver: Receiver) -> None:
    hook = subscribed(platform, receiver)["id"]
    receiver.status = 500
    world.case()
    webhooks.fan_out()
    Push.objects.update(since=timezone.now() - timedelta(days=1, minutes=1))
    Push.objects.filter(pk=Push.objects.latest("id").pk).update(
        since=timezone.now(), next_at=timezone.now() + timedelta(hours=1)
    )
    webhooks.send()
    shown = platform.get("/webhooks").json()[0]
    assert shown["disabled_at"]
    assert "500" in shown["why"]
    assert shown["waiting"] == Push.objects.count()
    assert set(Push.objects.values_list("state", flat=True)) == {"failed"}
    assert "停止" in Notice.objects.get(staff=world.administrator).text
    world.case()
    assert webhooks.fan_out() == 0  # it is caught up with later
    assert not any(queue.waiting for queue in outbox.queues() if queue.label == "推送")
    receiver.status, receiver.got = 204, []
    assert platform.post(f"/webhooks/{hook}/enable").status_code == 200
    assert platform.post(f"/webhooks/{hook}/enable").status_code == 422
    webhooks.fan_out()
    webhooks.send()
    assert len(receiver.got) == Push.objects.filter(state="sent").count() == Push.objects.count()
    assert len({body for _, body in receiver.got}) == len(receiver.got)


def test_what_arrived_is_forgotten_after_a_week(world: World, platform: Api, receiver: Receiver) -> None:
    subscribed(platform, receiver)
    world.case()
    webhooks.fan_out()
    webhooks.send()
    assert webhooks.forget() == 0
    then = timezone.now() - timedelta(days=8)
    Push.objects.update(sent_at=then)
    Event.objects.update(at=then)
    Webhook.objects.update(made_at=then - timedelta(days=1))
    assert webhooks.forget() > 0
    assert not Push.objects.exists()
    assert webhooks.fan_out() == 0, "forgotten is not untold"


def test_try_rotate_and_end(world: World, platform: Api, receiver: Receiver) -> None:
    made = subscribed(platform, receiver)
    hook = made["id"]
    assert platform.post(f"/webhooks/{hook}/test").json() == {"delivered": True, "said": "对方收下了。"}
    assert receiver.genuine(made["secret"])[0]["type"] == "test"
    renewed = platform.post(f"/webhooks/{hook}/rotate").json()["secret"]
    assert renewed != made["secret"]
    platform.post(f"/webhooks/{hook}/test")
    receiver.got = receiver.got[1:]
    assert receiver.genuine(made["secret"])
    assert receiver.genuine(renewed)
    Webhook.objects.update(secret_changed=timezone.now() - timedelta(days=2))
    receiver.got = []
    platform.post(f"/webhooks/{hook}/test")
    assert receiver.genuine(renewed)
    assert not signed.genuine(*receiver.got[0], [made["secret"]], timezone.now().timestamp())
    receiver.status = 410
    assert platform.post(f"/webhooks/{hook}/test").json() == {"delivered": False, "said": "对方应答 410"}
    world.case()
    webhooks.fan_out()
    assert platform.call("DELETE", f"/webhooks/{hook}").status_code == 204
    assert not Push.objects.filter(state="waiting").exists()
    assert platform.post(f"/webhooks/{hook}/test").status_code == 404
    kinds = Change.objects.order_by("sequence").values_list("kind", flat=True)
    assert list(kinds)[-3:] == ["webhook_made", "webhook_changed", "webhook_ended"]
