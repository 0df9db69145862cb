"""Bytes of any origin into pixels, within bounds: nothing is decoded before its header was found small enough.

A file that cannot be opened is no error here: the :class:`Picture` comes back without pixels, and ``fault`` says why.
"""

import io
import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tongban.imaging.findings import Finding, failure

Pixels = NDArray[np.uint8]  # height × width × 3, RGB, upright
Mode = Literal["colour", "grey", "cmyk", "alpha", "palette", "other"]

MOST_BYTES = 20 * 2**20
MOST_PIXELS = 50_000_000  # an A4 page at 600 dpi is 35 million, a telephone's 48 megapixel photo 49 million
MOST_SCANS = 64  # of a progressive JPEG; encoders write about ten, a bomb writes thousands
END_OF_PNG = b"IEND\xaeB`\x82"

# Name of a format by the bytes a file begins with. Others are found in :func:`format_of`.
OPENED = {
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"BM": "BMP",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
}
MODES: dict[str, Mode] = {"RGB": "colour", "L": "grey", "1": "grey", "LA": "grey", "I;16": "grey", "I": "grey"}
MODES |= {"I;16B": "grey", "F": "grey", "CMYK": "cmyk", "RGBA": "alpha", "P": "palette", "YCbCr": "colour"}

UPRIGHT = {  # by the EXIF orientation
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, eq=False)
class Picture:
    """An image file. ``format`` is empty where it is none; ``width`` and ``height`` (px, upright) are 0 where unknown.

    ``pixels`` may be smaller than ``width`` × ``height`` by the whole number ``shrunk``, where the caller asked for less.
    ``dpi`` is what the file says of itself; ``pages`` are counted for TIFF, the first is decoded.
    Exactly one of ``pixels`` and ``fault`` is None; codes of a fault: not-an-image, truncated, too-large.
    """

    format: str
    width: int = 0
    height: int = 0
    mode: Mode = "other"
    dpi: tuple[float, float] | None = None
    pages: int = 1
    shrunk: int = 1
    pixels: Pixels | None = None
    fault: Finding | None = None


def read_file(name: str) -> bytes:
    """The bytes of a file, not many more than are ever looked at. Raises :class:`OSError`."""
    with open(name, "rb") as file:
        return file.read(MOST_BYTES + 1)


