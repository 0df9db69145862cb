"""How a card looks: blurred, glare on it, cut off, a copy of a copy. Numbers; what they mean is said in idcard."""

from collections.abc import Iterable

import cv2
import numpy as np
from numpy.typing import NDArray

from tongban.imaging.card_fields import Side
from tongban.imaging.card_frame import DOTS, HEIGHT, WIDTH, Frame
from tongban.imaging.decode import Pixels
from tongban.imaging.text import Line

ROW = 48  # px: the height a line is brought to before its edges are measured
LEAST_PATCH = 0.004  # of the card
CARD_RATIO = WIDTH / HEIGHT
PORTRAIT = (53.0, 5.0, 84.0, 43.5)  # mm: left, top, right, bottom of the part of a front that holds the portrait
EMBLEM = (3.5, 3.5, 19.0, 19.0)


def edge_width(cutouts: Iterable[Pixels]) -> float | None:
    """Px from ink to paper on lines of :data:`ROW` px (2 is sharp), the median of the lines; None without any ink."""
    widths = [width for cut in cutouts if (width := _edge(cut)) is not None]
    return float(np.median(widths)) if widths else None


def _edge(cut: Pixels) -> float | None:
    height, width = cut.shape[:2]
    size = (max(8, round(width * ROW / height)), ROW)
    level = cv2.resize(cut, size, interpolation=cv2.INTER_AREA if height > ROW else cv2.INTER_LINEAR)
    grey = cv2.cvtColor(level, cv2.COLOR_RGB2GRAY).astype(np.float32)
    dark, light = np.percentile(grey, (4, 90))
    steepest = np.percentile(_slope(grey), 99)
    return float((light - dark) / steepest) if light - dark >= 40 and steepest > 0 else None


def _slope(grey: NDArray[np.float32]) -> NDArray[np.floating]:
    return np.hypot(cv2.Sobel(grey, cv2.CV_32F, 1, 0, ksize=3), cv2.Sobel(grey, cv2.CV_32F, 0, 1, ksize=3)) / 8


def picture_edge_width(picture: Pixels) -> float | None:
    """The same of a whole picture, brought to 736 px; None for one that shows nothing."""
    scale = 736 / max(picture.shape[:2])
    small = cv2.resize(
        picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    )
    grey = cv2.cvtColor(cv2.GaussianBlur(small, (0, 0), 0.8), cv2.COLOR_RGB2GRAY).astype(np.float32)
    dark, light = np.percentile(grey, (1, 99))
    steepest = np.percentile(_slope(grey), 99.8)
    return float((light - dark) / steepest) if light - dark >= 25 and steepest > 0 else None


def glare(frame: Frame) -> NDArray[np.bool_]:
    """Where patches of pure white lie on the card; nowhere on paper that is white all over (a photocopy).

    What has straight sides is no glare: white corners of a portrait, paper beside a card, a label stuck on.
    """
    lowest = frame.card.min(axis=2)
    inside = cv2.erode(frame.seen.astype(np.uint8), np.ones((9, 9)))
    rim = round(0.02 * WIDTH * DOTS)
    inside[:rim] = inside[-rim:] = 0
    inside[:, :rim] = inside[:, -rim:] = 0
    on_card = inside.astype(bool)
    if on_card.sum() < 0.2 * on_card.size or np.median(lowest[on_card]) >= 247:
        return np.zeros_like(on_card)
    white = np.where((lowest >= 250) & on_card, np.uint8(1), np.uint8(0))
    white = cv2.morphologyEx(white, cv2.MORPH_OPEN, np.ones((7, 7)))
    white = cv2.morphologyEx(white, cv2.MORPH_CLOSE, np.ones((9, 9)))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(white)
    lit = np.zeros_like(on_card)
    for at in range(1, count):
        x, y, across, down, area = (int(number) for number in stats[at])
        if area >= LEAST_PATCH * white.size and not _straight(labels[y : y + down, x : x + across] == at):
            lit |= labels == at
    return lit


def _straight(patch: NDArray[np.bool_]) -> bool:
    """At least two sides of the patch lie on those of its bounding box."""
    sides = (patch[:3].any(axis=0), patch[-3:].any(axis=0), patch[:, :3].any(axis=1), patch[:, -3:].any(axis=1))
    return sum(bool(side.mean() > 0.6) for side in sides) >= 2


def odd_shape(picture: Pixels) -> float:
    """How far the picture's sides are from the ratio of a card's (0: the same)."""
    ratio = max(picture.shape[:2]) / min(picture.shape[:2])
    return float(abs(ratio / CARD_RATIO - 1))


def touching(lines: Iterable[Line], picture: Pixels) -> bool:
    """A line that was read runs into the edge of the picture."""
    height, width = picture.shape[:2]
    near = max(2.0, 0.003 * max(height, width))
    for line in lines:
        if line.score > 0.5 and len(line.text) > 1:
            (x0, y0), (x1, y1) = line.corners.min(axis=0), line.corners.max(axis=0)
            if x0 < near or y0 < near or x1 > width - near or y1 > height - near:
                return True
    return False


def tones(frame: Frame, side: Side) -> tuple[float, float, float] | None:
    """Of what is seen of a card: mean colourfulness (0–255), share of greys where the portrait (or the emblem) stands,
    share of pure black and white of all. None where that part is not on the picture.
    """
    left, top, right, bottom = (round(edge * DOTS) for edge in (PORTRAIT if side == "front" else EMBLEM))
    seen = frame.seen
    if not seen[top:bottom, left:right].all():
        return None
    colour = (frame.card.max(axis=2).astype(np.int16) - frame.card.min(axis=2))[seen].mean()
    grey = frame.card[..., 1]
    part = grey[top:bottom, left:right]
    pure = ((grey <= 8) | (grey >= 247))[seen].mean()
    return float(colour), float(((part > 40) & (part < 215)).mean()), float(pure)
