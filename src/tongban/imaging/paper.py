"""A file as the sheets it holds: an image is one, a TIFF and a PDF hold one or more."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tongban.imaging.decode import MOST_BYTES, MOST_PIXELS, Picture, decode, format_of
from tongban.imaging.findings import Finding, failure

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument, PdfPage  # type: ignore[import-untyped]

MOST_SHEETS = 50
MOST_DRAWN = 20_000_000  # pixels of a drawn PDF page; A4 at 400 dpi has 15 million
DRAWN_DPI = 200.0  # of a page that holds no picture
POINTS = 72.0  # an inch
_lock = threading.Lock()  # PDFium is not made for several threads


@dataclass(frozen=True, eq=False)
class Paper:
    """A file that was opened: how many sheets it says it holds, or ``fault``: why it could not be opened."""

    data: bytes
    format: str
    pages: int
    fault: Finding | None = None
    first: Picture | None = None  # decoded already, where it is an image

    def sheets(self, most: int = MOST_SHEETS) -> Iterator[Picture]:
        """The first ``most`` sheets, one after the other, so that only one is in memory. A sheet may have a fault."""
        if self.fault:
            return
        for number in range(min(self.pages, most)):
            if self.format == "PDF":
                yield _drawn(self.data, number)
            else:
                yield self.first if self.first and not number else decode(self.data, page=number)


def paper(data: bytes) -> Paper:
    """The paper in ``data``. Never raises for what is in it. Codes of a fault: those of decode, and ``password``."""
    name = format_of(data)
    if name != "PDF":
        first = decode(data)
        return Paper(data, name, max(1, first.pages), first.fault, first)
    if len(data) > MOST_BYTES:
        return Paper(data, name, 0, decode(data).fault)
    try:
        with _lock:
            document = _opened(data)
            pages = len(document)
            document.close()
    except Exception as error:  # PDFium's own, and whatever a file made to hurt brings about
        return Paper(data, name, 0, _shut(error))
    if not pages:
        return Paper(data, name, 0, failure("not-an-image", "PDF 文件里一页也没有，请重新扫描。"))
    return Paper(data, name, pages)


def _shut(error: Exception) -> Finding:
    if "password" in str(error).lower():
        return failure("password", "PDF 文件有密码，打不开，请去掉密码后重新保存，或者提供图片。", "PDF")
    return failure("not-an-image", "PDF 文件已损坏，打不开，请重新扫描或者另存一次。", "PDF")


def _opened(data: bytes) -> "PdfDocument":
    from pypdfium2 import PdfDocument

    return PdfDocument(data)


def page_sizes(pdf: bytes) -> list[tuple[float, float]]:
    """Width and height of each page of a PDF that opens, in points, as it is shown."""
    with _lock:
        document = _opened(pdf)
        try:
            return [(float(across), float(down)) for across, down in (page.get_size() for page in document)]
        finally:
            document.close()


def _drawn(data: bytes, number: int) -> Picture:
    """Page ``number`` (from 0) of a PDF at the resolution of the picture it holds."""
    try:
        with _lock:
            document = _opened(data)
            try:
                return _page(document[number])
            finally:
                document.close()
    except Exception as error:
        return Picture("PDF", fault=_shut(error))


def _page(page: "PdfPage") -> Picture:
    from pypdfium2.raw import FPDF_PAGEOBJ_IMAGE  # type: ignore[import-untyped]

    across, down = page.get_size()
    finest = 0.0
    for held in page.get_objects(filter=(FPDF_PAGEOBJ_IMAGE,), max_depth=5):
        width, height = held.get_px_size()
        if width * height > MOST_PIXELS:
            return Picture(
                "PDF",
                fault=failure("too-large", f"PDF 里的图片太大（{width}×{height}），没有打开。", f"{width}×{height}"),
            )
        left, bottom, right, top = held.get_bounds()
        placed, pixels = abs((right - left) * (top - bottom)), width * height
        if placed >= 0.1 * across * down:  # a picture that is the page, or much of it: not a logo
            finest = max(finest, float(np.sqrt(pixels / placed)) * POINTS)
    dots = finest or DRAWN_DPI
    longest = max(across, down) / POINTS
    scale = (
        min(max(dots, 1000 / longest), 5000 / longest, float(np.sqrt(MOST_DRAWN / (across * down))) * POINTS) / POINTS
    )
    pixels = page.render(scale=scale, rev_byteorder=True, no_smoothtext=False).to_numpy()
    rgb = np.ascontiguousarray(pixels[:, :, :3] if pixels.ndim == 3 else np.repeat(pixels[:, :, None], 3, axis=2))
    dpi = (finest, finest) if finest else None
    return Picture("PDF", rgb.shape[1], rgb.shape[0], "colour", dpi, pixels=rgb)
