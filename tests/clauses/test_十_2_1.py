"""同时提供了申请人或原代办人的身份证、收文清单的（二者满足其一即可）。"""

from typing import Any

import pytest

from tests.clauses.walk import event
from tests.official import official
from tests.world import ADULT, ANOTHER, World, build, key
from tongban.cases.actions import release
from tongban.cases.application import Person
from tongban.procedure.model import Policy

AGENT = Person("样例·李", ANOTHER, "13900000000")


def handed(world: World, shown: dict[str, Any], **application: Any) -> tuple[str, tuple[str, ...]]:
    case = world.case(until="sent", **application)
    if shown.get("receipt"):
        shown = shown | {"receipt": world.receipt(case)}
    case = release.hand_over(world.issuing, case.number, key=key(), shown=world.shown(**({"card_number": ""} | shown)))
    newest = case.events.latest("sequence")
    return newest.kind, tuple(newest.clauses)


@pytest.mark.parametrize("shown", [{"card_number": ADULT}, {"receipt": True}, {"card_number": ADULT, "receipt": True}])
def test_card_or_list_or_both(world: World, shown: dict[str, Any]) -> None:
    assert handed(world, shown) == ("handed_over", ("十.2（1）",))


def test_the_original_agents_card(world: World) -> None:
    assert handed(world, {"card_number": ANOTHER}, agent=AGENT) == ("handed_over", ("十.2（1）",))


def test_a_strangers_card_is_no_card(world: World) -> None:
    assert handed(world, {"card_number": ANOTHER})[0] == "release_refused"


def test_the_list_alone_is_warned_of_and_recorded(world: World) -> None:
    case = world.case(until="sent")
    shown = world.shown(card_number="", receipt=world.receipt(case))
    release.hand_over(world.issuing, case.number, key=key(), shown=shown)
    assert "没有核对身份证" in str(event(case, "handed_over")[1]["warning"])


def test_the_list_of_another_case_is_no_list_of_this_one(world: World) -> None:
    case, other = world.case(until="sent"), world.case(until="sent")
    shown = world.shown(card_number="", receipt=world.receipt(other))
    release.hand_over(world.issuing, case.number, key=key(), shown=shown)
    assert "不是这个办件的" in str(event(case, "release_refused")[1]["reason"])


def test_a_city_may_read_it_strictly(db: None) -> None:
    policy = Policy(release_documents="both")
    world = build(official().model_copy(update={"policy": policy}))
    assert handed(world, {"receipt": True})[0] == "release_refused"
    assert handed(world, {"receipt": True, "card_number": ADULT})[0] == "handed_over"
