"""Reading an identity card (居民身份证): its sides in, fields with confidence and findings out.

A field that was not read is None, never invented. The face on the card is compared with nothing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import cv2
import numpy as np

from tongban.identity import citizen_id
from tongban.imaging.card_fields import Fields, Side, sides_of
from tongban.imaging.card_findings import WIDEST_EDGE, findings
from tongban.imaging.card_frame import Frame, frame_of, zone
from tongban.imaging.card_look import edge_width, glare
from tongban.imaging.card_rows import Value
from tongban.imaging.decode import Picture, Pixels
from tongban.imaging.findings import Finding
from tongban.imaging.paper import paper
from tongban.imaging.text import Line, Text, strip, texts_of

MOST_PAGES = 4  # of one file
BLURRED = 0.75  # how sure Chinese text is at most on a side that is blurred
TOUCHED = 0.5  # how sure a value is at most that glare touches
LONGEST = 4000  # px; a larger picture is made smaller first
READ = ("name", "sex", "ethnicity", "birth", "address", "number", "issuer", "valid_from", "valid_until")
TOLD = (*READ[:6], "number_valid", *READ[6:], "long_term", "expired")


@dataclass(frozen=True)
class CardReading:
    """What stands on a card. ``confidence`` (0–1) is given for each field that was read; the others are None.

    ``valid_until`` is None with ``long_term`` where the card says 长期. ``name_box`` are the corners (px) of the name on
    page ``name_page`` (0 the first of the front's file, counted on through the back's); ``name_cutout`` is that part as
    PNG, to be shown beside the name: characters that are very rare are read wrong without notice.
    """

    name: str | None = None
    sex: str | None = None
    ethnicity: str | None = None
    birth: date | None = None
    address: str | None = None
    number: str | None = None
    number_valid: bool | None = None
    issuer: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    long_term: bool | None = None
    expired: bool | None = None
    confidence: tuple[tuple[str, float], ...] = ()
    findings: tuple[Finding, ...] = ()
    name_page: int | None = None
    name_box: tuple[tuple[float, float], ...] = ()
    name_cutout: bytes | None = None

    def json(self) -> dict[str, Any]:
        """As ``tongban idcard read`` prints it; dates in ISO 8601."""
        fields = {field: getattr(self, field) for field in TOLD}
        fields |= {field: day.isoformat() for field, day in fields.items() if isinstance(day, date)}
        return fields | {"confidence": dict(self.confidence), "findings": [one.json() for one in self.findings]}


@dataclass(frozen=True, eq=False)
class Found:
    """A side of a card on a page."""

    fields: Fields
    text: Text
    picture: Pixels
    page: int
    frame: Frame | None
    edge: float | None  # width of the print's edges, px
    glare: float = 0.0  # share of the card


def read(front: bytes, back: bytes | None = None, today: date | None = None) -> CardReading:
    """The card on ``front`` and ``back``: JPEG, PNG, TIFF or PDF, in either order, turned any way, both sides in one.

    ``today`` (default: the machine's date) decides what has expired. Never raises for what is in the files.
    """
    sides: dict[Side, Found] = {}
    unread: list[Picture] = []
    for page, picture in enumerate(_pages(front, back)):
        here = list(_sides(picture, page))
        if not here:
            unread.append(picture)
        for found in here:
            best = sides.get(found.fields.side)
            if best is None or _worth(found) > _worth(best):
                sides[found.fields.side] = found
    values = {name: value for found in sides.values() for name, value in found.fields.values.items()}
    reading = _reading(values, today or date.today())
    reading = replace(reading, **_name(sides["front"]) if "front" in sides and "name" in values else {})
    return replace(reading, findings=tuple(findings(reading, sides, unread, today or date.today())))


def _pages(*files: bytes | None) -> Iterator[Picture]:
    for data in files:
        if data is None:
            continue
        held = paper(data)
        if held.fault:
            yield Picture(held.format, fault=held.fault)
        yield from held.sheets(MOST_PAGES)


def _worth(found: Found) -> float:
    return sum(value.score for value in found.fields.values.values())


def _sides(picture: Picture, page: int) -> Iterator[Found]:
    pixels = picture.pixels
    if pixels is None or min(pixels.shape[:2]) < 32:
        return
    if max(pixels.shape[:2]) > LONGEST:
        scale = LONGEST / max(pixels.shape[:2])
        pixels = np.asarray(cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8)
    for text in texts_of(pixels):
        for fields in sides_of(text.lines):
            frame = frame_of(pixels, text, fields)
            if again := _overlooked(pixels, text, fields, frame):
                fields = next((one for one in sides_of(again) if one.side == fields.side), fields)
            edge = edge_width(line.cutout for line in fields.lines)
            if edge and edge > WIDEST_EDGE:
                fields = replace(fields, values=_doubted(fields))
            yield _lit(Found(fields, text, pixels, page, frame, edge))


def _doubted(fields: Fields) -> dict[str, Value]:
    """The values with those of many kinds of characters unsure: blurred ones are read as similar ones."""
    many = ("name", "ethnicity", "address", "issuer")
    return {
        name: replace(value, score=min(value.score, BLURRED)) if name in many else value
        for name, value in fields.values.items()
    }


def _lit(found: Found) -> Found:
    """With the share of glare; what it touches is not sure, however well the rest of it reads."""
    lit = glare(found.frame) if found.frame else np.zeros((1, 1), bool)
    if not lit.any():
        return found
    values = {
        name: replace(value, score=min(value.score, TOUCHED))
        if zone(lit, name).any() and not _proved(name, value)
        else value
        for name, value in found.fields.values.items()
    }
    return replace(found, fields=replace(found.fields, values=values), glare=float(lit.mean()))


def _proved(name: str, value: Value) -> bool:
    return name == "number" and citizen_id.check(value.text, today=date.max) is None


def _overlooked(pixels: Pixels, text: Text, side: Fields, frame: Frame | None) -> list[Line] | None:
    """The lines with those read again in whose row a label has no value beside it; None where there is none."""
    if frame is None or side.side != "front":
        return None
    missing = [name for name in ("name", "sex", "ethnicity", "birth") if name not in side.values]
    rows = {("sex" if name == "ethnicity" else name) for name in missing}
    lines = list(text.lines)
    for name in rows & {*side.labels}:
        left, middle = side.labels[name]
        half = 2.9 * frame.dots
        right = left + 43 * frame.dots
        again = strip(pixels, text, left - frame.dots, right, middle - half, middle + half)
        if again:
            lines = [line for line in lines if not (abs(line.middle - middle) < half and left - 9 < line.left < right)]
            lines.append(again)
    return lines if rows else None


def _reading(values: dict[str, Value], today: date) -> CardReading:
    def text(name: str) -> str | None:
        return values[name].text if name in values else None

    def day(name: str) -> date | None:
        return date.fromisoformat(said) if (said := text(name)) else None

    number, until = text("number"), values.get("valid_until")
    last = day("valid_until")
    return CardReading(
        name=text("name"),
        sex=text("sex"),
        ethnicity=text("ethnicity"),
        birth=day("birth"),
        address=text("address"),
        number=number,
        number_valid=citizen_id.check(number, today=today) is None if number else None,
        issuer=text("issuer"),
        valid_from=day("valid_from"),
        valid_until=last,
        long_term=last is None if until else None,
        expired=(last is not None and last < today) if until else None,
        confidence=tuple((name, round(values[name].score, 3)) for name in READ if name in values),
    )


def _name(front: Found) -> dict[str, Any]:
    """Where the name stands, and that part of the picture as PNG."""
    line, low, high = front.fields.values["name"].stands[0]
    corners = line.corners
    above, below = corners[1] - corners[0], corners[2] - corners[3]
    box = (corners[0] + low * above, corners[0] + high * above, corners[3] + high * below, corners[3] + low * below)
    across = line.cutout.shape[1]
    part: Sequence[int] = (round(low * across), max(round(high * across), round(low * across) + 4))
    done, png = cv2.imencode(".png", cv2.cvtColor(line.cutout[:, part[0] : part[1]], cv2.COLOR_RGB2BGR))
    return {
        "name_page": front.page,
        "name_box": tuple((round(float(x), 1), round(float(y), 1)) for x, y in box),
        "name_cutout": png.tobytes() if done else None,
    }
