"""What did not get there is told by telephone, by the window that took the case in; done once, recorded."""

import pytest
from django.test import Client

from tests.world import World, key
from tongban.cases.actions.door import Conflict, NotFound
from tongban.cases.models import Case, Event, Reading
from tongban.messages.calls import tell, to_call
from tongban.messages.models import Message
from tongban.messages.relay import relay
from tongban.messages.sending import send

pytestmark = pytest.mark.django_db


@pytest.fixture
def failed(world: World) -> Message:
    world.case("accepted")
    relay()
    send()
    Message.objects.filter(kind="received").update(state="failed", error="没有送达：空号")
    return Message.objects.get(kind="received")


def test_the_window_is_told_whom_to_call_and_what_to_say(client: Client, world: World, failed: Message) -> None:
    client.force_login(world.window_clerk)
    shown = client.get("/window/calls/").content.decode()
    assert failed.text in shown
    assert "没有送达：空号" in shown
    assert "138****0000" in shown
    assert "13800000000" not in shown
    page = client.get(f"/window/calls/{failed.pk}/").content.decode()
    assert "13800000000" in page
    assert Reading.objects.filter(what="电话号码（电话告知）", staff=world.window_clerk).exists()
    done = client.post(f"/window/calls/{failed.pk}/told/", {"key": key(), "note": "本人接的"}, follow=True)
    assert "已记录电话告知" in done.content.decode()
    row = Message.objects.get(pk=failed.pk)
    assert (row.told_by, row.told_note) == (world.window_clerk, "本人接的")
    event = Event.objects.get(kind="told_by_phone")
    assert event.data == {"message": "received", "note": "本人接的"}
    assert not to_call(world.window_clerk).exists()


def test_done_once(world: World, failed: Message) -> None:
    number = failed.case.number
    tell(world.window_clerk, number, key=key(), message=failed.pk)
    with pytest.raises(Conflict, match="已经告知过"):
        tell(world.window_clerk, number, key=key(), message=failed.pk)


def test_nobody_else_sees_or_ends_it(client: Client, world: World, failed: Message) -> None:
    from tests.desks.test_access import stranger

    other = stranger(world, "window")
    assert not to_call(other).exists()
    with pytest.raises(NotFound):
        tell(other, failed.case.number, key=key(), message=failed.pk)
    client.force_login(other)
    assert client.get(f"/window/calls/{failed.pk}/").status_code == 404


def test_a_message_of_another_case_is_not_ended_through_this_one(world: World, failed: Message) -> None:
    other = world.case()
    with pytest.raises(Conflict):
        tell(world.window_clerk, other.number, key=key(), message=failed.pk)


def test_a_landline_is_a_call_from_the_start(world: World) -> None:
    case = world.case()
    Case.objects.filter(pk=case.pk).update(applicant_phone="07371234567")
    relay()
    assert [row.to for row in to_call(world.window_clerk)] == ["07371234567"]


def test_the_demo_phone_shows_what_was_sent_and_only_in_the_demo(client: Client, world: World, settings) -> None:  # type: ignore[no-untyped-def]
    world.case("sent")
    relay()
    send()
    shown = client.get("/demo/phone/").content.decode()
    assert "领证码" in shown
    assert "••••••" not in shown
    assert "13800000000" not in shown
    settings.DEMO = False
    assert client.get("/demo/phone/").status_code == 404
