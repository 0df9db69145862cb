"""From lines of text to fields: labels, values, what is left out. No picture, no recogniser."""

import numpy as np
import pytest

from tongban.imaging.card_fields import Fields, sides_of
from tongban.imaging.text import Char, Line

pytestmark = pytest.mark.pure
HIGH = 36.0


def line(text: str, x: float, y: float, score: float = 0.99, pitch: float = 26) -> Line:
    right = x + pitch * len(text)
    chars = tuple(Char(char, score, (at + 0.5) / len(text)) for at, char in enumerate(text))
    corners = np.array([(x, y), (right, y), (right, y + HIGH), (x, y + HIGH)], np.float32)
    return Line(chars, corners, x, right, y, y + HIGH, np.zeros((4, 4, 3), np.uint8))


NUMBER = "11010519491231002X"
FRONT = [
    line("姓名", 45, 70), line("张三", 145, 65), line("性别女", 45, 140), line("民族汉", 230, 140), line("出生1949年12月31日", 45, 207),
    line("住址湖南省样例市示范区样例路", 45, 277), line("12号3栋402室", 145, 325), line("公民身份号码", 45, 460),
    line(NUMBER, 280, 460),
]  # fmt: skip
BACK = [
    line("中华人民共和国", 250, 70), line("居民身份证", 220, 160), line("签发机关", 180, 395), line("样例市公安局", 330, 395),
    line("有效期限2015.03.02-长期", 180, 465),
]  # fmt: skip


def texts(side: Fields) -> dict[str, str]:
    return {name: value.text for name, value in side.values.items()}


def one(lines: list[Line]) -> Fields:
    (side,) = sides_of(lines)
    return side


def without(lines: list[Line], *gone: str, put: tuple[Line, ...] = ()) -> list[Line]:
    return [kept for kept in lines if kept.text not in gone] + list(put)


def test_a_front() -> None:
    assert texts(one(FRONT)) == {
        "name": "张三", "sex": "女", "ethnicity": "汉", "birth": "1949-12-31",
        "address": "湖南省样例市示范区样例路12号3栋402室", "number": NUMBER,
    }  # fmt: skip


def test_a_back() -> None:
    assert texts(one(BACK)) == {"issuer": "样例市公安局", "valid_from": "2015-03-02", "valid_until": ""}
    dated = without(BACK, "有效期限2015.03.02-长期", put=(line("有效期限2015.03.02-2035.03.02", 180, 465),))
    assert texts(one(dated))["valid_until"] == "2035-03-02"


def test_both_sides_of_a_sheet() -> None:
    below = [line(held.text, held.left, held.top + 700) for held in BACK]
    assert [side.side for side in sides_of(FRONT + below)] == ["front", "back"]


@pytest.mark.parametrize("read", ["1101051949123100", "11010519491231002", "110105194912310022X", "11010519491231", ""])
def test_a_number_that_is_partly_visible_is_none(read: str) -> None:
    put = (line(read, 280, 460),) if read else ()
    side = one(without(FRONT, NUMBER, put=put))
    assert "number" not in side.values


def test_a_number_that_fails_its_check_is_given_where_it_is_clear_and_not_where_it_is_faint() -> None:
    wrong = NUMBER[:17] + "1"
    assert texts(one(without(FRONT, NUMBER, put=(line(wrong, 280, 460),))))["number"] == wrong
    assert "number" not in one(without(FRONT, NUMBER, put=(line(wrong, 280, 460, 0.4),))).values


def test_a_day_that_is_none_is_left_out() -> None:
    side = one(without(FRONT, "出生1949年12月31日", put=(line("出生1949年13月31日", 45, 207),)))
    assert "birth" not in side.values
    side = one(without(BACK, "有效期限2015.03.02-长期", put=(line("有效期限2015.03.02-2035.02.30", 180, 465),)))
    assert texts(side) == {"issuer": "样例市公安局", "valid_from": "2015-03-02"}
    side = one(without(BACK, "有效期限2015.03.02-长期", put=(line("有效期限2015.03.02-20", 180, 465),)))
    assert "valid_until" not in side.values


def test_one_character_of_a_label_may_be_wrong() -> None:
    side = one(
        without(
            FRONT,
            "姓名",
            "住址湖南省样例市示范区样例路",
            put=(line("娃名", 45, 70), line("住扯湖南省样例市示范区样例路", 45, 277)),
        )
    )
    assert texts(side)["name"] == "张三"
    assert texts(side)["address"].startswith("湖南省")


def test_an_address_with_something_covered_in_it_is_not_sure() -> None:
    torn = without(
        FRONT, "住址湖南省样例市示范区样例路", put=(line("住址湖南省", 45, 277), line("示范区样例路", 310, 277))
    )
    assert one(torn).values["address"].score <= 0.5


def test_an_ethnicity_out_of_the_list_is_not_sure() -> None:
    assert one(without(FRONT, "民族汉", put=(line("民族汊", 230, 140),))).values["ethnicity"].score <= 0.5
    assert one(without(FRONT, "民族汉", put=(line("民族土家", 230, 140, 0.6),))).values["ethnicity"].score > 0.8


def test_what_is_no_card() -> None:
    form = [
        line("姓名：张三性别：女民族：汉", 45, 70),
        line("公民身份号码：" + NUMBER, 45, 140),
        line("住址：湖南省样例市", 45, 210),
    ]
    permit = without(FRONT, "民族汉", NUMBER, put=(line("81000019491231002X", 280, 460),))
    passport = [line("护照PASSPORT", 45, 20), line("签发机关/Authority", 45, 200), line("有效期至", 45, 270)]
    cells = [
        line("姓名张三", 45, 70),
        line("性别女", 400, 70),
        line("民族汉", 700, 70),
        line("公民身份证件编号" + NUMBER, 45, 140),
    ]
    for lines in (form, permit, passport, cells, [], [line("居民身份证", 10, 10)]):
        assert list(sides_of(lines)) == []
