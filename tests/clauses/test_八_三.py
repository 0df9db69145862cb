"""非容缺申请材料不齐全或者不符合收件要点要求的，应当当场出具《补正材料告知单》，一次告知申请人需要补正的全部内容。"""

from dataclasses import replace

import pytest
from django.test import Client

from tests.clauses.walk import at_the_window, event, forms, messages, pdf_text
from tests.world import World, key
from tongban.cases.actions.door import Refused
from tongban.cases.actions.supplement import supplement
from tongban.cases.queries import visible_to
from tongban.rules.review import MaterialState


def test_one_notice_names_everything(client: Client, world: World) -> None:
    case = at_the_window(client, world, state_0="missing", defect_1="非白底彩色寸照")
    assert case is not None
    assert (case.state, forms(case), case.outcome_clauses) == ("supplementing", ["supplement_notice"], ["八（三）"])
    text = pdf_text(case)
    for said in ("身份证", "寸照", "非白底彩色寸照", "验原件，留复印件1份", "白底彩色寸照"):
        assert said in text
    assert messages(case)["supplement_asked"]


def test_the_second_visit_pushes_it(world: World) -> None:
    case = world.case(materials=world.materials({0: MaterialState.MISSING}))
    supplement(world.window_clerk, case.number, key=key(), materials=world.materials(seed=9))
    case.refresh_from_db()
    assert case.state == "pushed"


def test_what_could_be_seen_at_the_first_needs_a_reason_and_is_recorded(world: World) -> None:
    case = world.case(materials=world.materials({0: MaterialState.MISSING}))
    again = tuple(
        given if given.verdict.material else replace(given, files=(world.file("new.jpg", 7),))
        for given in world.materials({1: MaterialState.DEFECTIVE})
    )
    again = (again[0], replace(again[1], files=()))
    with pytest.raises(Refused, match="一次告知"):
        supplement(world.window_clerk, case.number, key=key(), materials=again)
    supplement(world.window_clerk, case.number, key=key(), materials=again, late_reason="当时没有看清。")
    clauses, data = event(case, "late_defect")
    assert (clauses, data["reason"]) == (("八（三）",), "当时没有看清。")


def test_no_department_sees_it_before(world: World) -> None:
    case = world.case(materials=world.materials({0: MaterialState.MISSING}))
    assert not visible_to(world.department).filter(pk=case.pk).exists()
