"""What comes from a peer: done once, in order, through the acts of everybody; what cannot be done waits for a person."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.exchange.conftest import Sender, Stand, reach, sent
from tests.vault.test_uploads import pdf
from tests.world import World, jpeg, key
from tongban.cases.actions import department as acts
from tongban.cases.actions import release
from tongban.cases.actions.door import Refused
from tongban.cases.models import Case, DecisionDocument, Event, MaterialFile
from tongban.cases.queries import visible_to, visible_to_applicant
from tongban.exchange import inward, platforms, wire
from tongban.exchange.models import Letter, PlatformKey, Shared
from tongban.messages.models import Message
from tongban.messages.relay import relay as relay_messages
from tongban.people.models import Window
from tongban.vault import store

pytestmark = pytest.mark.django_db
NUMBER = "BX-20261124-0000000A"


@pytest.fixture
def came(world: World, origin: Sender) -> Case:
    """A case that a peer pushed to our department."""
    assert origin.tell(wire.SUBMITTED, NUMBER, sent(world), 1, key="a1") == (200, {"state": "done"})
    return Case.objects.get(foreign_number=NUMBER)


def test_a_pushed_case_is_our_departments_and_nobody_elses(world: World, came: Case) -> None:
    assert (came.mirrored, came.outside, came.state, came.number != NUMBER) == (True, "away", "pushed", True)
    assert came.applicant_name == "样例·张㛃"
    assert MaterialFile.objects.filter(material__case=came).count() == len(world.procedure.materials)
    sees = {role: visible_to(person).filter(pk=came.pk).exists() for role, person in world.people.items()}
    assert [role for role, does in sees.items() if does] == ["department", "oversight"]
    assert visible_to_applicant(came.number, "0000") is None
    acts.accept(world.department, came.number, key=key())
    acts.decide(world.department, came.number, key=key(), granted=True)
    acts.send_result(world.department, came.number, key=key())
    assert not visible_to(world.issuing).filter(pk=came.pk).exists()


def test_a_mirrored_case_never_writes_to_its_applicant(world: World, came: Case) -> None:
    acts.accept(world.department, came.number, key=key())
    acts.pause(world.department, came.number, key=key(), ground="testing")
    relay_messages()
    assert not Message.objects.filter(case=came).exists()
    assert not Event.objects.filter(case=came).exclude(outgoing=[]).exists()


def test_the_same_a_thousand_times_is_once(world: World, origin: Sender) -> None:
    data = sent(world)
    answers = {origin.tell(wire.SUBMITTED, NUMBER, data, 1, key="a1")[0] for _ in range(1000)}
    assert answers == {200}
    assert Case.objects.filter(foreign_number=NUMBER).count() == 1
    assert Letter.objects.get(key="a1").times == 1000
    assert Event.objects.filter(case__foreign_number=NUMBER).count() == 1


def test_one_number_is_one_case_whatever_the_key(world: World, origin: Sender, came: Case) -> None:
    """A peer that was put back from a backup may send the case again under another key."""
    status, said = origin.tell(wire.SUBMITTED, NUMBER, sent(world), 1, key="other")
    assert (status, said["state"]) == (200, "done")  # its first step was taken
    assert Case.objects.filter(foreign_number=NUMBER).count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_at_once_is_once(world: World, origin: Sender) -> None:
    data = sent(world)

    def tell(_: int) -> int:
        try:
            return Sender(origin.platform, origin.secret).tell(wire.SUBMITTED, NUMBER, data, 1, key="a1")[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        assert set(pool.map(tell, range(6))) == {200}
    assert Case.objects.filter(foreign_number=NUMBER).count() == 1


def test_out_of_order_is_sent_back_and_done_when_its_turn_comes(department: Sender, world: World) -> None:
    number = taken(world, department)
    step = {"items": [1]}
    assert department.tell("granted", number, step, 3, key="k3")[0] == 425
    assert department.tell("accepted", number, step, 2, key="k2")[0] == 425
    assert not Letter.objects.exclude(state="done").exists()
    assert department.tell(wire.RECEIVED, number, {"number": "TJ-1"}, 1, key="k1")[0] == 200
    assert department.tell("accepted", number, step, 2, key="k2")[0] == 200
    assert department.tell("granted", number, step, 3, key="k3")[0] == 200
    assert department.tell("accepted", number, step, 2, key="k2")[0] == 200  # again: known
    kinds = list(Event.objects.filter(case__number=number).order_by("sequence").values_list("kind", flat=True))
    assert kinds == ["taken_in", "pushed", "confirmed_outside", "accepted", "granted"]
    assert Shared.objects.get().taken == 3


def taken(world: World, department: Sender) -> str:
    """A case we took in whose department is at the peer's; its number."""
    case = world.case()
    assert case.outside == department.platform.code
    return case.number


