"""Files of one and of several sheets, and files made to hurt."""

import io
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.imaging import wear
from tongban.imaging.paper import MOST_DRAWN, paper

pytestmark = pytest.mark.pure
PAGES = [Image.new("RGB", (300, 200 + 10 * at), (240, 10 * at, 0)) for at in range(3)]


def tiff(images: list[Image.Image]) -> bytes:
    held = io.BytesIO()
    first, *others = (image.copy() for image in images)  # a save as JPEG leaves its settings on the image
    first.save(held, "TIFF", save_all=True, append_images=others, dpi=(300, 300))
    return held.getvalue()


@pytest.mark.parametrize("data", [wear.pdf(*PAGES), tiff(PAGES)])
def test_each_sheet_comes_in_its_order(data: bytes) -> None:
    held = paper(data)
    assert held.pages == 3
    sheets = list(held.sheets())
    assert [sheet.fault for sheet in sheets] == [None] * 3
    shown = [sheet.pixels[5, 5].tolist() for sheet in sheets if sheet.pixels is not None]
    assert all(abs(green - 10 * at) < 4 for at, (_, green, _) in enumerate(shown))
    assert len(list(held.sheets(2))) == 2


def test_a_page_is_drawn_as_fine_as_its_picture() -> None:
    sheet = next(paper(wear.pdf(Image.new("RGB", (2480, 3508), "white"), dpi=300)).sheets())
    assert abs(sheet.width - 2480) <= 1
    assert abs(sheet.height - 3508) <= 1
    assert sheet.dpi == pytest.approx((300, 300), rel=0.01)


def test_a_huge_page_is_drawn_within_bounds() -> None:
    wide = wear.pdf(Image.new("RGB", (100, 100)), dpi=1)  # 100 inches wide
    huge = wide.replace(b"/MediaBox", b"/UserUnit 1 /MediaBox")
    sheet = next(paper(huge).sheets())
    assert sheet.width * sheet.height <= MOST_DRAWN


def test_a_picture_in_a_pdf_that_claims_to_be_huge_is_not_drawn() -> None:
    whole = wear.pdf(Image.new("RGB", (300, 200)))
    huge = whole.replace(b"/Width 300", b"/Width 50000").replace(b"/Height 200", b"/Height 50000")
    assert huge != whole
    tracemalloc.start()
    (sheet,) = paper(huge).sheets()
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sheet.fault is not None
    assert sheet.fault.code == "too-large"
    assert peak < 50 * 2**20


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([wear.pdf(*PAGES), tiff(PAGES), wear.encoded(PAGES[0])]), st.data())
def test_nothing_in_a_file_raises(whole: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(whole) - 1))
    put = data.draw(st.binary(max_size=30))
    cut = data.draw(st.booleans())
    held = paper(whole[:at] + put + (b"" if cut else whole[at + len(put) :]))
    for sheet in held.sheets():
        assert (sheet.pixels is None) != (sheet.fault is None)
    assert held.fault is None or held.fault.message


@given(st.binary(max_size=300).map(lambda rest: b"%PDF-1.7\n" + rest))
@settings(deadline=None)
def test_rubbish_that_calls_itself_pdf(data: bytes) -> None:
    assert paper(data).fault is not None
