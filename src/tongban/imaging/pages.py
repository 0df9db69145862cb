"""Scans bound into one PDF/A: pages turned upright, levelled, cut to the paper. The originals stay with the caller."""

import io
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import cv2
import numpy as np
import typst
from pypdf import PdfReader

from tongban.imaging.decode import Picture, Pixels
from tongban.imaging.paper import MOST_SHEETS, page_sizes, paper
from tongban.imaging.scan import A4_INCHES, BELIEVED_DPI
from tongban.imaging.text import layout_of

QUALITY = 85  # of the JPEG pages
LEAST_TILT, MOST_TILT = 0.3, 15.0  # degrees: less is left, more is no page laid askew
FINEST_DPI = 300  # a page is kept no finer


class NotBound(ValueError):
    """The files cannot be bound; the message (Chinese) says which and why."""


@dataclass(frozen=True)
class Bound:
    """One PDF/A-2b of all pages."""

    pdf: bytes
    pages: int


def bind(
    files: Sequence[bytes], made: datetime, progress: Callable[[int, int], object] = lambda done, of: None
) -> Bound:
    """The pages of ``files`` (images, TIFF, PDF) in their order as one PDF/A-2b, dated ``made`` (with its zone).

    ``progress`` is told pages done and of how many. Raises :class:`NotBound`.
    """
    papers = [paper(data) for data in files]
    for at, held in enumerate(papers, 1):
        if held.fault:
            raise NotBound(f"第 {at} 个文件没有打开：{held.fault.message}")
    pages = sum(held.pages for held in papers)
    if not 0 < pages <= MOST_SHEETS:
        raise NotBound(f"一份材料最多 {MOST_SHEETS} 页，现在 {pages} 页，请分成几份。" if pages else "没有选择文件。")
    with tempfile.TemporaryDirectory(prefix="tongban-pages-") as folder:
        sheets: list[str] = []
        for held in papers:
            for sheet in held.sheets():
                if sheet.fault or sheet.pixels is None:
                    raise NotBound(f"第 {len(sheets) + 1} 页没有打开：{sheet.fault.message if sheet.fault else ''}")
                sheets.append(_saved(sheet, Path(folder) / f"{len(sheets)}.jpg"))
                progress(len(sheets), pages)
        source = Path(folder) / "pages.typ"
        source.write_text("\n".join(sheets), encoding="utf-8")
        pdf = typst.compile(str(source), root=folder, pdf_standards="a-2b", timestamp=int(made.timestamp()))
    assert isinstance(pdf, bytes)
    return Bound(pdf, pages)


def copied(pdf: bytes, made: datetime) -> Bound:
    """A PDF as it looks, a picture a page, of the same page sizes, as PDF/A-2b dated ``made`` (with its zone): for keeping. Text
    that could be searched is lost in the copy, so the original is kept beside it. The same PDF and date give the same bytes.

    What was made is read back before it is returned. Raises :class:`NotBound` (Chinese: why there is no copy).
    """
    held = paper(pdf)
    if held.fault:
        raise NotBound(held.fault.message)
    if held.pages > MOST_SHEETS:
        raise NotBound(f"有 {held.pages} 页，最多转 {MOST_SHEETS} 页。")
    sizes = page_sizes(pdf)
    with tempfile.TemporaryDirectory(prefix="tongban-pages-") as folder:
        lines = []
        for number, (sheet, (across, down)) in enumerate(zip(held.sheets(), sizes, strict=True), 1):
            if sheet.fault or sheet.pixels is None:
                raise NotBound(f"第 {number} 页没有打开：{sheet.fault.message if sheet.fault else ''}")
            name = f"{number}.jpg"
            (Path(folder) / name).write_bytes(_jpeg(sheet.pixels))
            size = f"width: {across:.3f}pt, height: {down:.3f}pt"
            lines.append(f'#page({size}, margin: 0pt, image("{name}", {size}, alt: "第 {number} 页", fit: "stretch"))')
        source = Path(folder) / "pages.typ"
        source.write_text("\n".join(lines), encoding="utf-8")
        copy = typst.compile(str(source), root=folder, pdf_standards="a-2b", timestamp=int(made.timestamp()))
    assert isinstance(copy, bytes)
    again = page_sizes(copy)
    same = len(again) == len(sizes) and all(
        abs(one - other) < 1 for a, b in zip(again, sizes, strict=True) for one, other in zip(a, b, strict=True)
    )
    if not same or not says_pdf_a(copy):
        raise NotBound("转出来的文件读回核对不符。")
    return Bound(copy, len(sizes))