def test_the_moment_of_acceptance_travels(department: Sender, world: World) -> None:
    """The days agree on both sides, even where the line was down over a night."""
    number = taken(world, department)
    Case.objects.filter(number=number).update(taken_at=timezone.now() - timedelta(days=9))
    at = timezone.now() - timedelta(days=3)
    department.tell(wire.RECEIVED, number, {"number": "TJ-1"}, 1)
    assert department.tell("accepted", number, {"items": [1]}, 2, at=at)[0] == 200
    item = Case.objects.get(number=number).items.get()
    assert item.accepted_at == at
    paused = timezone.now() - timedelta(days=1)
    assert department.tell("paused", number, {"items": [1], "ground": "testing"}, 3, at=paused)[0] == 200
    assert item.pauses.get().started_on == timezone.localtime(paused).date()


def test_the_applicant_hears_of_every_step_from_who_took_the_case_in(department: Sender, world: World) -> None:
    number = taken(world, department)
    department.tell(wire.RECEIVED, number, {"number": "TJ-1"}, 1)
    for sequence, (kind, more) in enumerate(
        (("accepted", {}), ("paused", {"ground": "hearing"}), ("resumed", {}), ("granted", {}), ("result_sent", {})), 2
    ):
        assert department.tell(kind, number, {"items": [1], **more}, sequence)[0] == 200
        relay_messages()
    told = "+".join(Message.objects.filter(case__number=number).order_by("pk").values_list("kind", flat=True))
    assert set(told.split("+")) >= {"received", "accepted", "paused", "resumed", "result_ready"}


def test_a_corrected_decision_travels(department: Sender, world: World) -> None:
    number = taken(world, department)
    department.tell(wire.RECEIVED, number, {"number": "TJ-1"}, 1)
    steps = [("accepted", {}), ("granted", {}), ("result_sent", {})]
    steps.append(("corrected", {"granted": False, "reason": "重复申领", "why": "登记有误"}))
    for sequence, (kind, more) in enumerate(steps, 2):
        assert department.tell(kind, number, {"items": [1], **more}, sequence)[0] == 200
    item = Case.objects.get(number=number).items.get()
    assert (item.state, item.decision, item.reason) == ("decided", "refused", "重复申领")


def test_the_document_of_a_decision_is_fetched_and_kept(
    department: Sender, world: World, stand: Stand, client: Client
) -> None:
    """Whoever may see the case reads it; the one before is kept; a correction puts it out of force."""
    reach(department.platform, stand)
    number = taken(world, department)
    department.tell(wire.RECEIVED, number, {"number": "TJ-1"}, 1)
    for sequence, kind in enumerate(("accepted", "granted", "result_sent"), 2):
        assert department.tell(kind, number, {"items": [1]}, sequence)[0] == 200
    for sequence, pages in enumerate((1, 2), 5):
        document = pdf(pages=pages)
        told = {"item": 1, "file": said_of(document, f"决定{pages}.pdf")}
        assert department.tell(wire.DOCUMENT, number, told, sequence, key=f"d{sequence}")[0] == 202
        stand.files[store.digest_of(document)] = document
        inward.take()
        assert Letter.objects.get(key=f"d{sequence}").state == "done"
        assert department.tell(wire.DOCUMENT, number, told, sequence, key=f"d{sequence}")[0] == 200  # once
    rows = DecisionDocument.objects.order_by("pk")
    assert [row.withdrawn_at is None for row in rows] == [False, True]
    client.force_login(world.window_clerk)
    page = client.get(f"/cases/{number}/").content.decode()
    assert page.count(">决定文书</a>") == 2
    assert client.get(f"/cases/{number}/documents/{rows[1].pk}/").content == pdf(pages=2)
    client.force_login(world.staff("window", window=stranger(world)))
    assert client.get(f"/cases/{number}/documents/{rows[1].pk}/").status_code == 404
    more = {"granted": False, "reason": "重复申领", "why": "登记有误"}
    assert department.tell("corrected", number, {"items": [1], **more}, 7)[0] == 200
    assert not DecisionDocument.objects.filter(withdrawn_at=None).exists()


