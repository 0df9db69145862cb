"""Codes at the counter: sent to the phone alone, short-lived, used once, locked; never shown to staff, never in the chain."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.cases.test_races import together
from tests.world import World, build, key
from tongban.cases.actions.door import Conflict, NotFound, Refused
from tongban.cases.models import Case, Event
from tongban.messages.codes import Proof, check, collection_code, forget, issue
from tongban.messages.models import Code, Message
from tongban.messages.relay import relay
from tongban.messages.sending import send, whole
from tongban.paperwork.texts import CODE

pytestmark = pytest.mark.django_db


def sent_code(case: Case) -> str:
    relay()
    return Code.objects.filter(case=case)[0].secret


def test_a_fresh_code_proves_the_phone_once(world: World) -> None:
    case = world.case("sent")
    issue(world.issuing, case.number, key=key())
    code = sent_code(case)
    row = Message.objects.get(kind="code")
    assert code in whole(row)
    assert code not in row.text
    assert CODE in row.text
    assert check(case, f" {code[:3]} {code[3:]} ") is Proof.FRESH
    assert check(case, code) is Proof.WRONG, "once"
    assert "已失效" in whole(Message.objects.get(kind="code"))


def test_the_code_of_the_collection_sms_is_bound_to_case_and_phone(world: World) -> None:
    case, other = world.case("sent"), world.case("sent")
    relay()
    code = collection_code(case)
    assert code in whole(Message.objects.get(case=case, kind__contains="result_ready"))
    assert check(case, code) is Proof.COLLECTION
    assert check(case, code) is Proof.COLLECTION, "it does not wear out"
    assert collection_code(other) != code
    Case.objects.filter(pk=case.pk).update(applicant_phone="13900000000")
    assert collection_code(Case.objects.get(pk=case.pk)) != code


def test_a_code_does_not_live_long_and_is_forgotten(world: World) -> None:
    case = world.case("sent")
    issue(world.issuing, case.number, key=key())
    code = sent_code(case)
    later = timezone.now() + timedelta(minutes=11)
    assert check(case, code, later) is Proof.WRONG
    assert forget(later) == 1
    assert forget(later) == 0
    assert Code.objects.get().secret == ""


def test_five_wrong_ones_lock_for_an_hour_even_the_right_one(world: World) -> None:
    case = world.case("sent")
    issue(world.issuing, case.number, key=key())
    code = sent_code(case)
    wrong = "000000" if code != "000000" else "111111"
    assert {check(case, wrong) for _ in range(5)} == {Proof.WRONG}
    assert check(case, code) is Proof.LOCKED
    assert check(case, collection_code(case)) is Proof.LOCKED
    assert check(case, collection_code(case), timezone.now() + timedelta(minutes=61)) is Proof.COLLECTION


@pytest.mark.parametrize("typed", ["", "１２３４５６", "x" * 10_000, "\x00", "张㛃"])
def test_whatever_is_typed(world: World, typed: str) -> None:
    assert check(world.case("sent"), typed) is Proof.WRONG


def test_codes_are_not_sent_too_often(world: World) -> None:
    case = world.case("sent")
    issue(world.issuing, case.number, key=key())
    with pytest.raises(Refused, match="等一分钟"):
        issue(world.issuing, case.number, key=key())
    for n in range(4):
        Code.objects.update(made_at=timezone.now() - timedelta(minutes=2 + n))
        issue(world.issuing, case.number, key=key())
    Code.objects.update(made_at=timezone.now() - timedelta(minutes=9))
    with pytest.raises(Refused, match="5 次"):
        issue(world.issuing, case.number, key=key())


def test_the_same_submission_sends_one_code(world: World) -> None:
    case, once = world.case("sent"), key()
    issue(world.issuing, case.number, key=once)
    issue(world.issuing, case.number, key=once)
    assert Code.objects.count() == 1


def test_who_may_ask_and_when(world: World) -> None:
    case = world.case("sent")
    with pytest.raises(NotFound):
        issue(world.archive, case.number, key=key())
    with pytest.raises(NotFound):
        issue(world.staff("issuing", region=build_region(world)), case.number, key=key())
    with pytest.raises((Conflict, NotFound)):
        issue(world.issuing, world.case().number, key=key())


def build_region(world: World):  # type: ignore[no-untyped-def]
    from tongban.people.models import Region

    return Region.objects.create(city=world.version.city, name="别县", abbreviation="BX", short="别")


def test_no_code_stands_in_the_chain_on_a_screen_or_readable_in_the_database(client: Client, world: World) -> None:
    case = world.case("sent")
    issue(world.issuing, case.number, key=key())
    code, collection = sent_code(case), collection_code(case)
    send()
    for event in Event.objects.filter(case=case):
        assert code not in json.dumps([event.data, event.outgoing])
    for person in (world.issuing, world.oversight, world.window_clerk):
        client.force_login(person)
        shown = client.get(f"/cases/{case.number}/").content.decode()
        assert code not in shown
        assert collection not in shown
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret, digest FROM sms_code")
        assert code not in str(cursor.fetchall())
        cursor.execute("SELECT text FROM sms_message")
        assert code not in str(cursor.fetchall())


def test_a_code_is_sent_at_night_and_at_once(world: World, settings) -> None:  # type: ignore[no-untyped-def]
    hour = timezone.localtime().hour
    settings.QUIET, settings.SMS_WAIT = (hour, (hour + 2) % 24), 3600
    case = world.case("sent")
    issue(world.issuing, case.number, key=key())
    relay()
    send()
    assert list(Message.objects.filter(state="sent").values_list("kind", flat=True)) == ["code"]


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_are_all_counted() -> None:
    world = build()
    case = world.case("sent")
    right = collection_code(case)
    guesses = [f"{n:06d}" for n in range(20) if f"{n:06d}" != right][:16]
    answers = together([lambda guess=guess: check(case, guess) for guess in guesses])  # type: ignore[misc]
    assert sorted(answers) == [Proof.LOCKED] * 11 + [Proof.WRONG] * 5
    assert check(case, right) is Proof.LOCKED


@pytest.mark.django_db(transaction=True)
def test_a_fresh_code_typed_twice_at_once_counts_once() -> None:
    world = build()
    case = world.case("sent")
    issue(world.issuing, case.number, key=key())
    code = sent_code(case)
    answers = together(4 * [lambda: check(case, code)])
    assert answers.count(Proof.FRESH) == 1
