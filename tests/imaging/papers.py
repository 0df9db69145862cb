"""Papers that are no identity cards, some of which carry the same labels. Drawn, invented, marked 样例."""

import random
from collections.abc import Callable

from PIL import Image, ImageDraw

from tests.imaging.cards import HEIGHT, INK, WIDTH, Person, font

Words = list[tuple[float, float, float, str]]  # mm from the left, from the top, height, text


def _sheet(
    words: Words, scale: float, ground: tuple[int, int, int], size: tuple[float, float] = (WIDTH, HEIGHT)
) -> Image.Image:
    image = Image.new("RGB", (round(size[0] * scale), round(size[1] * scale)), ground)
    draw = ImageDraw.Draw(image)
    for x, y, height, text in [*words, (size[0] - 9, 1.5, 3, "样例")]:
        draw.text((x * scale, y * scale), text, font=font(round(height * scale)), fill=INK)
    return image


def bank_card(one: Person, rng: random.Random, scale: float) -> Image.Image:
    number = " ".join(f"{rng.randrange(10000):04d}" for _ in range(4))
    return _sheet(
        [(5, 5, 5, "样例银行"), (8, 27, 5.5, f"6222 {number}"), (8, 42, 3, "VALID THRU 12/29"), (60, 44, 4, "银联")],
        scale,
        (180, 205, 235),
    )


def passport(one: Person, rng: random.Random, scale: float) -> Image.Image:
    words = [
        (4, 3, 4, "护照 PASSPORT"), (4, 9, 3, "中华人民共和国 PEOPLE'S REPUBLIC OF CHINA"), (40, 16, 3, f"姓名/Name {one.name}"),
        (40, 23, 3, f"性别/Sex {one.sex}/M   国籍/Nationality 中国/CHINESE"), (40, 30, 3, f"出生日期/Date of birth {one.birth:%d %b %Y}"),
        (40, 37, 3, "签发机关/Authority 公安部出入境管理局"), (40, 44, 3, f"有效期至/Date of expiry {one.valid_from:%d %b %Y}"),
        (4, 55, 4, "POCHNSAMPLE<<PERSON<<<<<<<<<<<<<<<<<<<<<<<<<"), (4, 62, 4, "E123456784CHN9001011M3001010<<<<<<<<<<<<<<02"),
    ]  # fmt: skip
    return _sheet(words, scale, (225, 235, 228), (125, 70))


def licence(one: Person, rng: random.Random, scale: float) -> Image.Image:
    words = [
        (12, 2, 4, "中华人民共和国机动车驾驶证"), (5, 9, 3, f"证号 {one.number}"), (5, 15, 3, f"姓名 {one.name}    性别 {one.sex}    国籍 中国"),
        (5, 21, 3, f"住址 {one.address[:18]}"), (30, 30, 3, f"出生日期 {one.birth}"), (30, 36, 3, f"初次领证日期 {one.valid_from}"),
        (30, 42, 3, "准驾车型 C1"), (5, 48, 3, f"有效期限 {one.valid_from} 至 2036-01-01"),
    ]  # fmt: skip
    return _sheet(words, scale, (235, 240, 245))


def social_card(one: Person, rng: random.Random, scale: float) -> Image.Image:
    words = [
        (20, 5, 5, "中华人民共和国社会保障卡"), (30, 22, 3, f"姓名 {one.name}"), (30, 29, 3, f"社会保障号码 {one.number}"),
        (30, 36, 3, f"卡号 A{rng.randrange(10**7)}"), (30, 43, 3, f"发卡日期 {one.valid_from:%Y年%m月}"),
    ]  # fmt: skip
    return _sheet(words, scale, (220, 235, 250))


def register_page(one: Person, rng: random.Random, scale: float) -> Image.Image:
    words = [
        (40, 8, 5, "常住人口登记卡"), (8, 22, 3, f"姓    名  {one.name}"), (70, 22, 3, "户主或与户主关系  户主"), (8, 32, 3, "曾 用 名"),
        (70, 32, 3, f"性    别  {one.sex}"), (8, 42, 3, "出 生 地  湖南省样例市"), (70, 42, 3, f"民    族  {one.ethnicity}"),
        (8, 52, 3, "籍    贯  湖南省样例市"), (70, 52, 3, f"出生日期  {one.birth.year}年{one.birth.month}月{one.birth.day}日"),
        (8, 62, 3, f"公民身份证件编号  {one.number}"), (8, 72, 3, "文化程度  高中"), (70, 72, 3, "婚姻状况  已婚"),
    ]  # fmt: skip
    return _sheet(words, scale, (245, 243, 235), (140, 95))


def permit(one: Person, rng: random.Random, scale: float) -> Image.Image:
    """港澳台居民居住证: laid out as an identity card, without 民族."""
    words = [
        (4.5, 6.6, 3, f"姓名  {one.name}"), (4.5, 13.3, 3, f"性别  {one.sex}"), (4.5, 20, 3, f"出生  {one.birth.year} 年 {one.birth.month} 月 {one.birth.day} 日"),
        (4.5, 27, 3, f"住址  {one.address[:11]}"), (4.5, 45.6, 2.8, "公民身份号码"), (28, 45, 3.6, f"810000{one.number[6:17]}0"),
    ]  # fmt: skip
    return _sheet(words, scale, (235, 242, 248))


def application(one: Person, rng: random.Random, scale: float) -> Image.Image:
    words = [
        (40, 12, 5, "个人信息登记表（样例）"), (15, 30, 3.5, f"姓名：{one.name}    性别：{one.sex}    民族：{one.ethnicity}"),
        (15, 40, 3.5, f"出生日期：{one.birth.year}年{one.birth.month}月{one.birth.day}日    联系电话：13800000000"),
        (15, 50, 3.5, f"公民身份号码：{one.number}"), (15, 60, 3.5, f"住址：{one.address[:20]}"), (15, 80, 3.5, "本人承诺以上内容真实。签名："),
    ]  # fmt: skip
    return _sheet(words, scale, (253, 253, 253), (148, 105))


def blank(one: Person, rng: random.Random, scale: float) -> Image.Image:
    return Image.new("RGB", (round(148 * scale / 2), round(210 * scale / 2)), (250, 250, 248))


OTHERS: dict[str, Callable[[Person, random.Random, float], Image.Image]] = {
    "bank card": bank_card,
    "passport": passport,
    "driving licence": licence,
    "social security card": social_card,
    "household register": register_page,
    "residence permit": permit,
    "form": application,
    "blank page": blank,
}
