"""Working papers (工作资料) on their way: window → issuing (八（九）) → archive (十一); help with registering (八（七）)."""

from tongban.cases.actions.door import Change, Refused, act
from tongban.cases.models import Papers
from tongban.cases.states import CaseState
from tongban.people.models import Role
from tongban.procedure.model import Topic

HELP = {"offered": "已介绍", "done": "已协助注册", "declined": "申请人不需要"}


@act("papers_to_issuing", Role.WINDOW)
def papers_to_issuing(change: Change) -> None:
    """The window sorts the working papers on paper and hands them to the issuing desk."""
    if change.case.papers != Papers.WINDOW:
        raise Refused("这个办件的工作资料不在窗口，不需要再移交。")
    change.case.papers = Papers.ISSUING
    change.note("papers_to_issuing", change.cite(Topic.HAND_ON))


@act("papers_to_archive", Role.ISSUING)
def papers_to_archive(change: Change) -> None:
    """After the result was handed over (or none is due), the issuing desk passes the working papers to the archive."""
    change.require_state(CaseState.RELEASED, CaseState.NOT_ACCEPTED)
    if change.case.papers == Papers.WINDOW:
        raise Refused("收件窗口还没有移交工作资料，请先联系收件窗口。")
    change.case.papers = Papers.ARCHIVE
    change.note("papers_to_archive", change.cite(Topic.ARCHIVING))
    change.to(CaseState.ARCHIVING)


@act("registration_helped", Role.WINDOW)
def help_register(change: Change, *, service: str, result: str) -> None:
    """Record help with registering for an online service: a key of ``HELP``; never a gate."""
    if result not in HELP:
        raise Refused("请选择协助的结果。", {"result": "请选择协助的结果。"})
    change.note("registration_helped", change.cite(Topic.REGISTRATION), service=service[:40], result=result)


@act("rating_invited", Role.WINDOW, Role.ISSUING)
def invite_rating(change: Change) -> None:
    """The clerk pointed the applicant to the rating (八（八）); voluntary, nothing follows from it."""
    change.note("rating_invited", change.cite(Topic.RATING))
