"""What goes to a platform: in order by case, once by key, caught up after an outage; one case never holds up another."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cases.test_path import BUDGET, CONTROL, path
from tests.exchange.conftest import Sender, Stand, keyed, platform_of, reach, rested
from tests.official import sample
from tests.vault.test_uploads import pdf
from tests.world import World, build, key
from tongban.cases import outbox
from tongban.cases.actions import department as acts
from tongban.cases.actions import sending
from tongban.cases.actions.door import ACTS
from tongban.cases.models import Case, Event
from tongban.cases.signed import genuine
from tongban.exchange import telling, wire
from tongban.exchange.models import Platform, PlatformPush, Shared
from tongban.exchange.reconcile import differences
from tongban.exchange.relay import relay, send
from tongban.people.models import Role
from tongban.vault import store

pytestmark = pytest.mark.django_db


@pytest.fixture
def away(department: Sender, stand: Stand) -> Platform:
    """A platform that works on what we take in, where the stand-in is."""
    reach(department.platform, stand)
    return department.platform


def test_a_case_is_pushed_whole_and_signed(world: World, away: Platform, stand: Stand, department: Sender) -> None:
    case = world.case()
    assert relay() == 2
    assert send() == 1
    (where, headers, body), event = stand.asked[0], stand.told[0]
    assert where == "/exchange/us/events/"
    assert headers["content-type"].startswith("application/cloudevents+json")
    assert genuine(headers, body, [department.secret], timezone.now().timestamp())
    assert (event["specversion"], event["source"], event["subject"]) == ("1.0", "/us", case.number)
    assert (event["sequence"], event["sequencetype"]) == ("0000000001", "Integer")
    assert headers["webhook-id"] == event["id"]
    wire.Submitted.model_validate(event["data"])
    assert [len(m["files"]) for m in event["data"]["materials"]] == [1] * len(world.procedure.materials)
    assert PlatformPush.objects.get().state == "sent"


def test_the_path_of_a_pushed_case_costs_the_desks_nothing_more(world: World) -> None:
    """The same statements as for a case that is worked here: the events are the outbox."""
    for person in world.people.values():
        person.duties_now  # noqa: B018
    world.procedure  # noqa: B018
    with CaptureQueriesContext(connection) as inside:
        path(world)
    keyed(platform_of(world, code="town", name="市一体化平台", regions=(world.region.name,)))
    Case.objects.filter(pk__gt=0).update(outside="")
    world.region.refresh_from_db()
    with CaptureQueriesContext(connection) as outside:
        world.case()
    count = [len([q for q in seen if not q["sql"].startswith(CONTROL)]) for seen in (inside, outside)]
    assert count[0] <= BUDGET
    assert count[1] < count[0]
    assert not any("exchange_" in query["sql"] for query in outside)
    assert Event.objects.filter(to_push=True).count() == 2


def test_steps_leave_in_order_and_a_stuck_case_holds_up_no_other(world: World, away: Platform, stand: Stand) -> None:
    first, second = world.case(), world.case()
    stand.moods = ["refused"]
    relay()
    send()
    assert [push.state for push in PlatformPush.objects.order_by("pk")] == ["failed", "sent"]
    supplied(second)
    supplied(first)
    relay()
    while send():
        pass
    assert stand.steps == [
        (first.number, "submitted", 1),
        (second.number, "submitted", 1),
        (second.number, "delivered", 2),
    ]
    stuck = PlatformPush.objects.get(case=first, sequence=1)
    assert "版本不一致" in stuck.error
    sending.retry(world.oversight, first.number, key=key(), kind="platformpush", row=stuck.pk)
    while send():
        pass
    assert stand.steps[3:] == [(first.number, "submitted", 1), (first.number, "delivered", 2)]
    assert not PlatformPush.objects.exclude(state="sent").exists()


def supplied(case: Case) -> None:
    """An event that the other side must know, without going the way there."""
    from tongban.cases.events import Fact, chain, write

    case.refresh_from_db()
    write(chain(case, [Fact("handed_over", (), {"items": [1]})], by=None, by_name="x", at=timezone.now(), key=None))
    Case.objects.filter(pk=case.pk).update(head=case.head, events_count=case.events_count)


def test_the_same_push_keeps_its_key_and_body(world: World, away: Platform, stand: Stand) -> None:
    world.case()
    stand.moods = ["500", "nonsense", "deep", "early"]
    relay()
    for _ in range(5):
        send()
        rested(away)
    assert len({(event["id"], json.dumps(event)) for event in stand.told}) == 1
    assert len(stand.told) == 5
    assert PlatformPush.objects.get().state == "sent"


@pytest.mark.parametrize("mood", ["hang", "503"])
def test_a_platform_that_does_not_answer_rests_and_is_asked_with_one(
    world: World, away: Platform, stand: Stand, mood: str, settings: object
) -> None:
    settings.EXCHANGE_TIMEOUT = 0.3  # type: ignore[attr-defined]
    for _ in range(3):
        world.case()
    relay()
    stand.moods = [mood] * 3
    assert send() == 1
    away.refresh_from_db()
    assert away.failures == 1
    assert away.rests_until
    assert away.rests_until > timezone.now()
    assert send() == 0  # it rests: nobody waits for it
    assert sorted(PlatformPush.objects.values_list("attempts", flat=True)) == [0, 0, 1]
    assert not PlatformPush.objects.exclude(claimed_until=None).exists()
    for _ in range(2):
        rested(away)
        assert send() == 1
    away.refresh_from_db()
    assert away.failures == 3
    PlatformPush.objects.update(next_at=timezone.now() + timedelta(hours=1))  # as after a day of tries
    PlatformPush.objects.filter(pk=PlatformPush.objects.order_by("pk")[0].pk).update(next_at=timezone.now())
    Platform.objects.update(rests_until=timezone.now())
    settings.EXCHANGE_TIMEOUT = 10  # type: ignore[attr-defined]
    while send():
        pass
    assert not PlatformPush.objects.exclude(state="sent").exists()  # caught up at once
    away.refresh_from_db()
    assert (away.failures, away.rests_until, away.error) == (0, None, "")


def test_a_day_without_the_platform_gives_nothing_up(world: World, away: Platform, stand: Stand) -> None:
    world.case()
    relay()
    PlatformPush.objects.update(since=timezone.now() - timedelta(days=2), attempts=40)
    stand.moods = ["500"]
    send()
    assert PlatformPush.objects.get().state == "waiting"
    PlatformPush.objects.update(since=timezone.now() - timedelta(days=8), next_at=timezone.now())
    stand.moods = ["500"]
    send()
    assert PlatformPush.objects.get().state == "failed"


def test_nothing_leaves_before_address_and_key(world: World, stand: Stand) -> None:
    platform = platform_of(world, code="town", name="市一体化平台", regions=(world.region.name,))
    world.region.refresh_from_db()
    world.case()
    relay()
    assert send() == 0
    reach(platform, stand)
    assert send() == 0
    keyed(platform)
    assert send() == 1


def test_what_the_platform_did_is_not_told_back_to_it(world: World, away: Platform, department: Sender) -> None:
    case = world.case()
    department.tell(wire.RECEIVED, case.number, {"number": "TJ-1"}, 1)
    department.tell("accepted", case.number, {"items": [1]}, 2)
    relay()
    assert list(PlatformPush.objects.values_list("kind", flat=True)) == [wire.SUBMITTED]
    assert not Event.objects.filter(to_push=True).exists()


def test_our_departments_steps_go_back_to_who_took_the_case_in(world: World, origin: Sender, stand: Stand) -> None:
    from tests.exchange.conftest import sent

    reach(origin.platform, stand)
    origin.tell(wire.SUBMITTED, "BX-1", sent(world), 1)
    number = Case.objects.get(mirrored=True).number
    acts.accept(world.department, number, key=key())
    acts.pause(world.department, number, key=key(), ground="testing", note="送检")
    acts.resume(world.department, number, key=key())
    acts.decide(world.department, number, key=key(), granted=True)
    acts.send_result(world.department, number, key=key())
    relay()
    while send():
        pass
    kinds = ["received", "accepted", "paused", "resumed", "granted", "result_sent"]
    assert stand.steps == [("BX-1", kind, place) for place, kind in enumerate(kinds, 1)]
    for event in stand.told:
        wire.MODELS[event["type"].split(".")[2]].model_validate(event["data"])
    assert Shared.objects.get().sent == 6


@pytest.mark.parametrize("protocol", [1, wire.PROTOCOL])
def test_the_document_of_a_decision_goes_back_to_who_understands_it(
    world: World, origin: Sender, stand: Stand, protocol: int
) -> None:
    """An older instance is told everything but what it does not know, without a gap in the count."""
    from tests.exchange.conftest import sent
    from tongban.cases.actions.decision import attach_document

    reach(origin.platform, stand)
    origin.tell(wire.SUBMITTED, "BX-1", sent(world), 1, event={"protocol": protocol})
    number = Case.objects.get(mirrored=True).number
    acts.accept(world.department, number, key=key())
    acts.decide(world.department, number, key=key(), granted=True)
    document = store.store(pdf(), "决定.pdf")
    attach_document(world.department, number, key=key(), order=1, document=document, filename="决定.pdf")
    acts.send_result(world.department, number, key=key())
    relay()
    while send():
        pass
    kinds = ["received", "accepted", "granted", *["document"] * (protocol > 1), "result_sent"]
    assert stand.steps == [("BX-1", kind, place) for place, kind in enumerate(kinds, 1)]
    told = [event["data"] for event in stand.told if event["type"] == "cn.tongban.document.v1"]
    assert [one["file"]["digest"] for one in told] == [document.digest] * (protocol > 1)
    assert origin.get(f"files/{document.digest}/").content == pdf()
    assert origin.get(f"files/{'0' * 64}/").status_code == 404


def test_where_the_paper_is_goes_with_the_case(stand: Stand) -> None:
    """The list that lies on top of the paper (单位材料目录), at each handover; to one that knows no such step, nothing."""
    from tongban.custody.acts import give, make_lists
    from tongban.custody.models import Thing

    world = build(sample("药店"))
    found = keyed(platform_of(world, code="town", name="市一体化平台", regions=(world.region.name,)))
    world.region.refresh_from_db()
    reach(found.platform, stand)
    case = world.case()
    make_lists(world.window_clerk, case.number, key=key())
    relay()
    Platform.objects.update(protocol=wire.PROTOCOL)
    give(world.window_clerk, case.number, key=key(), thing_id=Thing.objects.get(unit=world.unit).pk)
    relay()
    assert list(PlatformPush.objects.order_by("pk").values_list("kind", flat=True)) == [wire.SUBMITTED, wire.PAPER]
    told = wire.Paper.model_validate(PlatformPush.objects.latest("pk").data)
    assert {one.place for one in told.lists} == {"途中"}
    assert all(one.materials for one in told.lists)


def test_every_step_of_a_department_is_told_or_known_not_to_matter() -> None:
    """Whoever adds an act of the department decides here whether the other side must know."""
    own = {kind for kind, do in ACTS.items() if do.roles == (Role.DEPARTMENT,)}  # type: ignore[attr-defined]
    told = set(telling.BY_DEPARTMENT) | {"granted"}
    assert own - told - telling.UNTOLD == set()


def test_a_document_that_only_one_side_has_is_a_difference_unless_the_other_knows_none() -> None:
    item = {"state": "decided", "due": "", "decision": "granted", "fee": "", "document": "ab" * 32}
    ours = {"origin": "A", "department": "B", "sent": 1, "taken": 1, "items": {"1": item}, "materials": {}}
    found = [one.what for one in differences(ours, ours | {"items": {"1": item | {"document": ""}}})]
    assert found == ["事项 1的决定文书"]
    older = {name: value for name, value in item.items() if name != "document"}
    assert not list(differences(ours, ours | {"items": {"1": older}}))


def test_the_watchdog_sees_pushes(world: World, away: Platform) -> None:
    world.case()
    relay()
    assert {queue.label: queue.waiting for queue in outbox.queues()}["推送外部平台"] == 1
