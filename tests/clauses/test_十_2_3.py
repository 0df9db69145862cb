"""由对口窗口工作人员代领或担保的（需对口窗口工作人员签字）。"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.clauses.walk import event, pdf_text
from tests.world import World, jpeg, key
from tongban.cases.actions import collecting, release
from tongban.cases.actions.door import Conflict, NotFound
from tongban.cases.models import Event

NOTHING = {"card_number": ""}


def test_a_named_member_of_staff_signs_and_the_paper_is_scanned(client: Client, world: World) -> None:
    case = world.case(until="sent")
    client.force_login(world.issuing)
    form = {"key": key(), "collector": "样例·李", "message": "none", "voucher": "样例·周"}
    answer = client.post(f"/issuing/cases/{case.number}/hand-over/", form)
    assert answer.status_code == 422  # a name without a signature is nothing
    scan = SimpleUploadedFile("担保.jpg", jpeg(seed=3))
    client.post(f"/issuing/cases/{case.number}/hand-over/", form | {"voucher_scan": scan, "key": key()})
    clauses, data = event(case, "handed_over")
    assert (clauses, data["voucher"], len(str(data["voucher_scan"]))) == (("十.2（3）",), "样例·周", 64)
    assert "样例·周" in pdf_text(case)


@pytest.mark.parametrize("role", ["window_clerk", "department"])
def test_or_vouches_under_their_own_log_in(client: Client, world: World, role: str) -> None:
    case, colleague = world.case(until="sent"), world.people[role]
    client.force_login(colleague)
    assert "担保领取" in client.get(f"/cases/{case.number}/").content.decode()
    client.post(f"/cases/{case.number}/vouch/", {"collector": "样例·李", "key": key()})
    client.force_login(world.issuing)
    assert colleague.name in client.get(f"/issuing/cases/{case.number}/").content.decode()
    client.post(f"/issuing/cases/{case.number}/hand-over/", {"key": key(), "collector": "样例·李", "message": "none"})
    clauses, data = event(case, "handed_over")
    assert (clauses, data["voucher"]) == (("十.2（3）",), colleague.name)


def test_the_issuing_desk_cannot_vouch_to_itself(world: World) -> None:
    case = world.case(until="sent")
    for staff in (world.issuing, world.post, world.oversight):
        with pytest.raises(NotFound):
            collecting.vouch(staff, case.number, key=key(), collector="样例·李")
    with pytest.raises(Conflict, match="没有待领取"):
        collecting.vouch(world.department, world.case("decided").number, key=key(), collector="样例·李")


def test_a_word_is_used_up_and_grows_old(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case = world.case(until="sent")
    collecting.vouch(world.department, case.number, key=key(), collector="样例·李")
    word = Event.objects.get(case=case, kind="vouched")
    assert release.vouched_for(case) == word
    monkeypatch.setattr(release, "VOUCHED_FOR", release.VOUCHED_FOR * 0)
    assert release.vouched_for(case) is None
    monkeypatch.undo()
    release.hand_over(world.issuing, case.number, key=key(), shown=world.shown(**NOTHING))
    assert release.vouched_for(case) is None


def test_beside_a_forwarded_message_it_is_recorded(world: World) -> None:
    case = world.case(until="sent")
    shown = world.shown(**NOTHING, message="forwarded", voucher="样例·周", voucher_scan="0" * 64)
    release.hand_over(world.issuing, case.number, key=key(), shown=shown)
    assert "担保" in str(event(case, "handed_over")[1]["warning"])


def test_nobody_named_is_nobody(world: World) -> None:
    case = world.case(until="sent")
    release.hand_over(world.issuing, case.number, key=key(), shown=world.shown(**NOTHING, voucher="  "))
    assert event(case, "release_refused")[0] == ("十.2", "十.3")
