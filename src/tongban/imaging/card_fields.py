"""The text on an identity card as its fields, by the printed labels: what is not found stays out."""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from tongban.identity import citizen_id, names
from tongban.imaging.card_rows import Row, Spot, Value, after, rows_of, unbroken, value_of
from tongban.imaging.text import Line

Side = Literal["front", "back"]

ADDRESS_WIDE = 9.0  # heights of a line, from where the address begins: its rows end before
HOLED = 0.5  # how sure an address is at most in which something is covered
FAINT = 0.5  # of a digit: below it a number that fails its check was not read

# Where labels stand on a card, in mm from its upper left corner: the left end and the
# middle of the line. About: the standard (GA 448) was not seen.
PLACES: Mapping[Side, Mapping[str, tuple[float | None, float]]] = {
    "front": {
        "name": (4.5, 8.0),
        "sex": (4.5, 14.9),
        "birth": (4.5, 21.5),
        "address": (4.5, 28.5),
        "number": (4.5, 47.1),
    },
    "back": {"country": (None, 8.3), "title": (None, 17.5), "issuer": (None, 40.3), "validity": (None, 47.0)},
}
# One character of a label may be read wrong; never both of two.
LABELS: Mapping[Side, Mapping[str, re.Pattern[str]]] = {
    "front": {
        "name": re.compile(r"^(?:姓名|姓[^\d男女]|[^\d]名)"),
        "sex": re.compile(r"^(?:性别|性.(?=[男女])|.别(?=[男女]))"),
        "ethnicity": re.compile(r"民族|(?<=[男女])(?:民.|.?族)"),
        "birth": re.compile(r"^(?:出生|出.(?=\d)|.生(?=\d))"),
        "address": re.compile(r"^(?:住址|住.|[^\d]址)"),
        "number": re.compile(r"公民身[份分]|民身[份分]号|身[份分]号码|^公民.{2,4}号?码?"),
    },
    "back": {
        "country": re.compile(r"中华人民|人民共和国"),
        "title": re.compile(r"居民身.证|民身份证|居民身份"),
        "issuer": re.compile(r"签发机关|.发机关|签.机关|签发.关|签发机"),
        "validity": re.compile(r"有效期限|.效期限|有.期限|有效.限|有效期"),
    },
}
NOT_A_LABEL = re.compile(r"/|[:：]?\w?日期|日期")  # follows a label on forms, passports and licences, never on a card
# Papers that carry some of the same labels.
OTHERS = re.compile(
    r"驾驶证|行驶证|护照|PASSPORT|居住证|通行证|登记卡|户口|户主|社会保障|结婚证|离婚证|残疾人证|军官证|学生证|银行|营业执照",
    re.I,
)
ETHNICITIES = frozenset(
    [
        "汉",
        "蒙古",
        "回",
        "藏",
        "维吾尔",
        "苗",
        "彝",
        "壮",
        "布依",
        "朝鲜",
        "满",
        "侗",
        "瑶",
        "白",
        "土家",
        "哈尼",
        "哈萨克",
        "傣",
        "黎",
        "傈僳",
        "佤",
        "畲",
        "高山",
        "拉祜",
        "水",
        "东乡",
        "纳西",
        "景颇",
        "柯尔克孜",
        "土",
        "达斡尔",
        "仫佬",
        "羌",
        "布朗",
        "撒拉",
        "毛南",
        "仡佬",
        "锡伯",
        "阿昌",
        "普米",
        "塔吉克",
        "怒",
        "乌孜别克",
        "俄罗斯",
        "鄂温克",
        "德昂",
        "保安",
        "裕固",
        "京",
        "塔塔尔",
        "独龙",
        "鄂伦春",
        "赫哲",
        "门巴",
        "珞巴",
        "基诺",
        "穿青人",
        "其他",
        "革家人",
        "入籍",
    ]
)
_BIRTH = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})")
_DIGITS = str.maketrans("OoQDIl|×xΧХ", "000011" + "1XXXX")
_RUN = re.compile(r"[0-9X]{6,}")


@dataclass(frozen=True, eq=False)
class Fields:
    """One side of a card: ``values`` by name of the field, ``labels`` by name of the label: left end, middle (px)."""

    side: Side
    values: Mapping[str, Value]
    labels: Mapping[str, tuple[float, float]]
    lines: tuple[Line, ...]
    part_of_number: bool = False


