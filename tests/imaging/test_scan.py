"""Each fault of a scan is found by its number, and a good scan has none; many become one PDF/A."""

import io
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from tests.imaging import scans, wear
from tongban import cli
from tongban.imaging.pages import NotBound, bind, upright
from tongban.imaging.paper import paper
from tongban.imaging.scan import check
from tongban.imaging.text import layout_of

pytestmark = pytest.mark.pure
GRAIN = np.random.default_rng(5)
PAGE = scans.page(random.Random(5))
MADE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def scanned(image: Image.Image, dpi: int | None = 200) -> bytes:
    return wear.encoded(image, "JPEG", quality=85, **({"dpi": (dpi, dpi)} if dpi else {}))


def codes(data: bytes) -> list[str]:
    return [finding.code for finding in check(data).findings]


WORN: list[tuple[str, Callable[[], bytes], list[str]]] = [
    ("good", lambda: scanned(PAGE), []),
    ("good, resolution not stated", lambda: scanned(PAGE, None), []),
    ("grainy", lambda: scanned(wear.noise(PAGE, GRAIN, 12)), []),
    ("a little askew", lambda: scanned(PAGE.rotate(2, fillcolor="white")), []),
    ("a little shadow", lambda: scanned(wear.shadow(PAGE, np.random.default_rng(1), 0.3)), []),
    ("photographed", lambda: scanned(wear.on_table(PAGE, GRAIN, 3, 0.2), None), []),
    ("upside down", lambda: scanned(PAGE.rotate(180)), ["upside-down"]),
    ("on its side", lambda: scanned(PAGE.rotate(90, expand=True)), ["upside-down"]),
    ("blurred", lambda: scanned(wear.blurred(PAGE, 0.3, 200 / 25.4)), ["blurred"]),
    ("empty", lambda: scanned(scans.blank()), ["blank-page"]),
    ("empty, grainy", lambda: scanned(wear.noise(scans.blank(), GRAIN, 8)), ["blank-page"]),
    ("cut left", lambda: scanned(wear.cropped(PAGE, "left", 0.16)), ["cut-edges"]),
    ("cut right", lambda: scanned(wear.cropped(PAGE, "right", 0.4)), ["cut-edges"]),
    ("shadow", lambda: scanned(wear.shadow(PAGE, np.random.default_rng(1), 0.65)), ["shadow"]),
    ("coarse", lambda: scanned(PAGE.resize((827, 1169)), 100), ["low-resolution"]),
    ("coarse, not stated", lambda: scanned(PAGE.resize((700, 989)), None), ["low-resolution"]),
]


@pytest.mark.parametrize(("data", "wanted"), [worn[1:] for worn in WORN], ids=[worn[0] for worn in WORN])
def test_a_fault_is_found_and_no_other(data: Callable[[], bytes], wanted: list[str]) -> None:
    assert codes(data()) == wanted


def test_a_file_of_empty_pages_cannot_be_used_one_among_others_is_named() -> None:
    assert not check(scanned(scans.blank())).accepted
    found = check(wear.pdf(PAGE, scans.blank(), dpi=200))
    assert found.accepted
    assert found.pages == 2
    assert [(one["page"], one["code"]) for one in found.json()["findings"]] == [(2, "blank-page")]


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7\n", scanned(PAGE)[:5000]])
def test_what_cannot_be_opened_says_why(data: bytes) -> None:
    found = check(data)
    assert not found.accepted
    assert found.findings[0].message


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "材料.jpg").write_bytes(scanned(PAGE.rotate(180)))
    words = ["scan", "check", str(tmp_path / "材料.jpg"), "--json"]
    args = cli.parser(words).parse_args(words)
    assert args.run(args) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["pages"], said["measurements"][0]["turned"]) == (1, 180)
    words = ["scan", "check", str(tmp_path / "没有.jpg")]
    args = cli.parser(words).parse_args(words)
    assert args.run(args) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_scans_become_one_pdf_a_each_page_upright_and_level() -> None:
    seen: list[tuple[int, int]] = []
    files = [
        wear.pdf(PAGE.rotate(180), scans.blank(), dpi=200),
        scanned(PAGE.rotate(270, expand=True)),
        scanned(wear.on_table(PAGE, GRAIN, 4, 0.2), None),
    ]
    bound = bind(files, MADE, lambda done, of: seen.append((done, of)))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
    pdf = PdfReader(io.BytesIO(bound.pdf))
    assert bound.pages == len(pdf.pages) == 4
    assert "<pdfaid:part>2</pdfaid:part>" in pdf.trailer["/Root"]["/Metadata"].get_data().decode()
    for page in pdf.pages:  # A4 upright, whatever lay around it
        assert float(page.mediabox.width) == pytest.approx(595, rel=0.03)
        assert float(page.mediabox.height) == pytest.approx(842, rel=0.03)
    for at, sheet in enumerate(paper(bound.pdf).sheets()):
        assert sheet.pixels is not None
        layout = layout_of(sheet.pixels)
        assert (layout.quarter, abs(layout.tilt) < 0.5) == ((None if at == 1 else 0), True)


def test_a_page_that_is_right_stays_as_large_as_it_is() -> None:
    pixels = np.asarray(PAGE)
    assert upright(pixels).shape == pixels.shape


def test_what_cannot_be_bound_says_which_file() -> None:
    with pytest.raises(NotBound, match="第 2 个文件"):
        bind([scanned(PAGE), b"hello"], MADE)
    with pytest.raises(NotBound, match="没有选择"):
        bind([], MADE)


SMALL = scanned(PAGE.resize((160, 226)))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, len(SMALL) - 1), st.binary(min_size=1, max_size=30), st.booleans())
def test_nothing_in_a_file_raises(at: int, put: bytes, cut: bool) -> None:
    data = SMALL[:at] + put + (b"" if cut else SMALL[at + len(put) :])
    assert isinstance(codes(data), list)
