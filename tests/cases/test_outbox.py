"""What must leave: at least once, once for its receiver, tried again, given up to a person, and missed when nobody works."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client
from django.utils import timezone

from tests.cases.test_races import together
from tests.world import World, build, key
from tongban.cases import outbox
from tongban.cases.actions import sending
from tongban.cases.actions.door import Conflict, NotFound
from tongban.cases.models import Event
from tongban.messages.models import Message
from tongban.messages.relay import relay

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(world: World) -> list[Message]:
    world.case("handed")
    relay()
    return list(Message.objects.order_by("pk"))


def refuse(_: Message) -> None:
    raise outbox.NotSent("网关没有应答")


def forwards(by: timedelta) -> None:
    """As if ``by`` had passed since."""
    Message.objects.update(
        next_at=F("next_at") - by,
        since=F("since") - by,
        claimed_until=F("claimed_until") - by,
        made_at=F("made_at") - by,
    )


def test_each_has_a_key_of_its_own_that_a_second_try_keeps(waiting: list[Message]) -> None:
    tried: list[str] = []

    def once(row: Message) -> None:
        tried.append(row.once)
        refuse(row)

    outbox.deliver(Message, once)
    assert outbox.deliver(Message, once) == 0, "not before its time"
    forwards(timedelta(minutes=1))
    outbox.deliver(Message, once)
    assert sorted(tried) == sorted(2 * [row.once for row in waiting])
    assert len(set(tried)) == len(waiting)


def test_a_worker_that_died_loses_its_claim(waiting: list[Message]) -> None:
    assert len(outbox.claim(Message)) == len(waiting)
    assert outbox.claim(Message) == [], "in somebody's hand"
    forwards(outbox.CLAIM + timedelta(seconds=1))
    assert outbox.deliver(Message, lambda row: None) == len(waiting)
    assert set(Message.objects.values_list("state", "attempts")) == {("sent", 2)}


def test_a_slow_worker_does_not_undo_what_another_did(waiting: list[Message]) -> None:
    def slow(row: Message) -> None:
        forwards(outbox.CLAIM + timedelta(seconds=1))
        outbox.deliver(Message, lambda row: None)
        refuse(row)

    outbox.deliver(Message, slow, most=1)
    assert set(Message.objects.values_list("state", flat=True)) == {"sent"}


def test_what_no_patience_helps_is_given_up_and_named(waiting: list[Message]) -> None:
    for _ in range(100):
        outbox.deliver(Message, refuse)
        forwards(timedelta(minutes=20))
    rows = set(Message.objects.values_list("state", "error"))
    assert rows == {("failed", "网关没有应答")}
    most = Message.objects.order_by("-attempts").values_list("attempts", flat=True)[0]
    assert 8 < most < 20, "six hours of tries, at most an hour and a half apart"


def test_a_final_no_is_not_asked_again(waiting: list[Message]) -> None:
    def never(_: Message) -> None:
        raise outbox.NotSent("号码不存在", final=True)

    outbox.deliver(Message, never)
    assert set(Message.objects.values_list("state", "attempts", "error")) == {("failed", 1, "号码不存在")}


def test_a_fault_of_the_program_is_tried_again_and_tells_nothing(
    waiting: list[Message], caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: Message) -> None:
        raise RuntimeError("13800000000")

    outbox.deliver(Message, broken)
    assert set(Message.objects.values_list("state", "error")) == {("waiting", "发送程序出错：RuntimeError")}


def test_pauses_double_to_an_hour_and_are_spread() -> None:
    for attempt in range(1, 200):
        planned = min(outbox.FIRST * 2 ** min(attempt - 1, 20), outbox.LONGEST)
        assert planned / 2 <= outbox.pause_before(attempt) <= planned * 1.5
    assert len({outbox.pause_before(3) for _ in range(9)}) > 1


def test_the_watchdog_sees_what_nobody_took_up(world: World) -> None:
    world.case()
    now = timezone.now()
    late = lambda: [queue.late(now) for queue in outbox.queues() if queue.label in ("待分发的经过", "短信")]  # noqa: E731
    assert late() == [False, False]
    Event.objects.update(at=now - outbox.LATE - timedelta(seconds=1))
    assert late() == [True, False], "no worker turned the event into a message"
    relay()
    forwards(outbox.LATE + timedelta(seconds=1))
    assert late() == [False, True], "no worker sent it"


def test_oversight_sees_what_was_given_up_and_tries_it_again(client: Client, world: World) -> None:
    case = world.case()
    relay()
    Message.objects.update(state="failed", error="号码不存在", attempts=9)
    row = Message.objects.get()
    client.force_login(world.oversight)
    page = client.get("/oversight/sending/").content.decode()
    assert "号码不存在" in page
    assert case.number in page
    where = f"/oversight/cases/{case.number}/sending/message/{row.pk}/"
    once = key()
    for _ in range(2):
        assert client.post(where, {"key": once}).status_code == 302
    assert set(Message.objects.values_list("state", "attempts", "error")) == {("waiting", 0, "")}
    assert Event.objects.filter(kind="sending_retried").count() == 1
    with pytest.raises(Conflict):
        sending.retry(world.oversight, case.number, key=key(), kind="message", row=row.pk)
    with pytest.raises(NotFound):
        sending.retry(world.oversight, case.number, key=key(), kind="case", row=case.pk)


@pytest.mark.django_db(transaction=True)
def test_eight_workers_take_each_row_once() -> None:
    world = build()
    for _ in range(9):
        world.case("handed")
    relay()
    tried: list[str] = []
    together([lambda: outbox.deliver(Message, lambda row: tried.append(row.once), most=3) for _ in range(24)])
    while outbox.deliver(Message, lambda row: tried.append(row.once)):
        pass
    assert len(tried) == len(set(tried)) == Message.objects.count() > 20