def sides_of(lines: Sequence[Line]) -> Iterator[Fields]:
    """The sides of identity cards among ``lines`` (of one way): a front, a back, both or none."""
    rows = rows_of(lines)
    if front := _front(rows):
        yield front
    if back := _back(rows):
        yield back


def _labelled(rows: Sequence[Row], side: Side) -> dict[str, tuple[Row, re.Match[str]]]:
    found: dict[str, tuple[Row, re.Match[str]]] = {}
    for name, label in LABELS[side].items():
        for row in rows:
            match = label.search(row.text)
            if match and name not in found and not NOT_A_LABEL.match(row.text, match.end()):
                found[name] = (row, match)
    return found


def _label_places(found: Mapping[str, tuple[Row, re.Match[str]]]) -> dict[str, tuple[float, float]]:
    return {name: (row.left, row.middle) for name, (row, _) in found.items()}


def _others(rows: Sequence[Row]) -> bool:
    return any(OTHERS.search(row.text) for row in rows)


def _front(rows: Sequence[Row]) -> Fields | None:
    found = _labelled(rows, "front")
    values: dict[str, Value] = {}
    label = found["number"][0] if "number" in found else None
    near = [row for row in rows if _is_number(row) and (not label or abs(row.middle - label.middle) < label.height)]
    number_row = near[0] if near else label
    if number_row:
        rows = [row for row in rows if row.middle <= number_row.middle + number_row.height]
    birth = next(((row, match) for row in rows if (match := _BIRTH.search(row.text.translate(_DIGITS)))), None)
    known = {*found} | ({"birth"} if birth else set()) | ({"number"} if number_row else set())
    cut = number_row is not None and _number(number_row) is not None and "ethnicity" in known  # labels cut off
    if not cut and (len(known) < 3 or not known & {"number", "ethnicity"} or not known & {"birth", "address", "sex"}):
        return None
    if _others(rows) and not {"name", "sex", "ethnicity", "birth", "address", "number"} <= known:
        return None
    if (
        not _in_column(found)
        or _as_on_a_form(found, rows)
        or ("ethnicity" not in known and _residence_permit(number_row))
    ):
        return None
    if "name" in found:
        row, match = found["name"]
        value = value_of(after(row, match))
        if value and not names.check(text := names.normalise(value.text)):
            values["name"] = Value(text, value.score, value.stands)
    for row, match in (found[name] for name in ("sex", "ethnicity") if name in found):
        if (said := re.search(r"[男女]", row.text)) and "sex" not in values and (said.start() <= match.end()):
            values["sex"] = value_of(row.spots[said.start() : said.end()]) or Value("", 0)
    if "ethnicity" in found:
        row, match = found["ethnicity"]
        value = value_of(after(row, match))
        if value and (text := re.sub(r"[^\u3400-\u9fff]", "", value.text).removesuffix("族")):
            likely = value.score**0.33 if text in ETHNICITIES else min(value.score, 0.5)  # a reading that is one of few
            values["ethnicity"] = Value(text, likely, value.stands)
    if birth:
        row, match = birth
        if day := _day(*match.groups()):
            values["birth"] = value_of(row.spots[match.start() : match.end()], day.isoformat()) or Value("", 0)
    if "address" in found and (value := _address(rows, *found["address"], number_row)):
        values["address"] = value
    part = False
    if number_row:
        value = _number(number_row)
        part = value is None
        if value:
            values["number"] = value
    return Fields("front", values, _label_places(found), _lines(found, values), part)


def _lines(found: Mapping[str, tuple[Row, re.Match[str]]], values: Mapping[str, Value]) -> tuple[Line, ...]:
    """The lines that hold a label or a value, each once."""
    lines = [line for row, _ in found.values() for line in row.lines]
    lines += [line for value in values.values() for line, _, _ in value.stands]
    return tuple({id(line): line for line in lines}.values())


def _in_column(found: Mapping[str, tuple[Row, re.Match[str]]]) -> bool:
    """On a card the labels stand below each other; on a form they stand in cells."""
    order = ("name", "sex", "birth", "address", "number")
    placed = [found[name][0] for name in order if name in found]
    if len(placed) < 2:
        return True
    apart = 1.6 * max(row.height for row in placed)
    aligned = sum(abs(row.left - placed[0].left) < apart for row in placed)
    falls = all(above.middle < below.middle for above, below in itertools.pairwise(placed))
    return falls and aligned >= len(placed) - 1


