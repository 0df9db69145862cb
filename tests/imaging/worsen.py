"""Good portraits made worse: for each code of a photo's check, a file on which it must be found."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
from PIL import Image

from tests.imaging.portraits import Drawn, Pixels, astronaut, draw, encoded, jpeg

Rng = np.random.Generator


def _pixels(change: Callable[[Pixels, Rng], Pixels]) -> Callable[[Drawn, Rng], bytes]:
    return lambda d, rng: jpeg(change(draw(d), rng), int(rng.integers(80, 95)))


def _drawn(change: Callable[[Drawn, Rng], Drawn]) -> Callable[[Drawn, Rng], bytes]:
    return lambda d, rng: jpeg(draw(change(d, rng)), int(rng.integers(80, 95)))


def _colour(rng: Rng) -> tuple[int, int, int]:
    colours = (
        (67, 142, 219),
        (200, 30, 40),
        (200, 200, 200),
        (225, 225, 220),
        (235, 225, 200),
        (60, 120, 60),
        (225, 238, 252),
    )
    return colours[int(rng.integers(len(colours)))]


def _border(pixels: Pixels, rng: Rng) -> Pixels:
    shade, wide = int(rng.integers(0, 190)), int(rng.integers(2, 14))
    framed = np.full_like(pixels, shade)
    framed[wide:-wide, wide:-wide] = pixels[wide:-wide, wide:-wide]
    return framed


def _two(pixels: Pixels, rng: Rng) -> Pixels:
    other = cv2.resize(draw(Drawn(seed=int(rng.integers(1000)))), (110, 135), interpolation=cv2.INTER_AREA)
    out = pixels.copy()
    x = int(rng.choice((0, pixels.shape[1] - 110)))
    out[4:139, x : x + 110] = other
    return out


def _shadow(pixels: Pixels, rng: Rng) -> Pixels:
    """No face at all: a wall, a landscape of stripes, an object."""
    out = np.full_like(pixels, 255)
    for _ in range(int(rng.integers(1, 6))):
        colour = tuple(int(v) for v in rng.integers(0, 220, 3))
        at = (int(rng.integers(60, 300)), int(rng.integers(60, 400)))
        cv2.ellipse(out, at, (int(rng.integers(20, 120)), int(rng.integers(20, 120))), 0, 0, 360, colour, -1)
    return out


def _motion(pixels: Pixels, rng: Rng) -> Pixels:
    if rng.random() < 0.5:
        return cv2.GaussianBlur(pixels, (0, 0), float(rng.uniform(3, 5)))
    kernel = np.zeros((13, 13), np.float32)
    kernel[6] = 1 / 13
    return cv2.filter2D(pixels, -1, kernel if rng.random() < 0.5 else kernel.T)


def _brighter(pixels: Pixels, rng: Rng) -> Pixels:
    face = pixels[180:330, 110:250]
    gain = float(rng.uniform(250, 290)) / max(60.0, float(np.median(face.min(axis=2))))
    return (pixels * gain).clip(0, 255).astype(np.uint8)


def screened(pixels: Pixels, period: float, turn: float) -> Pixels:
    """``pixels`` printed with dots of ``period`` px in three colours and scanned."""
    up = 3
    big = cv2.resize(pixels, None, fx=up, fy=up, interpolation=cv2.INTER_LINEAR).astype(np.float32)
    y, x = np.mgrid[: big.shape[0], : big.shape[1]].astype(np.float32)
    for band in range(3):
        angle, wave = np.deg2rad(turn + 30 * band), 2 * np.pi / (period * up)
        dots = np.cos((x * np.cos(angle) + y * np.sin(angle)) * wave) + np.cos(
            (y * np.cos(angle) - x * np.sin(angle)) * wave
        )
        big[..., band] = np.where(big[..., band] > (dots + 2) / 4 * 255, 255, 0)
    soft = cv2.GaussianBlur(big, (0, 0), 0.8 * up)
    small = cv2.resize(soft, pixels.shape[1::-1], interpolation=cv2.INTER_AREA)
    return small.clip(0, 255).astype(np.uint8)


def on_paper(pixels: Pixels, rng: Rng) -> Pixels:
    """A print on a sheet, a little askew, scanned and cut to the size of a photo."""
    shade = int(rng.integers(215, 246))
    sheet = np.full((640, 520, 3), (shade, shade, shade - int(rng.integers(0, 10))), np.float32)
    turn = cv2.getRotationMatrix2D((179, 220), float(rng.uniform(-4, 4)), 1)
    turn[:, 2] += (81, 99)
    where = cv2.warpAffine(np.ones(pixels.shape[:2], np.float32), turn, (520, 640))[..., None]
    sheet = sheet * (1 - where) + cv2.warpAffine(pixels, turn, (520, 640)) * where
    sheet += rng.normal(0, 2, sheet.shape)
    return cv2.resize(sheet.clip(0, 255).astype(np.uint8), (358, 441), interpolation=cv2.INTER_AREA)


def _printed(pixels: Pixels, rng: Rng) -> Pixels:
    if rng.random() < 0.4:
        return on_paper(pixels, rng)
    return screened(pixels, float(rng.uniform(3, 6)), float(rng.uniform(15, 60)))


def _cut(d: Drawn, rng: Rng) -> bytes:
    whole = jpeg(draw(d))
    return whole[: int(rng.uniform(0.1, 0.98) * len(whole))]


def _not_an_image(d: Drawn, rng: Rng) -> bytes:
    kinds = (b"", b"%PDF-1.7\n", b"\x00\x00\x00\x20ftypmp42", b"PK\x03\x04", "照片".encode(), bytes(rng.bytes(3000)))
    return kinds[int(rng.integers(len(kinds)))]


def _other_format(d: Drawn, rng: Rng) -> bytes:
    name = ("PNG", "BMP", "TIFF", "WEBP", "GIF")[int(rng.integers(5))]
    return encoded(Image.fromarray(draw(d)), name)


def _colourless(d: Drawn, rng: Rng) -> bytes:
    image, kind = Image.fromarray(draw(d)), int(rng.integers(3))
    grey = image.convert("L")
    return encoded((grey, image.convert("CMYK"), grey.convert("RGB"))[kind], "JPEG", quality=90)


def _other_size(d: Drawn, rng: Rng) -> bytes:
    size = ((357, 441), (358, 440), (359, 441), (358, 442), (413, 531), (716, 882), (295, 413))[int(rng.integers(7))]
    return jpeg(cv2.resize(draw(d), size, interpolation=cv2.INTER_AREA))


def _far(d: Drawn, rng: Rng) -> Drawn:
    down = float(rng.uniform(12, 30))  # the whole head lower, or a low crown
    return replace(d, hair_top=22 + down, eyes=max(210, d.eyes - down / 2))


# code → a portrait and a source of chance → a file that has this fault (and perhaps others)
WORSE: dict[str, Callable[[Drawn, Rng], bytes]] = {
    "not-an-image": _not_an_image,
    "truncated": _cut,
    "not-jpeg": _other_format,
    "not-colour": _colourless,
    "wrong-size": _other_size,
    "background-not-white": _drawn(lambda d, rng: replace(d, background=_colour(rng))),
    "border": _pixels(_border),
    "no-face": _pixels(_shadow),
    "several-faces": _pixels(_two),
    "face-too-narrow": _drawn(lambda d, rng: replace(d, face=float(rng.uniform(140, 180)))),
    "face-too-wide": _drawn(lambda d, rng: replace(d, face=float(rng.uniform(235, 262)))),
    "hair-too-close": _drawn(
        lambda d, rng: replace(d, hair_top=float(rng.uniform(0, 4)), eyes=float(rng.uniform(222, 240)))
    ),
    "hair-too-far": _drawn(_far),
    "eyes-too-low": _drawn(lambda d, rng: replace(d, eyes=float(rng.uniform(170, 200)))),
    "off-centre": _drawn(lambda d, rng: replace(d, shift=float(rng.uniform(28, 55) * rng.choice((-1, 1))))),
    "tilted": _drawn(lambda d, rng: replace(d, tilt=float(rng.uniform(8, 18) * rng.choice((-1, 1))))),
    "blurred": _pixels(_motion),
    "over-exposed": _pixels(_brighter),
    "under-exposed": _pixels(lambda pixels, rng: (pixels * rng.uniform(0.2, 0.5)).astype(np.uint8)),
    "white-clothes": _drawn(lambda d, rng: replace(d, clothes=(int(rng.integers(235, 256)),) * 3)),
    "scanned-print": _pixels(_printed),
}


def astronaut_file(quality: int = 92, **options: float) -> bytes:
    """The portrait of `astronaut` as a photo that conforms, unless ``options`` say otherwise."""
    return jpeg(astronaut(**({"face": 205} | options)), quality)  # type: ignore[arg-type]
