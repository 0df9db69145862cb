"""Province, city and county of an address: found where it says so, never guessed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.identity.areas import area_of

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("address", "code", "name"),
    [
        ("湖南省益阳市南县南洲镇示例路1号", "430921", "湖南省益阳市南县"),
        ("湖南 益阳 安化县", "430923", "湖南省益阳市安化县"),
        ("南县南洲镇", "430921", "湖南省益阳市南县"),
        ("南京市鼓楼区中山路", "320106", "江苏省南京市鼓楼区"),
        ("北京朝阳区建国路", "110105", "北京市朝阳区"),
        ("重庆市彭水苗族土家族自治县汉葭街道", "500243", "重庆市彭水苗族土家族自治县"),
        ("内蒙古赤峰市敖汉旗", "150430", "内蒙古自治区赤峰市敖汉旗"),
        ("新疆维吾尔自治区乌鲁木齐市天山区", "650102", "新疆维吾尔自治区乌鲁木齐市天山区"),
        ("海南省琼海市", "469002", "海南省琼海市"),
        ("广东省东莞市南城街道", "441900", "广东省东莞市"),
        ("湖南省益阳市大通湖区", "430900", "湖南省益阳市"),  # a place without a code of its own: its city
        ("湖南省长沙市鼓楼区", "430100", "湖南省长沙市"),  # no such district there
    ],
)
def test_found(address: str, code: str, name: str) -> None:
    area = area_of(address)
    assert area is not None
    assert (area.code, str(area)) == (code, name)


@pytest.mark.parametrize("address", ["", "示例镇示例路 1 号", "鼓楼区中山路", "朝阳区", "城关镇朝阳市路", "No. 1"])
def test_not_guessed(address: str) -> None:
    assert area_of(address) is None


@given(st.text(max_size=60))
def test_any_text_has_an_answer(text: str) -> None:
    area = area_of(text)
    assert area is None or area.code.isdigit()
