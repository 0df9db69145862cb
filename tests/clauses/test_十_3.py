"""不能现场发放证照的情形：既不能提供身份证、收文清单，且领证短信属于转发的。"""

from django.test import Client

from tests.clauses.walk import event, item, page
from tests.world import World, key
from tongban.cases.actions import release


def test_neither_and_a_forwarded_message_is_refused(client: Client, world: World) -> None:
    case = world.case(until="sent")
    release.hand_over(world.issuing, case.number, key=key(), shown=world.shown(card_number="", message="forwarded"))
    clauses, data = event(case, "release_refused")
    assert clauses == ("十.3",)
    assert "转发" in str(data["reason"])
    case.refresh_from_db()
    assert (case.state, item(case).state) == ("delivering", "at_issuing")
    html = page(client, world.issuing, f"/issuing/cases/{case.number}/")
    assert "不能现场发放" in html


def test_nothing_shown_and_nobody_vouching_is_refused_too(world: World) -> None:
    case = world.case(until="sent")
    release.hand_over(world.issuing, case.number, key=key(), shown=world.shown(card_number=""))
    assert event(case, "release_refused")[0] == ("十.2", "十.3")


def test_with_the_card_a_forwarded_message_does_not_matter(world: World) -> None:
    case = world.case(until="sent")
    release.hand_over(world.issuing, case.number, key=key(), shown=world.shown(message="forwarded"))
    assert event(case, "handed_over")[0] == ("十.2（1）",)