def says_pdf_a(pdf: bytes) -> bool:
    """Whether a PDF says of itself that it is PDF/A-2b."""
    xmp = PdfReader(io.BytesIO(pdf)).xmp_metadata
    return xmp is not None and (xmp.pdfaid_part, xmp.pdfaid_conformance) == ("2", "B")


def _jpeg(page: Pixels) -> bytes:
    done, jpeg = cv2.imencode(".jpg", cv2.cvtColor(page, cv2.COLOR_RGB2BGR), (cv2.IMWRITE_JPEG_QUALITY, QUALITY))
    assert done
    return jpeg.tobytes()


def _saved(sheet: Picture, path: Path) -> str:
    """Saves a page as JPEG; the typst that puts it on a page of its size."""
    assert sheet.pixels is not None
    page = upright(sheet.pixels)
    stated = min(sheet.dpi) if sheet.dpi and min(sheet.dpi) >= BELIEVED_DPI else None
    dpi = stated or max(page.shape[:2]) / A4_INCHES
    if dpi > FINEST_DPI:
        page = np.asarray(
            cv2.resize(page, None, fx=FINEST_DPI / dpi, fy=FINEST_DPI / dpi, interpolation=cv2.INTER_AREA)
        )
        dpi = FINEST_DPI
    path.write_bytes(_jpeg(page))
    height, width = page.shape[:2]
    size = f"width: {width / dpi:.4f}in, height: {height / dpi:.4f}in"
    return f'#page({size}, margin: 0pt, image("{path.name}", {size}, alt: "扫描页", fit: "stretch"))'


def upright(pixels: Pixels) -> Pixels:
    """A page as one reads it: cut to the paper where that lies on something darker, turned, levelled by its text."""
    page = _cut_to_paper(pixels)
    layout = layout_of(page)
    if layout.quarter:
        page = np.rot90(page, layout.quarter // 90)  # text that runs clockwise is turned back
    if layout.quarter is not None and LEAST_TILT <= abs(layout.tilt) <= MOST_TILT:
        page = _levelled(np.ascontiguousarray(page), layout.tilt)
    return np.ascontiguousarray(page)


def _levelled(page: Pixels, tilt: float) -> Pixels:
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1.0)
    ground = tuple(float(tone) for tone in np.median(page.reshape(-1, 3)[:: max(1, page.size // 30000)], axis=0))
    return np.asarray(
        cv2.warpAffine(
            page, turn, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_CONSTANT, borderValue=ground
        ),
        np.uint8,
    )


def _cut_to_paper(pixels: Pixels) -> Pixels:
    """``pixels`` without the dark table or scanner lid around a bright sheet; as it is where no such sheet is seen."""
    scale = 800 / max(pixels.shape[:2])
    small = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    grey = cv2.GaussianBlur(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), (0, 0), 2)
    limit, bright = cv2.threshold(grey, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    bright = cv2.morphologyEx(bright, cv2.MORPH_CLOSE, np.ones((25, 25), np.uint8))
    bright = cv2.morphologyEx(bright, cv2.MORPH_OPEN, np.ones((15, 15), np.uint8))
    outlines, _ = cv2.findContours(bright, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    if not outlines:
        return pixels
    sheet = max(outlines, key=cv2.contourArea)
    area, whole = cv2.contourArea(sheet), grey.size
    middle, sides, angle = cv2.minAreaRect(sheet)
    outside = grey[cv2.drawContours(np.ones_like(grey), [sheet], -1, 0, -1).astype(bool)]
    rectangular = area > 0.9 * sides[0] * sides[1]
    if (
        not rectangular
        or not 0.3 * whole < area < 0.97 * whole
        or not outside.size
        or np.median(outside) > 0.7 * limit + 60
    ):
        return pixels
    corners = cv2.boxPoints((middle, (max(1, sides[0] - 4), max(1, sides[1] - 4)), angle))
    order = corners[np.argsort(corners.sum(axis=1))]
    first, last = order[0], order[3]
    right, left = sorted(order[1:3], key=lambda point: point[1] - point[0])
    found = np.asarray([first, right, last, left], np.float32) / np.float32(scale)
    across, down = round(float(np.linalg.norm(found[1] - found[0]))), round(float(np.linalg.norm(found[3] - found[0])))
    target = np.asarray([(0, 0), (across, 0), (across, down), (0, down)], np.float32)
    return np.asarray(cv2.warpPerspective(pixels, cv2.getPerspectiveTransform(found, target), (across, down)), np.uint8)
