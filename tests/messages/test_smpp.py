"""SMPP against a message centre of another make (node-smpp): it takes, refuses, hangs, breaks off; nothing is lost."""

import json
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.db.models import F

from tests.world import World, build
from tongban.messages import smpp
from tongban.messages.models import Message
from tongban.messages.relay import relay
from tongban.messages.sending import send

# The library leaves the socket of a broken session to the garbage collector.
pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
]
HERE = Path(__file__).parent


class Centre:
    """The centre as a process of its own."""

    def __init__(self, port: int = 0) -> None:
        self.process = subprocess.Popen(
            ["node", str(HERE / "centre.js"), str(port)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.port = self.said("port")["port"]

    def said(self, what: str) -> dict[str, Any]:
        """The next thing it says that has ``what``."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            told: dict[str, Any] = json.loads(line)
            if what in told:
                return told
        raise AssertionError(f"the centre ended before it said {what}")

    def told(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def mood(self, word: str) -> None:
        self.told(word)
        assert self.said("mood")["mood"] == word

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            if stream:
                stream.close()


@pytest.fixture
def centre(settings: Any) -> Iterator[Centre]:
    running = Centre()
    settings.SMS_GATEWAY, settings.SMS_TIMEOUT, settings.SMPP_SOURCE = "smpp", 3, "10690000"
    settings.SMPP_URL = f"smpp://tongban:secret@127.0.0.1:{running.port}"
    smpp.session.cache_clear()
    yield running
    if smpp.session.cache_info().currsize:
        smpp.session().stop()
    smpp.session.cache_clear()
    running.stop()


@pytest.fixture
def world() -> World:
    with transaction.atomic():
        return build()


def again() -> int:
    """Try what waits as if its time had come."""
    Message.objects.update(next_at=F("next_at") - timedelta(hours=2))
    return send()


def reported(centre: Centre) -> Message:
    """The message when the centre has reported it and that has been written down."""
    centre.told("report")
    centre.said("reported")
    smpp.session().hook.reports.submit(int).result(10)
    return Message.objects.get()


def test_taken_and_reported(world: World, centre: Centre) -> None:
    world.case()
    relay()
    assert send() == 1
    row = Message.objects.get()
    assert row.state == "sent"
    assert row.gateway_id.startswith("centre-")
    told = centre.said("to")
    assert (told["to"], told["from"], told["text"], told["coding"]) == ("13800000000", "10690000", row.text, 8)
    assert reported(centre).state == "delivered"


def test_a_long_text_arrives_whole_and_a_lost_one_becomes_a_call(world: World, centre: Centre) -> None:
    world.case()
    relay()
    Message.objects.update(text="示例" * 200)
    centre.mood("lost")
    send()
    assert centre.said("to")["text"] == "示例" * 200
    row = reported(centre)
    assert (row.state, row.error) == ("failed", "没有送达：UNDELIV")


@pytest.mark.parametrize(
    ("mood", "said", "state"),
    [
        ("full", "短信中心不收（ESME_RTHROTTLED）", "waiting"),
        ("nobody", "短信中心不收（ESME_RINVDSTADR）", "failed"),
        ("hang", "短信中心 0.5 秒内没有应答", "waiting"),
        ("break", "秒内没有应答", "waiting"),
    ],
)
def test_whatever_the_centre_does(
    world: World, centre: Centre, settings: Any, mood: str, said: str, state: str
) -> None:
    world.case()
    relay()
    smpp.session()
    assert centre.said("bound") == {"bound": True}
    settings.SMS_TIMEOUT = 0.5
    centre.mood(mood)
    send()
    row = Message.objects.get()
    assert said in row.error
    assert row.state == state
    settings.SMS_TIMEOUT = 3
    for _ in range(3):  # what is handed to a session that is just breaking down has no answer either
        again()
    assert Message.objects.get().state == ("sent" if state == "waiting" else "failed")


def test_a_centre_that_is_not_there_costs_a_wait_and_nothing_leaves_later(
    world: World, centre: Centre, settings: Any
) -> None:
    world.case()
    relay()
    centre.stop()
    settings.SMS_TIMEOUT = 0.3
    assert send() == 1
    assert "没有应答" in Message.objects.get().error
    other = Centre(centre.port)
    try:
        settings.SMS_TIMEOUT = 20
        again()
        assert Message.objects.get().state == "sent"
        assert other.said("to")["to"] == "13800000000"
        other.process.stdin.close()  # type: ignore[union-attr]
        with pytest.raises(AssertionError, match="ended"):  # one message, not the one given up as well
            other.said("to")
    finally:
        other.stop()


def test_a_wrong_password_is_told(world: World, centre: Centre, settings: Any) -> None:
    settings.SMPP_URL = settings.SMPP_URL.replace("secret", "wrong")
    settings.SMS_TIMEOUT = 0.5
    world.case()
    relay()
    send()
    assert centre.said("bound") == {"bound": False}
    assert Message.objects.get().state == "waiting"