def said_of(data: bytes, name: str) -> dict[str, Any]:
    """A file as a peer names it."""
    return {
        "digest": store.digest_of(data), "size": len(data), "media_type": "application/pdf", "filename": name, "source": "file",
    }  # fmt: skip


def stranger(world: World) -> Window:
    """A window of another township."""
    return Window.objects.create(region=world.region, township="另一镇", name="另一镇窗口")


def test_a_document_is_kept_when_the_result_was_given_out_meanwhile(
    department: Sender, world: World, stand: Stand
) -> None:
    """It was attached there before the hand-over, and came here after it: no step is lost, nobody has to look."""
    reach(department.platform, stand)
    number = taken(world, department)
    department.tell(wire.RECEIVED, number, {"number": "TJ-1"}, 1)
    for sequence, kind in enumerate(("accepted", "granted", "result_sent"), 2):
        department.tell(kind, number, {"items": [1]}, sequence)
    release.hand_over(world.issuing, number, key=key(), shown=world.shown())
    document = pdf()
    stand.files[store.digest_of(document)] = document
    department.tell(wire.DOCUMENT, number, {"item": 1, "file": said_of(document, "决定.pdf")}, 5)
    inward.take()
    assert DecisionDocument.objects.get().item.state == "delivered"


def test_where_the_paper_is_is_told_to_the_department(world: World, came: Case, origin: Sender, client: Client) -> None:
    lists = [
        {
            "code": "CL1", "unit": "别县承办局", "materials": ["身份证"], "place": "途中",
            "since": timezone.now().isoformat(), "waybill": "EX123",
        }
    ]  # fmt: skip
    assert origin.tell(wire.PAPER, NUMBER, {"lists": lists}, 2)[0] == 200
    lists[0] |= {"place": "邮政专递窗口"}
    assert origin.tell(wire.PAPER, NUMBER, {"lists": lists}, 3)[0] == 200
    client.force_login(world.department)
    page = client.get(f"/cases/{came.number}/").content.decode()
    assert "随办件来的纸质件" in page
    assert "邮政专递窗口" in page
    assert "EX123" in page


def test_a_peer_says_what_it_understands(origin: Sender, world: World, came: Case) -> None:
    """One of an older make says nothing: it is not told what came later."""
    assert platforms.find("away").protocol == wire.PROTOCOL
    event = {"protocol": 1}
    assert origin.tell(wire.CAME_BACK, NUMBER, {"items": [1]}, 2, event=event)[0] == 422
    assert platforms.find("away").protocol == 1


def test_our_own_department_cannot_do_what_the_peer_does(department: Sender, world: World) -> None:
    number = taken(world, department)
    with pytest.raises(Refused, match="市一体化平台"):
        acts.accept(world.department, number, key=key())


@pytest.mark.parametrize(
    ("body", "says"),
    [
        (b"", "JSON"),
        (b"[" * 60_000, "JSON"),
        (b"\xff\xfe", "JSON"),
        (b"[]", "有误"),
        (b'{"specversion": "2.0"}', "specversion"),
        (b"null", "有误"),
    ],
)
def test_nonsense_is_refused_and_kept(origin: Sender, body: bytes, says: str) -> None:
    status, said = origin.post(body)
    assert (status, said["state"]) == (400, "refused")
    letter = Letter.objects.get()
    assert (letter.state, letter.signed) == ("failed", True)
    assert says in letter.error


@pytest.mark.parametrize(
    ("kind", "data", "status", "says"),
    [
        ("accepted", {"items": [1]}, 422, "没有对方所说的办件"),  # unknown to us
        ("exploded", {}, 400, "不认识的步骤"),
        ("accepted", {"items": []}, 400, "items"),
        ("accepted", {"items": [1], "extra": 1}, 400, "extra"),
        (wire.SUBMITTED, {"city": "x"}, 400, "region"),
    ],
)
def test_what_cannot_be_is_kept_for_a_person(origin: Sender, kind: str, data: Any, status: int, says: str) -> None:
    assert origin.tell(kind, NUMBER, data, 1)[0] == status
    letter = Letter.objects.get()
    assert letter.state == "failed"
    assert says in letter.error


