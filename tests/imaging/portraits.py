"""Portraits of nobody: drawn ones whose geometry is known, and `astronaut` of scikit-image (public domain) on white.

Drawn in code, so that the truth of every measure is known. They are simple and front-lit; what a check finds on them says
that it measures what it says it measures, not how it does on faces of all people in all light.
"""

import io
from dataclasses import dataclass, replace
from functools import cache, lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.uint8]
FINE = 3  # drawn larger, then scaled down
SKINS = ((241, 205, 180), (229, 184, 153), (209, 160, 122), (172, 122, 88), (128, 84, 58), (250, 222, 200))
HAIRS = ((25, 22, 22), (48, 36, 30), (86, 58, 38), (120, 120, 122), (205, 203, 200), (60, 30, 22))
CLOTHES = ((40, 52, 84), (120, 30, 36), (60, 60, 62), (70, 110, 90), (150, 140, 120), (20, 20, 22))


@dataclass(frozen=True)
class Drawn:
    """What to draw; all lengths in px of the finished picture, ``tilt`` in degrees clockwise, ``shift`` to the right."""

    width: int = 358
    height: int = 441
    face: float = 207
    hair_top: float = 14
    eyes: float = 228  # above the bottom edge
    shift: float = 0
    tilt: float = 0
    skin: tuple[int, int, int] = SKINS[0]
    hair: tuple[int, int, int] = HAIRS[0]
    clothes: tuple[int, int, int] = CLOTHES[0]
    background: tuple[int, int, int] = (255, 255, 255)
    style: str = "short"  # short, long, bald
    ears: bool = True
    glasses: bool = False
    collar: bool = False  # a white collar under the clothes
    noise: float = 2.0
    seed: int = 0


def _ellipse(
    canvas: Pixels,
    centre: tuple[float, float],
    axes: tuple[float, float],
    colour: tuple[int, ...],
    arc: tuple[int, int],
) -> None:
    at = (round(centre[0] * FINE), round(centre[1] * FINE))
    cv2.ellipse(canvas, at, (max(1, round(axes[0] * FINE)), max(1, round(axes[1] * FINE))), 0, *arc, colour, -1)


def _dome(canvas: Pixels, centre: tuple[float, float], axes: tuple[float, float], colour: tuple[int, int, int]) -> None:
    """The upper half of a rounded box, as heads are."""
    turn = np.linspace(np.pi, 2 * np.pi, 90)
    across = np.sign(np.cos(turn)) * np.abs(np.cos(turn)) ** 0.8
    up = -(np.abs(np.sin(turn)) ** 0.8)
    points = np.stack([centre[0] + axes[0] * across, centre[1] + axes[1] * up], axis=1) * FINE
    cv2.fillPoly(canvas, [points.round().astype(np.int32)], colour)


def _darker(colour: tuple[int, int, int], by: float) -> tuple[int, int, int]:
    return (round(colour[0] * by), round(colour[1] * by), round(colour[2] * by))


