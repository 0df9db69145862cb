"""The counter: several cases of one person, a part of the results, numbers written by the collector, a supervisor's decision,
results nobody comes for.
"""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.custody.test_pages import said
from tests.official import sample
from tests.world import ADULT, ANOTHER, CHILD, World, build, jpeg, key
from tongban.cases.actions import collecting, release
from tongban.cases.actions.door import Conflict, NotFound, Refused
from tongban.cases.application import Person
from tongban.cases.models import Case, CaseItem, Permit, Written
from tongban.vault import store

FORM = {"collector": "样例·张㛃", "message": "none"}


def hand(client: Client, case: Case, **form: object) -> str:
    url = f"/issuing/cases/{case.number}/hand-over/"
    return client.post(url, FORM | {"key": key()} | form, follow=True).content.decode()


def states(*cases: Case) -> list[str]:
    return [Case.objects.get(pk=case.pk).state for case in cases]


def test_several_cases_of_one_person_together_each_by_the_rule(client: Client, world: World) -> None:
    first, second, third = (world.case("sent") for _ in range(3))
    stranger = world.case("sent", applicant=Person("样例·别人", ANOTHER, "13900000000"))
    client.force_login(world.issuing)
    html = client.get(f"/issuing/cases/{first.number}/").content.decode()
    assert second.number in html
    assert third.number in html
    assert stranger.number not in html
    together = [second.number, stranger.number]
    assert "2 个办件可以发放" in hand(client, first, card_number=ADULT, together=together)
    assert states(first, second, third, stranger) == ["released", "released", "delivering", "delivering"]
    assert second.forms.filter(kind="release_receipt").count() == 1


def test_a_receipt_opens_its_own_case_and_not_the_others(client: Client, world: World) -> None:
    first, second = world.case("sent"), world.case("sent")
    client.force_login(world.issuing)
    html = hand(client, first, receipt=world.receipt(first), together=[second.number])
    assert f"{second.number} 不能发放" in said(html).replace("不能发放", " 不能发放")
    assert states(first, second) == ["released", "delivering"]


def test_a_receipt_is_known_by_its_qr_code(client: Client, world: World) -> None:
    case, other = world.case("sent"), world.case("sent")
    world.receipt(case)
    token = case.forms.latest("id").token
    client.force_login(world.issuing)
    hand(client, other, receipt=f"https://example.invalid/check/{token}")
    hand(client, case, receipt=f"https://example.invalid/check/{token}")
    assert states(case, other) == ["released", "delivering"]


def test_a_part_of_the_results(client: Client, db: None) -> None:
    world = build(sample("药店"))
    case = world.case("sent", items=tuple(item.code or "" for item in world.procedure.items))
    client.force_login(world.issuing)
    hand(client, case, card_number=ADULT, order="1")
    assert list(CaseItem.objects.filter(case=case).values_list("state", flat=True)) == ["delivered", "at_issuing"]
    assert states(case) == ["delivering"]
    hand(client, case, card_number=ADULT)
    assert states(case) == ["released"]


def writing_page(client: Client, case: Case) -> tuple[str, str]:
    """The address of the tablet's page and the nonce on the clerk's."""
    html = client.post(f"/issuing/cases/{case.number}/tablet/", {"here": "1"}).content.decode()
    token = re.search(r"/write/([^/]+)/", html)
    nonce = re.search(r'name="nonce" value="([^"]+)"', html)
    assert token
    assert nonce
    return f"/write/{token[1]}/", nonce[1]


def test_numbers_written_on_the_tablet_are_compared_and_never_shown(client: Client, world: World) -> None:
    case = world.case("sent")
    client.force_login(world.issuing)
    page, nonce = writing_page(client, case)
    tablet = Client()
    assert "样例" not in tablet.get(page).content.decode().replace("示例账号", "")
    assert tablet.post(page, {"id_number": "", "phone": "1"}).status_code == 422
    there = f"/issuing/cases/{case.number}/written/"
    assert "等领取人写" in client.get(there, {"nonce": nonce}).content.decode()
    tablet.post(page, {"id_number": ADULT, "phone": "138 0000 0000"})
    tablet.post(page, {"id_number": "0", "phone": "0"})  # once
    html = client.get(there, {"nonce": nonce}).content.decode()
    assert "写好了" in html
    assert ADULT not in html
    with connection.cursor() as cursor:
        cursor.execute("SELECT id_number, phone FROM cases_written")
        assert ADULT not in str(cursor.fetchall())
    hand(client, case, message="original", nonce=nonce)
    assert states(case) == ["released"]
    assert not Written.objects.exists()


def test_a_page_for_the_tablet_is_of_its_case_and_of_its_time(client: Client, world: World) -> None:
    case, other = world.case("sent"), world.case("sent")
    client.force_login(world.issuing)
    page, nonce = writing_page(client, case)
    client.post(page, {"id_number": ADULT, "phone": "13800000000"})
    hand(client, other, message="original", nonce=nonce)
    assert states(other) == ["delivering"]
    Written.objects.update(at=timezone.now() - timedelta(minutes=11))
    hand(client, case, message="original", nonce=nonce)
    assert states(case) == ["delivering"]
    assert client.get("/write/made-up/").status_code == 404


