"""A conforming file out of a larger good portrait: cut, scaled, set upright, compressed. Nothing of a face is changed.

Nothing is invented either: where the portrait has too few px or too little room around the head, it is refused. Whitening
a background that is almost white is apart, asked for expressly, and leaves the head alone.
"""

import io
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tongban.imaging import geometry, surface
from tongban.imaging.decode import Pixels, decode
from tongban.imaging.faces import Face, locate
from tongban.imaging.photo import WORKING, PhotoCheck, check
from tongban.procedure.photo import PhotoLimits

PLACED = {
    "no-face",
    "several-faces",
    "face-too-narrow",
    "face-too-wide",
    "hair-too-close",
    "hair-too-far",
    "eyes-too-low",
}
PLACED |= {"off-centre", "tilted"}
ALMOST_WHITE = 195  # each of red, green and blue of a background that whitening may finish


class Refused(ValueError):
    """No conforming file can be made; the message (Chinese) says why."""


@dataclass(frozen=True)
class Fixed:
    """A new file, what was done to make it (Chinese), whether its background was whitened, and what a check says of it."""

    data: bytes
    steps: tuple[str, ...]
    whitened: bool
    check: PhotoCheck


@dataclass(frozen=True)
class _Head:
    """The head in the picture once the eyes are level: px of the file, from the point between the eyes."""

    face: Face
    width: float
    middle: float  # of the cheeks, to the right of the eyes
    hair: float  # above the eyes


def fix(data: bytes, limits: PhotoLimits | None = None, *, whiten: bool = False) -> Fixed:
    """A conforming JPEG made from ``data``. Raises :class:`Refused`."""
    limits = limits or PhotoLimits()
    before = check(data, limits)
    placed = not (PLACED | {"wrong-size", "border"}) & {finding.code for finding in before.findings}
    if before.accepted and placed and not whiten:
        return Fixed(data, ("照片已经符合要求，原样另存",), False, before)
    picture = decode(data)
    if picture.pixels is None:
        assert picture.fault is not None
        raise Refused(picture.fault.message)
    if picture.mode == "grey" or surface.colourless(picture.pixels):
        raise Refused("这是黑白照片，变不成彩色，请提供彩色照片。")
    pixels, steps = picture.pixels, []
    if picture.mode != "colour" or picture.format != "JPEG":
        steps.append("转换为 24 位 RGB 的 JPEG")
    cut, said = (pixels, []) if placed else _cut(pixels, _head(pixels), limits)
    steps, whitened = steps + said, False
    if whiten:
        cut, whitened = _whiten(cut, limits)
        if whitened:
            steps.append("把接近白色的背景处理为纯白（头部未改动）")
    new = compress(cut, limits)
    steps.append(f"按 {limits.dpi} dpi 压缩为 {len(new)} 字节")
    again = check(new, limits)
    if PLACED & {finding.code for finding in again.findings}:
        raise Refused("没有把握裁好（裁剪后再检查，头部的大小或位置不对），请人工裁剪。")
    return Fixed(new, tuple(steps), whitened, again)


def _head(pixels: Pixels) -> _Head:
    by = min(1.0, WORKING / max(pixels.shape[:2]))
    small = cv2.resize(pixels, None, fx=by, fy=by, interpolation=cv2.INTER_AREA) if by < 1 else pixels
    faces = locate(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))
    if len(faces) != 1:
        raise Refused("没有找到人脸，无法自动裁剪。" if not faces else f"照片里有 {len(faces)} 张脸，无法自动裁剪。")
    if faces[0].size < 180:  # small in the picture: look again from nearer
        nearer = min(1.0, 210 / faces[0].size * by)
        if nearer > by * 1.2:
            by = nearer
            small = cv2.resize(pixels, None, fx=by, fy=by, interpolation=cv2.INTER_AREA) if by < 1 else pixels
            faces = locate(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY))[:1] or faces
    face = faces[0]
    flat, eyes = geometry.level(small, face)
    colours = geometry.lab(flat)
    ground = geometry.ground(colours, surface.frame(flat))
    sides = geometry.cheeks(colours, face, eyes, ground)
    hair = geometry.hair_top(colours, face, ground)
    if sides is None or hair is None:
        raise Refused("脸或头发与背景分不清，无法自动裁剪，请在白色背景前重拍。")
    if hair < 1:
        raise Refused("头顶没有拍全，无法自动裁剪，请提供头顶留有空白的照片。")
    real = Face(
        *(_times(face.centre, 1 / by), face.size / by, _times(face.left, 1 / by), _times(face.right, 1 / by)), face.tilt
    )
    width, middle = sides[1] - sides[0], (sides[0] + sides[1]) / 2 - eyes[0]
    return _Head(real, width / by, middle / 2 / by, (eyes[1] - hair) / by)


def _times(point: tuple[float, float], by: float) -> tuple[float, float]:
    return (point[0] * by, point[1] * by)


