"""Where the head ends: edges of the cheeks and top of the hair, told from skin, hair and background by their colours.

All pictures here are CIELAB as float32 (L 0 to 100), lengths in px.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tongban.imaging.faces import Face

Lab = NDArray[np.float32]
Mask = NDArray[np.bool_]
LIGHT = 0.5  # a shadow changes lightness more than colour, so lightness counts half where skin is told


@dataclass(frozen=True)
class Ground:
    """The background: its colour (Lab), how far a px must be from it to be something else, and whether it is one colour."""

    colour: NDArray[np.float32]
    apart: float
    even: bool


def lab(pixels: NDArray[np.uint8]) -> Lab:
    """``pixels`` (RGB) in CIELAB, slightly smoothed: single px say nothing about an edge."""
    soft = cv2.GaussianBlur(pixels, (0, 0), 0.8)
    picture: Lab = cv2.cvtColor(soft.astype(np.float32) / 255, cv2.COLOR_RGB2LAB)
    return picture


def distance(picture: Lab, colour: NDArray[np.float32], light: float = 1.0) -> NDArray[np.float32]:
    """How far each px is from ``colour``."""
    off = picture - colour
    off[..., 0] *= light
    far: NDArray[np.float32] = np.sqrt((off**2).sum(axis=-1))
    return far


def ground(picture: Lab, inset: int = 0) -> Ground:
    """The background, by the strips along the top edge and the upper halves of both sides, ``inset`` px from the edge."""
    height, width = picture.shape[:2]
    inner = picture[inset : height - inset or None, inset : width - inset or None]
    rows, columns = max(2, round(0.014 * height)), max(3, round(0.06 * width))
    strips = [inner[:rows], inner[: round(0.45 * height), :columns], inner[: round(0.45 * height), -columns:]]
    seen = np.concatenate([strip.reshape(-1, 3) for strip in strips])
    colour = np.median(seen, axis=0).astype(np.float32)
    off = distance(seen, colour)
    spread = float(np.median(off))
    return Ground(colour, max(9.0, 4 * spread), bool(spread < 6 and np.mean(off < 15) > 0.6))


def hair_top(picture: Lab, face: Face, behind: Ground, inset: int = 0) -> float | None:
    """Rows between the top edge and the first row of the head; None where it cannot be told from the background."""
    if not behind.even or behind.colour[0] < 35:
        return None
    x, reach = face.between[0], 0.9 * face.apart
    left, right = max(inset, round(x - reach)), min(picture.shape[1] - inset, round(x + reach))
    end = round(face.between[1])
    if right - left < 8 or end < 4:
        return None
    off = distance(picture[inset:end, left:right], behind.colour) > behind.apart
    wide = off.sum(axis=1) >= max(3, 0.08 * (right - left))
    for row in range(len(wide)):
        if wide[row : row + 3].all():  # a stray hair or a speck is no head
            return float(row + inset)
    return None


def level(pixels: NDArray[np.uint8], face: Face) -> tuple[NDArray[np.uint8], tuple[float, float]]:
    """The picture turned so that the eyes are level, and where the point between them now is."""
    if abs(face.tilt) < 0.7:
        return pixels, face.between
    turn = cv2.getRotationMatrix2D(face.between, face.tilt, 1)
    turned = cv2.warpAffine(pixels, turn, pixels.shape[1::-1], borderMode=cv2.BORDER_REPLICATE)
    return turned.astype(np.uint8), face.between


def skin_of(picture: Lab, eyes: tuple[float, float], unit: float) -> NDArray[np.float32]:
    """The colour of the cheeks: what lies beside the nose."""
    x, y = eyes
    patch = picture[_span(y + 0.3 * unit, y + 0.7 * unit), _span(x - 0.55 * unit, x + 0.55 * unit)]
    return np.median(patch.reshape(-1, 3), axis=0).astype(np.float32)


def cheeks(picture: Lab, face: Face, eyes: tuple[float, float], behind: Ground) -> tuple[float, float] | None:
    """The outer edges of the cheeks (x, x), ears left out, in a picture whose eyes are level; None where they cannot be told.

    Each row from the eyes to below the mouth is followed outward until it is no longer skin. Below the ears the face is
    taken for half an ellipse; where it widens at once, rows that go beyond that by more than a twentieth are ears.
    """
    unit = float(np.sqrt(face.apart * 0.41 * face.size))
    x, y = eyes
    top, bottom = max(0, round(y + 0.05 * unit)), min(picture.shape[0], round(y + 1.15 * unit))
    if bottom - top < 0.7 * unit:
        return None
    skin = skin_of(picture, eyes, unit)
    above = picture[_span(y - 1.6 * unit, y - 1.2 * unit), _span(x - 0.4 * unit, x + 0.4 * unit)]
    others = [behind.colour] + ([np.median(above.reshape(-1, 3), axis=0)] if above.size else [])
    apart = [float(distance(np.array(colour, np.float32), skin, LIGHT)) for colour in others]
    limit = max(5.0, min([14.0] + [0.5 * off for off in apart if off > 9]))
    rows = picture[top:bottom]
    heights = (np.arange(top, bottom) - y) / unit
    sides = []
    for way in (-1, 1):
        reach = _reach(rows, skin, limit, x, way, unit)
        side = _cheek(reach, heights, unit)
        if side is None:
            return None
        sides.append(x + way * side)
    width = sides[1] - sides[0]
    return (sides[0], sides[1]) if 1.5 * unit < width < 3.2 * unit else None


def _span(start: float, end: float) -> slice:
    return slice(max(0, round(start)), max(0, round(end)))


def _reach(rows: Lab, skin: NDArray[np.float32], limit: float, x: float, way: int, unit: float) -> NDArray[np.float64]:
    """For each row, how far from ``x`` the skin goes; what lies within 0.75 of a unit (eyes, nose, mouth) is passed over.

    Skin may change slowly on its way outward (a cheek in shadow), so each px is held against those just before it.
    """
    start = round(x + way * 0.75 * unit)
    line = rows[:, start:] if way > 0 else rows[:, : max(0, start)][:, ::-1]
    line = line * np.array([LIGHT, 1, 1], np.float32)
    wanted = skin * np.array([LIGHT, 1, 1], np.float32)
    now = np.repeat(wanted[None], len(rows), axis=0)
    reach, strange = np.full(len(rows), float(line.shape[1])), np.zeros(len(rows), int)
    for step in range(line.shape[1]):
        here = line[:, step]
        off = np.sqrt(((here - now) ** 2).sum(axis=1))
        off = np.maximum(off, np.sqrt(((here - wanted) ** 2).sum(axis=1)) / 2.2)
        strange = np.where(off > limit, strange + 1, 0)
        ended = (strange == 3) & (reach == line.shape[1])  # three px of something else end the skin
        reach[ended] = step - 2
        if (reach < line.shape[1]).all():
            break
        now = np.where((strange == 0)[:, None], 0.85 * now + 0.15 * here, now)
    padded = np.pad(abs(start - x) + reach, 2, mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, 5), axis=1)


def _cheek(reach: NDArray[np.float64], heights: NDArray[np.float64], unit: float) -> float | None:
    """The half width of the face by the ``reach`` of its rows; ``heights`` are below the eyes, in units."""
    there = reach > 0.8 * unit
    low = there & (heights > 0.68)
    below_ears = None
    if low.sum() >= 0.5 * (heights > 0.68).sum():
        curve = np.sqrt(1 - ((heights[low] - 0.25) / 1.7) ** 2)
        below_ears = float(np.median(reach[low] / curve))
    high = there & (heights <= 0.68)
    if below_ears is None or not 0.8 * unit < below_ears < 1.6 * unit:
        # a beard, or hair over the jaw: what is seen beside the nose, ears not told apart
        return float(np.median(reach[high])) if high.sum() > 8 else None
    lobe = (reach[:-4] - reach[4:] > 0.055 * unit) & there[:-4] & there[4:]  # an ear begins at once, a cheek never
    cheek = high & (reach < 1.05 * below_ears) if lobe.any() else high
    if cheek.sum() < 0.25 * high.sum():
        return below_ears
    return float(max(np.percentile(reach[cheek], 85), below_ears))
