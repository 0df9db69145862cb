"""What the machine saw, matched to the errors the text names: over every material of every procedure here."""

from itertools import chain, combinations, product

import pytest

from tests.official import official
from tongban.procedure.model import Material
from tongban.rules.card import Card, differences
from tongban.rules.machine import SUBJECTS, Seen, error_for, match, of_differences, of_sources, standing

pytestmark = pytest.mark.pure
CODES = sorted({code for _, codes in SUBJECTS for code in codes})
CARD, PHOTO = official().materials


@pytest.mark.parametrize(
    ("material", "code", "error"),
    [
        (PHOTO, "not-electronic", "非电子档"),
        (PHOTO, "scanned-print", "非电子档"),
        (PHOTO, "background-not-white", "非白底彩色寸照"),
        (PHOTO, "not-colour", "非白底彩色寸照"),
        (PHOTO, "wrong-size", "不符合身份证电子证照的要求"),
        (PHOTO, "no-face", "不符合身份证电子证照的要求"),
        (CARD, "expired", "身份证不在有效期内"),
        (CARD, "back-missing", "身份证未正反面复印或复印件不清晰"),
        (CARD, "blurred", "身份证未正反面复印或复印件不清晰"),
        (CARD, "unheard-of", ""),
    ],
)
def test_the_official_errors(material: Material, code: str, error: str) -> None:
    assert error_for(material, code) == error


def test_every_code_finds_an_error_of_the_material_or_none() -> None:
    for material, code in product(
        (*official().materials, Material(name="无"), Material(name="x", common_errors=("没有签名",))), CODES
    ):
        assert error_for(material, code) in ("", *material.common_errors)


def test_what_stands_is_what_nobody_overruled() -> None:
    """Every set of findings, every set of overruled codes."""
    seen = [
        Seen("background-not-white", "failure", "背景发蓝"),
        Seen("not-colour", "failure", "是黑白的"),
        Seen("face-too-narrow", "advice", "脸宽 168 px"),
        Seen("unheard-of", "failure", "别的问题"),
    ]
    every = list(chain.from_iterable(combinations(seen, n) for n in range(5)))
    for some, gone in product(every, every):
        overruled = {one.code for one in gone}
        stands = standing(match(PHOTO, some), overruled)
        left = [one for one in some if one.level == "failure" and one.code not in overruled]
        assert set(stands) == {error_for(PHOTO, one.code) or one.message for one in left}
        assert len(stands) == len(set(stands))


def test_failures_come_first_in_the_order_of_the_text() -> None:
    found = match(
        PHOTO,
        [
            Seen("face-too-narrow", "advice", ""),
            Seen("not-colour", "failure", ""),
            Seen("not-electronic", "failure", ""),
        ],
    )
    assert [one.error for one in found] == ["非电子档", "非白底彩色寸照", "不符合身份证电子证照的要求"]
    assert [one.ticks for one in found] == [True, True, False]
    assert {one.clause for one in found} == {PHOTO.clause}


def test_a_scan_where_an_electronic_file_is_wanted() -> None:
    assert [error_for(PHOTO, one.code) for one in of_sources(PHOTO, scanned=True)] == [PHOTO.common_errors[0]]
    assert of_sources(PHOTO, scanned=False) == ()
    assert of_sources(CARD, scanned=True) == ()


def test_differences_are_for_a_person_to_look_at() -> None:
    card = Card("样例·张㛃", "11010519491231002X", "示例省示例市示例镇示例路 1 号")
    typed = Card("样例·张山", "11010519491231002X", "示例镇示例路1号")
    found = of_differences(differences(card, typed))
    assert [(one.code, one.level) for one in found] == [("differs-name", "advice")]
    assert "“样例·张㛃”" in found[0].message
    assert differences(Card("", ""), typed) == ()
    assert [
        d.card
        for d in differences(
            Card("张", long_term=True), Card("张", valid_until=__import__("datetime").date(2030, 1, 1))
        )
    ] == ["长期"]
