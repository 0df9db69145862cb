"""Whatever the bytes are, a picture or a finding comes back, and memory stays bounded."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tongban.imaging.decode import MOST_BYTES, UPRIGHT, decode, format_of

pytestmark = pytest.mark.pure


def encoded(image: Image.Image, name: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


def noise(mode: str = "RGB", size: tuple[int, int] = (60, 80)) -> Image.Image:
    bands = {"RGB": 3, "L": 1, "CMYK": 4, "RGBA": 4, "LA": 2}[mode]
    values = np.random.default_rng(1).integers(0, 255, (size[1], size[0], bands), dtype=np.uint8)
    return Image.fromarray(values.squeeze(), mode)


def png_header(width: int, height: int, body: bytes = b"") -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.parametrize("name", ["JPEG", "PNG", "TIFF", "BMP", "GIF", "WEBP"])
def test_known_formats_are_opened(name: str) -> None:
    picture = decode(encoded(noise(), name))
    assert (picture.format, picture.width, picture.height, picture.fault) == (name, 60, 80, None)
    assert picture.pixels is not None
    assert picture.pixels.shape == (80, 60, 3)


@pytest.mark.parametrize(
    ("mode", "name", "told"),
    [("L", "JPEG", "grey"), ("CMYK", "JPEG", "cmyk"), ("RGBA", "PNG", "alpha"), ("LA", "PNG", "grey")],
)
def test_the_kind_of_colour_is_told(mode: str, name: str, told: str) -> None:
    picture = decode(encoded(noise(mode), name))
    assert picture.mode == told
    assert picture.pixels is not None
    assert picture.pixels.shape == (80, 60, 3)


def test_what_is_transparent_lies_on_white() -> None:
    clear = Image.new("RGBA", (4, 4), (10, 20, 30, 0))
    pixels = decode(encoded(clear, "PNG")).pixels
    assert pixels is not None
    assert (pixels == 255).all()


def test_sixteen_bits_a_pixel_keep_their_brightness() -> None:
    deep = Image.fromarray(np.full((4, 4), 32768, np.uint16))
    pixels = decode(encoded(deep, "PNG")).pixels
    assert pixels is not None
    assert pixels[0, 0].tolist() == [127, 127, 127]


@pytest.mark.parametrize("turned", range(1, 9))
def test_pictures_are_turned_as_their_camera_says(turned: int) -> None:
    upright = Image.new("RGB", (64, 96), "white")
    upright.paste("red", (0, 0, 32, 32))
    back = {5: 5, 6: 8, 7: 7, 8: 6}.get(turned, turned)
    exif = Image.Exif()
    exif[0x0112] = turned
    stored = upright.transpose(UPRIGHT[back]) if turned > 1 else upright
    picture = decode(encoded(stored, exif=exif, quality=95))
    assert (picture.width, picture.height) == (64, 96)
    assert picture.pixels is not None
    assert picture.pixels[8, 8, 1] < 60
    assert picture.pixels[80, 50].min() > 240


@pytest.mark.parametrize("name", ["JPEG", "PNG"])
@pytest.mark.parametrize("progressive", [False, True])
def test_every_cut_is_found(name: str, progressive: bool) -> None:
    whole = encoded(noise(), name, **({"progressive": progressive} if name == "JPEG" else {}))
    for end in range(8, len(whole), 97):
        fault = decode(whole[:end]).fault
        assert fault is not None
        assert fault.code == "truncated"
    assert decode(whole[:-1]).fault is not None


def test_what_follows_the_end_of_a_jpeg_does_not_matter() -> None:
    assert decode(encoded(noise()) + b"\x00" * 5000).fault is None


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "空"),
        (b"%PDF-1.7\n", "PDF"),
        (b"\x00\x00\x00\x18ftypmp42", "视频"),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, "HEIC"),
        (b"hello", "不是图片"),
        (b"\xff\xd8\xffhello, this is no picture at all", "JPEG"),
    ],
)
def test_what_is_no_picture_is_named(data: bytes, said: str) -> None:
    picture = decode(data)
    assert picture.fault is not None
    assert picture.fault.code in ("not-an-image", "truncated")
    assert said in picture.fault.message or said == picture.format


@pytest.mark.parametrize("data", [png_header(50_000, 50_000), png_header(2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_told_by_its_header(data: bytes) -> None:
    fault = decode(data).fault
    assert fault is not None
    assert fault.code == "too-large"


def test_a_jpeg_that_claims_too_many_pixels_is_not_decoded() -> None:
    data = bytearray(encoded(noise()))
    at = data.index(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 50_000, 50_000)
    picture = decode(bytes(data))
    assert (picture.width, picture.height) == (50_000, 50_000)
    assert picture.fault is not None
    assert picture.fault.code == "too-large"


def test_too_many_bytes_and_too_many_scans_are_refused() -> None:
    fault = decode(b"\xff\xd8\xff" + bytes(MOST_BYTES)).fault
    assert fault is not None
    assert fault.code == "too-large"
    data = encoded(noise(), progressive=True)
    at = data.rindex(b"\xff\xda")
    fault = decode(data[:at] + data[at:-2] * 100 + data[-2:]).fault
    assert fault is not None
    assert fault.code == "too-large"


def test_a_large_jpeg_can_come_back_smaller() -> None:
    picture = decode(encoded(noise(size=(1600, 2000))), at_least=400)
    assert (picture.width, picture.height, picture.shrunk) == (1600, 2000, 4)
    assert picture.pixels is not None
    assert picture.pixels.shape == (500, 400, 3)


def one_answer(data: bytes) -> None:
    picture = decode(data, most_pixels=200_000)
    assert (picture.pixels is None) == (picture.fault is not None)


@given(st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"II*\x00", b"BM", b"GIF89a"]), st.binary())
def test_arbitrary_bytes_give_an_answer(start: bytes, data: bytes) -> None:
    one_answer(start + data)
    assert isinstance(format_of(start + data), str)


SEEDS = [
    encoded(noise(mode), name) for mode, name in (("RGB", "JPEG"), ("CMYK", "JPEG"), ("RGBA", "PNG"), ("L", "TIFF"))
]
SEEDS += [encoded(noise(), name) for name in ("BMP", "GIF", "WEBP", "TIFF")]


@given(st.sampled_from(SEEDS), st.lists(st.tuples(st.floats(0, 0.999), st.integers(0, 255)), max_size=20))
def test_damaged_pictures_give_an_answer(seed: bytes, damage: list[tuple[float, int]]) -> None:
    data = bytearray(seed)
    for place, value in damage:
        data[int(place**3 * len(data))] = value  # most of it in the header
    one_answer(bytes(data))
