"""Rates: unrated is nobody's yes, few ratings stay blank, and no blank can be worked out of what is shown."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.rules.rates import Counts, shown

pytestmark = pytest.mark.pure


def counts(name: str, *levels: int, served: int = 100) -> Counts:
    return Counts(name, served, tuple([*levels, 0, 0, 0, 0, 0][:5]))  # type: ignore[arg-type]


def test_the_unrated_are_counted_apart_and_never_as_satisfied() -> None:
    (row,), total = shown([counts("甲", 4, 3, 1, 1, 1, served=50)], 5)
    assert (row.rated, row.unrated, row.satisfied) == (10, 40, 0.8)
    assert total is not None
    assert total.satisfied == 0.8


def test_nobody_rated_is_no_rate_at_all() -> None:
    (row,), total = shown([counts("甲")], 5)
    assert (row.rated, row.unrated, row.satisfied) == (0, 100, None)
    assert total is None


@pytest.mark.parametrize(("rated", "open_"), [(0, True), (1, False), (4, False), (5, True), (6, True)])
def test_the_edge_of_small(rated: int, open_: bool) -> None:
    rows, _ = shown([counts("甲", rated), counts("乙", 9), counts("丙", 9)], 5)
    assert (rows[0].rated is not None) is open_


def test_a_single_blank_takes_the_next_smallest_with_it() -> None:
    rows, total = shown([counts("甲", 2), counts("乙", 9), counts("丙", 30)], 5)
    assert [row.rated for row in rows] == [None, None, 30]
    assert total is not None
    assert total.rated == 41


def test_every_small_table_of_three_windows() -> None:
    """What can be worked out — a total less what is shown — is never the ratings of fewer than ``smallest`` people."""
    for sizes in itertools.product(range(9), repeat=3):
        rows, total = shown([counts(str(n), size) for n, size in enumerate(sizes)], 4)
        left = [size for row, size in zip(rows, sizes, strict=True) if row.rated is None]
        assert all(row.rated is None or row.rated == 0 or row.rated >= 4 for row in rows)
        if total is not None and left:
            assert sum(left) >= 4, sizes
            assert len(left) > 1 or left[0] >= 4, sizes


@given(st.lists(st.tuples(*[st.integers(0, 12)] * 5), max_size=8), st.integers(1, 8))
def test_whatever_the_numbers(levels: list[tuple[int, ...]], smallest: int) -> None:
    windows = [Counts(str(n), sum(row) + 3, row) for n, row in enumerate(levels)]  # type: ignore[arg-type]
    rows, total = shown(windows, smallest)
    assert [row.window for row in rows] == [window.window for window in windows]
    blank = [window.rated for row, window in zip(rows, windows, strict=True) if row.rated is None]
    assert total is None or not blank or sum(blank) >= smallest
    for row in rows:
        assert row.satisfied is None or 0 <= row.satisfied <= 1