def test_somebody_elses_case_is_as_unknown_as_none(department: Sender, origin: Sender, world: World) -> None:
    number = taken(world, department)
    assert origin.tell("accepted", number, {"items": [1]}, 1)[0] == 422
    assert "没有对方所说的办件" in Letter.objects.get().error
    assert Case.objects.get(number=number).state == "pushed"


def test_a_closed_case_stays_closed(department: Sender, world: World) -> None:
    number = taken(world, department)
    department.tell(wire.RECEIVED, number, {"number": "TJ-1"}, 1)
    department.tell("not_accepted", number, {"items": [1], "reason": "不属于本地"}, 2)
    status, said = department.tell("accepted", number, {"items": [1]}, 3, key="late")
    assert (status, said["state"]) == (422, "refused")
    assert Letter.objects.get(key="late").state == "failed"
    assert Shared.objects.get().taken == 2


def test_another_version_of_the_procedure_is_a_clear_refusal(origin: Sender, world: World) -> None:
    status, said = origin.tell(wire.SUBMITTED, NUMBER, sent(world) | {"procedure": "0" * 64}, 1)
    assert status == 422
    assert "版本" in said["message"]
    assert not Case.objects.filter(foreign_number=NUMBER).exists()


def test_from_the_future(department: Sender, world: World) -> None:
    number = taken(world, department)
    status, _ = department.tell(wire.RECEIVED, number, {"number": "1"}, 1, at=timezone.now() + timedelta(hours=1))
    assert status == 400
    assert "还没有到" in Letter.objects.get().error
    status, _ = department.tell(wire.RECEIVED, number, {"number": "1"}, 1, at=timezone.now() + timedelta(minutes=4))
    assert status == 200  # clocks differ


@pytest.mark.parametrize(("skew", "status"), [(-301, 401), (-290, 200), (290, 200), (301, 401)])
def test_replay_and_skew(department: Sender, world: World, skew: int, status: int) -> None:
    number = taken(world, department)
    now = time.time() + skew
    assert department.tell(wire.RECEIVED, number, {"number": "1"}, 1, now=now)[0] == status


def test_a_wrong_key_and_a_stranger(origin: Sender, world: World) -> None:
    data = sent(world)
    assert origin.tell(wire.SUBMITTED, NUMBER, data, 1, secret="another-secret-altogether-000000")[0] == 401
    assert origin.tell(wire.SUBMITTED, NUMBER, data, 1, code="nobody")[0] == 404
    assert not Case.objects.filter(mirrored=True).exists()
    assert set(Letter.objects.values_list("signed", "state")) == {(False, "failed")}
    for n in range(inward.KEPT_UNSIGNED + 30):  # a flood of them stays bounded
        origin.post(f"{n}".encode(), secret="another-secret-altogether-000000")
    assert Letter.objects.count() == inward.KEPT_UNSIGNED


def test_what_a_peer_says_is_not_taken_when_it_comes_back(origin: Sender, department: Sender, world: World) -> None:
    """One key signs both ways: an event of ours, caught on the line, must not pass for one of theirs."""
    number = taken(world, department)
    status, _ = department.tell(wire.RECEIVED, number, {"number": "1"}, 1, event={"source": "/us"})
    assert status == 400
    assert "来源" in Letter.objects.get().error


def test_keys_are_changed_without_a_gap(origin: Sender, world: World) -> None:
    """The new key and the one before are taken until its day; then only the new one."""
    old = origin.secret
    new = platforms.make_key(None, key=None, code="away", days=2)
    status, _ = origin.tell(wire.RECEIVED, "X", {"number": "1"}, 1, secret=old)
    assert status == 422  # verified: the case is unknown
    assert origin.tell(wire.RECEIVED, "X", {"number": "1"}, 1, secret=new)[0] == 422
    PlatformKey.objects.filter(until__isnull=False).update(until=timezone.now() - timedelta(seconds=1))
    assert origin.tell(wire.RECEIVED, "X", {"number": "1"}, 1, secret=old)[0] == 401
    assert new not in str(list(PlatformKey.objects.values_list("pk", "until")))
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM exchange_platformkey")
        assert all(new not in kept for (kept,) in cursor.fetchall())


