"""Handing results over (clause 十): on site by the release rule, or by post."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from tongban.cases import tokens
from tongban.cases.actions.department import Orders, reason_given
from tongban.cases.actions.door import Change, Refused, act
from tongban.cases.models import Case, Delivery, Event, Permit, SignedVoucher
from tongban.identity import citizen_id, names, phones
from tongban.people.models import Role
from tongban.procedure.model import Topic
from tongban.rules.card import Card
from tongban.rules.release import Code, Evidence, Message, Release, Way, release

VOUCHED_FOR = timedelta(hours=12)  # how long a colleague's word holds
WRONG_TRIES = 3  # then the hand-over is locked for a supervisor


@dataclass(frozen=True)
class Shown:
    """What a collector shows at the issuing desk, as the clerk enters it; numbers are compared, never displayed."""

    collector: str  # name of who collects
    card_number: str = ""  # number on the identity card shown
    card: Card | None = None  # the card itself, where a reader read it
    receipt: str = ""  # serial or code on the 收文清单 shown
    message: str = Message.NONE.value  # 领证短信
    code: str = Code.NONE.value  # what the fresh code to the registered phone proved
    written_id: str = ""  # id number written by the collector
    written_phone: str = ""
    voucher: str = ""  # name of the counterpart staff who collects or vouches on paper
    voucher_scan: str = ""  # digest of the paper they signed, in the vault; without it a name is nothing
    known_voucher: bool = True  # count a colleague who vouched at their own desk


def is_its_receipt(case: Case, scanned: str) -> bool:
    """Whether what was scanned or typed stands on a receipt (收文清单) of this case."""
    text = scanned.strip()
    if not text:
        return False
    named = Q(serial=text)
    if token := tokens.read(text):
        named |= Q(token=token)
    return case.forms.filter(named, kind="intake_receipt", withdrawn_at=None).exists()


def evidence(case: Case, shown: Shown, known: Mapping[str, str]) -> Evidence:
    """The facts the rule asks for. ``known``: id number → name of the applicant and the original agent."""
    number = citizen_id.normalise(shown.card_number)
    return Evidence(
        id_card=bool(number) and number in known and not card_fault(shown, known),
        receipt=is_its_receipt(case, shown.receipt),
        message=Message(shown.message),
        id_number_matches=bool(shown.written_id) and citizen_id.normalise(shown.written_id) == case.applicant_id_number,
        phone_matches=bool(shown.written_phone) and phones.normalise(shown.written_phone) == case.applicant_phone,
        voucher=bool(shown.voucher.strip() and shown.voucher_scan),
        code=Code(shown.code),
    )


def known_people(case: Case) -> dict[str, str]:
    """Id number → name of those whose card opens the first way: the applicant, the original agent, a minor's guardian.

    The text names applicant and agent; a guardian stood at the window for the minor, as the agent does.
    """
    return dict(case.parties.values_list("id_number", "name")) | {case.applicant_id_number: case.applicant_name}


def card_fault(shown: Shown, known: Mapping[str, str]) -> str:
    """Why the card a reader read does not count though its number is known; empty where it does, or was only typed.

    It does not say what the record holds.
    """
    card = shown.card
    if card is None:
        return ""
    if citizen_id.normalise(card.number) != citizen_id.normalise(shown.card_number):
        return "填的号码和读出的身份证不是同一个。"
    if card.valid_until and not card.long_term and card.valid_until < timezone.localdate():
        return f"身份证 {card.valid_until} 已到期。"
    name = known.get(citizen_id.normalise(card.number))
    return "身份证上的姓名与申办时不符。" if name is not None and names.normalise(card.name) != name else ""


def answer(case: Case, shown: Shown) -> tuple[Release, Evidence]:
    """What the rule says to what is shown, and the evidence it was asked about: the same on the screen and in the act.

    A colleague's word and a supervisor's decision are looked up only where what is in the collector's hands does not do.
    """
    known = {case.applicant_id_number: case.applicant_name}
    if shown.card_number and citizen_id.normalise(shown.card_number) not in known:
        known = known_people(case)
    facts = evidence(case, shown, known)
    said = release(case.procedure, facts)
    if not said.allowed:
        vouched = shown.known_voucher and vouched_for(case) is not None
        facts = replace(facts, voucher=facts.voucher or vouched, permit=permit_for(case, shown) is not None)
        said = release(case.procedure, facts)
    return said, facts


def vouched_for(case: Case) -> Event | None:
    """The word of a colleague, given at their own desk and not yet used: the newest within :data:`VOUCHED_FOR`."""
    words = case.events.filter(kind__in=("vouched", "handed_over"), at__gt=timezone.now() - VOUCHED_FOR)
    newest = words.order_by("-sequence").first()
    return newest if newest and newest.kind == "vouched" else None


def permit_for(case: Case, shown: Shown) -> Permit | None:
    """The supervisor's decision for the person whose card is shown, if there is one that was not used."""
    card = citizen_id.normalise(shown.card_number)
    given = case.permits.filter(decision=Permit.Decision.GIVEN, used_at=None)
    return next((permit for permit in given if card and permit.id_number == card), None)


