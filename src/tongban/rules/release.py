"""May a result be handed over on site (clause 十.2, 十.3)? The three ways of the text, in its order."""

from dataclasses import dataclass
from enum import StrEnum

from tongban.procedure.model import Procedure, Topic


class Message(StrEnum):
    """The collection SMS (领证短信) as shown at the counter."""

    NONE = "none"
    ORIGINAL = "original"
    FORWARDED = "forwarded"


class Code(StrEnum):
    """The fresh code sent to the registered phone at the counter: what the eye cannot tell of an SMS, it proves."""

    NONE = "none"  # not asked for
    RIGHT = "right"
    WRONG = "wrong"


class Way(StrEnum):
    """The way of the text by which a result may be handed over; a supervisor's decision stands beside the text's three."""

    DOCUMENTS = "documents"
    MESSAGE = "message"
    VOUCHER = "voucher"
    DECISION = "decision"


@dataclass(frozen=True)
class Evidence:
    """What the collector shows: card of the applicant or original agent, receipt of this case, SMS, numbers written, a
    voucher; or a supervisor's decision that names them (``permit``: another agent, a guardian, an heir).
    """

    id_card: bool = False
    receipt: bool = False
    message: Message = Message.NONE
    id_number_matches: bool = False
    phone_matches: bool = False
    voucher: bool = False
    code: Code = Code.NONE
    permit: bool = False


@dataclass(frozen=True)
class Release:
    """The answer: allowed by which way, or refused, with clauses and the reason in words; ``warning`` is recorded."""

    allowed: bool
    way: Way | None
    clauses: tuple[str, ...]
    reason: str
    warning: str = ""


def release(procedure: Procedure, evidence: Evidence) -> Release:
    """Whether a result may be handed over.

    Whether card or receipt suffices alone, or both are needed, is ``procedure.policy.release_documents`` (the text says
    both: 同时 and 二者满足其一). Whether an original SMS needs the fresh code beside it is ``policy.release_code``; a wrong
    code proves that the phone is elsewhere, and the SMS counts for nothing. A voucher suffices even beside a forwarded
    message, with a warning: the three ways are alternatives and 十.3 is what is left. A supervisor's decision opens what
    the three ways leave shut. Nothing shown and nobody vouching is refused too.
    """
    shown = (evidence.id_card, evidence.receipt)
    if all(shown) if procedure.policy.release_documents == "both" else any(shown):
        warning = "" if evidence.id_card else "只凭收文清单领取，没有核对身份证，已记录。"
        clauses = procedure.cite(Topic.RELEASE_DOCUMENTS)
        return Release(True, Way.DOCUMENTS, clauses, "出示了规定的证明，可以发放。", warning)
    original = evidence.message is Message.ORIGINAL
    numbers = evidence.id_number_matches and evidence.phone_matches
    proved = evidence.code is Code.RIGHT
    if original and numbers and (proved or (evidence.code is Code.NONE and procedure.policy.release_code == "offered")):
        warning = "" if proved else "没有用验证码核对登记的手机，已记录。"
        clauses = procedure.cite(Topic.RELEASE_MESSAGE)
        return Release(True, Way.MESSAGE, clauses, "领证短信为原件，写出的身份证号和手机号码相符，可以发放。", warning)
    forwarded = evidence.message is Message.FORWARDED
    if evidence.voucher:
        warning = "领证短信是转发的，由对口窗口工作人员担保，已记录。" if forwarded else ""
        clauses = procedure.cite(Topic.RELEASE_VOUCHER)
        return Release(True, Way.VOUCHER, clauses, "由对口窗口工作人员代领或担保并签字，可以发放。", warning)
    if evidence.permit:
        clauses = procedure.cite(Topic.RELEASE_ON_SITE)
        return Release(
            True, Way.DECISION, clauses, "督办人员已决定发给这个人。", "规程没有列出这种情形，按督办决定发放，已记录。"
        )
    if forwarded:
        clauses = procedure.cite(Topic.RELEASE_REFUSED)
        return Release(False, None, clauses, "没有身份证、收文清单，且领证短信属于转发，不能现场发放。")
    clauses = procedure.cite(Topic.RELEASE_ON_SITE, Topic.RELEASE_REFUSED)
    if original and not numbers:
        return Release(False, None, clauses, "写出的身份证号或手机号码与申办时不符，不能现场发放。")
    if original:
        said = "验证码不对" if evidence.code is Code.WRONG else "还没有用验证码核对登记的手机"
        return Release(False, None, clauses, f"{said}，不能凭领证短信发放。")
    return Release(False, None, clauses, "没有出示规定的证明，也没有工作人员担保，不能现场发放。")
