"""From events to messages: each once, whatever happens between; nothing personal in the text."""

import pytest

from tests.world import ADULT, World, key
from tongban.cases.actions import department
from tongban.cases.models import Event
from tongban.messages.models import Message
from tongban.messages.relay import relay, send
from tongban.messages.texts import TEXTS

pytestmark = pytest.mark.django_db


def outgoing() -> int:
    return sum(len(event.outgoing) for event in Event.objects.all())


def test_every_outgoing_becomes_one_message_and_is_sent_once(world: World) -> None:
    world.case("handed")
    assert relay() == sum(1 for event in Event.objects.all() if event.outgoing)
    assert Message.objects.count() == outgoing() > 0
    assert relay() == 0
    assert send() == Message.objects.count()
    assert send() == 0


def test_a_relay_that_died_before_it_could_say_so_writes_nothing_twice(world: World) -> None:
    world.case("handed")
    relay()
    Event.objects.update(relayed_at=None)
    relay()
    assert Message.objects.count() == outgoing()


def test_an_act_that_failed_sends_nothing(world: World) -> None:
    case = world.case("accepted")
    relay()
    before = Message.objects.count()
    with pytest.raises(ValueError, match="请选择"):
        department.pause(world.department, case.number, key=key(), ground="没有这个事由")
    relay()
    assert Message.objects.count() == before


def test_no_text_shows_who_the_applicant_is(world: World) -> None:
    world.case("handed")
    case = world.case("accepted")
    department.pause(world.department, case.number, key=key(), ground="hearing")
    department.resume(world.department, case.number, key=key())
    relay()
    for text in Message.objects.values_list("text", flat=True):
        assert ADULT not in text
        assert "张㛃" not in text
        assert "13800000000" not in text
        assert "{" not in text
        assert text.endswith("。")


def test_every_message_an_act_asks_for_has_its_text(world: World) -> None:
    world.case("handed")
    asked = {out["message"] for event in Event.objects.all() for out in event.outgoing}
    assert asked <= set(TEXTS)
