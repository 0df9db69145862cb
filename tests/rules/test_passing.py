"""Whom an item may be passed to, and until when a decision may be corrected: every case there is."""

import itertools

import pytest

from tests.official import official
from tongban.procedure.model import Item
from tongban.rules.passing import Where, correct, item_of, pass_to_unit

pytestmark = pytest.mark.pure
PROCEDURE = official()


@pytest.mark.parametrize(
    ("department", "registered", "same_region", "closed"),
    list(itertools.product([None, "人社局", "税务局"], [True, False], [True, False], [True, False])),
)
def test_an_item_goes_only_where_text_register_and_region_agree(
    department: str | None, registered: bool, same_region: bool, closed: bool
) -> None:
    item = Item(name="示例事项", code="000100001001", department=department)
    decides = ["000100001001"] if registered else ["000100001002"]
    answer = pass_to_unit(PROCEDURE, item, unit="示例县人社局", decides=decides, same_region=same_region, closed=closed)
    allowed = registered and same_region and not closed and department != "税务局"
    assert answer.allowed == allowed
    assert bool(answer.reason) != allowed, "why not is said, and only then"
    assert answer.clauses == ("三", "七")


def test_an_item_the_procedure_does_not_know_goes_nowhere() -> None:
    assert not pass_to_unit(PROCEDURE, None, unit="局", decides=[], same_region=True, closed=False).allowed


def test_the_item_of_a_case_is_found_by_its_code_or_its_name() -> None:
    for item in PROCEDURE.items:
        assert item_of(PROCEDURE, item.code or "", item.name) == item
    assert item_of(PROCEDURE, "x", "y") is None


@pytest.mark.parametrize("where", [None, *Where])
def test_a_decision_is_corrected_until_the_result_leaves_the_hall(where: Where | None) -> None:
    answer = correct(PROCEDURE, where)
    assert answer.allowed == (where in (Where.DEPARTMENT, Where.ISSUING))
    assert bool(answer.reason) != answer.allowed
    assert answer.clauses
