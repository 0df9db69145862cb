"""The release rule over every evidence there can be and every reading, against a table written by hand from 十.2 and 十.3."""

from itertools import product

import pytest

from tests.official import official
from tongban.procedure.model import Policy, Procedure
from tongban.rules.release import Code, Evidence, Message, Way, release

pytestmark = pytest.mark.pure
YES_NO = (False, True)
ALL = [Evidence(*given) for given in product(YES_NO, YES_NO, Message, YES_NO, YES_NO, YES_NO, Code, YES_NO)]
READINGS = tuple(product(("either", "both"), ("offered", "required")))

# The table, first line that fits: documents, SMS, its numbers and code, voucher, decision → way and clause. "." is any.
# Documents: C card, R receipt, 2 both, 0 neither. SMS: O original, F forwarded, N none. Numbers: = both agree, x not.
# Code: + right, - wrong, 0 not asked. V voucher, D decision.
EITHER = """
C ... . .  documents 十.2（1）
R ... . .  documents 十.2（1）
2 ... . .  documents 十.2（1）
"""
BOTH = """
2 ... . .  documents 十.2（1）
"""
OFFERED = """
. O=+ . .  message 十.2（2）
. O=0 . .  message 十.2（2）
"""
REQUIRED = """
. O=+ . .  message 十.2（2）
"""
REST = """
. ... V .  voucher 十.2（3）
. ... . D  decision 十.2
. F.. . .  refused 十.3
. ... . .  refused 十.2,十.3
"""
TABLE = {
    (documents, code): [line.split() for line in (first + second + REST).split("\n") if line.strip()]
    for documents, first in (("either", EITHER), ("both", BOTH))
    for code, second in (("offered", OFFERED), ("required", REQUIRED))
}


def reading(documents: str, code: str = "offered") -> Procedure:
    policy = Policy.model_validate({"release_documents": documents, "release_code": code})
    return official().model_copy(update={"policy": policy})


def written(shown: Evidence) -> str:
    """The evidence in the letters of the table."""
    documents = {(True, True): "2", (True, False): "C", (False, True): "R", (False, False): "0"}
    return (
        documents[shown.id_card, shown.receipt]
        + {"original": "O", "forwarded": "F", "none": "N"}[shown.message]
        + ("=" if shown.id_number_matches and shown.phone_matches else "x")
        + {"right": "+", "wrong": "-", "none": "0"}[shown.code]
        + ("V" if shown.voucher else "0")
        + ("D" if shown.permit else "0")
    )


def expected(shown: Evidence, documents: str, code: str) -> tuple[str, tuple[str, ...]]:
    letters = written(shown)
    for line in TABLE[documents, code]:
        pattern = "".join(line[:-2])
        if all(want in (".", have) for want, have in zip(pattern, letters, strict=True)):
            return line[-2], tuple(line[-1].split(","))
    raise AssertionError(letters)


def test_there_are_five_hundred_and_seventy_six_evidences() -> None:
    assert len(set(ALL)) == 576


@pytest.mark.parametrize(("documents", "code"), READINGS)
def test_every_evidence(documents: str, code: str) -> None:
    procedure = reading(documents, code)
    for shown in ALL:
        found = release(procedure, shown)
        way, clauses = expected(shown, documents, code)
        assert (found.way.value if found.way else "refused", found.clauses) == (way, clauses), shown
        assert found.allowed == (way != "refused"), shown
        assert found.reason.endswith("。")


def test_a_warning_is_recorded_exactly_where_less_was_proved_than_the_text_wants() -> None:
    for documents, code in READINGS:
        for shown in ALL:
            found = release(reading(documents, code), shown)
            list_alone = found.way is Way.DOCUMENTS and not shown.id_card
            forwarded = found.way is Way.VOUCHER and shown.message == "forwarded"
            unproved = found.way is Way.MESSAGE and shown.code is not Code.RIGHT
            assert bool(found.warning) == (list_alone or forwarded or unproved or found.way is Way.DECISION), shown


def test_showing_more_never_turns_a_release_into_a_refusal() -> None:
    """Card, list, matching numbers, a voucher, a right code and a decision only ever help."""
    for documents, code in READINGS:
        procedure = reading(documents, code)
        for shown in ALL:
            if not release(procedure, shown).allowed:
                continue
            for more in ("id_card", "receipt", "id_number_matches", "phone_matches", "voucher", "permit"):
                assert release(procedure, Evidence(**{**shown.__dict__, more: True})).allowed, (shown, more)
            assert release(procedure, Evidence(**{**shown.__dict__, "code": Code.RIGHT})).allowed, shown


def test_a_wrong_code_never_opens_anything() -> None:
    for documents, code in READINGS:
        procedure = reading(documents, code)
        for shown in ALL:
            if shown.code is Code.WRONG and release(procedure, shown).allowed:
                assert release(procedure, Evidence(**{**shown.__dict__, "message": Message.NONE})).allowed, shown


def test_the_strict_readings_allow_no_more() -> None:
    for shown in ALL:
        for documents, code in READINGS:
            if release(reading(documents, code), shown).allowed:
                assert release(reading("either", "offered"), shown).allowed, shown
