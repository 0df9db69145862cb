"""由对口窗口工作人员代领或担保的（需对口窗口工作人员签字）。"""

from django.test import Client

from tests.clauses.walk import event, pdf_text
from tests.world import World, key
from tongban.cases.actions import release


def test_a_named_member_of_staff_vouches_and_signs(client: Client, world: World) -> None:
    case = world.case(until="sent")
    client.force_login(world.issuing)
    form = {"key": key(), "collector": "样例·李", "message": "none", "voucher": "样例·周"}
    client.post(f"/issuing/cases/{case.number}/hand-over/", form)
    clauses, data = event(case, "handed_over")
    assert (clauses, data["voucher"]) == (("十.2（3）",), "样例·周")
    assert "样例·周" in pdf_text(case)


def test_beside_a_forwarded_message_it_is_recorded(world: World) -> None:
    case = world.case(until="sent")
    shown = world.shown(card_number="", message="forwarded", voucher="样例·周")
    release.hand_over(world.issuing, case.number, key=key(), shown=shown)
    assert "担保" in str(event(case, "handed_over")[1]["warning"])


def test_nobody_named_is_nobody(world: World) -> None:
    case = world.case(until="sent")
    release.hand_over(world.issuing, case.number, key=key(), shown=world.shown(card_number="", voucher="  "))
    assert event(case, "release_refused")[0] == ("十.2", "十.3")
