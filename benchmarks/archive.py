"""What the archive does: packages made from closed cases, and proved again with nothing but the bytes."""

import io
import time
from dataclasses import replace

from tests.world import World, jpeg

from tongban.archive.models import ArchivePackage
from tongban.archive.pack import one
from tongban.archive.package import verify
from tongban.cases.application import FileGiven
from tongban.vault import store

SMALL, LARGE = 50_000, 5_000_000  # bytes of each of the two files


def _closed(world: World, size: int, count: int, first: int) -> list[ArchivePackage]:
    """Closed cases with two files of ``size`` bytes, each its own, not packed yet."""
    cases = []
    for n in range(first, first + count):
        files = [FileGiven(store.store(jpeg(size, 2 * n + place), "a.jpg"), "a.jpg") for place in range(2)]
        given = world.materials(seed=2 * n)
        materials = tuple(replace(row, files=(file,)) for row, file in zip(given, files, strict=True))
        cases.append(world.case("archived", materials=materials))
    return list(ArchivePackage.objects.filter(case__in=cases))


def archive(world: World) -> list[tuple[str, int, float, float]]:
    """Rows: what, bytes of a package, packages a second, MB (10^6 bytes) a second."""
    rows = []
    for size, count, first in ((SMALL, 60, 900_000), (LARGE, 12, 950_000)):
        waiting = _closed(world, size, count, first)
        start = time.perf_counter()
        made = sum(one(row.pk) for row in waiting)
        spent = time.perf_counter() - start
        assert made == count
        packages = [store.read(row.digest) for row in ArchivePackage.objects.filter(pk__in=[r.pk for r in waiting])]
        total = sum(map(len, packages))
        rows.append(("made, sealed and noted", total // count, count / spent, total / spent / 1e6))
        start = time.perf_counter()
        for data in packages:
            verify(io.BytesIO(data))
        spent = time.perf_counter() - start
        rows.append(("verified", total // count, count / spent, total / spent / 1e6))
    return rows
