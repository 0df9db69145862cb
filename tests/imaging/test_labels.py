"""QR codes in a camera's frame: found askew and small, and nothing that comes makes an error."""

import io

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageFilter

from tongban.imaging.labels import MOST_BYTES, codes

pytestmark = pytest.mark.pure


def frame(*texts: str, turn: float = 0, blur: float = 0, size: tuple[int, int] = (800, 600)) -> bytes:
    table = Image.new("L", size, 120)
    for place, text in enumerate(texts):
        out = io.BytesIO()
        segno.make(text, error="m").save(out, kind="png", scale=4, border=4)
        label = Image.open(out).convert("L").rotate(turn, expand=True, fillcolor=120)
        table.paste(label, (40 + 380 * place, 60))
    made = io.BytesIO()
    table.filter(ImageFilter.GaussianBlur(blur)).save(made, "JPEG", quality=80)
    return made.getvalue()


@pytest.mark.parametrize("turn", [0, 17, 45, 90, 180, 263])
@pytest.mark.parametrize("blur", [0, 1.2])
def test_read_whichever_way_it_lies(turn: float, blur: float) -> None:
    text = "https://example.invalid/check/0123456789abcdef0123/"
    assert codes(frame(text, turn=turn, blur=blur)) == (text,)


def test_two_in_one_frame_each_once() -> None:
    assert set(codes(frame("M0123", "B4567"))) == {"M0123", "B4567"}
    assert codes(frame("M0123", "M0123")) == ("M0123",)


def test_nothing_there_too_large_or_no_picture() -> None:
    assert codes(frame()) == ()
    assert codes(frame("M0123", size=(3000, 2000))) == ()
    assert codes(b"\xff\xd8\xff" + bytes(MOST_BYTES)) == ()


@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_whatever_comes(data: bytes, start: bytes) -> None:
    assert codes(start + data) == ()
