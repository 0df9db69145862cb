"""The recogniser's traditional and variant characters become those printed; characters of names stay."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.imaging.simplified import simplified

pytestmark = pytest.mark.pure


def test_what_the_recogniser_likes_to_return() -> None:
    assert simplified("漢黃強熱劉煒曄鄧韓語錢貴") == "汉黄强热刘炜晔邓韩语钱贵"


def test_characters_that_stand_in_names_stay() -> None:
    assert simplified("乾於著锺甯昇堃喆淼祕淩龢濬") == "乾於著锺甯昇堃喆淼祕淩龢濬"


@given(st.text(max_size=30))
def test_the_length_stays_and_twice_is_once(text: str) -> None:
    once = simplified(text)
    assert len(once) == len(text)
    assert simplified(once) == once


@given(st.integers(0xB0A1, 0xF7FE))
def test_simplified_characters_stay(code: int) -> None:
    try:
        char = code.to_bytes(2).decode("gb2312")
    except UnicodeDecodeError:
        return
    assert simplified(char) == char