def format_of(data: bytes) -> str:
    """What ``data`` is by its first bytes: JPEG, PNG, TIFF, BMP, GIF, WEBP, HEIC, AVIF, PDF, a video, or empty."""
    for start, name in OPENED.items():
        if data.startswith(start):
            return name
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    if data[4:8] == b"ftyp":
        brand = data[8:12]
        if brand in (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"):
            return "HEIC"
        return "AVIF" if brand in (b"avif", b"avis") else "视频"
    if data.startswith(b"%PDF-"):
        return "PDF"
    return "视频" if data[:4] in (b"\x1aE\xdf\xa3", b"RIFF", b"OggS", b"\x00\x00\x01\xba") else ""


@dataclass(frozen=True)
class _Jpeg:
    """What a walk over the markers of a JPEG file finds."""

    width: int = 0
    height: int = 0
    scans: int = 0
    sound: bool = True  # every segment begins where the one before it ends
    whole: bool = False  # the end marker was reached


_NEXT = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")  # the next marker that is not part of compressed data


def _walk(data: bytes) -> _Jpeg:
    width = height = scans = 0
    at = 2
    while True:
        while data[at : at + 2] == b"\xff\xff":  # fill bytes
            at += 1
        if at + 4 > len(data):
            whole = data[at : at + 2] == b"\xff\xd9"
            return _Jpeg(width, height, scans, whole=whole)
        if data[at] != 0xFF:
            return _Jpeg(width, height, scans, sound=False)
        kind = data[at + 1]
        if kind == 0xD9:
            return _Jpeg(width, height, scans, whole=True)
        length = int.from_bytes(data[at + 2 : at + 4])
        if 0xC0 <= kind <= 0xCF and kind not in (0xC4, 0xC8, 0xCC):
            height, width = int.from_bytes(data[at + 5 : at + 7]), int.from_bytes(data[at + 7 : at + 9])
        at += 2 + length
        if kind == 0xDA:
            scans += 1
            found = _NEXT.search(data, at)
            if found is None:
                return _Jpeg(width, height, scans)
            at = found.start()


def _not_an_image(name: str) -> Finding:
    if name in ("PDF", "视频"):
        return failure("not-an-image", f"这是{name}{'文件' if name == 'PDF' else ''}，不是图片，请提供图片文件。", name)
    return failure("not-an-image", "文件不是图片，或者已经损坏，请重新提供图片文件。", name or None)


def _closed(name: str) -> Finding:
    return failure("not-an-image", f"{name} 格式的图片打不开，请在手机或电脑上另存为 JPEG 后再提供。", name, "JPEG")


def _truncated() -> Finding:
    return failure("truncated", "图片文件不完整（没有传完）或已损坏，请重新复制、上传原文件。")


def _too_large(width: int, height: int) -> Finding:
    said = f"{width}×{height}" if width else None
    return failure(
        "too-large", f"图片太大（{said or '像素过多'}），没有打开，请缩小后再提供。", said, f"≤{MOST_PIXELS} 像素"
    )


def decode(data: bytes, *, at_least: int | None = None, most_pixels: int = MOST_PIXELS, page: int = 0) -> Picture:
    """The picture in ``data``, upright by its EXIF orientation, transparency laid on white.

    ``page`` (from 0) is of a TIFF. ``at_least``: a JPEG may come back shrunk, as long as its shorter side keeps that many px. Memory stays below some
    ten bytes a pixel of ``most_pixels``. Never raises for what is in ``data``.
    """
    name = format_of(data)
    if not data:
        return Picture("", fault=failure("not-an-image", "文件是空的，请重新选择文件。"))
    if name in ("", "PDF", "视频"):
        return Picture(name, fault=_not_an_image(name))
    if len(data) > MOST_BYTES:
        size = failure("too-large", "文件超过 20 MB，没有打开，请压缩后再提供。", len(data), f"≤{MOST_BYTES} 字节")
        return Picture(name, fault=size)
    if name in ("HEIC", "AVIF"):
        return Picture(name, fault=_closed(name))
    width = height = 0
    if name == "PNG":
        width, height = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    if name == "JPEG":
        jpeg = _walk(data)
        width, height = jpeg.width, jpeg.height
        if jpeg.scans > MOST_SCANS:
            return Picture(name, width, height, fault=_too_large(width, height))
        if jpeg.sound and not jpeg.whole and not jpeg.scans:
            return Picture(name, width, height, fault=_truncated())
    if width * height > most_pixels:
        return Picture(name, width, height, fault=_too_large(width, height))
    try:
        # Pillow raises nearly anything for a file made to hurt it; whatever it is, the file cannot be opened.
        image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "TIFF", "BMP", "GIF", "WEBP"))
        if page:
            image.seek(page)
    except Image.DecompressionBombError:
        return Picture(name, width, height, fault=_too_large(width, height))
    except Exception:
        cut = name == "PNG" and END_OF_PNG not in data
        return Picture(name, width, height, fault=_truncated() if cut else _not_an_image(name))
    turned = _orientation(image)
    width, height = image.size[::-1] if turned >= 5 else image.size
    mode = MODES.get(image.mode, "other")
    if "transparency" in image.info and mode == "colour":
        mode = "alpha"
    head = Picture(name, width, height, mode, _dpi(image), _pages(image))
    if width * height > most_pixels:
        return _without(head, _too_large(width, height))
    if (name == "JPEG" and jpeg.sound and not jpeg.whole) or (name == "PNG" and END_OF_PNG not in data):
        return _without(head, _truncated())
    try:
        if at_least and name == "JPEG":
            image.draft(None, (at_least, at_least))
        image.load()
        flat = _rgb(image)
        if at_least and min(flat.size) >= 2 * at_least:
            flat = flat.reduce(min(flat.size) // at_least)
        pixels = np.asarray(_upright(flat, turned))
    except Exception:
        return _without(head, _truncated())
    return Picture(name, width, height, mode, head.dpi, head.pages, round(width / pixels.shape[1]), pixels)


def _without(head: Picture, fault: Finding) -> Picture:
    return Picture(head.format, head.width, head.height, head.mode, head.dpi, head.pages, fault=fault)


def _orientation(image: Image.Image) -> int:
    try:
        turned = image.getexif().get(0x0112, 1)
    except Exception:  # broken EXIF: as if there were none
        return 1
    return turned if turned in range(1, 9) else 1


def _upright(image: Image.Image, turned: int) -> Image.Image:
    return image.transpose(UPRIGHT[turned]) if turned > 1 else image


def _dpi(image: Image.Image) -> tuple[float, float] | None:
    try:
        across, down = (float(value) for value in image.info["dpi"])
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if 1 <= across <= 10_000 and 1 <= down <= 10_000 else None


def _pages(image: Image.Image) -> int:
    if image.format != "TIFF":
        return 1
    try:
        return int(image.n_frames)  # type: ignore[attr-defined]
    except Exception:
        return 1


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I") or image.mode == "F":  # 16 bits a pixel and more: scaled, which convert() does not do
        deep = np.asarray(image, dtype=np.float32)
        top = 255.0 if deep.max(initial=0) <= 255 else 65535.0
        return Image.fromarray((np.clip(deep / top, 0, 1) * 255).astype(np.uint8)).convert("RGB")
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        over = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", over.size, "white"), over).convert("RGB")
    return image.convert("RGB")
