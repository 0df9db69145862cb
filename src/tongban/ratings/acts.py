"""Rating a case (clause 八（八）): once, by who knows its number and the end of the phone."""

from tongban.cases.actions.applicant import applicant_act
from tongban.cases.actions.door import Change, Conflict, Refused
from tongban.cases.application import has_control
from tongban.cases.states import CaseState
from tongban.procedure.model import Topic
from tongban.ratings.models import Level, Rating

COMMENT_LENGTH = 500


def ratable(state: str) -> bool:
    """Whether a case in ``state`` can be rated: once it was taken in."""
    return state != CaseState.SUPPLEMENTING


@applicant_act
def rate(change: Change, *, level: int, comment: str = "") -> None:
    """Rate the case 1 (非常满意) to 5 (非常不满意). A second rating is a :class:`Conflict`."""
    if level not in Level.values:
        raise Refused("请选择满意程度。", {"level": "请选择满意程度。"})
    if len(comment) > COMMENT_LENGTH or has_control(comment.replace("\n", "").replace("\r", "")):
        raise Refused("意见有误。", {"comment": f"意见最多 {COMMENT_LENGTH} 个字，不能有控制字符。"})
    if not ratable(change.case.state):
        raise Refused("这个办件还没有收件，办理后再请评价。")
    if Rating.objects.filter(case=change.case).exists():
        raise Conflict("这个办件已经评价过，一个办件评价一次。")
    Rating.objects.create(case=change.case, level=level, comment=comment.strip(), rated_at=change.now)
    change.note("rated", change.cite(Topic.RATING))