def _as_on_a_form(found: Mapping[str, tuple[Row, re.Match[str]]], rows: Sequence[Row]) -> bool:
    """Name and sex beside each other, or the address below the number."""
    beside = "name" in found and any(
        found["name"][0] is found[name][0] for name in ("sex", "ethnicity") if name in found
    )
    return beside or ("address" in found and found["address"][0] not in rows)


def _is_number(row: Row) -> bool:
    return bool(re.fullmatch(r"\D{0,8}[1-9]\d{16}[\dX]", row.text.translate(_DIGITS)))


def _residence_permit(row: Row | None) -> bool:
    """港澳台居民居住证 is laid out as an identity card, but names no 民族."""
    value = _number(row) if row else None
    return value is not None and value.text.startswith(citizen_id.RESIDENCE_PERMIT_PREFIXES)


def _number(row: Row) -> Value | None:
    """18 characters, or nothing: a number that is partly visible is not one."""
    text = row.text.translate(_DIGITS)
    runs = list(_RUN.finditer(text))
    if len(runs) != 1 or len(runs[0][0]) != 18 or not citizen_id.SHAPE.fullmatch(runs[0][0]):
        return None
    spots = row.spots[runs[0].start() : runs[0].end()]
    wrong = citizen_id.check_character(runs[0][0][:17]) != runs[0][0][17]
    if wrong and min(spot.score for spot in spots) < FAINT:
        return None
    return value_of(spots, runs[0][0])


def _address(rows: Sequence[Row], first: Row, match: re.Match[str], number_row: Row | None) -> Value | None:
    spots = after(first, match)
    begins = spots[0].x if spots else first.lines[-1].right
    last = first
    text = list(spots)
    whole = True  # nothing is covered between the parts of a row
    for row in rows:
        beside = any(abs(row.middle - other.middle) < 0.4 * min(row.height, other.height) for other in (first, last))
        if beside and row.left > last.lines[-1].right:
            whole &= row.left > begins + ADDRESS_WIDE * first.height  # what stands on the portrait is no address
        if row.middle <= last.middle + 0.4 * last.height or row is number_row:
            continue
        if row.middle - last.middle > 2.2 * max(last.height, row.height) or (_RUN.search(row.text) and _is_number(row)):
            break
        if abs(row.left - begins) < 3 * row.height or row.left > first.lines[0].right > row.left - 4 * row.height:
            text += row.spots
            last = row
    value = value_of(text)
    if not value or len(value.text) < 4:
        return None
    return value if whole and unbroken(text) else replace(value, score=min(value.score, HOLED))


def _back(rows: Sequence[Row]) -> Fields | None:
    found = _labelled(rows, "back")
    if "title" not in found and not {"issuer", "validity"} <= {*found}:
        return None
    if "title" in found and len(found) == 1:
        return None
    if _others(rows) and "title" not in found:
        return None
    values: dict[str, Value] = {}
    below = found["validity"][0] if "validity" in found else None
    if "issuer" in found:
        row, match = found["issuer"]
        spots = after(row, match)
        if spots and below:  # a long name goes on in the next line
            for more in rows:
                if row.middle + 0.4 * row.height < more.middle < below.middle - 0.4 * below.height and (
                    abs(more.left - spots[0].x) < 3 * more.height
                ):
                    spots += more.spots
        value = value_of(spots)
        if value and len(value.text) > 2:
            values["issuer"] = value if unbroken(spots) else replace(value, score=min(value.score, HOLED))
    if below:
        values |= _validity(below.spots[found["validity"][1].end() :])
    return Fields("back", values, _label_places(found), _lines(found, values))


def _validity(spots: Sequence[Spot]) -> dict[str, Value]:
    """First and last day; ``valid_until`` is empty for 长期."""
    kept = [spot for spot in spots if spot.char.translate(_DIGITS).isdigit() or spot.char in "长期"]
    text = "".join(spot.char.translate(_DIGITS) for spot in kept)
    values: dict[str, Value] = {}
    first = _day(text[:4], text[4:6], text[6:8])
    if first and (value := value_of(kept[:8], first.isoformat())):
        values["valid_from"] = value
    rest = text[8:]
    if first and rest in ("长期", "长", "期") and (value := value_of(kept[8:], "")):
        values["valid_until"] = value
    if first and len(rest) == 8 and (last := _day(rest[:4], rest[4:6], rest[6:])) and last > first:
        values["valid_until"] = value_of(kept[8:], last.isoformat()) or Value("", 0)
    return values


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None
