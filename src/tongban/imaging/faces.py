"""Where faces are, and where their eyes are. Nobody is recognised: a face is a place in a picture.

Haar cascades find the place; what is measured about it is measured elsewhere, for their boxes are loose.
"""

import threading
from dataclasses import dataclass
from itertools import product
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.uint8]
Point = tuple[float, float]

TURNS = (20, -20, 40, -40, 90, -90, 180)  # degrees tried where no upright face is found
SMALLEST = 0.13  # of the height: smaller ones are pictures on a wall, or nothing

cv2.setNumThreads(1)  # a server has other requests to answer


@dataclass(frozen=True)
class Face:
    """A face: its centre and size (px of the picture), its pupils left to right as seen, its lean in degrees clockwise."""

    centre: Point
    size: float
    left: Point
    right: Point
    tilt: float

    @property
    def between(self) -> Point:
        """The point between the pupils."""
        return ((self.left[0] + self.right[0]) / 2, (self.left[1] + self.right[1]) / 2)

    @property
    def apart(self) -> float:
        """Distance between the pupils, px."""
        return float(np.hypot(self.right[0] - self.left[0], self.right[1] - self.left[1]))


class _Cascades(threading.local):
    """A cascade is not safe for two threads at once, so each thread loads its own, once."""

    def __init__(self) -> None:
        folder = Path(cv2.__file__).parent / "data"
        self.first, self.second, self.third = (
            cv2.CascadeClassifier(str(folder / f"haarcascade_frontalface_{name}.xml"))
            for name in ("alt2", "alt", "default")
        )


_cascades = _Cascades()
Box = tuple[int, int, int]  # left, top, size


def locate(grey: Grey) -> list[Face]:
    """Faces in ``grey``, largest first. A second face counts only where another cascade finds it too."""
    scale = min(1.0, 480 / grey.shape[0], 640 / grey.shape[1])
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    found, turn = _boxes(small), 0
    for turn in TURNS if not found else ():
        found = _found(_cascades.first, _turned(small, turn)[0], 4)
        if found:
            break
    else:
        turn = 0
    if not found:
        return []
    upright, back = _turned(small, turn)
    return [_face(upright, box, back, turn, scale) for box in _apart(found)]


def _found(cascade: cv2.CascadeClassifier, grey: Grey, neighbours: int) -> list[Box]:
    least = max(24, round(SMALLEST * min(grey.shape)))
    boxes = cascade.detectMultiScale(grey, 1.1, neighbours, minSize=(least, least))
    return [(int(x), int(y), int(size)) for x, y, size, _ in boxes]


def _boxes(grey: Grey) -> list[Box]:
    large = 0.4 * min(grey.shape)
    found = _found(_cascades.first, grey, 2)
    if not any(size >= large for _, _, size in found):
        # little contrast (dark skin in weak light, a pale print), or an eye taken for a face
        even = cv2.createCLAHE(4.0, (4, 4)).apply(grey)
        found += (
            _found(_cascades.first, even, 3) or _found(_cascades.second, even, 4) or _found(_cascades.second, grey, 4)
        )
    if not found:  # a coarse picture: only what is large and plain at the second look
        soft = cv2.GaussianBlur(grey, (0, 0), 0.008 * grey.shape[0])
        found = (
            _found(_cascades.first, soft, 2) or _found(_cascades.second, soft, 2) or _found(_cascades.third, soft, 4)
        )
        found = [box for box in found if box[2] >= large]
    found = _apart(found)
    if len(found) > 1:
        again = _found(_cascades.third, grey, 4) + _found(_cascades.second, grey, 4)
        found = found[:1] + [box for box in found[1:] if any(_same(box, other) for other in again)]
    return found


def _same(one: Box, other: Box) -> bool:
    """Whether the centre of either lies in the other."""
    centre, reach = (one[0] + one[2] / 2, one[1] + one[2] / 2), max(one[2], other[2]) / 2
    return max(abs(other[0] + other[2] / 2 - centre[0]), abs(other[1] + other[2] / 2 - centre[1])) < reach


def _apart(boxes: list[Box]) -> list[Box]:
    """Largest first, without those that lie in a larger one."""
    kept: list[Box] = []
    for box in sorted(boxes, key=lambda box: -box[2]):
        if not any(_same(box, other) for other in kept):
            kept.append(box)
    return kept


