"""Lines of text as rows, and the part of a row as a value: what stands side by side, and where."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tongban.imaging.text import Line

APART = 4.0  # heights of a character: wider gaps part what stands in one row


@dataclass(frozen=True)
class Value:
    """What a field says, how sure it is (0–1), and the lines with the part of each (0–1) in which it stands."""

    text: str
    score: float
    stands: tuple[tuple[Line, float, float], ...] = ()


@dataclass(frozen=True, eq=False)
class Spot:
    """A character, how sure it is (0–1), its line, and where in it (0 left – 1 right)."""

    char: str
    score: float
    line: Line
    at: float

    @property
    def x(self) -> float:
        """Px from the left of the upright view."""
        return self.line.left + self.at * (self.line.right - self.line.left)


@dataclass(eq=False)
class Row:
    """Lines side by side without a wide gap."""

    lines: list[Line]

    @property
    def spots(self) -> list[Spot]:
        """The characters of all its lines; as many as ``text`` has."""
        return [Spot(char.char, char.score, line, char.at) for line in self.lines for char in line.chars]

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(line.text for line in self.lines)

    @property
    def left(self) -> float:
        """Where it begins, px."""
        return self.lines[0].left

    @property
    def middle(self) -> float:
        """Half way down, px."""
        return sum(line.middle for line in self.lines) / len(self.lines)

    @property
    def height(self) -> float:
        """Of its highest line, px."""
        return max(line.height for line in self.lines)


def rows_of(lines: Sequence[Line]) -> list[Row]:
    """``lines`` as rows, from top to bottom; a wide gap parts a row."""
    rows: list[Row] = []
    for line in sorted(lines, key=lambda line: line.left):
        near = [row for row in rows if _goes_on(row.lines[-1], line)]
        if near:
            min(near, key=lambda row: abs(row.lines[-1].middle - line.middle)).lines.append(line)
        else:
            rows.append(Row([line]))
    return sorted(rows, key=lambda row: row.middle)


def _goes_on(last: Line, line: Line) -> bool:
    low = min(last.height, line.height)
    return abs(last.middle - line.middle) < 0.5 * low and line.left - last.right <= APART * low / 1.5


def after(row: Row, label: re.Match[str]) -> list[Spot]:
    """What follows a label in its row."""
    spots = row.spots[label.end() :]
    while spots and spots[0].char in ":：":
        spots = spots[1:]
    return spots


def value_of(spots: Sequence[Spot], text: str | None = None) -> Value | None:
    """The characters ``spots`` up to a wide gap, read as ``text``."""
    kept: list[Spot] = []
    for spot in spots:
        if kept and spot.line is not kept[-1].line and spot.line.left - kept[-1].line.right > 2.5 * spot.line.height:
            break
        kept.append(spot)
    if not kept:
        return None
    stands: dict[int, tuple[Line, float, float]] = {}
    for spot in kept:
        half = 0.6 / max(1, len(spot.line.chars))
        _, low, high = stands.get(id(spot.line), (spot.line, 1.0, 0.0))
        stands[id(spot.line)] = (spot.line, min(low, spot.at - half), max(high, spot.at + half))
    parts = tuple((line, max(0.0, low), min(1.0, high)) for line, low, high in stands.values())
    score = sum(spot.score for spot in kept) / len(kept)
    return Value(text if text is not None else "".join(spot.char for spot in kept), score, parts)


def unbroken(spots: Sequence[Spot]) -> bool:
    """No gap in a line is so wide that characters may be covered there."""
    pairs = [(one, two) for one, two in pairwise(spots) if one.line is two.line]
    return all(two.x - one.x < 3 * one.line.height / 1.5 for one, two in pairs)
