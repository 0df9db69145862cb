"""What a page of a desk costs with few cases and with many: the many are all open, of one unit and one hall, which is the worst."""

import statistics
import time

from tests.world import World

from benchmarks.visitor import Inside, Visitor
from tongban.people.demo import PASSWORD

PAGES = (
    ("window_clerk", "/window/"),
    ("department", "/department/accepted/"),
    ("issuing", "/issuing/"),
    ("post", "/post/results/"),
    ("archive", "/archive/"),
    ("oversight", "/oversight/"),
)
TIMES = 7


def measure(world: World) -> list[float]:
    """Milliseconds of each page of :data:`PAGES`, the median of some."""
    spent = []
    for who, path in PAGES:
        visitor = Visitor(Inside(), world.people[who].username, PASSWORD)
        each = []
        for _ in range(TIMES):
            start = time.perf_counter()
            visitor.get(path)
            each.append(1000 * (time.perf_counter() - start))
        spent.append(statistics.median(each))
    return spent


def lines(few: list[float], many: list[float], cases: tuple[int, int]) -> list[str]:
    """A table of both and their ratio; ``cases`` are how many there were."""
    head = f"| page | ms with {cases[0]} cases | ms with {cases[1]} | many ÷ few |"
    rows = zip(PAGES, few, many, strict=True)
    return [head, "|---|--:|--:|--:|", *(f"| {path} | {a:.0f} | {b:.0f} | {b / a:.1f} |" for (_, path), a, b in rows)]
