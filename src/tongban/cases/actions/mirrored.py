"""What an outside platform and we tell each other of a case that both keep: that it arrived, that the result was given out or
came back. The platform's own account does it; what a department decides goes through the acts of every department.
"""

from typing import Any

from tongban.cases.actions.department import Orders
from tongban.cases.actions.door import Change, Conflict, act
from tongban.people.models import Role
from tongban.procedure.model import Topic


@act("confirmed_outside", Role.DEPARTMENT)
def confirm(change: Change, *, foreign_number: str) -> None:
    """The platform has the case and everything that belongs to it; ``foreign_number`` is the number it has there."""
    if change.case.foreign_number not in ("", foreign_number):
        raise Conflict(f"这个办件在对方的编号已经是 {change.case.foreign_number}，不能再改成 {foreign_number}。")
    change.case.foreign_number = foreign_number
    change.note("confirmed_outside", change.cite(Topic.PLATFORMS), number=foreign_number)


@act("paper_told", Role.WINDOW)
def paper_told(change: Change, *, lists: list[dict[str, Any]]) -> None:
    """Where the paper for our department is, as who took the case in says: list by list what is in it, its place, since when."""
    change.note("paper_told", change.cite(Topic.PAPER_LISTS), lists=lists)


@act("delivered_elsewhere", Role.WINDOW)
def delivered(change: Change, *, orders: Orders = None) -> None:
    """Whoever took the case in has given the results of items to the applicant: for us it is over."""
    moved = change.move("hand_over", orders)
    for item in moved:
        item.delivered_at = change.now
    change.note("delivered_elsewhere", change.cite(Topic.RELEASE), items=[item.order for item in moved])
    change.settle()


@act("result_came_back", Role.WINDOW)
def came_back(change: Change, *, reason: str = "", orders: Orders = None) -> None:
    """Whoever took the case in sends results back, not collected or to be made again: the department has them to do."""
    moved = change.move("make_again", orders)
    change.note("result_came_back", change.cite(Topic.RELEASE), items=[i.order for i in moved], reason=reason[:500])
    change.settle()
