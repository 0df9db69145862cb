"""Names, phones and masks: what is kept, what is refused, what shows."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tongban.identity import masking, names, phones

pytestmark = pytest.mark.pure
RARE = ["㛃", "𬭊", "𠮷", "䶮", "\U0002a700", "\U00030000", "〇"]


@pytest.mark.parametrize("separator", list("·•‧∙⋅・･．●"))
def test_every_look_alike_becomes_the_one_separator(separator: str) -> None:
    kept = names.normalise(f" 买买提 {separator} 艾力　")
    assert kept == "买买提·艾力"
    assert names.check(kept) is None


@pytest.mark.parametrize("char", RARE)
def test_rare_characters_are_names(char: str) -> None:
    assert names.check(f"张{char}") is None
    assert names.normalise(f"张{char}") == f"张{char}"


@pytest.mark.parametrize(
    "name", ["", " ", "张\u200b三", "张\u202e三", "张3", "·张", "张·", "张··三", "长" * 101, "张<b>"]
)
def test_what_is_no_name(name: str) -> None:
    said = names.check(name)
    assert said is not None
    assert said.endswith("。")


def test_a_hundred_characters_are_a_name() -> None:
    assert names.check("长" * 100) is None
    assert names.check("𬭊" * 100) is None


@given(st.text(max_size=120))
def test_normalising_a_name_again_changes_nothing(text: str) -> None:
    assert names.normalise(names.normalise(text)) == names.normalise(text)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("138 0000 0000", "13800000000"),
        ("+86-138-0000-0000", "13800000000"),
        ("００８６１３８００００００００", "13800000000"),
        ("（0737）521 2333", "07375212333"),
        ("0737－5212333", "07375212333"),
    ],
)
def test_phones_as_typed(typed: str, kept: str) -> None:
    assert phones.normalise(typed) == kept
    assert phones.check(typed) is None


@pytest.mark.parametrize("typed", ["", "138", "12800000000", "5212333", "1380000000a", "138000000000", "0000"])
def test_what_is_no_phone(typed: str) -> None:
    said = phones.check(typed)
    assert said is not None
    assert said.endswith("。")


@given(st.text("0123456789０１２３８６+＋-－—()（） \u3000", max_size=30))
def test_normalising_a_phone_again_changes_nothing(text: str) -> None:
    assert phones.normalise(phones.normalise(text)) == phones.normalise(text)


@given(st.text("0123456789X", min_size=3, max_size=30))
def test_a_masked_number_shows_its_ends_and_its_length(number: str) -> None:
    masked = masking.mask_id(number)
    assert (masked[0], masked[-1], len(masked)) == (number[0], number[-1], len(number))
    assert set(masked[1:-1]) == {"*"}


@given(st.text(min_size=1, max_size=100))
def test_a_masked_name_shows_one_character(name: str) -> None:
    assert masking.mask_name(name) == name[0] + "*"


@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True))
def test_a_masked_phone_shows_seven_digits(phone: str) -> None:
    assert masking.mask_phone(phone) == f"{phone[:3]}****{phone[-4:]}"


@given(st.text(min_size=7, max_size=60))
def test_a_masked_address_ends_early(address: str) -> None:
    assume("……" not in address)
    assert masking.mask_address(address) == address[:6] + "……"


@pytest.mark.parametrize("mask", [masking.mask_id, masking.mask_name, masking.mask_phone, masking.mask_address])
def test_nothing_masks_to_nothing(mask: object) -> None:
    assert mask("") == ""  # type: ignore[operator]


def test_short_numbers_show_nothing() -> None:
    assert (masking.mask_id("1"), masking.mask_id("12")) == ("*", "**")
