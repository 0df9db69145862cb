"""A platform that is not ours: what it is sent and what it says follow from a mapping in YAML alone."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.exchange.conftest import Sender, Stand, keyed, platform_of, reach, rested
from tests.world import World, key
from tongban.cases.models import Case, Event
from tongban.exchange import foreign, mapping, trying
from tongban.exchange.models import Letter, Platform, PlatformPush
from tongban.exchange.relay import relay, send
from tongban.people.city import Malformed

pytestmark = pytest.mark.django_db
SAMPLE = Path("procedures/sample/platforms/yangban.yaml")
TAKEN = {"code": "200", "msg": "成功", "data": {"acceptNo": "YB20261124000017"}}


@pytest.fixture
def yangban(world: World, stand: Stand) -> Sender:
    """The sample's foreign platform, working on what we take in, where the stand-in is."""
    found = platform_of(
        world, code="yangban", name="市一体化平台", regions=(world.region.name,), way="http",
        mapping="platforms/yangban.yaml",
    )  # fmt: skip
    world.region.refresh_from_db()
    reach(found, stand, "")
    stand.answer = TAKEN
    return keyed(found)


def said(case: Case, status: str, at: str = "", **more: Any) -> bytes:
    """A callback as the platform words it."""
    item = case.items.get()
    body = {
        "bizNo": case.number,
        "itemCode": item.code,
        "status": status,
        "opTime": at or "2026-11-24 09:00:00",
        **more,
    }
    return json.dumps(body, ensure_ascii=False).encode()


def kinds(case: Case) -> list[str]:
    return list(Event.objects.filter(case=case).order_by("sequence").values_list("kind", flat=True))


def test_it_is_sent_in_its_own_words(world: World, yangban: Sender, stand: Stand) -> None:
    case = world.case()
    relay()
    send()
    (path, headers, _), body = stand.asked[0], stand.told[0]
    assert path == "/api/receive"
    assert headers["content-type"].startswith("application/json")
    assert body["bizNo"] == case.number
    assert body["applicant"]["certType"] == "111"
    assert body["agent"] == ""
    assert len(body["materialList"]) == len(world.procedure.materials)
    attachment = body["materialList"][0]["attachments"][0]
    assert attachment["url"].endswith(f"/exchange/yangban/files/{attachment['sha256']}/")
    assert isinstance(attachment["fileSize"], int)
    case.refresh_from_db()
    assert case.foreign_number == "YB20261124000017"
    assert kinds(case)[-1] == "confirmed_outside"


@pytest.mark.parametrize("mood", ["hang", "500", "nonsense", "deep", "no"])
def test_whatever_it_answers_nothing_is_lost(
    world: World, yangban: Sender, stand: Stand, mood: str, settings: Any
) -> None:
    settings.EXCHANGE_TIMEOUT = 0.3
    case = world.case()
    stand.moods = [mood, mood]
    relay()
    for _ in range(3):
        send()
        rested(yangban.platform)
    push = PlatformPush.objects.get()
    assert (push.state, push.attempts) == ("sent", 3)
    assert len({headers["webhook-id"] for _, headers, _ in stand.asked}) == 1
    assert kinds(case).count("confirmed_outside") == 1


def test_its_callbacks_are_our_steps_once(world: World, yangban: Sender) -> None:
    case = world.case()
    Case.objects.update(taken_at="2026-11-20T00:00:00Z")
    for status, at in (("10", "2026-11-23 09:00:00"), ("20", "2026-11-23 10:00:00")):
        body = said(case, status, at, pauseReason="3")
        for _ in range(3):  # under a new id each time: its own id of a message does not stay the same
            assert yangban.post(body) == (200, {"code": "200", "msg": "成功"})
    assert kinds(case) == ["taken_in", "pushed", "accepted", "paused"]
    item = case.items.get()
    assert item.accepted_at.isoformat() == "2026-11-23T01:00:00+00:00"
    assert item.pauses.get().ground == "testing"


