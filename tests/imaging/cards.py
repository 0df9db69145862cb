"""Invented identity cards, drawn by us and marked 样例: nobody's data, nobody's face, not the state's emblem.

Sizes are millimetres of a card of 85.6 × 54; a card is drawn at ``scale`` pixels a millimetre.
"""

import math
import random
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

import pylopdf_fonts_zh_cn
from PIL import Image, ImageDraw, ImageFont

from tongban.identity.citizen_id import check_character

WIDTH, HEIGHT = 85.6, 54.0
FONTS = Path(pylopdf_fonts_zh_cn.__file__).parent
TODAY = date(2026, 11, 24)
INK, LABEL = (25, 25, 30), (60, 110, 170)

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦傅方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英华玉萍红鹏飞燕玲建国文辉力建军婷宇浩凯俊梅琳雪丹晨阳欣怡梓涵子轩浩然诗雨泽思佳嘉一诺热汉黄炜晔岩松柏楠森淼鑫喆"
SEVERAL = (
    "欧阳明月",
    "司马文轩",
    "诸葛晓岚",
    "上官婉清",
    "买买提·艾力",
    "阿依古丽·买买提",
    "扎西·多吉",
    "古丽娜尔·吐尔逊江",
    "阿卜杜热西提·阿卜力孜",
)
ETHNICITIES = [
    "汉",
    "汉",
    "汉",
    "汉",
    "土家",
    "苗",
    "侗",
    "瑶",
    "回",
    "维吾尔",
    "藏",
    "蒙古",
    "壮",
    "彝",
    "满",
    "朝鲜",
    "哈萨克",
    "布依",
    "傣",
    "白",
    "黎",
    "畲",
    "高山",
    "纳西",
    "景颇",
    "仡佬",
    "锡伯",
    "柯尔克孜",
    "塔吉克",
    "俄罗斯",
    "鄂温克",
]
COUNTIES = (
    "湖南省样例市示范区",
    "湖南省益阳市赫山区",
    "贵州省样例州示范县",
    "新疆维吾尔自治区样例市",
    "四川省样例彝族自治州示范县",
    "广东省样例市新兴区",
)
STREETS = (
    "桃花仑街道建设路",
    "样例镇河口村五组",
    "朝阳街道康富南路",
    "八字哨镇石桥坝村",
    "长春镇香铺仑村民委员会第三村民小组",
    "汽车路街道大桃路社区",
)


@dataclass(frozen=True, slots=True)
class Person:
    """What is printed on a card."""

    name: str
    sex: str
    ethnicity: str
    birth: date
    address: str
    number: str
    issuer: str
    valid_from: date
    valid_until: date | None  # None: 长期


def number_of(birth: date, sex: str, rng: random.Random, prefix: str = "430902") -> str:
    """A number that passes the check and agrees with ``birth`` and ``sex``."""
    order = rng.randrange(50) * 2 + (sex == "男")
    first = f"{prefix}{birth:%Y%m%d}{order:03d}"
    return first + check_character(first)


def person(rng: random.Random, today: date = TODAY) -> Person:
    """Somebody invented whose card is valid on ``today``."""
    sex = rng.choice("男女")
    birth = date(1940, 1, 1) + timedelta(days=rng.randrange(24000))
    name = rng.choice(SURNAMES) + "".join(rng.sample(GIVEN, rng.choice((1, 2, 2, 2))))
    if rng.random() < 0.15:
        name = rng.choice(SEVERAL)
    address = rng.choice(COUNTIES) + rng.choice(STREETS)
    if rng.random() < 0.7:
        address += f"{rng.randrange(1, 400)}号" + rng.choice(
            ("", f"{rng.randrange(1, 30)}栋{rng.randrange(101, 2800)}室")
        )
    issuer = address.split("市")[0].split("州")[0][-5:]
    since = today - timedelta(days=rng.randrange(1, 9 * 365))
    years = 20 if birth.year > 1980 else None
    until = since.replace(year=since.year + years, day=min(since.day, 28)) if years else None
    return Person(
        name,
        sex,
        rng.choice(ETHNICITIES),
        birth,
        address,
        number_of(birth, sex, rng, rng.choice(("430902", "430921", "522101", "653101", "513401"))),
        f"{issuer}市公安局{rng.choice(('', '示范分局', '赫山分局'))}",
        since.replace(day=min(since.day, 28)),
        until,
    )


def changed(one: Person, **fields: object) -> Person:
    """``one`` with other data."""
    return replace(one, **fields)  # type: ignore[arg-type]


@lru_cache(maxsize=64)
def font(size: int, face: str = "NotoSansSC-Regular.otf") -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONTS / face), size)


def _ground(scale: float, rng: random.Random) -> Image.Image:
    """The pale waves a card is printed on."""
    width, height = round(WIDTH * scale), round(HEIGHT * scale)
    image = Image.new("RGB", (width, height), (232 + rng.randrange(12), 238 + rng.randrange(8), 242 + rng.randrange(8)))
    draw = ImageDraw.Draw(image)
    for line in range(-10, 40):
        tint = (214 + rng.randrange(14), 224 + rng.randrange(10), 232)
        phase = rng.random() * 6
        points = [
            (x, line * height / 28 + math.sin(x / width * 9 + phase) * height / 22) for x in range(0, width + 8, 8)
        ]
        draw.line(points, fill=tint, width=max(1, round(scale / 8)))
    return image


