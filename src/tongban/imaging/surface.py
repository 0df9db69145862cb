"""What a photo looks like apart from where the head is: background, frame, sharpness, light, clothes, colour."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tongban.imaging.faces import Face
from tongban.imaging.geometry import Ground, Lab, distance

Pixels = NDArray[np.uint8]
NEUTRAL = 18  # difference between the largest and smallest of red, green, blue of what is called white or grey


@dataclass(frozen=True)
class Behind:
    """The background: median colour (RGB), share of it that is white."""

    colour: tuple[int, int, int]
    white_share: float


def behind(pixels: Pixels, picture: Lab, faces: list[Face], found: Ground, white: int, inset: int) -> Behind:
    """The background above the shoulders, without the head and ``inset`` px of frame.

    The head is what differs from the background and hangs together with the face; what is grey, light and smooth beside
    it is its shadow, and a shadow is background.
    """
    height, width = pixels.shape[:2]
    area = np.zeros((height, width), bool)
    low = round(0.62 * height)
    if faces:
        low = min(round(0.7 * height), round(faces[0].between[1] + 1.2 * faces[0].apart))
    area[inset : max(inset + 4, low), inset : width - inset or None] = True
    for face in faces:
        area &= ~_head(pixels, picture, face, found)
    if not faces:  # what stands in the middle is not known to be background
        area[round(0.12 * height) :, round(0.08 * width) : -round(0.08 * width)] = False
    seen = cv2.blur(pixels, (3, 3))[area]
    if len(seen) < 50:
        return Behind((0, 0, 0), 0.0)
    colour = np.median(seen, axis=0)
    is_white = (seen.min(axis=1) >= white) & (np.ptp(seen, axis=1) <= NEUTRAL)
    return Behind((int(colour[0]), int(colour[1]), int(colour[2])), round(float(is_white.mean()), 3))


def _head(pixels: Pixels, picture: Lab, face: Face, found: Ground) -> NDArray[np.bool_]:
    height, width = pixels.shape[:2]
    other = (distance(picture, found.colour) > found.apart).astype(np.uint8)
    inner, centre = core(pixels.shape, face), (round(face.between[0]), round(face.between[1]))
    light = pixels.min(axis=2) >= 150
    smooth = cv2.morphologyEx(cv2.blur(pixels[..., 1], (3, 3)), cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)) < 9
    shadow = light & smooth & (np.ptp(pixels, axis=2) <= NEUTRAL) & ~inner
    other[shadow] = 0
    other[inner] = 1
    _, parts = cv2.connectedComponents(other)
    head = (parts == parts[min(height - 1, max(0, centre[1])), min(width - 1, max(0, centre[0]))]).astype(np.uint8)
    reach = max(2, round(0.1 * face.apart))
    grown: NDArray[np.uint8] = cv2.dilate(head, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    return grown > 0


def core(shape: tuple[int, ...], face: Face, wide: float = 1.35) -> NDArray[np.bool_]:
    """What is head beyond doubt in a picture of ``shape``: an ellipse, ``wide`` distances of the eyes to each side."""
    inner = np.zeros(shape[:2], np.uint8)
    centre = (round(face.between[0]), round(face.between[1]))
    cv2.ellipse(inner, centre, (round(wide * face.apart), round(1.5 * wide * face.apart)), face.tilt, 0, 360, 1, -1)
    return inner > 0


def frame(pixels: Pixels) -> int:
    """How many px of frame lie along the edges, 0 for none: a straight step of brightness or colour along a whole side.

    Looked for along the top and both sides, up to 9 % inward; a frame shows along at least two of them, or along one
    where what lies outside the line is dark.
    """
    sides = (pixels, pixels.transpose(1, 0, 2), pixels[:, ::-1].transpose(1, 0, 2))
    found = [_step(side.astype(np.int16)) for side in sides]
    at = [depth for depth, _ in found if depth]
    if len(at) >= 2 or any(dark and depth for depth, dark in found):
        return max(at)
    return 0


def _step(side: NDArray[np.int16]) -> tuple[int, bool]:
    """(rows outside the innermost straight step along the first rows of ``side``, whether they are dark)."""
    deep = max(3, round(0.09 * len(side)))
    strip = side[: deep + 2]
    # the ends of a side belong to the sides next to it, the lower half of a left or right side to the clothes
    strip = strip[:, round(0.1 * strip.shape[1]) : round(0.55 * strip.shape[1])]
    strip = cv2.blur(strip.astype(np.float32), (9, 1))  # along the side: noise goes, a straight edge stays
    steps = strip[2:] - strip[:-2]  # over two px: a scaled edge is never one px wide
    best, dark = 0, False
    for row in range(len(steps)):
        turn = steps[row][np.arange(steps.shape[1]), np.abs(steps[row]).argmax(axis=1)]
        if max(np.mean(turn > 9), np.mean(turn < -9)) > 0.93:
            best, dark = row + 1, bool(strip[: row + 1].mean() < 110)
    return best, dark


def sharpness(grey: NDArray[np.uint8], face: Face) -> int | None:
    """How steep the steepest edges of the face are: % of their contrast from one px to the next, in the blurrier direction.

    A sharp photo has 25 and more, a small one made two and a half times larger 18, one blurred by a Gaussian of 3 px
    10 to 13.
    """
    x, y, unit = *face.between, face.apart
    part = grey[
        max(0, round(y - 0.6 * unit)) : round(y + 1.5 * unit), max(0, round(x - 1.1 * unit)) : round(x + 1.1 * unit)
    ]
    if min(part.shape) < 24:
        return None
    part = cv2.GaussianBlur(part.astype(np.float32), (0, 0), 0.6)
    around = np.ones((15, 15), np.uint8)
    contrast = cv2.dilate(part, around) - cv2.erode(part, around)
    strong = contrast > max(20.0, 0.5 * float(np.percentile(contrast, 98)))
    worst = 100.0
    for kernel in ((1, 0), (0, 1)):
        steep = np.abs(
            cv2.filter2D(
                part, cv2.CV_32F, np.array([[-0.5, 0, 0.5]], np.float32).reshape((1, 3) if kernel[0] else (3, 1))
            )
        )
        share = (100 * steep / np.maximum(contrast, 1))[strong]
        if share.size:
            worst = min(worst, float(np.percentile(share, 97)))
    return round(worst)


def colourless(pixels: Pixels) -> bool:
    """Whether a picture stored in colour shows none."""
    small = cv2.resize(pixels, (64, 64), interpolation=cv2.INTER_AREA).astype(np.float32)
    spread = cv2.cvtColor(small / 255, cv2.COLOR_RGB2LAB)[..., 1:]
    chroma = np.sqrt((spread**2).sum(axis=-1))
    return bool(np.percentile(chroma, 97) < 4 and small.std() > 8)  # an empty sheet is no black-and-white photo


@dataclass(frozen=True)
class Light:
    """Brightness of the face (median of luma, 0 to 255), and whether it is too bright or too dark."""

    face: int
    over: bool
    under: bool


def light(pixels: Pixels, face: Face) -> Light:
    """Of the middle of the face, and for the dark also of the whole picture: dark skin is not too little light.

    Too dark is a face of which nothing is bright, not even eyes and shine; or a picture of which nothing is bright.
    """
    x, y, unit = *face.between, face.apart
    part = pixels[
        max(0, round(y - 0.35 * unit)) : round(y + 1.1 * unit), max(0, round(x - 0.8 * unit)) : round(x + 0.8 * unit)
    ]
    luma = part.astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    whole = pixels[::3, ::3].astype(np.float32) @ np.array([0.299, 0.587, 0.114], np.float32)
    middle, bright = float(np.median(luma)), float(np.percentile(luma, 99))
    burnt = float((part.min(axis=2) >= 247).mean())
    under = middle < 48 or (middle < 80 and bright < 140) or (middle < 120 and float(np.percentile(whole, 98)) < 165)
    return Light(round(middle), middle > 236 or burnt > 0.2, under)


def white_clothes(pixels: Pixels, face: Face, width: float) -> float | None:
    """Share of the shoulders (beside the collar, along the bottom edge) that is as white as the background.

    ``width`` is that of the face, px. None where the head reaches so low that no shoulders are seen.
    """
    height = len(pixels)
    if height - face.between[1] < 2.2 * face.apart:
        return None
    top = max(round(face.between[1] + 1.9 * face.apart), round(0.9 * height))
    band = pixels[min(top, height - 4) : height - 1]
    x = face.between[0]
    left, right = _columns(band, x - 0.62 * width, x - 0.28 * width), _columns(band, x + 0.28 * width, x + 0.62 * width)
    seen = np.concatenate([left.reshape(-1, 3), right.reshape(-1, 3)])
    if len(seen) < 20:
        return None
    return round(float(((seen.min(axis=1) >= 212) & (np.ptp(seen, axis=1) <= 24)).mean()), 2)


def _columns(band: Pixels, start: float, end: float) -> Pixels:
    return band[:, max(0, round(start)) : max(0, round(end))]