@lru_cache(64)
def draw(d: Drawn) -> Pixels:
    """The picture of ``d``, height × width × 3, RGB, read-only."""
    canvas = np.full((d.height * FINE, d.width * FINE, 3), d.background, np.uint8)
    x, y, w = d.width / 2 + d.shift, d.height - d.eyes, d.face
    chin, full = y + 0.84 * w, (0, 360)

    def spot(dx: float, dy: float, rx: float, ry: float, colour: tuple[int, ...], arc: tuple[int, int] = full) -> None:
        _ellipse(canvas, (x + dx * w, y + dy * w), (rx * w, ry * w), colour, arc)

    low, crown = (chin - y) / w - 0.10, (y - d.hair_top) / w + 0.10  # from the widest row of the face, in face widths
    if d.style == "long":
        spot(0, 0.10, 0.62, 0.80, d.hair, (0, 180))
        _dome(canvas, (x, y + 0.10 * w), (0.62 * w, crown * w), d.hair)
    spot(0, 1.45, 0.95, 0.60, d.clothes)  # shoulders
    if d.collar:
        spot(0, 0.98, 0.30, 0.16, (250, 250, 250))
    spot(0, 0.80, 0.25, 0.20, _darker(d.skin, 0.82))  # neck
    if d.style == "short":
        _dome(canvas, (x, y + 0.05 * w), (0.54 * w, (crown - 0.05) * w), d.hair)
    if d.ears and d.style != "long":
        for side in (-1, 1):
            spot(side * 0.51, 0.10, 0.065, 0.15, _darker(d.skin, 0.9))
    # the face: widest a little below the eyes, narrower to the chin; the forehead ends at the hairline
    spot(0, 0.10, 0.5, low, d.skin, (0, 180))
    _dome(canvas, (x, y + 0.10 * w), (0.5 * w, (crown if d.style == "bald" else 0.62) * w), d.skin)
    shade = canvas.copy()
    for side in (-1, 1):
        _ellipse(shade, (x + side * 0.215 * w, y - 0.01 * w), (0.15 * w, 0.085 * w), _darker(d.skin, 0.80), full)
        _ellipse(shade, (x + side * 0.42 * w, y + 0.35 * w), (0.10 * w, 0.25 * w), _darker(d.skin, 0.93), full)
    _ellipse(shade, (x, y + 0.36 * w), (0.115 * w, 0.04 * w), _darker(d.skin, 0.72), full)
    face = np.zeros(canvas.shape[:2], np.uint8)
    cv2.ellipse(
        face,
        (round(x * FINE), round((y + 0.1 * w) * FINE)),
        (round(0.5 * w * FINE), round(low * w * FINE)),
        0,
        0,
        360,
        255,
        -1,
    )
    soft = cv2.resize(shade, (d.width, d.height), interpolation=cv2.INTER_AREA)
    soft = cv2.resize(cv2.GaussianBlur(soft, (0, 0), 0.025 * w), shade.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    keep = (face > 0) & (canvas == np.array(d.skin, np.uint8)).all(axis=2)
    canvas[keep] = soft[keep]
    for side in (-1, 1):
        ex = side * 0.215
        spot(ex, 0, 0.085, 0.040, (236, 232, 228))
        spot(ex, 0, 0.040, 0.040, (52, 34, 26))
        spot(ex, 0, 0.018, 0.018, (12, 10, 10))
        spot(ex + 0.012, -0.012, 0.007, 0.007, (250, 250, 250))
        _arc(canvas, (x + ex * w, y + 0.005 * w), (0.092 * w, 0.052 * w), (40, 28, 24), 0.014 * w, (190, 350))
        _arc(canvas, (x + ex * w, y - 0.055 * w), (0.125 * w, 0.075 * w), _darker(d.hair, 0.9), 0.028 * w, (200, 340))
        spot(side * 0.055, 0.355, 0.022, 0.012, _darker(d.skin, 0.45))
        if d.glasses:
            _arc(canvas, (x + ex * w, y + 0.01 * w), (0.165 * w, 0.115 * w), (40, 40, 42), 0.014 * w, (0, 360))
    spot(0, 0.52, 0.15, 0.030, _darker(d.skin, 0.66))
    _arc(canvas, (x, y + 0.50 * w), (0.16 * w, 0.025 * w), (90, 40, 40), 0.010 * w, (10, 170))
    if d.tilt:
        turn = cv2.getRotationMatrix2D((x * FINE, (y + 0.3 * w) * FINE), -d.tilt, 1)
        canvas = cv2.warpAffine(canvas, turn, canvas.shape[1::-1], borderValue=d.background, flags=cv2.INTER_LINEAR)
    small = cv2.resize(canvas, (d.width, d.height), interpolation=cv2.INTER_AREA).astype(np.float32)
    small += np.random.default_rng(d.seed).normal(0, d.noise, small.shape)
    done = np.clip(small, 0, 255).astype(np.uint8)
    done.flags.writeable = False
    return done


def _arc(
    canvas: Pixels,
    centre: tuple[float, float],
    axes: tuple[float, float],
    colour: tuple[int, ...],
    thick: float,
    arc: tuple[int, int],
) -> None:
    at = (round(centre[0] * FINE), round(centre[1] * FINE))
    size = (round(axes[0] * FINE), round(axes[1] * FINE))
    cv2.ellipse(canvas, at, size, 0, *arc, colour, max(1, round(thick * FINE)), cv2.LINE_AA)


def varied(seed: int, **fixed: object) -> Drawn:
    """A conforming portrait, varied by ``seed``."""
    rng = np.random.default_rng(seed)

    def one_of(values: tuple[tuple[int, int, int], ...]) -> tuple[int, int, int]:
        return values[int(rng.integers(len(values)))]

    d = Drawn(
        face=float(rng.uniform(198, 216)),
        hair_top=float(rng.uniform(9, 19)),
        eyes=float(rng.uniform(216, 236)),
        shift=float(rng.uniform(-6, 6)),
        tilt=float(rng.uniform(-1.5, 1.5)),
        skin=one_of(SKINS),
        hair=one_of(HAIRS),
        clothes=one_of(CLOTHES),
        style=("short", "short", "long", "bald")[int(rng.integers(4))],
        glasses=bool(rng.random() < 0.3),
        collar=bool(rng.random() < 0.3),
        noise=float(rng.uniform(0.5, 3)),
        seed=seed,
    )
    return replace(d, **fixed)  # type: ignore[arg-type]


def jpeg(pixels: Pixels, quality: int = 92, **options: object) -> bytes:
    """``pixels`` as a JPEG file of 350 dpi."""
    return encoded(Image.fromarray(pixels), "JPEG", quality=quality, dpi=(350, 350), **options)


def encoded(image: Image.Image, name: str, **options: object) -> bytes:
    """``image`` as a file of the format ``name``."""
    out = io.BytesIO()
    image.save(out, name, **options)
    return out.getvalue()


ASTRONAUT_FACE = 90.0  # px between the cheeks in the original, measured by hand
ASTRONAUT_EYES = (225.0, 102.0)  # between the pupils
ASTRONAUT_HAIR = 16.0  # top row of the hair


@cache
def cut_out() -> tuple[Pixels, NDArray[np.float32]]:
    """`astronaut` and how much of each pixel is she (0 to 1), her background taken off."""
    from skimage.data import astronaut

    picture = np.ascontiguousarray(astronaut()[:300, 90:350])
    mask = np.full(picture.shape[:2], cv2.GC_PR_BGD, np.uint8)
    cv2.ellipse(mask, (137, 85), (68, 70), 0, 0, 360, cv2.GC_PR_FGD, -1)
    cv2.ellipse(mask, (136, 110), (42, 70), 0, 0, 360, cv2.GC_FGD, -1)
    cv2.ellipse(mask, (136, 55), (50, 28), 0, 0, 360, cv2.GC_FGD, -1)
    mask[180:] = cv2.GC_PR_FGD
    mask[230:, 20:240] = cv2.GC_FGD
    mask[:14] = cv2.GC_BGD
    mask[:150, :48] = mask[:170, 222:] = cv2.GC_BGD
    cv2.setRNGSeed(1)
    cv2.grabCut(picture[:, :, ::-1].copy(), mask, None, np.zeros((1, 65)), np.zeros((1, 65)), 5, cv2.GC_INIT_WITH_MASK)
    she = np.isin(mask, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    _, parts, sizes, _ = cv2.connectedComponentsWithStats(she)
    she = (parts == 1 + int(np.argmax(sizes[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)
    return picture, cv2.GaussianBlur(she.astype(np.float32), (0, 0), 0.8)


def astronaut(
    width: int = 358,
    height: int = 441,
    face: float = 207,
    eyes: float = 228,
    shift: float = 0,
    tilt: float = 0,
    background: tuple[int, int, int] = (255, 255, 255),
) -> Pixels:
    """She on a plain background, scaled so that her face is ``face`` px wide."""
    picture, she = cut_out()
    scale = face / ASTRONAUT_FACE
    at = (ASTRONAUT_EYES[0] - 90, ASTRONAUT_EYES[1])
    move = cv2.getRotationMatrix2D(at, 3 - tilt, scale)  # the head leans 3 degrees in the original
    move[:, 2] += np.array([width / 2 + shift, height - eyes]) - np.array(at)
    how = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    person = cv2.warpAffine(picture, move, (width, height), flags=how, borderMode=cv2.BORDER_REPLICATE)
    weight = cv2.warpAffine(she, move, (width, height), flags=cv2.INTER_LINEAR)[:, :, None]
    if move[1, 2] + scale * 300 < height:
        weight[round(move[1, 2] + scale * 300) :] = 0
    return (person * weight + np.array(background) * (1 - weight)).clip(0, 255).astype(np.uint8)
