"""States of a case and of its items, and which act leads from which to which.

The state of a case follows from the states of its items once it is with the departments; before and after that it is its
own (not taken in, supplement asked; working papers handed on, archived).
"""

from collections.abc import Iterable

from django.db.models import TextChoices


class ItemState(TextChoices):
    """Where one item of a case stands."""

    HELD = "held", "待补正"
    PUSHED = "pushed", "待受理"
    ACCEPTED = "accepted", "办理中"
    PAUSED = "paused", "已中止"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    DECIDED = "decided", "已办结"
    AT_ISSUING = "at_issuing", "待领取"
    WITH_POST = "with_post", "待寄出"
    POSTED = "posted", "已寄出"
    DELIVERED = "delivered", "已交付"
    CLOSED = "closed", "不予收件"


class CaseState(TextChoices):
    """Where a case stands."""

    DECLINED = "declined", "不予收件"
    SUPPLEMENTING = "supplementing", "待补正"
    PUSHED = "pushed", "待受理"
    IN_PROGRESS = "in_progress", "办理中"
    DELIVERING = "delivering", "待交付"
    NOT_ACCEPTED = "not_accepted", "不予受理"
    RELEASED = "released", "已交付"
    ARCHIVING = "archiving", "待归档"
    ARCHIVED = "archived", "已归档"
    DESTROYED = "destroyed", "已销毁"


# A result on paper exists: the state says where it is, the item's holder who answers for it.
WITH_RESULT = (ItemState.DECIDED, ItemState.AT_ISSUING, ItemState.WITH_POST, ItemState.POSTED, ItemState.DELIVERED)
OPEN = (CaseState.SUPPLEMENTING, CaseState.PUSHED, CaseState.IN_PROGRESS, CaseState.DELIVERING)

# act → states of an item in which it may be done, and the state it leads to.
ITEM_MOVES: dict[str, tuple[frozenset[ItemState], ItemState]] = {
    "push": (frozenset({ItemState.HELD}), ItemState.PUSHED),
    "accept": (frozenset({ItemState.PUSHED}), ItemState.ACCEPTED),
    "not_accept": (frozenset({ItemState.PUSHED}), ItemState.NOT_ACCEPTED),
    "pause": (frozenset({ItemState.ACCEPTED}), ItemState.PAUSED),
    "resume": (frozenset({ItemState.PAUSED}), ItemState.ACCEPTED),
    "ask_fee": (frozenset({ItemState.ACCEPTED, ItemState.PAUSED}), ItemState.ACCEPTED),
    "confirm_fee": (frozenset({ItemState.ACCEPTED, ItemState.PAUSED}), ItemState.ACCEPTED),
    "decide": (frozenset({ItemState.ACCEPTED}), ItemState.DECIDED),
    "correct": (frozenset({ItemState.DECIDED, ItemState.AT_ISSUING}), ItemState.DECIDED),
    "send_result": (frozenset({ItemState.DECIDED}), ItemState.AT_ISSUING),
    "give_to_post": (frozenset({ItemState.AT_ISSUING}), ItemState.WITH_POST),
    "post": (frozenset({ItemState.WITH_POST}), ItemState.POSTED),
    "return_from_post": (frozenset({ItemState.POSTED, ItemState.WITH_POST}), ItemState.AT_ISSUING),
    "confirm_posted": (frozenset({ItemState.POSTED}), ItemState.DELIVERED),
    "take_result": (frozenset({ItemState.AT_ISSUING, ItemState.WITH_POST}), ItemState.AT_ISSUING),
    "send_back": (frozenset({ItemState.AT_ISSUING}), ItemState.DECIDED),
    "make_again": (frozenset({ItemState.AT_ISSUING, ItemState.WITH_POST, ItemState.POSTED}), ItemState.DECIDED),
    "hand_over": (frozenset({ItemState.AT_ISSUING}), ItemState.DELIVERED),
}
KEEPS_STATE = frozenset({"ask_fee", "confirm_fee", "take_result"})


def case_state(items: Iterable[str]) -> CaseState:
    """The state of a case whose items are in the states ``items`` (at least one), once it is with the departments."""
    states = {ItemState(state) for state in items}
    live = states - {ItemState.NOT_ACCEPTED}
    if not live:
        return CaseState.NOT_ACCEPTED
    if live == {ItemState.HELD}:
        return CaseState.SUPPLEMENTING
    if live == {ItemState.CLOSED}:
        return CaseState.DECLINED
    if live == {ItemState.PUSHED} and states == live:
        return CaseState.PUSHED
    if live & {ItemState.PUSHED, ItemState.ACCEPTED, ItemState.PAUSED}:
        return CaseState.IN_PROGRESS
    if live == {ItemState.DELIVERED}:
        return CaseState.RELEASED
    return CaseState.DELIVERING
