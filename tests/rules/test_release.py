"""The release rule over every evidence there can be and both readings, against a table written from 十.2 and 十.3."""

from itertools import product

import pytest

from tests.official import official
from tongban.procedure.model import Policy, Procedure
from tongban.rules.release import Evidence, Message, Way, release

pytestmark = pytest.mark.pure
YES_NO = (False, True)
ALL = [Evidence(*given) for given in product(YES_NO, YES_NO, Message, YES_NO, YES_NO, YES_NO)]
READINGS = ("either", "both")


def reading(documents: str) -> Procedure:
    return official().model_copy(update={"policy": Policy.model_validate({"release_documents": documents})})


def expected(shown: Evidence, documents: str) -> tuple[Way | None, tuple[str, ...]]:
    """十.2（1）, then （2）, then （3）; what is left is refused, by 十.3 where the text names the case."""
    enough = shown.id_card and shown.receipt if documents == "both" else shown.id_card or shown.receipt
    if enough:
        return Way.DOCUMENTS, ("十.2（1）",)
    if shown.message == "original" and shown.id_number_matches and shown.phone_matches:
        return Way.MESSAGE, ("十.2（2）",)
    if shown.voucher:
        return Way.VOUCHER, ("十.2（3）",)
    if shown.message == "forwarded":
        return None, ("十.3",)
    return None, ("十.2", "十.3")


def test_there_are_ninety_six_evidences() -> None:
    assert len(set(ALL)) == 96


@pytest.mark.parametrize("documents", READINGS)
def test_every_evidence(documents: str) -> None:
    for shown in ALL:
        found = release(reading(documents), shown)
        way, clauses = expected(shown, documents)
        assert (found.allowed, found.way, found.clauses) == (way is not None, way, clauses), shown
        assert found.reason.endswith("。")


def test_a_warning_is_recorded_exactly_where_the_eye_proved_less() -> None:
    for documents in READINGS:
        for shown in ALL:
            found = release(reading(documents), shown)
            list_alone = found.way is Way.DOCUMENTS and not shown.id_card
            forwarded = found.way is Way.VOUCHER and shown.message == "forwarded"
            assert bool(found.warning) == (list_alone or forwarded), shown


def test_showing_more_never_turns_a_release_into_a_refusal() -> None:
    """Card, list, matching numbers and a voucher only ever help."""
    for documents in READINGS:
        for shown in ALL:
            if not release(reading(documents), shown).allowed:
                continue
            for more in ("id_card", "receipt", "id_number_matches", "phone_matches", "voucher"):
                better = Evidence(**{**shown.__dict__, more: True})
                assert release(reading(documents), better).allowed, (shown, more)


def test_the_strict_reading_allows_no_more() -> None:
    for shown in ALL:
        if release(reading("both"), shown).allowed:
            assert release(reading("either"), shown).allowed, shown