def _cut(pixels: Pixels, head: _Head, limits: PhotoLimits) -> tuple[Pixels, list[str]]:
    """The part that conforms, scaled down and upright: the best of the places the limits allow."""
    least, most = limits.face_narrowest, limits.face_widest
    if head.width < least + 1:
        raise Refused(f"脸宽只有 {head.width:.0f} px，放大到 {least} px 会失真，请提供更大的照片。")
    ideal, gap = (least + most) / 2, (limits.hair_nearest + limits.hair_farthest) / 2
    lean = head.face.tilt if abs(head.face.tilt) > 1 else 0.0
    reach, room = (most - least) / 2 - 4, (limits.hair_farthest - limits.hair_nearest) / 2 - 3
    tries = product(
        np.linspace(0, reach, 6),
        (1, -1),
        np.linspace(0, room, 4),
        (1, -1),
        np.linspace(0, 0.5 * limits.off_centre, 4),
        (1, -1),
    )
    for wider, a, lower, b, beside, c in sorted(
        tries, key=lambda t: t[0] / reach + t[2] / room + t[4] / limits.off_centre
    ):
        scale = (ideal + a * wider) / head.width
        if scale > 1:
            continue
        top = gap + b * lower
        eyes = min(
            top + head.hair * scale, limits.height - limits.eyes_lowest - 2
        )  # where both cannot be, the eyes win
        move = cv2.getRotationMatrix2D(head.face.between, lean, scale)
        move[:, 2] += np.array([limits.width / 2 - head.middle * scale + c * beside, eyes]) - np.array(
            head.face.between
        )
        if _inside(move, limits, pixels):
            return _warped(pixels, move, scale, lean, limits), _steps(pixels, scale, lean, limits)
    raise Refused("头部四周留的空白不够，裁不出符合要求的照片，请提供头部四周留有空白的照片。")


def _inside(move: NDArray[np.float64], limits: PhotoLimits, pixels: Pixels) -> bool:
    back = cv2.invertAffineTransform(move)
    corners = np.array([[x, y, 1.0] for x in (0, limits.width) for y in (0, limits.height)]) @ back.T
    height, width = pixels.shape[:2]
    return bool(
        (corners >= -0.5).all() and (corners[:, 0] <= width + 0.5).all() and (corners[:, 1] <= height + 0.5).all()
    )


def _warped(pixels: Pixels, move: NDArray[np.float64], scale: float, lean: float, limits: PhotoLimits) -> Pixels:
    height, width = pixels.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA) if scale < 1 else pixels
    turn = move.copy()
    turn[:, :2] = move[:, :2] @ np.diag([width / size[0], height / size[1]])
    if not lean:  # whole px: nothing is smoothed a second time
        turn[:, 2] = np.round(turn[:, 2])
    out: Pixels = cv2.warpAffine(
        small, turn, (limits.width, limits.height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return out


def _steps(pixels: Pixels, scale: float, lean: float, limits: PhotoLimits) -> list[str]:
    height, width = pixels.shape[:2]
    steps = [f"裁剪为 {limits.width}×{limits.height} px（原图 {width}×{height} px）"]
    if scale < 0.995:
        steps.append(f"缩小到原图的 {scale:.0%}")
    if lean:
        steps.append(f"转正 {abs(lean):.1f}°")
    return steps


def _whiten(pixels: Pixels, limits: PhotoLimits) -> tuple[Pixels, bool]:
    """What is background and almost white made white; the head and a margin around it stay as they are."""
    faces = locate(cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY))
    colours = geometry.lab(pixels)
    ground = geometry.ground(colours)
    if len(faces) != 1 or not ground.even:
        return pixels, False
    back = surface.behind(pixels, colours, faces, ground, limits.white, 0)
    if (
        min(back.colour) < ALMOST_WHITE
        or max(back.colour) - min(back.colour) > surface.NEUTRAL
        or min(back.colour) >= 254
    ):
        return pixels, False
    near = geometry.distance(colours, ground.colour) < max(ground.apart, 12)
    near &= ~surface.core(pixels.shape, faces[0], 0.95)
    _, parts = cv2.connectedComponents(near.astype(np.uint8), connectivity=4)
    edge = np.unique(np.concatenate([parts[0], parts[: len(parts) // 2, 0], parts[: len(parts) // 2, -1]]))
    outside = np.isin(parts, edge[edge > 0]).astype(np.float32)
    weight = cv2.GaussianBlur(cv2.erode(outside, np.ones((3, 3))), (0, 0), 1.0)[..., None]
    return (pixels + (255.0 - pixels) * weight).round().astype(np.uint8), True


def compress(pixels: Pixels, limits: PhotoLimits) -> bytes:
    """``pixels`` as the best JPEG within the limits of bytes. Raises :class:`Refused` where no quality meets them."""
    most = limits.most_bytes if limits.most_bytes is not None else 2**31
    least = limits.least_bytes or 0
    image = Image.fromarray(pixels)
    too_small = False
    for quality in (92, 100, 98, 95, 90, 87, 84, 80, 76, 72, 68, 64, 60, 55, 50, 45, 40):
        out = io.BytesIO()
        image.save(
            out,
            "JPEG",
            quality=quality,
            dpi=(limits.dpi, limits.dpi),
            subsampling=0 if quality >= 90 else 2,
            optimize=True,
        )
        size = out.tell()
        if least <= size <= most:
            return out.getvalue()
        too_small |= size < least
    raise Refused(
        f"压缩不到要求的大小（{least}–{most} 字节）。"
        if not too_small
        else f"照片细节太少，达不到 {least} 字节，请提供原照片。"
    )