def test_a_body_too_long_is_not_read(origin: Sender) -> None:
    answer = origin.client.generic(
        "POST", "/exchange/away/events/", b"{}", content_type=wire.MEDIA_TYPE, CONTENT_LENGTH=str(100 * 2**20)
    )
    assert answer.status_code == 413
    assert origin.post(b" " * (inward.LONGEST + 1))[0] == 413


def test_files_are_fetched_by_digest_before_the_case_is_made(origin: Sender, world: World, stand: Stand) -> None:
    reach(origin.platform, stand)
    data = sent(world)
    new = jpeg(4000, seed=77)
    file = data["materials"][0]["files"][0]
    file["digest"], file["size"] = store.digest_of(new), len(new)
    assert origin.tell(wire.SUBMITTED, NUMBER, data, 1, key="a1") == (202, {"state": "waiting"})
    assert origin.tell(wire.SUBMITTED, NUMBER, data, 1, key="a1") == (202, {"state": "waiting"})
    inward.take()  # it has no such file yet
    assert not Case.objects.filter(mirrored=True).exists()
    assert Letter.objects.get().state == "waiting"
    stand.files[file["digest"]] = new
    Letter.objects.update(next_at=timezone.now())
    inward.take()
    assert Letter.objects.get().state == "done"
    case = Case.objects.get(mirrored=True)
    assert MaterialFile.objects.filter(material__case=case, digest=file["digest"]).exists()
    assert store.read(file["digest"]) == new
    path, headers, _ = stand.asked[-1]
    assert path == f"/exchange/us/files/{file['digest']}/"
    assert "webhook-signature" in headers


@pytest.mark.parametrize("given", [b"something else", b""])
def test_a_file_that_is_not_what_was_said_is_not_taken(
    origin: Sender, world: World, stand: Stand, given: bytes
) -> None:
    reach(origin.platform, stand)
    data = sent(world)
    digest = "ab" * 32
    data["materials"][0]["files"][0]["digest"] = digest
    origin.tell(wire.SUBMITTED, NUMBER, data, 1)
    stand.files[digest] = given
    inward.take()
    letter = Letter.objects.get()
    assert letter.state == "failed"
    assert "摘要不一致" in letter.error
    assert not store.there(digest)
    assert not Case.objects.filter(mirrored=True).exists()


def test_a_file_that_never_comes_leaves_a_letter_that_a_person_does_again(
    client: Client, origin: Sender, world: World, stand: Stand
) -> None:
    reach(origin.platform, stand)
    data, new = sent(world), jpeg(4000, seed=78)
    data["materials"][0]["files"][0] |= {"digest": store.digest_of(new), "size": len(new)}
    origin.tell(wire.SUBMITTED, NUMBER, data, 1)
    Letter.objects.update(came_at=timezone.now() - timedelta(days=8))
    inward.take()
    letter = Letter.objects.get()
    assert (letter.state, "404" in letter.error) == ("failed", True)
    stand.files[store.digest_of(new)] = new
    client.force_login(world.staff("oversight", region=None))
    client.post(f"/oversight/letters/{letter.pk}/retry/", {"key": key()})
    inward.take()
    assert Letter.objects.get().state == "done"
    assert Case.objects.filter(foreign_number=NUMBER).count() == 1


def test_files_are_given_to_who_shares_the_case_alone(department: Sender, origin: Sender, world: World) -> None:
    number = taken(world, department)
    digest = MaterialFile.objects.filter(material__case__number=number)[0].digest
    answer = department.get(f"files/{digest}/")
    assert store.digest_of(answer.content) == digest
    assert origin.get(f"files/{digest}/").status_code == 404
    assert department.get(f"files/{digest}/", secret="another-secret-altogether-000000").status_code == 401
    assert department.client.get(f"/exchange/town/files/{digest}/").status_code == 401


def test_what_failed_is_done_when_it_comes_again(department: Sender, world: World) -> None:
    """The sender tries again after a person mended what was wrong: nothing is lost, nothing is done twice."""
    number = taken(world, department)
    Case.objects.filter(number=number).update(outside="")
    assert department.tell(wire.RECEIVED, number, {"number": "1"}, 1, key="k1")[0] == 422
    Case.objects.filter(number=number).update(outside="town")
    assert department.tell(wire.RECEIVED, number, {"number": "1"}, 1, key="k1")[0] == 200
    assert Letter.objects.get().state == "done"
