"""Any scan: sharp, straight way up, whole, evenly lit, fine enough? Each said by a number, page by page."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Any

import cv2
import numpy as np

from tongban.imaging.card_look import edge_width, picture_edge_width
from tongban.imaging.decode import Picture, Pixels
from tongban.imaging.findings import Finding, advice, failure
from tongban.imaging.paper import MOST_SHEETS, paper
from tongban.imaging.text import Layout, layout_of

WIDEST_EDGE = 3.7  # px on a line of 48 px; sharp print has 2
WIDEST_EDGE_OF_A_PICTURE = 5.0  # px on a picture of 736 px without text
LEAST_INK = 0.0005  # of a page
DEEPEST_SHADOW = 0.4  # of the brightness of the paper
LEAST_DPI = 200
A4_INCHES = 11.69  # the longer side: what a page is taken for that does not say its resolution
BELIEVED_DPI = 100  # 72 and 96 are what programs write that do not know
LOW_PRINT = 20.0  # px: characters of 10.5 point have 29 at 200 dpi
FEW = 4  # lines that are too few to tell a shadow


@dataclass(frozen=True)
class PageCheck:
    """One page. ``sharpness`` is the width of an edge (px, 2 is sharp); ``turned``: degrees clockwise to put it right.

    ``dpi`` is the file's own, or taken from an A4 page (``dpi_stated`` False). None: could not be measured.
    """

    page: int
    width: int
    height: int
    dpi: int | None
    dpi_stated: bool
    sharpness: float | None
    ink_share: float
    shadow: float | None
    turned: int | None
    tilt: float | None
    lines_cut: int
    findings: tuple[Finding, ...]

    def json(self) -> dict[str, Any]:
        """The measurements; the findings stand beside them."""
        return {name: value for name, value in asdict(self).items() if name != "findings"}


@dataclass(frozen=True)
class ScanCheck:
    """A file of scans: how many pages it holds, and those that were looked at."""

    pages: int
    checked: tuple[PageCheck, ...]
    of_the_file: tuple[Finding, ...] = ()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Of the file, then of each page; a page's name it in their message."""
        return self.of_the_file + tuple(finding for page in self.checked for finding in page.findings)

    @property
    def accepted(self) -> bool:
        """No finding keeps it from being taken."""
        return all(finding.level != "failure" for finding in self.findings)

    def json(self) -> dict[str, Any]:
        """As ``tongban scan check`` prints it."""
        findings = [one.json() | {"page": None} for one in self.of_the_file]
        findings += [one.json() | {"page": page.page} for page in self.checked for one in page.findings]
        measured = [page.json() for page in self.checked]
        return {"accepted": self.accepted, "findings": findings, "pages": self.pages, "measurements": measured}


def check(data: bytes, most_pages: int = MOST_SHEETS) -> ScanCheck:
    """Looks at the first ``most_pages`` pages of ``data`` (an image, a TIFF or a PDF); about half a second a page.

    Codes: blank-page, blurred, cut-edges, shadow, upside-down, low-resolution; of a file: not-an-image, password,
    truncated, too-large, too-many-pages. Never raises for what is in ``data``.
    """
    held = paper(data)
    if held.fault:
        return ScanCheck(held.pages, (), (held.fault,))
    checked = tuple(_page(sheet, at) for at, sheet in enumerate(held.sheets(most_pages), 1))
    said: tuple[Finding, ...] = ()
    if held.pages > MOST_SHEETS:
        message = f"文件有 {held.pages} 页，只看了前 {MOST_SHEETS} 页，请分成几个文件。"
        said = (advice("too-many-pages", message, held.pages, f"≤{MOST_SHEETS}"),)
    if checked and all(_codes(page) == {"blank-page"} for page in checked):
        ink_share = max(page.ink_share for page in checked)
        message = "文件里全是空白页，请核对纸张是否放反，重新扫描。"
        said += (failure("blank-page", message, ink_share, f"≥{LEAST_INK:.2%}"),)
        checked = tuple(replace(page, findings=()) for page in checked)
    return ScanCheck(held.pages, checked, said)


def _codes(page: PageCheck) -> set[str]:
    return {finding.code for finding in page.findings}


