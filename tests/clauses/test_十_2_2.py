"""虽未能完整提供第（1）条所涉证明的，但领取人能提供领证短信（注意不能是转发信息），并能写出申办时提供的身份证号和手机号码的。"""

import pytest

from tests.clauses.walk import event, messages
from tests.world import ADULT, ANOTHER, World, key
from tongban.cases.actions import release
from tongban.cases.actions.door import NotFound, Refused

RIGHT = {"card_number": "", "message": "original", "written_id": ADULT, "written_phone": "13800000000"}


def shown(world: World, number: str, **changes: str) -> str:
    case = release.hand_over(world.issuing, number, key=key(), shown=world.shown(**(RIGHT | changes)))
    return case.events.latest("sequence").kind


def test_original_message_and_both_numbers(world: World) -> None:
    case = world.case(until="sent")
    assert shown(world, case.number) == "handed_over"
    assert event(case, "handed_over")[0] == ("十.2（2）",)


@pytest.mark.parametrize(
    "wrong",
    [{"message": "forwarded"}, {"message": "none"}, {"written_id": ANOTHER}, {"written_phone": "13900000000"},
     {"written_id": ""}, {"written_phone": ""}],
)  # fmt: skip
def test_any_part_wrong_is_refused(world: World, wrong: dict[str, str]) -> None:
    assert shown(world, world.case(until="sent").number, **wrong) == "release_refused"


def test_three_wrong_tries_lock_it_for_a_supervisor(world: World) -> None:
    case = world.case(until="sent")
    for _ in range(3):
        assert shown(world, case.number, written_phone="13900000000") == "release_refused"
    with pytest.raises(Refused, match="锁定"):
        shown(world, case.number)
    with pytest.raises(NotFound):
        release.unlock_release(world.issuing, case.number, key=key(), reason="自己解锁")
    release.unlock_release(world.oversight, case.number, key=key(), reason="已电话核实。")
    assert shown(world, case.number) == "handed_over"


def test_the_message_says_that_forwarding_is_no_use(world: World) -> None:
    assert "转发无效" in messages(world.case(until="sent"))["result_ready"]
