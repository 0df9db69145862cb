"""What is on paper beside the materials, from hand to hand: working papers (工作资料) from the window to issuing (八（九）)
and to the archive (十一), results from the department to the issuing desk and to post (十); help with registering (八（七）).
"""

from tongban.cases.actions.department import Orders
from tongban.cases.actions.door import Change, Conflict, Refused, act
from tongban.cases.models import Papers
from tongban.cases.states import CaseState, ItemState
from tongban.people.models import Role
from tongban.procedure.model import Topic

HELP = {"offered": "已介绍", "done": "已协助注册", "declined": "申请人不需要"}


def _papers(change: Change, place: Papers) -> None:
    change.case.papers, change.case.papers_since, change.case.papers_holder = place, change.now, change.staff


@act("papers_to_issuing", Role.WINDOW)
def papers_to_issuing(change: Change) -> None:
    """The window sorts the working papers and gives them on their way; it answers for them until they are taken."""
    if change.case.papers != Papers.WINDOW:
        raise Refused("这个办件的工作资料不在窗口，不需要再移交。")
    _papers(change, Papers.TO_ISSUING)
    change.note("papers_to_issuing", change.cite(Topic.HAND_ON))


@act("papers_taken", Role.ISSUING)
def take_papers(change: Change, *, difference: str = "") -> None:
    """The issuing desk takes the working papers over; ``difference`` names what is missing, damaged or too much."""
    if change.case.papers != Papers.TO_ISSUING:
        raise Conflict(f"工作资料现在在“{change.case.get_papers_display()}”，不用签收。")
    _papers(change, Papers.ISSUING)
    change.note("papers_taken", change.cite(Topic.HAND_ON), difference=difference)


@act("papers_to_archive", Role.ISSUING)
def papers_to_archive(change: Change) -> None:
    """After the result was handed over (or none is due), the issuing desk passes the working papers to the archive."""
    change.require_state(CaseState.RELEASED, CaseState.NOT_ACCEPTED)
    if change.case.papers == Papers.WINDOW:
        raise Refused("收件窗口还没有移交工作资料，请先联系收件窗口。")
    if change.case.papers == Papers.TO_ISSUING:
        raise Refused("工作资料还在移交途中，请收到后先签收，再移交归档。")
    if change.case.papers_holder_id:
        _papers(change, Papers.ARCHIVE)
    change.case.papers = Papers.ARCHIVE
    change.note("papers_to_archive", change.cite(Topic.ARCHIVING))
    change.to(CaseState.ARCHIVING)


TAKES = {Role.ISSUING: ItemState.AT_ISSUING, Role.POST: ItemState.WITH_POST}  # who takes a result over, and where


@act("result_taken", Role.ISSUING, Role.POST)
def take_result(change: Change, *, orders: Orders = None, difference: str = "") -> None:
    """The desk a result was given to takes it over: from now on this person answers for it. Never a gate."""
    assert change.staff is not None
    here = {place for role, place in TAKES.items() if change.staff.holds(role)}
    for item in change.move("take_result", orders):
        if item.state not in here:
            raise Conflict(f"“{item.name}”现在是“{ItemState(item.state).label}”，不在本岗位签收。")
        if item.holder_since and item.holder_since > item.state_since:
            raise Conflict(f"“{item.name}”的结果已经签收过。")
        item.holder, item.holder_since = change.staff, change.now
        change.note("result_taken", change.cite(Topic.RELEASE), item=item.order, difference=difference)


@act("registration_helped", Role.WINDOW)
def help_register(change: Change, *, service: str, result: str) -> None:
    """Record help with registering for an online service: a key of ``HELP``; never a gate."""
    if result not in HELP:
        raise Refused("请选择协助的结果。", {"result": "请选择协助的结果。"})
    change.note("registration_helped", change.cite(Topic.REGISTRATION), service=service[:40], result=result)
