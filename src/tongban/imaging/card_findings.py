"""What is to be said about a card that was read: findings with their numbers, in the order a clerk needs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING

from tongban.identity import citizen_id
from tongban.imaging import card_look
from tongban.imaging.card_fields import Side
from tongban.imaging.decode import Picture
from tongban.imaging.findings import Finding, advice, failure

if TYPE_CHECKING:
    from tongban.imaging.idcard import CardReading, Found

# Measured on generated cards (docs/imaging.md): what is readable lies on one side, what is not on the other.
WIDEST_EDGE = 3.7  # px on a line of 48 px; sharp print has 2
WIDEST_EDGE_OF_A_PICTURE = 5.0  # px on a picture of 736 px in which nothing could be read
NO_EDGE = 60.0  # px on such a picture: an empty sheet in uneven light
MOST_GLARE = 0.008  # of the card
MOST_BEYOND = (
    0.12  # of the card's width or height outside of the picture; labels stand a little differently on each card
)
MOST_BEYOND_FULL = 0.035  # where the picture is the card alone and its sides are not in a card's ratio
MOST_ODD = 0.04
LEAST_SURE = 0.8
LEAST_SURE_CHARACTER = 0.4  # of a name; the recogniser shares its trust between 汉 and 漢
GREY = 4.0  # mean difference between the brightest and the darkest channel
MIDTONES, PURE = 0.06, 0.8  # shares: a copy of a copy has lost the greys of the portrait

NAMES = {
    "name": "姓名", "sex": "性别", "ethnicity": "民族", "birth": "出生日期", "address": "住址", "number": "公民身份号码",
    "issuer": "签发机关", "valid_from": "有效期起始日", "valid_until": "有效期截止日",
}  # fmt: skip
FIELDS: Mapping[Side, Sequence[str]] = {
    "front": ("name", "sex", "ethnicity", "birth", "address", "number"),
    "back": ("issuer", "valid_from", "valid_until"),
}
SIDES: Mapping[Side, str] = {"front": "人像面", "back": "国徽面"}


def findings(
    reading: CardReading, sides: Mapping[Side, Found], unread: Sequence[Picture], today: date
) -> Iterator[Finding]:
    """The findings of ``reading``; ``unread`` are the pages on which no side of a card was found."""
    blurred = [width for page in unread if page.pixels is not None if (width := _unreadable(page))]
    faults = [page.fault for page in unread if page.fault]
    if not sides and not blurred:
        yield _no_card(faults)
        return
    yield from _missing(sides, faults)
    yield from _number(reading)
    yield from _validity(reading, today)
    yield from _looks(sides, blurred)
    yield from _unsure(reading, sides)


def _no_card(faults: Sequence[Finding]) -> Finding:
    if faults:
        return failure("not-an-id-card", faults[0].message, faults[0].measured, faults[0].required)
    return failure("not-an-id-card", "没有看到居民身份证，请核对是否放错了材料，再提供身份证的人像面和国徽面。")


def _missing(sides: Mapping[Side, Found], faults: Sequence[Finding]) -> Iterator[Finding]:
    because = f"有一个文件没有打开：{faults[0].message}" if faults else ""
    if "front" not in sides:
        yield failure("front-missing", f"没有看到身份证人像面（有照片的一面），请补上。{because}")
    if "back" not in sides:
        yield failure("back-missing", f"没有看到身份证国徽面（有签发机关和有效期限的一面），请补上。{because}")


def _number(reading: CardReading) -> Iterator[Finding]:
    if reading.number is None:
        return
    if wrong := citizen_id.check(reading.number, today=date.max):
        yield failure("number-malformed", f"读到的公民身份号码不成立：{wrong}", reading.number, "18 位，校验位正确")
    birth, sex = citizen_id.birth_of(reading.number), citizen_id.sex_of(reading.number)
    if birth and reading.birth and birth != reading.birth:
        yield failure(
            "number-contradicts-birth",
            f"卡面出生日期是 {reading.birth}，公民身份号码里是 {birth}，请对照证件核对。",
            reading.birth.isoformat(),
            birth.isoformat(),
        )
    if sex and reading.sex and sex != reading.sex:
        yield failure(
            "number-contradicts-sex",
            f"卡面性别是{reading.sex}，公民身份号码表示{sex}，请对照证件核对。",
            reading.sex,
            sex,
        )


def _validity(reading: CardReading, today: date) -> Iterator[Finding]:
    if reading.expired and reading.valid_until:
        message = f"身份证已于 {reading.valid_until} 到期，请先换领新证，或者办理临时身份证。"
        yield failure("expired", message, reading.valid_until.isoformat(), f"≥{today}")
    if reading.valid_from and reading.valid_from > today:
        message = f"身份证从 {reading.valid_from} 起才有效，请核对是否读错。"
        yield failure("not-yet-valid", message, reading.valid_from.isoformat(), f"≤{today}")


def _unreadable(page: Picture) -> float | None:
    assert page.pixels is not None
    width = card_look.picture_edge_width(page.pixels)
    return width if width and WIDEST_EDGE_OF_A_PICTURE < width < NO_EDGE else None


def _looks(sides: Mapping[Side, Found], unread: Sequence[float]) -> Iterator[Finding]:
    """Each code once, with the number of the worse side."""
    edges = [(found.edge, SIDES[side]) for side, found in sides.items() if found.edge]
    if edges and max(edges)[0] > WIDEST_EDGE:
        width, side = max(edges)
        message = f"{side}不清晰：笔画边缘宽 {width:.1f}，应不超过 {WIDEST_EDGE}。请擦净镜头、对好焦，重新拍摄或扫描。"
        yield advice("blurred", message, round(width, 2), f"≤{WIDEST_EDGE}")
    elif unread:
        message = (
            f"图像不清晰，读不出文字：边缘宽 {max(unread):.1f}，应不超过 {WIDEST_EDGE_OF_A_PICTURE}。请重新拍摄或扫描。"
        )
        yield advice("blurred", message, round(max(unread), 2), f"≤{WIDEST_EDGE_OF_A_PICTURE}")
    for side, found in sides.items():
        share = found.glare
        if share >= MOST_GLARE:
            message = f"{SIDES[side]}有反光，遮住卡面 {share:.1%}。请避开灯光，换个角度重新拍摄。"
            yield advice("glare", message, round(share, 4), f"<{MOST_GLARE}")
            break
    for side, found in sides.items():
        if (missing := _cut(found)) is not None:
            gone = f"，大约缺 {missing:.0%}" if missing > 0.01 else ""
            yield failure(
                "cropped", f"{SIDES[side]}没有拍全{gone}。请露出四个角，重新拍摄或扫描。", round(missing, 3), "0"
            )
            break
    which: Side = "front" if "front" in sides else "back"  # a portrait tells more than an emblem
    if (one := sides.get(which)) and one.frame and (tones := card_look.tones(one.frame, which)):
        colour, middle, pure = tones
        if colour < GREY and middle < MIDTONES and pure > PURE:
            message = f"{SIDES[which]}像是复印件的复印件：中间灰度只剩 {middle:.1%}。请用原件重新复印或扫描。"
            yield advice("copy-of-copy", message, round(middle, 3), f"≥{MIDTONES}")


def _cut(found: Found) -> float | None:
    """The share of the card that lies outside of the picture, 0 where only a line runs into its edge; None: whole."""
    frame = found.frame
    beyond = max(0.0, *frame.beyond) if frame else 0.0
    alone = frame is not None and frame.share > 0.8
    odd = alone and card_look.odd_shape(found.picture) > MOST_ODD
    if beyond > MOST_BEYOND or (odd and beyond > MOST_BEYOND_FULL):
        return beyond
    near = (
        found.fields.lines if frame else found.text.lines
    )  # without its labels, anything at the edge may be the card's
    return beyond if card_look.touching(near, found.picture) else None


def _unsure(reading: CardReading, sides: Mapping[Side, Found]) -> Iterator[Finding]:
    sure = dict(reading.confidence)
    unsure = [name for side in sides for name in FIELDS[side] if sure.get(name, 0.0) < LEAST_SURE]
    if "front" in sides and "name" not in unsure and _rare(sides["front"]):
        unsure.append("name")
    if unsure:
        said = "、".join(NAMES[name] for name in (*FIELDS["front"], *FIELDS["back"]) if name in unsure)
        lowest = min(sure.get(name, 0.0) for name in unsure)
        yield advice("low-confidence", f"{said}没有读准，请对照证件逐字核对、补全。", lowest, f"≥{LEAST_SURE}")


def _rare(front: Found) -> bool:
    line, low, high = front.fields.values["name"].stands[0]
    scores = [char.score for char in line.chars if low <= char.at <= high]
    return min(scores, default=0.0) < LEAST_SURE_CHARACTER
