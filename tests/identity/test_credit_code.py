"""GB 32100: the check character holds, and one wrong character is noticed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.identity.credit_code import ALPHABET, check_character, warning

pytestmark = pytest.mark.pure
BODIES = st.text(ALPHABET, min_size=17, max_size=17)


@given(BODIES)
def test_a_made_code_passes(body: str) -> None:
    code = body + check_character(body)
    assert warning(code) is None
    assert warning(f" {code[:8].lower()}-{code[8:]} ") is None


@given(BODIES, st.integers(0, 17), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_noticed(body: str, place: int, char: str) -> None:
    code = body + check_character(body)
    changed = code[:place] + char + code[place + 1 :]
    assert (warning(changed) is None) == (changed == code)


@pytest.mark.parametrize(("code", "said"), [("", "现在是 0 位"), ("9" * 17, "17 位"), ("I" * 18, "不应有“I”")])
def test_malformed(code: str, said: str) -> None:
    assert said in str(warning(code))
