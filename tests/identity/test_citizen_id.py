"""GB 11643: every made number passes, every number with one error in it does not."""

from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tongban.identity.citizen_id import CHECKS, age_on, birth_of, check, check_character, normalise, sex_of

pytestmark = pytest.mark.pure
TODAY = date(2026, 11, 23)
REGIONS = st.integers(110000, 839999).map(str)
BIRTHS = st.dates(date(1900, 1, 1), TODAY)
ORDERS = st.integers(0, 999).map(lambda order: f"{order:03d}")


def number(region: str, birth: date, order: str) -> str:
    body = f"{region}{birth:%Y%m%d}{order}"
    return body + check_character(body)


NUMBERS = st.builds(number, REGIONS, BIRTHS, ORDERS)


def test_the_example_of_the_standard() -> None:
    assert check("11010519491231002X", today=TODAY) is None
    assert birth_of("11010519491231002X") == date(1949, 12, 31)
    assert sex_of("11010519491231002X") == "女"


@given(NUMBERS)
def test_a_made_number_passes(made: str) -> None:
    assert check(made, today=TODAY) is None
    assert check(f" {made[:6]} {made[6:].lower()}", today=TODAY) is None
    wide = "".join(chr(ord(char) + 0xFEE0) for char in made)
    assert normalise(wide) == made


@given(NUMBERS, st.integers(0, 16), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_refused(made: str, place: int, digit: str) -> None:
    assume(digit != made[place])
    assert check(made[:place] + digit + made[place + 1 :], today=TODAY) is not None


@given(NUMBERS, st.sampled_from(CHECKS))
def test_a_wrong_check_character_is_refused(made: str, last: str) -> None:
    assert (check(made[:17] + last, today=TODAY) is None) == (last == made[17])


@given(NUMBERS, st.integers(0, 15))
def test_two_neighbours_exchanged_are_refused(made: str, place: int) -> None:
    assume(made[place] != made[place + 1])
    changed = made[:place] + made[place + 1] + made[place] + made[place + 2 :]
    assert check(changed, today=TODAY) is not None


@given(NUMBERS)
def test_birth_and_age(made: str) -> None:
    birth = birth_of(made)
    assert birth is not None
    age = age_on(birth, TODAY)
    assert 0 <= age <= 126
    assert age == TODAY.year - birth.year - (birth.strftime("%m%d") > TODAY.strftime("%m%d"))


@pytest.mark.parametrize(
    ("typed", "kind", "said"),
    [
        ("", "resident_id", "请填写"),
        ("110105194912310", "resident_id", "现在是 15 位"),
        ("11010519491231002A", "resident_id", "最后一位是数字或 X"),
        ("110105194902300026", "resident_id", "出生日期"),
        ("11010520991231002" + check_character("11010520991231002"), "resident_id", "今天之后"),
        ("11010519491231002X", "residence_permit", "81、82 或 83"),
        ("ab1", "passport", "5 到 30 位"),
    ],
)
def test_what_is_wrong_is_said(typed: str, kind: str, said: str) -> None:
    if said == "出生日期":
        typed = typed[:17] + check_character(typed[:17])
    assert said in str(check(typed, kind, TODAY))


@pytest.mark.parametrize("prefix", ["810000", "820000", "830000"])
def test_residence_permits_of_hong_kong_macao_and_taiwan(prefix: str) -> None:
    assert check(number(prefix, date(1990, 2, 28), "012"), "residence_permit", TODAY) is None


def test_leap_day() -> None:
    assert check(number("430903", date(2000, 2, 29), "001"), today=TODAY) is None
    body = "43090319000229001"
    assert check(body + check_character(body), today=TODAY) is not None


@given(st.text(max_size=40), st.sampled_from(["resident_id", "residence_permit", "passport", "household"]))
def test_anything_typed_gets_an_answer(text: str, kind: str) -> None:
    said = check(text, kind, TODAY)
    assert said is None or said.endswith("。")
