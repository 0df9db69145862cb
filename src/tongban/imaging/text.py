"""Printed Chinese on a picture: where it stands, which way it is turned, what it says (rapidocr, models in the wheel).

The models are loaded once a process, by :func:`load` or else at the first call; importing this module loads none of them.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from tongban.imaging.decode import Pixels
from tongban.imaging.simplified import simplified

Corners = NDArray[np.float32]  # 4 × 2, px: top left, top right, bottom right, bottom left as one reads

CARD_SIDE, PAGE_SIDE = 736, 960  # px of the longer side in which text is looked for
MOST_LINES = 60  # read on one picture; an identity card has some 13 on both sides
SMALL = 20  # px: lower lines are looked for again, nearer
LONG = 2.5  # times as long as high: such a line tells which way it runs
ENOUGH = 10  # times its height of a line tell whether it reads
MOST_CUT = 5  # lines at the edge of a page are counted no further
_lock = threading.Lock()


@dataclass(frozen=True)
class Char:
    """A character, how sure it is (0–1), and where in its line it stands (0 left – 1 right)."""

    char: str
    score: float
    at: float


@dataclass(frozen=True, eq=False)
class Line:
    """A line of text: its characters (simplified, without spaces) and its corners on the picture as it was given.

    ``left``, ``right``, ``top`` and ``bottom`` (px) are counted after the text was turned upright and level.
    """

    chars: tuple[Char, ...]
    corners: Corners
    left: float
    right: float
    top: float
    bottom: float
    cutout: Pixels

    @property
    def text(self) -> str:
        """What it says."""
        return "".join(char.char for char in self.chars)

    @property
    def score(self) -> float:
        """How sure it is: the mean of its characters."""
        return sum(char.score for char in self.chars) / max(1, len(self.chars))

    @property
    def height(self) -> float:
        """Of the line's box, about one and a half characters."""
        return self.bottom - self.top

    @property
    def middle(self) -> float:
        """Half way down."""
        return (self.top + self.bottom) / 2


@dataclass(frozen=True, eq=False)
class Text:
    """Lines that stand the same way, from top to bottom.

    ``direction``: degrees clockwise from left-to-right in which they run on the picture; ``upright`` (2 × 3) maps a
    point of the picture to where the numbers of the lines count from.
    """

    lines: tuple[Line, ...]
    direction: float
    upright: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Layout:
    """How text lies on a page, without reading it. ``quarter``: degrees clockwise from left-to-right (0, 90, 180, 270)
    in which most of it runs, None without any text; ``tilt``: how many degrees more. ``cut``: lines that run into the
    edge of the picture. ``print_height``: of a middling character, px.
    """

    quarter: int | None
    tilt: float
    cutouts: tuple[Pixels, ...]
    cut: int
    print_height: float


NO_TEXT = Layout(None, 0.0, (), 0, 0.0)


@lru_cache(maxsize=1)
def _engine() -> Any:  # what a call returns depends on what it was asked to do
    from rapidocr import RapidOCR

    one_thread = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    looks = {"Global.use_preprocess_img": False, "Global.use_vertical_padding": False, "Rec.rec_img_shape": [3, 48, 48]}
    scaled_here = {"Det.limit_type": "max", "Det.limit_side_len": 4096}
    return RapidOCR(params={"Global.log_level": "critical", **one_thread, **looks, **scaled_here})


def load() -> None:
    """Have the models ready: loaded, and each run once on a line of its own, for the first run of a model is slow."""
    picture = np.full((96, 320, 3), 255, dtype=np.uint8)
    cv2.putText(picture, "2026-01-01", (20, 60), cv2.FONT_HERSHEY_SIMPLEX, 1.4, (0, 0, 0), 3)
    texts_of(picture)


def texts_of(picture: Pixels) -> list[Text]:
    """The text on ``picture`` (RGB), one :class:`Text` for each way the lines stand, the one with most of them first."""
    with _lock:  # one picture at a time: the engine keeps the settings of a call on itself
        boxes = _boxes(picture)
        groups: dict[int, list[Corners]] = {}
        for direction, members in _by_direction(picture, boxes):
            quarter, _ = _checked(picture, direction, members)
            groups.setdefault(quarter, []).extend(members)
        found = [_read(picture, quarter, members) for quarter, members in groups.items()]
    return sorted(found, key=lambda text: -len(text.lines))


