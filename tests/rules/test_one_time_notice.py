"""一次告知: over every pair of notices on three materials."""

from itertools import product

import pytest

from tests.official import official
from tongban.rules.one_time_notice import check
from tongban.rules.review import Defect, MaterialState

pytestmark = pytest.mark.pure
SETS = [frozenset(p for p in range(3) if bits >> p & 1) for bits in range(8)]


def defects(places: frozenset[int]) -> list[Defect]:
    return [Defect(p, f"材料{p}", MaterialState.DEFECTIVE, ("问题",), "要求", False) for p in sorted(places)]


def test_every_pair_of_notices() -> None:
    for first, now, came in product(SETS, SETS, SETS):
        found = check(official(), defects(first), defects(now), newly_visible=came)
        late = now - first - came
        assert found.allowed == (not late)
        assert {defect.material for defect in found.new_defects} == late
        assert {defect.material for defect in found.repeated_from_first} == now & first
        assert found.clauses == ("八（三）",)
        assert bool(found.message) == bool(late)
        assert all(f"材料{place}" in found.message for place in late)