@act("handed_over", Role.ISSUING)
def hand_over(change: Change, *, shown: Shown, orders: Orders = None) -> None:
    """Hand results over when the rule allows it, else record the refusal with its clause; ``orders`` may be a part of them.

    What was shown and did not agree counts; after three the desk is locked until a supervisor unlocks it. The case tells
    which it was: handed-over items are 已交付.
    """
    case = change.case
    if case.failed_releases >= WRONG_TRIES:
        raise Refused("核对已连续三次不符，发证已锁定，请由督办人员核实后解锁。")
    collector = reason_given(shown.collector, "领取人姓名", name="collector")
    said, facts = answer(case, shown)
    if not said.allowed:
        change.own_items()
        reason = said.reason
        if shown.receipt.strip() and not facts.receipt:
            reason += "出示的收文清单不是这个办件的。"
        reason += card_fault(shown, known_people(case))
        change.note("release_refused", said.clauses, reason=reason, collector_given=bool(collector))
        if shown.written_id or shown.written_phone or shown.card_number or shown.receipt or facts.code is Code.WRONG:
            case.failed_releases += 1
        return
    moved = change.move("hand_over", orders)
    for item in moved:
        item.delivered_at = change.now
    case.failed_releases = 0
    voucher = _voucher(change, said, shown)
    change.note(
        "handed_over",
        said.clauses,
        outgoing=({"message": "rating_asked"},),
        items=[item.order for item in moved],
        way=said.way.value if said.way else "",
        code=facts.code.value,
        card="" if not facts.id_card else "read" if shown.card else "typed",
        warning=said.warning,
        voucher=voucher,
        voucher_scan=shown.voucher_scan if voucher else "",
    )
    change.settle()


def _voucher(change: Change, said: Release, shown: Shown) -> str:
    """Who vouched, by name; a decision that opened the way is used up."""
    if said.way is Way.DECISION:
        permit = permit_for(change.case, shown)
        assert permit is not None
        permit.used_at = change.now
        permit.save(update_fields=["used_at"])
        return ""
    if said.way is not Way.VOUCHER:
        return ""
    if shown.voucher.strip() and shown.voucher_scan:
        SignedVoucher.objects.create(
            case=change.case, name=shown.voucher.strip(), scan_digest=shown.voucher_scan, at=change.now
        )
        return shown.voucher.strip()
    word = vouched_for(change.case)
    return word.by_name if word else ""


@act("release_unlocked", Role.OVERSIGHT)
def unlock_release(change: Change, *, reason: str) -> None:
    """A supervisor lets the issuing desk try again, with the reason."""
    text = reason_given(reason, "解锁理由")
    if change.case.failed_releases < WRONG_TRIES:
        raise Refused("这个办件的发证没有锁定。")
    change.case.failed_releases = 0
    change.note("release_unlocked", change.cite(Topic.RELEASE_ON_SITE), reason=text)


@act("given_to_post", Role.ISSUING)
def give_to_post(change: Change, *, orders: Orders = None) -> None:
    """Give results that the applicant wants by post to the post window (十.1)."""
    if change.case.delivery != Delivery.POST:
        raise Refused("申请人选择现场领取，不邮寄。")
    moved = change.move("give_to_post", orders)
    change.note("given_to_post", change.cite(Topic.RELEASE_POST), items=[item.order for item in moved])
    change.settle()
