"""What reads files of strangers, fed with damaged ones in a process of its own: ``python -m tests.faults.fuzz TARGET EXAMPLES``.

The process may take ``MEMORY`` more bytes of address space than it has once everything is loaded, and each file ``LONGEST`` seconds:
what takes more dies and is seen. Whatever is raised but the target's declared refusal ends it with a traceback and the file.
"""

import io
import random
import resource
import signal
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.imaging import cards
from tests.pictures import page, portrait
from tests.procedure.make import OFFICIAL, build, saved

LONGEST = 5  # seconds of work for one file
PATIENCE = 20  # seconds of the clock, on a machine that does other work as well
MEMORY = 2 * 2**30

Target = Callable[[bytes], object]


def _document(name: str) -> tuple[Target, type[Exception]]:
    from tongban.procedure.document import Unreadable
    from tongban.procedure.files import read_bytes

    return lambda data: read_bytes(data, name), Unreadable


def _window_list(name: str) -> tuple[Target, type[Exception]]:
    from tongban.people.city import Malformed, read_windows

    return lambda data: read_windows(data, name), Malformed


def _notice(name: str) -> tuple[Target, type[Exception]]:
    from tongban.rules.notices import Malformed, read

    return lambda data: read(data, name), Malformed


class Nothing(Exception):
    """What the image checks raise: they answer with findings, whatever they are given."""


def _photo() -> tuple[Target, type[Exception]]:
    from tongban.imaging.photo import check
    from tongban.procedure.photo import PhotoLimits

    return lambda data: check(data, PhotoLimits()).json(), Nothing


def _scan() -> tuple[Target, type[Exception]]:
    from tongban.imaging.scan import check

    return lambda data: check(data).json(), Nothing


def _idcard() -> tuple[Target, type[Exception]]:
    from tongban.imaging.idcard import read

    return lambda data: read(data, None, date(2026, 11, 24)).json(), Nothing


def _sheet() -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in (
        ("承办地", "乡镇（街道、园区）", "窗口名称", "地址", "电话"),
        ("南县", "示例镇", "示例镇窗口", "示例路", "0737-0000000"),
    ):
        sheet.append(row)
    book.save(out)
    return out.getvalue()


def _card() -> bytes:
    chance, out = random.Random(1), io.BytesIO()
    cards.front(cards.person(chance), chance).convert("RGB").save(out, "JPEG", quality=90, dpi=(300, 300))
    return out.getvalue()


def _loose(packed: bytes) -> bytes:
    """The same archive unpacked: damage then meets the XML, not the compression."""
    source, out = zipfile.ZipFile(io.BytesIO(packed)), io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as loose:
        for name in source.namelist():
            loose.writestr(name, source.read(name))
    return out.getvalue()


TARGETS: dict[str, tuple[Callable[[], tuple[Target, type[Exception]]], Callable[[], list[bytes]]]] = {
    "docx": (lambda: _document("a.docx"), lambda: [saved(build()), _loose(saved(build()))]),
    "doc": (lambda: _document("a.doc"), lambda: [(Path("tests/procedure/fixtures/official.doc")).read_bytes()]),
    "txt": (lambda: _document("a.txt"), lambda: [OFFICIAL.read_bytes()]),
    "yaml": (
        lambda: _document("a.yaml"),
        lambda: [b"name: a\nitems:\n- {code: '1', name: b}\n", b"a: &a [*a]", b"[" * 50],
    ),
    "xlsx": (lambda: _window_list("a.xlsx"), lambda: [_sheet(), _loose(_sheet())]),
    "csv": (lambda: _window_list("a.csv"), lambda: ["承办地,乡镇（街道、园区）,窗口名称\n南县,示例镇,窗口\n".encode()]),
    "notice": (lambda: _notice("a.yaml"), lambda: [b"year: 2027\ntitle: a\noff: []\nwork: []\n"]),
    "photo": (_photo, lambda: [portrait()]),
    "scan": (_scan, lambda: [page()]),
    "idcard": (_idcard, lambda: [_card()]),
}


def damaged(samples: list[bytes]) -> st.SearchStrategy[bytes]:
    """A sample with some bytes put in, taken out or written over, and maybe an end cut off; or anything at all."""

    def apply(sample: bytes, cuts: list[tuple[float, int, bytes]], keep: float) -> bytes:
        body = bytearray(sample)
        for where, length, put in cuts:
            at = int(where * len(body))
            body[at : at + length] = put
        return bytes(body[: int(keep * len(body))])

    places = st.floats(0, 1, exclude_max=True)
    cuts = st.lists(st.tuples(places, st.integers(0, 40), st.binary(max_size=20)), max_size=12)
    keep = st.one_of(st.just(1.0), st.floats(0, 1))
    return st.one_of(st.builds(apply, st.sampled_from(samples), cuts, keep), st.binary(max_size=400))


def _too_long(*_: Any) -> None:
    raise TimeoutError(f"more than {LONGEST} s of work, or {PATIENCE} s in all")


def main(name: str, examples: int) -> None:
    """Feed ``examples`` files to a target; prints how many and the most memory the process held."""
    from tongban.ready import django_ready

    django_ready()
    opened, samples = TARGETS[name]
    target, refusal = opened()
    good = samples()
    for sample in good:  # everything is loaded before the limit is set
        try:
            target(sample)
        except refusal:
            assert name in ("yaml", "notice"), f"{name}: a good sample is refused"
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    most = pages * resource.getpagesize() + MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    signal.signal(signal.SIGALRM, _too_long)
    signal.signal(signal.SIGPROF, _too_long)
    fed = 0

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(damaged(good))
    def feed(data: bytes) -> None:
        nonlocal fed
        fed += 1
        said = "read"
        signal.alarm(PATIENCE)
        signal.setitimer(signal.ITIMER_PROF, LONGEST)
        try:
            target(data)
        except refusal as error:
            said = str(error)
        finally:
            signal.alarm(0)
            signal.setitimer(signal.ITIMER_PROF, 0)
        assert said, "a refusal without a word"
        assert "\n" not in said, said

    feed()
    print(name, fed, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