def _turned(grey: Grey, degrees: int) -> tuple[Grey, NDArray[np.float64]]:
    """The picture turned by ``degrees`` clockwise, and the matrix that leads back."""
    if not degrees:
        return grey, np.array([[1.0, 0, 0], [0, 1, 0]])
    height, width = grey.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), -degrees, 1)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    size = (round(height * sin + width * cos), round(height * cos + width * sin))
    turn[:, 2] += np.array([size[0] - width, size[1] - height]) / 2
    edge = int(np.median(np.concatenate([grey[0], grey[:, 0], grey[:, -1]])))
    turned = cv2.warpAffine(grey, turn, size, borderValue=edge)
    return turned.astype(np.uint8), cv2.invertAffineTransform(turn)


def _face(grey: Grey, box: Box, back: NDArray[np.float64], turn: int, scale: float) -> Face:
    def there(point: Point) -> Point:
        x, y = back @ np.array([*point, 1.0])
        return (float(x) / scale, float(y) / scale)

    one, other = pupils(grey, box)
    lean = float(np.degrees(np.arctan2(other[1] - one[1], other[0] - one[0]))) - turn
    centre = (box[0] + box[2] / 2, box[1] + box[2] / 2)
    return Face(there(centre), box[2] / scale, there(one), there(other), (lean + 180) % 360 - 180)


UNIT = 96  # px a side at which a face is searched for its eyes


def pupils(grey: Grey, box: Box) -> tuple[Point, Point]:
    """The two pupils in the face ``box``: the pair of dark round spots that lies most as eyes lie.

    Looked for a second time with the head upright where the first look says that it leans.
    """
    found = _leaning(grey, box, 0.0)
    lean = float(np.degrees(np.arctan2(found[1][1] - found[0][1], found[1][0] - found[0][0])))
    return _leaning(grey, box, lean) if abs(lean) > 4 else found


def _leaning(grey: Grey, box: Box, lean: float) -> tuple[Point, Point]:
    left, top, size = box
    middle = (left + size / 2, top + size / 2)
    turn = cv2.getRotationMatrix2D(middle, lean, UNIT / size)
    turn[:, 2] += UNIT / 2 - np.array(middle)
    if size > 1.5 * UNIT:  # or px would be left out
        grey = cv2.GaussianBlur(grey, (0, 0), 0.35 * size / UNIT)
    part = cv2.warpAffine(grey, turn, (UNIT, UNIT), borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
    back = cv2.invertAffineTransform(turn)
    one, other = (back @ np.array([*point, 1.0]) for point in _pair(part))
    return (float(one[0]), float(one[1])), (float(other[0]), float(other[1]))


def _pair(part: NDArray[np.float32]) -> tuple[Point, Point]:
    """The pair of spots that lies most as the eyes of a fairly upright head lie."""
    spots = np.zeros_like(part)
    for radius in (2.2, 3.4):  # px; an iris is some 4 % of such a box. Dark across and along: a brow is only across
        soft = cv2.GaussianBlur(part, (0, 0), radius)
        xx, yy, xy = (cv2.Sobel(soft, cv2.CV_32F, *order, ksize=3) for order in ((2, 0), (0, 2), (1, 1)))
        least = (xx + yy) / 2 - np.sqrt(((xx - yy) / 2) ** 2 + xy**2)
        spots = np.maximum(spots, least * radius**2)
    best, found = 0.0, ((0.31 * UNIT, 0.37 * UNIT), (0.69 * UNIT, 0.37 * UNIT))
    for one, other in product(_candidates(spots, 12, 47), _candidates(spots, 49, 84)):
        across, down = other[0] - one[0], other[1] - one[1]
        middle = (one[0] + other[0]) / 2 - 0.5 * UNIT
        off = ((across - 0.41 * UNIT) / 9) ** 2 + (down / 9) ** 2 + (middle / 6) ** 2
        off += (((one[1] + other[1]) / 2 - 0.37 * UNIT) / 5) ** 2
        score = (one[2] * other[2]) ** 0.5 * float(np.exp(-off / 2))
        if score > best:
            best, found = score, ((one[0], one[1]), (other[0], other[1]))
    return found


def _candidates(spots: NDArray[np.float32], start: int, end: int) -> list[tuple[float, float, float]]:
    """(x, y, strength) of the strongest spots in the columns where an eye may be."""
    area = spots[20:56, start:end].copy()
    found = []
    for _ in range(5):
        y, x = np.unravel_index(int(np.argmax(area)), area.shape)
        strength = float(area[y, x])
        if strength <= 0:
            break
        near = area[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2].clip(0)  # its centre, finer than a px
        rows, columns = np.mgrid[
            max(0, y - 1) : max(0, y - 1) + near.shape[0], max(0, x - 1) : max(0, x - 1) + near.shape[1]
        ]
        weight = near / near.sum()
        found.append((start + float((columns * weight).sum()), 20 + float((rows * weight).sum()), strength))
        area[max(0, y - 4) : y + 5, max(0, x - 4) : x + 5] = 0
    return found
