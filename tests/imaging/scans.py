"""Pages as an office scans them: invented text marked 样例, drawn on A4, then worn."""

import random

from PIL import Image, ImageDraw

from tests.imaging.cards import font

LINES = (
    "申请人承诺提交的材料真实、完整、有效，如有虚假愿承担法律责任。",
    "本表一式两份，一份由窗口留存，一份退还申请人保管。",
    "填表前请仔细阅读须知，用黑色签字笔填写，字迹要清楚。",
    "办理地点：样例市政务服务中心一楼跨域通办窗口。",
    "联系电话：0737-0000000，工作日上午九时至下午五时。",
)


def page(rng: random.Random, dpi: int = 200, title: str = "样例：情况说明") -> Image.Image:
    """An A4 page of text at ``dpi``."""
    width, height = round(8.27 * dpi), round(11.69 * dpi)
    image = Image.new("RGB", (width, height), (250, 249, 246))
    draw = ImageDraw.Draw(image)
    draw.text((width * 0.3, height * 0.08), title, font=font(round(dpi * 0.3)), fill=(20, 20, 20))
    size = round(dpi * 12 / 72)
    for row in range(rng.randrange(14, 22)):
        draw.text((width * 0.12, height * (0.17 + 0.036 * row)), rng.choice(LINES), font=font(size), fill=(25, 25, 25))
    return image


def blank(dpi: int = 200) -> Image.Image:
    """An empty A4 page."""
    return Image.new("RGB", (round(8.27 * dpi), round(11.69 * dpi)), (250, 249, 246))
