"""Texts of messages: what a city may write, what they cost, that no id number gets out."""

from string import Formatter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.world import ADULT
from tongban.paperwork import texts
from tongban.people.city import City, Malformed, read_city

pytestmark = pytest.mark.pure


class Everything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"[{key}]"


@pytest.mark.parametrize("kind", ["head", *texts.TEXTS])
def test_our_own_texts_are_as_we_ask_of_a_city(kind: str) -> None:
    text = texts.HEAD if kind == "head" else texts.TEXTS[kind]
    assert texts.fault(kind, text) is None
    named = {field for _, field, _, _ in Formatter().parse(text) if field}
    assert named <= texts.allowed(kind)


@pytest.mark.parametrize(
    ("kind", "text", "said"),
    [
        ("accepted", "已受理 {applicant_id_number}", "不能用占位符 {applicant_id_number}"),
        ("accepted", "{name.__class__}", "不能用占位符"),
        ("accepted", "{0}", "不能用占位符"),
        ("accepted", "{}", "不能用占位符"),
        ("accepted", "{name!r}", "只能写成"),
        ("accepted", "{name:>1000000}", "只能写成"),
        ("accepted", "已受理 {", "不配对"),
        ("accepted", "", "1 到 200"),
        ("accepted", "长" * 201, "1 到 200"),
        ("accepted", "两\n行", "换行"),
        ("accepted", "{waybill}", "不能用占位符 {waybill}"),
        ("posted", "已寄出", "缺少占位符 {waybill}"),
        ("code", "您的码", "缺少占位符 {code}"),
        ("birthday", "生日快乐", "没有“birthday”这种短信"),
    ],
)
def test_what_a_city_may_not_write(kind: str, text: str, said: str) -> None:
    assert said in (texts.fault(kind, text) or "")


def test_a_citys_file_with_a_wrong_text_is_not_taken(tmp_path: Any) -> None:
    file = tmp_path / "city.yaml"
    file.write_text("city: 样例市\ntitle: 样例\nregions: []\nmessages: {posted: 已寄出}\n", encoding="utf-8")
    with pytest.raises(Malformed, match=r"city\.yaml 的“messages”有误：“posted”缺少占位符"):
        read_city(file)
    file.write_text("city: 样例市\ntitle: 样例\nregions: []\nmessages: {posted: '寄了，{waybill}'}\n", encoding="utf-8")
    city: City = read_city(file)
    assert texts.body_of("posted", {"waybill": "EM1"}, city.messages) == "寄了，EM1"


@pytest.mark.parametrize(
    ("text", "count"),
    [("", 1), ("字" * 70, 1), ("字" * 71, 2), ("字" * 134, 2), ("字" * 135, 3), ("𠮷" * 35, 1), ("𠮷" * 36, 2),
     ("𠮷" * 66, 2), ("𠮷" * 67, 3), ("字" * 66 + "𠮷" + "字" * 3, 2)],
)  # fmt: skip
def test_parts(text: str, count: int) -> None:
    assert texts.parts(text) == count


@given(st.text(min_size=1, max_size=300))
def test_parts_never_overflow(text: str) -> None:
    units = sum(2 if ord(c) > 0xFFFF else 1 for c in text)
    count = texts.parts(text)
    assert units <= (70 if count == 1 else 67 * count)
    assert count == 1 or units > 66 * (count - 1)


@given(st.text(alphabet="0123456789Xx号码 ，", max_size=60))
def test_no_id_number_stays_in_free_text(text: str) -> None:
    assert ADULT not in texts.without_identity(f"{text}，{ADULT}，{text}")


def test_what_is_told_twice_stands_once() -> None:
    assert texts.join(["已受理。", "已受理", "需缴费"], Everything(), {"head": "{name}"}) == "[name]已受理；需缴费。"
