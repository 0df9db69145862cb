"""Handing results over (clause 十): on site by the release rule, or by post."""

from dataclasses import dataclass

from tongban.cases.actions.department import Orders, reason_given
from tongban.cases.actions.door import Change, Refused, act
from tongban.cases.models import Case, Delivery
from tongban.identity import citizen_id, phones
from tongban.people.models import Role
from tongban.procedure.model import Topic
from tongban.rules.release import Evidence, Message, Release, release

WRONG_TRIES = 3  # then the hand-over is locked for a supervisor


@dataclass(frozen=True)
class Shown:
    """What a collector shows at the issuing desk, as the clerk enters it; numbers are compared, never displayed."""

    collector: str  # name of who collects
    card_number: str = ""  # number on the identity card shown
    receipt: bool = False  # 收文清单
    message: str = Message.NONE.value  # 领证短信
    written_id: str = ""  # id number written by the collector
    written_phone: str = ""
    voucher: str = ""  # name of the counterpart staff who collects or vouches, signed


def evidence(case: Case, shown: Shown, known_ids: frozenset[str]) -> Evidence:
    """The facts the rule asks for. ``known_ids`` are the id numbers of the applicant and the original agent."""
    card = citizen_id.normalise(shown.card_number)
    return Evidence(
        id_card=bool(card) and card in known_ids,
        receipt=shown.receipt,
        message=Message(shown.message),
        id_number_matches=bool(shown.written_id) and citizen_id.normalise(shown.written_id) == case.applicant_id_number,
        phone_matches=bool(shown.written_phone) and phones.normalise(shown.written_phone) == case.applicant_phone,
        voucher=bool(shown.voucher.strip()),
    )


def known_ids(case: Case) -> frozenset[str]:
    """Id numbers whose card opens the first way: the applicant's, the original agent's, a minor's guardian's.

    The text names applicant and agent; a guardian stood at the window for the minor, as the agent does.
    """
    return frozenset({case.applicant_id_number, *case.parties.values_list("id_number", flat=True)})


def answer(case: Case, shown: Shown) -> Release:
    """What the rule says to what is shown: the same on the screen and in the act."""
    own = frozenset({case.applicant_id_number})
    if shown.card_number and citizen_id.normalise(shown.card_number) not in own:
        own = known_ids(case)
    return release(case.procedure, evidence(case, shown, own))


@act("handed_over", Role.ISSUING)
def hand_over(change: Change, *, shown: Shown, orders: Orders = None) -> None:
    """Hand results over when the rule allows it, else record the refusal with its clause.

    Numbers that were written wrong count; after three the desk is locked until a supervisor unlocks it. The case tells
    which it was: handed-over items are 已交付.
    """
    case = change.case
    if case.failed_releases >= WRONG_TRIES:
        raise Refused("核对已连续三次不符，发证已锁定，请由督办人员核实后解锁。")
    collector = reason_given(shown.collector, "领取人姓名", name="collector")
    said = answer(case, shown)
    if not said.allowed:
        change.own_items()
        change.note("release_refused", said.clauses, reason=said.reason, collector_given=bool(collector))
        if shown.written_id or shown.written_phone or shown.card_number:
            case.failed_releases += 1
        return
    moved = change.move("hand_over", orders)
    for item in moved:
        item.delivered_at = change.now
    case.failed_releases = 0
    change.note(
        "handed_over",
        said.clauses,
        outgoing=({"message": "rating_asked"},),
        items=[item.order for item in moved],
        way=said.way.value if said.way else "",
        warning=said.warning,
        voucher=shown.voucher.strip(),
    )
    change.settle()


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


@act("posted", Role.POST)
def post(change: Change, *, waybill: str, orders: Orders = None) -> None:
    """Send results off under a waybill number."""
    number = waybill.strip().upper()
    if not (8 <= len(number) <= 30 and number.isascii() and number.isalnum()):
        raise Refused("邮件号有误。", {"waybill": "请填写 8 到 30 位的邮件号，只有字母和数字。"})
    moved = change.move("post", orders)
    out = ({"message": "posted", "waybill": number},)
    orders_sent = [item.order for item in moved]
    change.note("posted", change.cite(Topic.RELEASE_POST), outgoing=out, items=orders_sent, waybill=number)
    change.settle()


@act("post_received", Role.POST)
def confirm_posted(change: Change, *, orders: Orders = None) -> None:
    """The carrier reports the consignment signed for."""
    moved = change.move("confirm_posted", orders)
    for item in moved:
        item.delivered_at = change.now
    out = ({"message": "rating_asked"},)
    change.note("post_received", change.cite(Topic.RELEASE_POST), outgoing=out, items=[item.order for item in moved])
    change.settle()


@act("post_returned", Role.POST)
def return_from_post(change: Change, *, reason: str, orders: Orders = None) -> None:
    """A consignment came back: the results go to the issuing desk again."""
    text = reason_given(reason, "退回原因")
    moved = change.move("return_from_post", orders)
    change.case.delivery = Delivery.COLLECT
    out = ({"message": "result_ready"},)
    orders_back = [item.order for item in moved]
    change.note("post_returned", change.cite(Topic.RELEASE_POST), outgoing=out, items=orders_back, reason=text)
    change.settle()
