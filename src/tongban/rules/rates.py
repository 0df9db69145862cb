"""What may be said of satisfaction at a place: unrated never counts as satisfied, few ratings are not shown."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Counts:
    """Of one window: cases served, and ratings at each level from 1 (非常满意) to 5 (非常不满意). Malicious ones left out."""

    window: str
    served: int
    levels: tuple[int, int, int, int, int]

    @property
    def rated(self) -> int:
        """How many rated."""
        return sum(self.levels)


@dataclass(frozen=True)
class Rate:
    """What is shown of a window. ``levels`` and ``satisfied`` are None where too few rated."""

    window: str
    served: int
    rated: int | None
    levels: tuple[int, ...] | None
    satisfied: float | None  # of those who rated, levels 1 to 3; 0 to 1

    @property
    def unrated(self) -> int | None:
        """Who said nothing: neither satisfied nor dissatisfied."""
        return None if self.rated is None else self.served - self.rated


def shown(windows: Iterable[Counts], smallest: int) -> tuple[list[Rate], Rate | None]:
    """Each window's rate and the one of all together, with nothing to be worked out of what is left blank.

    A window with 1 to ``smallest`` - 1 ratings is blank. Where the blank ones together have fewer than ``smallest``, or there is
    only one of them, the window with the fewest ratings that are shown is blanked too, so that the total gives none away. The
    total itself is None when even it is too small. No ratings at all is no secret.
    """
    rows = list(windows)
    blank = {row.window for row in rows if 0 < row.rated < smallest}
    open_rows = sorted((row for row in rows if row.rated >= smallest), key=lambda row: row.rated)
    if len(blank) == 1 or (blank and sum(row.rated for row in rows if row.window in blank) < smallest):
        blank |= {row.window for row in open_rows[:1]}
    n1, n2, n3, n4, n5 = (sum(row.levels[level] for row in rows) for level in range(5))
    everything = Counts("", sum(row.served for row in rows), (n1, n2, n3, n4, n5))
    hidden = [row for row in rows if row.window in blank]
    total_shown = everything.rated >= smallest and (not hidden or sum(r.rated for r in hidden) >= smallest)
    return [_rate(row, row.window not in blank) for row in rows], _rate(everything, True) if total_shown else None


def _rate(row: Counts, open_: bool) -> Rate:
    if not open_:
        return Rate(row.window, row.served, None, None, None)
    satisfied = sum(row.levels[:3]) / row.rated if row.rated else None
    return Rate(row.window, row.served, row.rated, row.levels, satisfied)
