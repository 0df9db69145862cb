"""The review over its whole input space, against an oracle written from clause 八（一）–（五） and nothing else."""

from itertools import product

import pytest

from tests.official import official
from tongban.procedure.model import Item, Material, Procedure
from tongban.rules.review import MaterialState, MaterialVerdict, Outcome, Review, asked, review

pytestmark = pytest.mark.pure
S = MaterialState
STATES = list(MaterialState)


def procedure(tolerable: tuple[bool, ...]) -> Procedure:
    """The official clauses over materials of our own."""
    materials = tuple(
        Material(name=f"材料{place}", requirement=f"要求{place}", tolerable=may) for place, may in enumerate(tolerable)
    )
    return official().model_copy(update={"materials": materials})


def expected(
    states: tuple[S, ...], tolerable: tuple[bool, ...], wants: frozenset[int], in_scope: bool
) -> tuple[Outcome, tuple[str, ...]]:
    """What the text says, branch by branch in its order."""
    if not in_scope:
        return Outcome.DECLINE, ("八（一）",)
    if S.CORRECTABLE in states:
        return Outcome.CORRECT_NOW, ("八（二）",)
    lacking = {place for place, state in enumerate(states) if state is not S.CONFORMS}
    if any(not (tolerable[place] and place in wants) for place in lacking):
        return Outcome.SUPPLEMENT, ("八（三）",)
    if lacking:
        return Outcome.TOLERANCE, ("八（四）", "八（五）")
    return Outcome.CONFORM, ("八（五）",)


def all_inputs(size: int) -> list[tuple[tuple[S, ...], tuple[bool, ...], frozenset[int], bool]]:
    wants = [frozenset(p for p in range(size) if bits >> p & 1) for bits in range(2**size)]
    return list(product(product(STATES, repeat=size), product((True, False), repeat=size), wants, (True, False)))


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_every_input(size: int) -> None:
    for states, tolerable, wants, in_scope in all_inputs(size):
        verdicts = [
            MaterialVerdict(place, state, () if state is S.CONFORMS else (f"问题{place}",))
            for place, state in enumerate(states)
        ]
        found = review(procedure(tolerable), verdicts, in_scope=in_scope, wants_tolerance=wants)
        case = (states, tolerable, wants, in_scope)
        assert (found.outcome, found.clauses) == expected(states, tolerable, wants, in_scope), case
        if in_scope:
            lacking = [place for place, state in enumerate(states) if state is not S.CONFORMS]
            assert [defect.material for defect in found.defects] == lacking, case
            assert all(defect.requirement == f"要求{defect.material}" for defect in found.defects), case
            if found.outcome is Outcome.TOLERANCE:
                assert list(found.tolerated) == lacking, case
            elif found.outcome is Outcome.CONFORM:
                assert found.tolerated == (), case
        assert found.message.endswith("。"), case
        assert review(procedure(tolerable), verdicts[::-1], in_scope=in_scope, wants_tolerance=wants) == found, case


def test_every_outcome_is_reached() -> None:
    outcomes = {expected(*given)[0] for given in all_inputs(2)}
    assert outcomes == set(Outcome)


def test_the_official_package_knows_no_tolerance() -> None:
    places = range(len(official().materials))
    for states in product(STATES, repeat=len(places)):
        verdicts = [MaterialVerdict(place, state) for place, state in enumerate(states)]
        found = review(official(), verdicts, in_scope=True, wants_tolerance=frozenset(places))
        assert found.outcome is not Outcome.TOLERANCE
        assert found.tolerated == ()


@pytest.mark.parametrize("places", [(), (0,), (0, 0, 1), (0, 1, 2), (1, 0, 0)])
def test_each_asked_material_needs_one_verdict(places: tuple[int, ...]) -> None:
    verdicts = [MaterialVerdict(place, S.CONFORMS) for place in places]
    with pytest.raises(ValueError, match="每一份应交材料"):
        review(procedure((False, False)), verdicts, in_scope=True, wants_tolerance=frozenset())


@pytest.mark.parametrize(
    ("items", "places"), [(frozenset({"A"}), (0, 1)), (frozenset({"B"}), (0, 2)), (frozenset({"A", "B"}), (0, 1, 2))]
)
def test_materials_tied_to_items_are_asked_for_those(items: frozenset[str], places: tuple[int, ...]) -> None:
    own = Procedure(
        name="样例",
        items=(Item(name="甲", code="A"), Item(name="乙", code="B")),
        materials=(
            Material(name="都要"),
            Material(name="只甲", applies_to=("A",)),
            Material(name="只乙", applies_to=("B",)),
        ),
    )
    assert tuple(asked(own, items)) == places
    verdicts = [MaterialVerdict(place, S.CONFORMS) for place in places]
    found: Review = review(own, verdicts, in_scope=True, wants_tolerance=frozenset(), items=items)
    assert found.outcome is Outcome.CONFORM
