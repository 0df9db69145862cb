"""可现场发放证照的情形。"""

import pytest
from django.test import Client

from tests.clauses.walk import forms, in_force, page, pdf_text
from tests.world import ADULT, World, key
from tongban.cases.actions import release
from tongban.cases.actions.door import Conflict


def test_the_screen_shows_the_three_ways_in_the_texts_order(client: Client, world: World) -> None:
    case = world.case(until="sent")
    html = page(client, world.issuing, f"/issuing/cases/{case.number}/")
    places = [html.index(f"<h2><span>{title}") for title in ("身份证、收文清单", "领证短信", "对口窗口工作人员")]
    assert places == sorted(places)
    assert "十.2" in in_force(html)


def test_a_hand_over_is_done_once(world: World) -> None:
    case = world.case(until="sent")
    release.hand_over(world.issuing, case.number, key=key(), shown=world.shown())
    with pytest.raises(Conflict):
        release.hand_over(world.issuing, case.number, key=key(), shown=world.shown())


def test_the_receipt_to_be_signed_is_printed(client: Client, world: World) -> None:
    case = world.case(until="sent")
    client.force_login(world.issuing)
    client.post(
        f"/issuing/cases/{case.number}/hand-over/",
        {"key": key(), "collector": "样例·张㛃", "card_number": ADULT, "message": "none"},
    )
    assert forms(case) == ["release_receipt"]
    assert ADULT not in pdf_text(case)