def _page(sheet: Picture, number: int) -> PageCheck:
    if sheet.pixels is None:
        assert sheet.fault is not None
        return PageCheck(number, 0, 0, None, False, None, 0.0, None, None, None, 0, (sheet.fault,))
    layout = layout_of(sheet.pixels)
    stated = sheet.dpi is not None and min(sheet.dpi) >= BELIEVED_DPI
    dpi = round(min(sheet.dpi)) if sheet.dpi and stated else round(max(sheet.width, sheet.height) / A4_INCHES)
    sharpness = edge_width(layout.cutouts) if layout.cutouts else picture_edge_width(sheet.pixels)
    page = PageCheck(
        page=number,
        width=sheet.width,
        height=sheet.height,
        dpi=dpi,
        dpi_stated=stated,
        sharpness=None if sharpness is None else round(sharpness, 2),
        ink_share=round(ink(sheet.pixels), 5),
        shadow=_shadow(layout),
        turned=(360 - layout.quarter) % 360 if layout.quarter is not None else None,
        tilt=round(layout.tilt, 1) if layout.quarter is not None else None,
        lines_cut=layout.cut,
        findings=(),
    )
    return replace(page, findings=tuple(_findings(page, layout)))


def ink(pixels: Pixels) -> float:
    """Share of a page, its rim left out, that is darker than the paper around it."""
    scale = min(1.0, 1000 / max(pixels.shape[:2]))
    grey = cv2.cvtColor(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), cv2.COLOR_RGB2GRAY)
    around = cv2.medianBlur(cv2.dilate(grey, np.ones((9, 9), np.uint8)), 31)
    dark = grey.astype(np.int16) < 0.75 * around
    rim_y, rim_x = (max(1, round(0.03 * side)) for side in grey.shape)
    inner = dark[rim_y:-rim_y, rim_x:-rim_x]
    speckless = cv2.morphologyEx(inner.astype(np.uint8), cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    return float(speckless.mean())


def _shadow(layout: Layout) -> float | None:
    """How much darker the paper is behind the darkest of the print than behind the brightest, 0–1."""
    if len(layout.cutouts) < FEW:
        return None
    behind = []
    for cut in layout.cutouts:
        step = 4 * cut.shape[0]
        behind += [np.percentile(cut[:, x : x + step].max(axis=2), 85) for x in range(0, cut.shape[1], step)]
    low, high = np.percentile(behind, (5, 95))
    return round(1 - float(low / max(high, 1)), 2)


def _findings(page: PageCheck, layout: Layout) -> Iterator[Finding]:
    at = f"第 {page.page} 页"
    if page.ink_share < LEAST_INK and not layout.cutouts:
        yield advice(
            "blank-page", f"{at}是空白的：墨迹只占 {page.ink_share:.3%}。", page.ink_share, f"≥{LEAST_INK:.2%}"
        )
        return
    widest = WIDEST_EDGE if layout.cutouts else WIDEST_EDGE_OF_A_PICTURE
    if page.sharpness and page.sharpness > widest:
        message = f"{at}不清晰：笔画边缘宽 {page.sharpness:.1f}，应不超过 {widest}，请重新扫描。"
        yield advice("blurred", message, page.sharpness, f"≤{widest}")
    if page.lines_cut:
        message = f"{at}边上有 {page.lines_cut} 行字没有扫全，请放正纸张重新扫描。"
        yield advice("cut-edges", message, page.lines_cut, "0")
    if page.shadow is not None and page.shadow > DEEPEST_SHADOW:
        message = f"{at}有阴影：最暗处比最亮处暗 {page.shadow:.0%}，应不超过 {DEEPEST_SHADOW:.0%}，请避开遮挡重新拍摄。"
        yield advice("shadow", message, page.shadow, f"≤{DEEPEST_SHADOW}")
    if page.turned:
        way = "上下颠倒" if page.turned == 180 else "横放"
        yield advice("upside-down", f"{at}{way}，要顺时针转 {page.turned} 度才能读。", page.turned, "0")
    small = page.dpi_stated or (layout.cutouts and layout.print_height < LOW_PRINT)
    if page.dpi is not None and page.dpi < LEAST_DPI and small:
        how = "" if page.dpi_stated else "（按 A4 纸估算）"
        message = f"{at}分辨率只有 {page.dpi} dpi{how}，应不低于 {LEAST_DPI} dpi，请调高后重新扫描。"
        yield advice("low-resolution", message, page.dpi, f"≥{LEAST_DPI}")