def test_a_guardian_at_intake_collects_for_a_minor(client: Client, world: World) -> None:
    case = world.case("sent", applicant=Person("样例·小", CHILD, "13800000000"), guardian=Person("样例·家长", ANOTHER))
    client.force_login(world.issuing)
    hand(client, case, card_number=ANOTHER)
    assert states(case) == ["released"]


def asked(client: Client, world: World, case: Case, **form: object) -> Permit | None:
    client.force_login(world.issuing)
    facts = {
        "permit_kind": "heir", "permit_name": "样例·继", "permit_id_number": ANOTHER, "permit_reason": "申请人已去世。",
        "permit_scan": SimpleUploadedFile("关系证明.jpg", jpeg(seed=5)), "key": key(),
    }  # fmt: skip
    client.post(f"/issuing/cases/{case.number}/permit/", {n: v for n, v in (facts | form).items() if v is not None})
    return Permit.objects.filter(case=case).first()


def test_whom_the_text_does_not_name_a_supervisor_decides_on_once(client: Client, world: World) -> None:
    case = world.case("sent")
    permit = asked(client, world, case)
    assert permit
    hand(client, case, card_number=ANOTHER)
    assert states(case) == ["delivering"]  # not decided yet
    client.force_login(world.oversight)
    assert case.number in client.get("/oversight/list/permits/").content.decode()
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert "申请人已去世。" in page
    assert ANOTHER not in page
    assert client.get(f"/cases/{case.number}/permits/{permit.pk}/").status_code == 200
    client.post(
        f"/oversight/cases/{case.number}/permits/{permit.pk}/", {"given": "1", "reason": "证明齐全。", "key": key()}
    )
    client.force_login(world.issuing)
    assert "证明齐全。" in client.get(f"/issuing/cases/{case.number}/").content.decode()
    hand(client, case, card_number="11010519491231002X".replace("2X", "3X"))  # somebody else's card
    assert states(case) == ["delivering"]
    hand(client, case, card_number=ANOTHER)
    assert states(case) == ["released"]
    event = case.events.get(kind="handed_over")
    assert (event.data["way"], event.clauses) == ("decision", ["十.2"])
    assert "督办决定" in event.data["warning"]
    permit.refresh_from_db()
    assert permit.used_at


def test_a_supervisor_may_refuse_and_decides_once(world: World) -> None:
    case = world.case("sent")
    scan = store.store(jpeg(seed=6), "a.jpg")
    facts = {"kind": "agent", "name": "样例·代", "id_number": ANOTHER, "reason": "有委托书。", "scan": scan}
    collecting.ask_permit(world.issuing, case.number, key=key(), **facts)
    with pytest.raises(Conflict, match="正在等决定"):
        collecting.ask_permit(world.issuing, case.number, key=key(), **facts)
    permit = Permit.objects.get()
    with pytest.raises(NotFound):
        collecting.decide_permit(world.issuing, case.number, key=key(), permit_id=permit.pk, given=True, reason="行")
    with pytest.raises(Refused):
        collecting.decide_permit(world.oversight, case.number, key=key(), permit_id=permit.pk, given=True, reason=" ")
    collecting.decide_permit(world.oversight, case.number, key=key(), permit_id=permit.pk, given=False, reason="不全。")
    with pytest.raises(Conflict, match="已经决定过"):
        collecting.decide_permit(world.oversight, case.number, key=key(), permit_id=permit.pk, given=True, reason="行")
    release.hand_over(world.issuing, case.number, key=key(), shown=world.shown(card_number=ANOTHER))
    assert states(case) == ["delivering"]


@pytest.mark.parametrize(
    "wrong",
    [{"permit_kind": "king"}, {"permit_name": ""}, {"permit_id_number": "1"}, {"permit_reason": ""}, {"permit_scan": None}],
)  # fmt: skip
def test_what_a_request_lacks_is_said(client: Client, world: World, wrong: dict[str, object]) -> None:
    assert asked(client, world, world.case("sent"), **wrong) is None


def test_a_result_nobody_comes_for_goes_back_after_its_time_and_comes_again(client: Client, world: World) -> None:
    from tongban.cases.actions import department

    case = world.case("sent")
    with pytest.raises(Refused, match="还不满 90 天"):
        collecting.send_back(world.issuing, case.number, key=key(), reason="电话没人接。")
    CaseItem.objects.filter(case=case).update(state_since=timezone.now() - timedelta(days=91))
    client.force_login(world.issuing)
    assert case.number in client.get("/issuing/list/uncollected/").content.decode()
    client.post(f"/issuing/cases/{case.number}/send-back/", {"reason": "三次电话没人接。", "key": key()})
    assert CaseItem.objects.get(case=case).state == "decided"
    department.send_result(world.department, case.number, key=key())
    assert CaseItem.objects.get(case=case).state == "at_issuing"


def test_three_receipts_of_other_cases_lock_too(world: World) -> None:
    case, other = world.case("sent"), world.case("sent")
    wrong = world.shown(card_number="", receipt=world.receipt(other))
    for _ in range(3):
        release.hand_over(world.issuing, case.number, key=key(), shown=wrong)
    with pytest.raises(Refused, match="锁定"):
        release.hand_over(world.issuing, case.number, key=key(), shown=world.shown())
