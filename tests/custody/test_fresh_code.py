"""The fresh code to the registered phone at the issuing desk: sent, compared once, throttled, counted towards the lock."""

import pytest
from django.test import Client

from tests.custody.test_counter import hand, states
from tests.official import official
from tests.world import ADULT, World, build, key
from tongban.cases.models import Case
from tongban.desks.issuing.fresh_code import COLLECTION
from tongban.messages.codes import collection_code
from tongban.messages.models import Code, Message
from tongban.messages.relay import relay
from tongban.messages.sending import send

pytestmark = pytest.mark.django_db
WRITTEN = {"message": "original", "written_id": ADULT, "written_phone": "13800000000"}


def ask(client: Client, case: Case) -> str:
    return client.post(f"/issuing/cases/{case.number}/code/", {"key": key()}).content.decode()


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06d}"


def test_sent_to_the_phone_typed_in_and_compared_once(client: Client, world: World) -> None:
    case, other = world.case("sent"), world.case("sent")
    client.force_login(world.issuing)
    assert "正在发到办理时登记的手机" in ask(client, case)
    relay()
    send()
    code = Code.objects.get(case=case).secret
    state = client.get(f"/issuing/cases/{case.number}/code/sent/").content.decode()
    assert "已发到办理时登记的手机" in state
    assert code not in state
    hand(client, other, **WRITTEN, fresh_code=code)
    hand(client, case, **WRITTEN, fresh_code=f"{code[:3]} {code[3:]}")
    assert states(case, other) == ["released", "delivering"], "the code is of its case"
    event = case.events.get(kind="handed_over")
    assert event.data["code"] == "right"
    assert event.data["warning"] == ""
    assert "十.2（2）" in event.clauses


def test_a_wrong_code_is_refused_with_the_clause_and_three_lock(client: Client, world: World) -> None:
    case = world.case("sent")
    client.force_login(world.issuing)
    ask(client, case)
    code = Code.objects.get(case=case).secret
    for left in (2, 1, 0):
        page = hand(client, case, **WRITTEN, fresh_code=wrong(code))
        assert "验证码不对" in page
        assert "十.3" in page
        assert ("发证已锁定" in page) == (left == 0)
    assert "发证已锁定" in hand(client, case, **WRITTEN, fresh_code=code)
    assert Code.objects.get(case=case).used_at is None, "nothing is compared behind the lock"
    assert states(case) == ["delivering"]


def test_it_is_asked_for_where_the_city_wants_it(client: Client) -> None:
    asks = official().policy.model_copy(update={"release_code": "required"})
    world = build(official().model_copy(update={"policy": asks}))
    case = world.case("sent")
    client.force_login(world.issuing)
    assert "新验证码（必须核对）" in client.get(f"/issuing/cases/{case.number}/").content.decode()
    assert "还没有用验证码核对登记的手机" in hand(client, case, **WRITTEN)
    ask(client, case)
    hand(client, case, **WRITTEN, fresh_code=Code.objects.get(case=case).secret)
    assert states(case) == ["released"]


def test_the_code_of_the_collection_sms_is_no_fresh_one_and_no_try_at_the_lock(client: Client, world: World) -> None:
    case = world.case("sent")
    client.force_login(world.issuing)
    assert COLLECTION in hand(client, case, **WRITTEN, fresh_code=collection_code(case))
    case.refresh_from_db()
    assert (case.state, case.failed_releases) == ("delivering", 0)


def test_a_right_code_is_not_used_up_by_what_is_refused_before(client: Client, world: World) -> None:
    case = world.case("sent")
    client.force_login(world.issuing)
    ask(client, case)
    code = Code.objects.get(case=case).secret
    hand(client, case, **WRITTEN | {"collector": ""}, fresh_code=code)
    hand(client, case, collector="样例·张㛃", card_number=ADULT, fresh_code="000000")
    assert Code.objects.get(case=case).used_at is None, "nothing was compared"
    assert states(case) == ["released"]


def test_five_wrong_ones_in_an_hour_and_nothing_more_is_compared(client: Client, world: World) -> None:
    case = world.case("sent")
    client.force_login(world.issuing)
    ask(client, case)
    code = Code.objects.get(case=case).secret
    for _ in range(5):
        hand(client, case, **WRITTEN, fresh_code=wrong(code))
        Case.objects.filter(pk=case.pk).update(failed_releases=0)  # a supervisor unlocked it
    assert "一小时以内不再核对" in hand(client, case, **WRITTEN, fresh_code=code)
    assert states(case) == ["delivering"]


def test_asked_for_again_too_soon_or_where_no_mobile_phone_is(client: Client, world: World) -> None:
    case = world.case("sent")
    client.force_login(world.issuing)
    ask(client, case)
    assert "请等一分钟再发" in ask(client, case)
    Case.objects.filter(pk=case.pk).update(applicant_phone="0737-1234567")
    assert "登记的不是手机号码" in ask(client, Case.objects.get(pk=case.pk))
    assert Code.objects.count() == 1


def test_what_could_not_be_sent_is_said(client: Client, world: World) -> None:
    case = world.case("sent")
    client.force_login(world.issuing)
    ask(client, case)
    relay()
    Message.objects.filter(kind="code").update(state="failed", error="通道不通")
    assert "没有发出去：通道不通" in client.get(f"/issuing/cases/{case.number}/code/sent/").content.decode()