def test_it_corrects_its_decision(client: Client, world: World, yangban: Sender) -> None:
    case = world.case()
    Case.objects.update(taken_at="2026-11-20T00:00:00Z")
    for status, at in (("10", "2026-11-23 09:00:00"), ("30", "2026-11-23 10:00:00"), ("40", "2026-11-23 11:00:00")):
        assert yangban.post(said(case, status, at))[0] == 200
    more = {"newResult": "39", "opinion": "重复申领", "correctReason": "登记有误"}
    body = said(case, "41", "2026-11-23 12:00:00", **more)
    assert "更正决定" in trying.callback(yangban.platform, json.loads(body)).said
    assert yangban.post(said(case, "41", "2026-11-23 11:30:00"))[0] == 422  # it must say what the decision is now
    client.force_login(world.staff("oversight", region=None))
    assert "更正决定" in client.get("/oversight/letters/").content.decode()
    assert yangban.post(body)[0] == 200
    item = case.items.get()
    assert (item.state, item.decision, item.reason) == ("decided", "refused", "重复申领")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"status": "77"}, "77"),
        ({"opTime": "昨天"}, "看不懂"),
        ({"opTime": "2099-01-01 09:00:00"}, "还没有到"),
        ({"bizNo": "NX-20261124-00000000"}, "没有对方所说的办件"),
        ({"itemCode": "000000000000"}, "没有事项"),
        ({"status": "30"}, "不能进行这一步"),  # granted before it was accepted
        ({"status": "20", "pauseReason": "9"}, "没有写"),
    ],
)
def test_what_it_says_wrongly_waits_for_a_person(
    world: World, yangban: Sender, change: dict[str, str], says: str
) -> None:
    case = world.case()
    Case.objects.update(taken_at="2026-11-20T00:00:00Z")
    body = json.loads(said(case, "10")) | change
    status, _ = yangban.post(json.dumps(body, ensure_ascii=False).encode())
    assert 400 <= status < 500
    assert says in Letter.objects.get().error
    assert kinds(case) == ["taken_in", "pushed"]


def test_what_cannot_be_done_is_one_letter_however_often_it_comes(
    client: Client, world: World, yangban: Sender
) -> None:
    """A case that is over, told a thousand times under new ids: one letter that a person reads, and no step."""
    case = world.case()
    Case.objects.update(taken_at="2026-11-20T00:00:00Z")
    yangban.post(said(case, "19", "2026-11-23 09:00:00", opinion="不属于本地"))
    before = kinds(case)
    assert before[-1] == "not_accepted"
    body = said(case, "10", "2026-11-23 10:00:00")
    assert {yangban.post(body)[0] for _ in range(1000)} == {422}
    letter = Letter.objects.get(state="failed")
    assert letter.times == 1000
    assert kinds(case) == before
    client.force_login(world.staff("oversight", region=None))
    page = client.get("/oversight/letters/").content.decode()
    assert "来过 1000 次" in page
    assert "不能进行这一步" in page


@pytest.mark.parametrize("mood", ["hang", "nonsense", "deep", "no"])
def test_what_it_never_takes_becomes_a_person_s_and_is_sent_again_on_their_word(
    client: Client, world: World, yangban: Sender, stand: Stand, mood: str, settings: Any
) -> None:
    settings.EXCHANGE_TIMEOUT = 0.3
    case = world.case()
    relay()
    PlatformPush.objects.update(since=timezone.now() - timedelta(days=8))
    stand.moods = [mood]
    send()
    push = PlatformPush.objects.get()
    assert push.state == "failed"
    client.force_login(world.oversight)
    assert case.number in client.get("/oversight/sending/").content.decode()
    client.post(f"/oversight/cases/{case.number}/sending/platformpush/{push.pk}/", {"key": key()})
    settings.EXCHANGE_TIMEOUT = 10
    rested(yangban.platform)
    send()
    assert PlatformPush.objects.get().state == "sent"
    assert kinds(case).count("confirmed_outside") == 1


def test_a_step_that_means_nothing_here_is_taken_and_left(world: World, yangban: Sender) -> None:
    case = world.case()
    assert yangban.post(said(case, "05"))[0] == 200
    assert kinds(case) == ["taken_in", "pushed"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("submitted:", "send"),
        ('accepted, "19"', "steps"),
        ("reason: opinion", "facts"),
        ("field: code", "answer"),
    ],
)
def test_a_mapping_with_a_fault_says_where(tmp_path: Path, change: str, says: str) -> None:
    text = SAMPLE.read_text(encoding="utf-8")
    wrong = {"submitted:": "submitted_:", 'accepted, "19"': 'exploded, "19"', "reason: opinion": "reasons: opinion",
             "field: code": "fields: code"}[change]  # fmt: skip
    file = tmp_path / "wrong.yaml"
    file.write_text(text.replace(change, wrong), encoding="utf-8")
    with pytest.raises(Malformed, match=says):
        mapping.read_mapping(file)


def test_trying_sends_nothing_and_changes_nothing(client: Client, world: World, yangban: Sender, stand: Stand) -> None:
    case = world.case()
    before = world.case_file()
    client.force_login(world.administrator)
    page = client.get("/admin/platforms/yangban/").content.decode()
    assert "11010519491231002X" in page  # the invented person of the sample
    assert "/api/receive" in page
    answer = client.post(
        "/admin/platforms/yangban/try/",
        {
            "key": "0" * 32,
            "answer": json.dumps({"code": 500, "msg": "系统繁忙"}),
            "callback": said(case, "10").decode(),
        },
    ).content.decode()
    assert "系统繁忙" in answer
    assert "受理" in answer
    assert world.case_file() == before
    assert stand.asked == []
    assert not Letter.objects.exists()
    found = Platform.objects.get()
    example = foreign.of(found).example
    assert trying.answer(found, example["answer"]).right
    assert trying.callback(found, example["callback"]).right
    assert all(not draft.fault for draft in trying.drafts(found))