def layout_of(picture: Pixels) -> Layout:
    """How the text on ``picture`` (RGB) lies."""
    if min(picture.shape[:2]) < 32:
        return NO_TEXT
    with _lock:
        found, _ = _look(picture, PAGE_SIDE)
        groups = _by_direction(picture, sorted(found, key=cv2.contourArea, reverse=True)[:MOST_LINES])
        if not groups:
            return NO_TEXT
        quarter, boxes = max(groups, key=lambda group: len(group[1]))
        quarter, reads = _checked(picture, quarter, boxes)
        if reads < 0.5:  # grain, hatching, a photograph
            return NO_TEXT
        direction = _direction(quarter, boxes)
        height, width = picture.shape[:2]
        near = max(2.0, 0.002 * max(height, width))
        cutouts, cut = [], 0
        for box in boxes:
            cutouts.append(_cut(picture, _ordered(box, direction)))
            low, high = box.min(axis=0), box.max(axis=0)
            if (low.min() < near or high[0] > width - near or high[1] > height - near) and cut < MOST_CUT:
                chars = _recognise(cutouts[-1])
                cut += len(chars) > 1 and _score(chars) > 0.6
    tilt = (direction - quarter + 180) % 360 - 180
    print_height = float(np.median([min(_sides(box)) for box in boxes])) / 1.5
    return Layout(quarter, tilt, tuple(cutouts), cut, print_height)


def _boxes(picture: Pixels) -> list[Corners]:
    """Where text stands. A picture on which it is small or fills a small part is looked at again, nearer."""
    height, width = picture.shape[:2]
    like_a_card = 1.3 < max(height, width) / min(height, width) < 1.9
    boxes, scale = _look(picture, CARD_SIDE if like_a_card else PAGE_SIDE)
    if not boxes or len(boxes) > MOST_LINES:
        return sorted(boxes, key=cv2.contourArea, reverse=True)[:MOST_LINES]
    corners = np.concatenate(boxes)
    low, high = corners.min(axis=0), corners.max(axis=0)
    share = float(np.prod(high - low)) / (width * height)
    small = float(np.median([min(_sides(box)) for box in boxes])) * scale < SMALL and scale < 1
    if share >= 0.35 and not small:
        return boxes
    room = 0.6 * (high - low) + 20
    x0, y0 = np.maximum(low - room, 0).astype(int)
    x1, y1 = np.minimum(high + room, (width, height)).astype(int)
    if (x1 - x0) * (y1 - y0) > 0.8 * width * height and not small:
        return boxes
    nearer, _ = _look(picture[y0:y1, x0:x1], round(PAGE_SIDE * 1.35) if small else PAGE_SIDE)
    moved = [box + _points((x0, y0)) for box in nearer]
    return sorted(moved, key=cv2.contourArea, reverse=True)[:MOST_LINES] or boxes


def _look(picture: Pixels, side: int) -> tuple[list[Corners], float]:
    height, width = picture.shape[:2]
    scale = min(2.0, side / max(height, width))
    size = (max(32, round(width * scale)), max(32, round(height * scale)))
    sized = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    found = _engine()(cv2.cvtColor(sized, cv2.COLOR_RGB2BGR), use_det=True, use_cls=False, use_rec=False)
    if found.boxes is None:
        return [], scale
    shrink = _points((width / size[0], height / size[1]))
    return [_points(box) * shrink for box in found.boxes], scale


def _points(numbers: ArrayLike) -> Corners:
    return np.asarray(numbers, dtype=np.float32)


def _sides(box: Corners) -> tuple[float, float]:
    return float(np.linalg.norm(box[1] - box[0])), float(np.linalg.norm(box[2] - box[1]))


def _angle(box: Corners) -> float:
    """Degrees in -90–90 from the horizontal of the longer side of ``box``, clockwise."""
    along = box[1] - box[0] if _sides(box)[0] >= _sides(box)[1] else box[2] - box[1]
    return (float(np.degrees(np.arctan2(along[1], along[0]))) + 90) % 180 - 90


def _by_direction(picture: Pixels, boxes: Sequence[Corners]) -> list[tuple[int, list[Corners]]]:
    """Boxes by the quarter (0, 90, 180, 270, clockwise) in which their text runs; each is given to its neighbours'."""
    if not boxes:
        return []
    long = [box for box in boxes if max(_sides(box)) >= LONG * min(_sides(box))] or list(boxes)
    votes: list[tuple[int, float, Corners]] = []
    for box in sorted(long, key=lambda box: -max(_sides(box)))[:16]:
        axis = 90 if abs(_angle(box)) > 45 else 0
        said = _engine()(_cut(picture, _ordered(box, axis)), use_det=False, use_cls=True, use_rec=False)
        label, score = said.cls_res[0]
        votes.append(((axis + int(label)) % 360, float(score) * max(_sides(box)), box))
    weight = {way: sum(w for at, w, _ in votes if at == way) for way in (0, 90, 180, 270)}
    most = max(weight.values())
    ways = [way for way in weight if weight[way] >= 0.25 * most and sum(at == way for at, _, _ in votes) >= 2]
    if len(ways) < 2:
        return [(max(weight, key=lambda way: weight[way]), list(boxes))]
    voters = [(way, box.mean(axis=0)) for way, _, box in votes if way in ways]
    groups: dict[int, list[Corners]] = {}
    for box in boxes:
        near = min(voters, key=lambda voter: float(np.linalg.norm(voter[1] - box.mean(axis=0))))
        groups.setdefault(near[0], []).append(box)
    return list(groups.items())


