"""From events to messages: one a fact, two steps of one person in one; nothing personal in the text; quiet at night."""

import smtplib
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client, override_settings
from django.utils import timezone

from tests.world import ADULT, ANOTHER, World, key
from tongban.cases.actions import department
from tongban.cases.actions.door import Refused
from tongban.cases.application import Person
from tongban.cases.models import Case, CaseItem, Event
from tongban.messages.models import Message
from tongban.messages.relay import relay
from tongban.messages.sending import send
from tongban.paperwork.texts import TEXTS
from tongban.people.models import City
from tongban.rules.quiet import hours, quiet_until

pytestmark = pytest.mark.django_db


def told(case: Case | None = None) -> list[str]:
    rows = Message.objects.filter(case=case) if case else Message.objects.all()
    return list(rows.order_by("pk").values_list("kind", flat=True))


def test_every_outgoing_is_told_and_sent_once(world: World) -> None:
    world.case("handed")
    assert relay() == sum(1 for event in Event.objects.all() if event.outgoing)
    assert told() == ["received", "accepted+result_ready", "rating_asked"]
    assert relay() == 0
    assert send() == Message.objects.count()
    assert send() == 0


def test_a_relay_that_died_before_it_could_say_so_writes_nothing_twice(world: World) -> None:
    world.case("handed")
    relay()
    before = told()
    Event.objects.update(relayed_at=None)
    relay()
    assert told() == before


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
    other = world.case()
    reason = f"{ADULT} 的照片不是本人"
    department.not_accept(world.department, other.number, key=key(), reason=reason)
    relay()
    for text in Message.objects.values_list("text", flat=True):
        assert ADULT not in text
        assert "张㛃" not in text
        assert "13800000000" not in text
        assert "{" not in text
        assert text.endswith("。")
    assert "（号码略） 的照片不是本人" in Message.objects.get(case=other, kind="not_accepted").text


def test_every_message_an_act_asks_for_has_its_text(world: World) -> None:
    world.case("handed")
    asked = {out["message"] for event in Event.objects.all() for out in event.outgoing}
    assert asked <= set(TEXTS)


def test_two_steps_of_one_person_are_one_message(world: World) -> None:
    case = world.case("accepted")
    department.pause(world.department, case.number, key=key(), ground="hearing")
    department.resume(world.department, case.number, key=key())
    department.pause(world.department, case.number, key=key(), ground="testing")
    relay()
    assert told(case) == ["received", "accepted+paused+resumed"]
    text = Message.objects.filter(case=case)[0].text
    assert text.count("（") >= 1
    assert "因检测暂停计时" in text
    assert "听证" not in text, "told as it stands last"
    assert text.count(case.number) == 1


def test_steps_far_apart_or_of_two_persons_are_two_messages(world: World) -> None:
    case = world.case("accepted")
    department.pause(world.department, case.number, key=key(), ground="hearing")
    Event.objects.filter(case=case, kind="paused").update(at=F("at") + timedelta(minutes=3))
    relay()
    assert told(case) == ["received", "accepted", "paused"]


def test_a_step_waits_for_the_second_and_takes_it_along(world: World) -> None:
    with override_settings(SMS_WAIT=20):
        case = world.case("accepted")
        assert relay() == 0
        Event.objects.filter(case=case, kind="pushed").update(at=F("at") - timedelta(seconds=21))
        assert relay() == 2, "what is ripe, and what came after it on the same case"
    assert told(case) == ["received", "accepted"]


def test_several_items_are_named_in_one_message(world: World) -> None:
    case = world.case()
    item = CaseItem.objects.get(case=case)
    first = item.name
    item.pk, item.order, item.name = None, 2, "样例事项"
    item.save(force_insert=True)
    department.accept(world.department, case.number, key=key())
    relay()
    assert told(case) == ["received", "accepted"]
    text = Message.objects.filter(case=case, kind="accepted").get().text
    assert f"“{first}”已受理" in text
    assert "“样例事项”已受理" in text


def test_a_provisional_due_day_says_so(world: World) -> None:
    case = world.case("accepted")
    CaseItem.objects.filter(case=case).update(due_provisional=True)
    relay()
    assert "前办结（暂定）" in Message.objects.get(case=case, kind="accepted").text


def test_a_citys_own_words(world: World) -> None:
    City.objects.create(
        name=world.version.city, title="样例", messages={"head": "样例市政务：", "received": "{package}收到了"}
    )
    case = world.case()
    relay()
    assert Message.objects.get(case=case).text == f"样例市政务：{case.version.name}收到了。"


def test_who_has_no_mobile_phone_is_called(world: World) -> None:
    case = world.case()
    Case.objects.filter(pk=case.pk).update(applicant_phone="07371234567")
    relay()
    row = Message.objects.get(case=case)
    assert (row.channel, row.state, row.error) == ("call", "failed", "没有手机号码，请打电话告知")
    assert send() == 0


SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.mark.parametrize(
    ("span", "at", "until"),
    [
        ("21-8", "2026-11-24T20:59", None),
        ("21-8", "2026-11-24T21:00", "2026-11-25T08:00"),
        ("21-8", "2026-11-25T03:00", "2026-11-25T08:00"),
        ("21-8", "2026-11-25T08:00", None),
        ("12-14", "2026-11-25T13:59", "2026-11-25T14:00"),
        ("12-14", "2026-11-25T14:00", None),
        ("0-6", "2026-11-25T05:00", "2026-11-25T06:00"),
        ("", "2026-11-25T03:00", None),
        ("8-8", "2026-11-25T03:00", None),
    ],
)
def test_quiet_hours(span: str, at: str, until: str | None) -> None:
    ends = quiet_until(datetime.fromisoformat(at).replace(tzinfo=SHANGHAI), hours(span))
    assert ends == (datetime.fromisoformat(until).replace(tzinfo=SHANGHAI) if until else None)


@pytest.mark.parametrize("span", ["21", "21-25", "-1-8", "a-b", "21-8-9"])
def test_quiet_hours_malformed(span: str) -> None:
    with pytest.raises(ValueError, match="21-8"):
        hours(span)


def test_at_night_a_message_waits_for_the_morning(world: World) -> None:
    hour = timezone.localtime().hour
    with override_settings(QUIET=(hour, (hour + 2) % 24)):
        world.case()
        relay()
        row = Message.objects.get()
        assert row.next_at > timezone.now()
        assert timezone.localtime(row.next_at).minute == 0
        Message.objects.update(next_at=timezone.now())
        assert send() == 0, "nor is one tried again at night"
    assert send() == 1


def test_the_amount_stands_in_the_message(world: World) -> None:
    case = world.case("accepted")
    relay()
    event = Event.objects.get(case=case, kind="accepted")
    Event.objects.filter(pk=event.pk).update(
        relayed_at=None, outgoing=[{"message": "fee_asked", "item": 1}], data={"amount": str(Decimal("120.50"))}
    )
    Message.objects.all().delete()
    relay()
    assert "需缴费 120.50 元" in Message.objects.get().text


@pytest.mark.parametrize(("phone", "email", "channel"), [
    ("13800000000", "zhang@example.cn", "sms"),
    ("07371234567", "zhang@example.cn", "email"),
    ("07371234567", "", "call"),
])  # fmt: skip
def test_by_which_way_somebody_is_told(world: World, settings: Any, phone: str, email: str, channel: str) -> None:
    settings.EMAIL_HOST = "mail.example.cn"
    person = replace(world.application().applicant, phone=phone)
    case = world.case(applicant=person, email=email)
    relay()
    row = Message.objects.get(case=case)
    assert row.channel == channel
    send()
    assert [(letter.to, letter.body) for letter in mail.outbox] == ([([email], row.text)] if channel == "email" else [])


def test_no_mail_is_sent_where_none_is_set_up(world: World) -> None:
    world.case(applicant=replace(world.application().applicant, phone="07371234567"), email="zhang@example.cn")
    relay()
    assert Message.objects.get().channel == "call"


@pytest.mark.parametrize(("refused", "state"), [
    (smtplib.SMTPRecipientsRefused({"z": (550, b"no such user")}), "failed"),
    (smtplib.SMTPRecipientsRefused({"z": (451, b"later")}), "waiting"),
    (smtplib.SMTPServerDisconnected("gone"), "waiting"),
    (TimeoutError(), "waiting"),
])  # fmt: skip
def test_a_mail_server_that_refuses(
    world: World, settings: Any, monkeypatch: pytest.MonkeyPatch, refused: Exception, state: str
) -> None:
    settings.EMAIL_HOST = "mail.example.cn"
    world.case(applicant=replace(world.application().applicant, phone="07371234567"), email="zhang@example.cn")
    relay()

    def no(*_: Any) -> int:
        raise refused

    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", no)
    send()
    assert Message.objects.get().state == state


@pytest.mark.parametrize(("changes", "field"), [
    ({"phone_of": "agent"}, "phone_of"),
    ({"phone_of": "guardian"}, "phone_of"),
    ({"email": "zhang"}, "email"),
    ({"email": "a@b.cn\nBcc: c@d.cn"}, "email"),
    ({"email": "a" * 260 + "@b.cn"}, "email"),
])  # fmt: skip
def test_how_one_is_told_is_checked_at_the_window(world: World, changes: dict[str, str], field: str) -> None:
    with pytest.raises(Refused) as refused:
        world.case(**changes)
    assert field in refused.value.fields


def test_whose_phone_it_is_stands_on_the_case(client: Client, world: World) -> None:
    case = world.case(agent=Person("样例·李四", ANOTHER, "13900000000"), phone_of="agent", email="zhang@example.cn")
    client.force_login(world.oversight)
    shown = client.get(f"/cases/{case.number}/").content.decode()
    assert "138****0000（代办人的）" in shown
    assert "z***@example.cn" in shown
    assert "zhang@example.cn" not in shown