def _portrait(image: Image.Image, scale: float, rng: random.Random) -> None:
    """A drawn head: enough to be in the way, nobody's face."""
    photo = Image.new("RGB", (round(25 * scale), round(33 * scale)), (236, 240, 244))
    draw = ImageDraw.Draw(photo)

    def box(*sides: float) -> tuple[float, ...]:
        return tuple((side - (56, 8)[at % 2]) * scale for at, side in enumerate(sides))

    skin = (205 + rng.randrange(30), 165 + rng.randrange(30), 140 + rng.randrange(30))
    coat = tuple(rng.randrange(20, 120) for _ in range(3))
    draw.pieslice(box(57, 31, 80, 60), 180, 360, fill=coat)
    draw.ellipse(box(62, 11, 75, 25), fill=(35, 30, 30))
    draw.ellipse(box(63, 14, 74, 31), fill=skin)
    for x in (65.5, 70):
        draw.ellipse(box(x, 20.5, x + 1.8, 21.6), fill=(30, 25, 25))
    draw.arc(box(66, 23, 71, 27.5), 20, 160, fill=(150, 80, 80), width=max(1, round(scale / 5)))
    shade = Image.radial_gradient("L").resize(photo.size).point(lambda grey: grey // 4)
    photo.paste((90, 80, 80), mask=shade)
    image.paste(photo, (round(56 * scale), round(8 * scale)))


def _mark(image: Image.Image, scale: float) -> None:
    """样例, where no field stands."""
    ImageDraw.Draw(image).text((76 * scale, 2 * scale), "样例", font=font(round(3 * scale)), fill=(200, 60, 50))


def front(one: Person, rng: random.Random, scale: float = 12, face: str = "NotoSansSC-Regular.otf") -> Image.Image:
    """The side with the portrait."""
    image = _ground(scale, rng)
    _portrait(image, scale, rng)
    _mark(image, scale)
    draw = ImageDraw.Draw(image)

    def put(x: float, y: float, text: str, size: float, fill: tuple[int, int, int] = INK, pitch: float = 0) -> None:
        for at, char in enumerate(text) if pitch else ((0, text),):
            draw.text(((x + at * pitch) * scale, y * scale), char, font=font(round(size * scale), face), fill=fill)

    put(4.5, 6.6, "姓名", 2.7, LABEL, 3.9)
    put(14.5, 5.9, one.name, 3.5)
    put(4.5, 13.3, "性别", 2.7, LABEL, 3.9)
    put(14.5, 13.1, one.sex, 3.1)
    put(22.5, 13.3, "民族", 2.7, LABEL, 3.6)
    put(31, 13.1, one.ethnicity, 3.1)
    put(4.5, 19.9, "出生", 2.7, LABEL, 3.9)
    put(14.5, 19.7, str(one.birth.year), 3.1)
    put(23, 19.9, "年", 2.7, LABEL)
    put(28.2 if one.birth.month < 10 else 27.4, 19.7, str(one.birth.month), 3.1)
    put(31.8, 19.9, "月", 2.7, LABEL)
    put(37 if one.birth.day < 10 else 36.2, 19.7, str(one.birth.day), 3.1)
    put(40.6, 19.9, "日", 2.7, LABEL)
    put(4.5, 26.9, "住址", 2.7, LABEL, 3.9)
    rows, row = [""], 0.0
    for char in one.address:  # 11 full characters a line, a digit is half of one
        row += 1 if ord(char) > 255 else 0.55
        if row > 11:
            rows.append("")
            row = 1
        rows[-1] += char
    for at, text in enumerate(rows):
        put(14.5, 26.7 + 4.8 * at, text, 3.1)
    put(4.5, 45.6, "公民身份号码", 2.7, LABEL, 3.0)
    put(28, 44.9, one.number, 3.6, INK, 2.62)
    return image


def until(one: Person) -> str:
    return "长期" if one.valid_until is None else f"{one.valid_until:%Y.%m.%d}"


def back(one: Person, rng: random.Random, scale: float = 12, face: str = "NotoSansSC-Regular.otf") -> Image.Image:
    """The side with the issuer. A plain disc stands for the emblem."""
    image = _ground(scale, rng)
    _mark(image, scale)
    draw = ImageDraw.Draw(image)
    draw.ellipse(
        (5 * scale, 5 * scale, 18 * scale, 18 * scale), fill=(200, 50, 40), outline=(220, 170, 60), width=round(scale)
    )

    def put(x: float, y: float, text: str, size: float, fill: tuple[int, int, int] = INK, pitch: float = 0) -> None:
        for at, char in enumerate(text) if pitch else ((0, text),):
            draw.text(((x + at * pitch) * scale, y * scale), char, font=font(round(size * scale), face), fill=fill)

    put(25, 4.6, "中华人民共和国", 5, pitch=6.6)
    put(22, 12, "居民身份证", 8, pitch=10.4)
    put(18, 38.6, "签发机关", 2.8, pitch=3.0)
    put(33, 38.4, one.issuer, 3.1)
    put(18, 45.3, "有效期限", 2.8, pitch=3.0)
    put(33, 45.1, f"{one.valid_from:%Y.%m.%d}-{until(one)}", 3.1)
    return image
