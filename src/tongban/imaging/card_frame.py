"""Where a card lies on a picture, and the picture of the card alone: level, upright, ten pixels a millimetre."""

from collections.abc import Mapping
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tongban.imaging.card_fields import PLACES, Fields
from tongban.imaging.decode import Pixels
from tongban.imaging.text import Text

WIDTH, HEIGHT = 85.6, 54.0  # mm, ISO/IEC 7810 ID-1
DOTS = 10  # px a mm of the card's own picture


@dataclass(frozen=True, eq=False)
class Frame:
    """A card's place, told by its labels. ``card`` is its picture, ``seen`` where it lies on the photograph at all.

    ``beyond``: how far (share of the card's width or height) each edge lies outside of the picture: left, top, right,
    bottom; negative where it lies within. ``share`` of the picture is covered by the card. ``dots``: px a mm.
    """

    card: Pixels
    seen: NDArray[np.bool_]
    beyond: tuple[float, float, float, float]
    share: float
    dots: float


def _fit(side: Fields) -> tuple[float, float, float] | None:
    """Left edge, upper edge (px) and px a mm, by the labels. The columns of a back differ: its labels give heights."""
    places: Mapping[str, tuple[float | None, float]] = PLACES[side.side]
    known = [(places[name], at) for name, at in side.labels.items() if name in places]
    heights = [(place[1], at[1]) for place, at in known]
    if len(heights) < 2 or max(h for h, _ in heights) - min(h for h, _ in heights) < 6:
        return None
    on_card, on_picture = (np.array(column) for column in zip(*heights, strict=True))
    dots, top = np.polyfit(on_card, on_picture, 1)
    if dots <= 0.5:
        return None
    lefts = [at[0] - place[0] * dots for place, at in known if place[0] is not None]
    if lefts:
        return float(np.median(lefts)), float(top), float(dots)
    begin = {"issuer": 18, "validity": 18, "title": 22, "country": 25}  # about: makers of cards differ
    begins = [side.labels[name][0] - place * dots for name, place in begin.items() if name in side.labels]
    return float(begins[0]), float(top), float(dots)


def frame_of(picture: Pixels, text: Text, side: Fields) -> Frame | None:
    """The card on ``picture`` that ``side`` was read from, or None where too few labels were found to tell."""
    if (fitted := _fit(side)) is None:
        return None
    left, top, dots = fitted
    scale = DOTS / dots
    onto = np.vstack([text.upright, (0, 0, 1)])
    onto = np.array([(scale, 0, -left * scale), (0, scale, -top * scale), (0, 0, 1)]) @ onto
    size = (round(WIDTH * DOTS), round(HEIGHT * DOTS))
    height, width = picture.shape[:2]
    card = cv2.warpAffine(picture, onto[:2], size, flags=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    seen = cv2.warpAffine(np.ones((height, width), np.uint8), onto[:2], size, flags=cv2.INTER_NEAREST).astype(bool)
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)]) @ onto[:2, :2].T + onto[:2, 2]
    (x0, y0), (x1, y1) = corners.min(axis=0), corners.max(axis=0)
    beyond = (x0 / size[0], y0 / size[1], 1 - x1 / size[0], 1 - y1 / size[1])
    share = float(seen.sum()) / (DOTS * DOTS) * dots * dots / (width * height)
    return Frame(np.asarray(card, np.uint8), seen, tuple(float(edge) for edge in beyond), min(1.0, share), dots)  # type: ignore[arg-type]


# Where values stand (mm: left, top, right, bottom), wide enough for cards of any maker.
ZONES: Mapping[str, tuple[float, float, float, float]] = {
    "name": (13, 4, 50, 11.5), "sex": (13, 12, 21, 18), "ethnicity": (30, 12, 50, 18), "birth": (13, 18.5, 45, 24.5),
    "address": (13, 25, 52, 43), "number": (26, 43.5, 78, 51), "issuer": (32, 36, 78, 43.5), "valid_from": (32, 43.5, 54, 50),
    "valid_until": (54, 43.5, 78, 50),
}  # fmt: skip


def zone(patch: NDArray[np.bool_], name: str) -> NDArray[np.bool_]:
    """The part of ``patch``, which is as large as a card's picture, where the value ``name`` stands."""
    left, top, right, bottom = (round(edge * DOTS) for edge in ZONES[name])
    return patch[top:bottom, left:right]
