"""How fast photos are checked, and how right: a table by code on a generated set with a fixed seed.

The set is drawn portraits (tests/imaging/portraits.py) and one real one, `astronaut`, each made worse in one way. It shows
that each measure measures what it says. It cannot show how the checks do on photographs of people of all ages and skins,
from all cameras and in all light; and thresholds were chosen while looking at portraits drawn by the same code.
"""

import resource
import statistics
import time
from collections import Counter
from collections.abc import Iterator

import numpy as np
from tests.imaging.portraits import Drawn, astronaut, draw, jpeg, varied
from tests.imaging.worsen import WORSE

from tongban.procedure.photo import PhotoLimits

SEED = 20261124
GOOD, EACH = 150, 16  # good portraits, and bad ones for each code

# What a fault brings with it rightly, and is not counted as false: a head lower in the picture has its hair farther away.
ALSO = {
    "not-jpeg": {"not-colour"},  # a GIF has a palette
    "no-face": {"background-not-white", "scanned-print"},
    "several-faces": {"background-not-white"},
    "face-too-narrow": {"hair-too-far"},
    "eyes-too-low": {"hair-too-far"},
    "tilted": {"off-centre", "hair-too-far", "hair-too-close"},
    "over-exposed": {"white-clothes"},
    "under-exposed": {"background-not-white"},
    "scanned-print": {"background-not-white", "border", "face-too-narrow", "hair-too-far", "off-centre"},
}


# Limits of bytes a region may set; the qualities that break them.
BYTES = PhotoLimits(least_bytes=14 * 1024, most_bytes=40 * 1024)
QUALITIES = {"too-few-bytes": 15, "too-many-bytes": 100}


def files() -> Iterator[tuple[str, bytes, Drawn | None]]:
    """(the fault it has, or empty; the file; what was drawn, where it is good)."""
    for number in range(GOOD):
        d = varied(SEED + number)
        yield "", jpeg(draw(d), 80 + number % 16), d
    for number in range(10):
        yield "", jpeg(astronaut(face=200 + number, shift=number - 5), 80 + number), None
    for code, worsened in WORSE.items():
        for number in range(EACH):
            rng = np.random.default_rng((SEED, number))
            yield code, worsened(varied(SEED + 1000 + number), rng), None
    for code, quality in QUALITIES.items():
        for number in range(EACH):
            yield code, jpeg(draw(varied(SEED + 1000 + number)), quality), None


def main() -> None:
    """Print speed, memory and the table."""
    from tongban.imaging.photo import check

    found, false, asked, spent = Counter[str](), Counter[str](), Counter[str](), []
    off: dict[str, list[float]] = {"face width": [], "top of the hair": [], "eyes": [], "tilt": []}
    total = clean = 0
    for fault, data, d in files():
        start = time.process_time()
        answer = check(data, BYTES if fault in QUALITIES else None)
        spent.append(time.process_time() - start)
        total += 1
        asked[fault] += 1
        codes = {finding.code for finding in answer.findings}
        found[fault] += fault in codes
        clean += not fault and not codes
        for code in codes - {fault} - ALSO.get(fault, set()):
            false[code] += 1
        m = answer.measurements
        if d and m.face_width and m.hair_top is not None and m.eyes_from_bottom and m.tilt_degrees is not None:
            off["face width"].append(m.face_width - d.face)
            off["top of the hair"].append(m.hair_top - d.hair_top)
            off["eyes"].append(m.eyes_from_bottom - d.eyes)
            off["tilt"].append(m.tilt_degrees - d.tilt)
    middle, slow = statistics.median(spent), float(np.percentile(spent, 95))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"\nPhotos: {total} generated files, seed {SEED}; one thread, file in memory, CPU time")
    print(
        f"median {1000 * middle:.0f} ms, 95 % within {1000 * slow:.0f} ms, {1 / middle:.1f} photos/s, peak {peak:.0f} MB"
    )
    print(f"nothing found on {clean} of {asked['']} good ones")
    print("\n| code | found | falsely, of the others |\n|---|--:|--:|")
    for code in (*WORSE, *QUALITIES):
        print(f"| {code} | {found[code]} of {asked[code]} | {false[code]} of {total - asked[code]} |")
    print("\n| measure, good drawn ones | median off | 95 % within |\n|---|--:|--:|")
    for name, values in off.items():
        print(f"| {name} | {statistics.median(values):+.1f} | {np.percentile(np.abs(values), 95):.1f} |")


if __name__ == "__main__":
    main()