def _checked(picture: Pixels, direction: int, boxes: Sequence[Corners]) -> tuple[int, float]:
    """``direction``, or the opposite where the longest lines say more read that way; how well they read (0–1)."""
    longest = sorted(boxes, key=lambda box: -max(_sides(box)))[:3]
    score = _reads(picture, direction, longest)
    if score > 0.85:
        return direction, score
    other = (direction + 180) % 360
    turned = _reads(picture, other, longest)
    return (other, turned) if turned > score + 0.1 else (direction, score)


def _reads(picture: Pixels, direction: int, boxes: Sequence[Corners]) -> float:
    """How well the best of ``boxes`` reads in ``direction``, by their beginnings."""
    best = 0.0
    for box in boxes:
        cut = _cut(picture, _ordered(box, direction))
        best = max(best, _score(_recognise(cut[:, : ENOUGH * cut.shape[0]])))
        if best > 0.85:
            break
    return best


def strip(picture: Pixels, text: Text, left: float, right: float, top: float, bottom: float) -> Line | None:
    """What one reads in a part of ``text``'s upright view: a single character is easily overlooked between others."""
    corners = _points([(left, top), (right, top), (right, bottom), (left, bottom)])
    back = cv2.invertAffineTransform(text.upright)
    onto = _points(corners @ back[:, :2].T + back[:, 2])
    with _lock:
        cut = _cut(picture, onto)
        chars = _recognise(cut)
    return Line(chars, onto, left, right, top, bottom, cut) if chars else None


def _score(chars: Sequence[Char]) -> float:
    return sum(char.score for char in chars) / len(chars) if len(chars) > 1 else 0.0


def _ordered(box: Corners, direction: float) -> Corners:
    """The corners of ``box`` as one reads text that runs in ``direction``, or nearly: a long box tells by itself."""
    along, across = _sides(box)
    if max(along, across) >= LONG * min(along, across):
        tilt = (_angle(box) - direction + 90) % 180 - 90
        direction += tilt if abs(tilt) <= 45 else 0
    turn = np.radians(-direction)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    seen = (box - box.mean(axis=0)) @ spin.T
    upper, lower = np.split(np.argsort(seen[:, 1]), 2)
    upper = upper[np.argsort(seen[upper, 0])]
    lower = lower[np.argsort(-seen[lower, 0])]
    return _points(box[np.concatenate([upper, lower])])


def _cut(picture: Pixels, corners: Corners) -> Pixels:
    """The quadrangle ``corners`` of ``picture`` as an upright rectangle."""
    across, down = (max(4, round(side)) for side in _sides(corners))
    target = _points([(0, 0), (across, 0), (across, down), (0, down)])
    matrix = cv2.getPerspectiveTransform(corners, target)
    cut = cv2.warpPerspective(picture, matrix, (across, down), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(cut, dtype=np.uint8)


def _recognise(cut: Pixels) -> tuple[Char, ...]:
    if cut.shape[1] > 40 * cut.shape[0]:  # a rule, not a line of text
        return ()
    bgr = cv2.cvtColor(cut, cv2.COLOR_RGB2BGR)
    found = _engine()(bgr, use_det=False, use_cls=False, use_rec=True, return_word_box=True)
    if not found.txts or not found.txts[0].strip():
        return ()
    text, info = found.txts[0], found.word_results[0]
    columns = iter(column for word in info.word_cols for column in word)
    scored = [(char, score) for char, score in zip(text, info.confs, strict=False) if not char.isspace()]
    across = max(info.line_txt_len, 1)
    return tuple(
        Char(simplified(char), float(score), min(1.0, (column + 0.5) / across))
        for (char, score), column in zip(scored, columns, strict=False)
    )


def _direction(quarter: int, boxes: Sequence[Corners]) -> float:
    """``quarter`` and the tilt of the long lines, 0–360."""
    tilts = [(_angle(box) - quarter + 90) % 180 - 90 for box in boxes if max(_sides(box)) >= LONG * min(_sides(box))]
    near = [tilt for tilt in tilts if abs(tilt) <= 45]
    return (quarter + (float(np.median(near)) if near else 0.0)) % 360


def _read(picture: Pixels, quarter: int, boxes: Sequence[Corners]) -> Text:
    direction = _direction(quarter, boxes)
    height, width = picture.shape[:2]
    upright = np.asarray(cv2.getRotationMatrix2D((width / 2, height / 2), direction, 1.0), dtype=np.float64)
    lines = []
    for box in boxes:
        corners = _ordered(box, direction)
        chars = _recognise(cut := _cut(picture, corners))
        if chars:
            seen = corners @ upright[:, :2].T + upright[:, 2]
            left, right = seen[[0, 3], 0].mean(), seen[[1, 2], 0].mean()
            top, bottom = seen[:2, 1].mean(), seen[2:, 1].mean()
            lines.append(Line(chars, corners, float(left), float(right), float(top), float(bottom), cut))
    return Text(tuple(sorted(lines, key=lambda line: line.middle)), direction, upright)
