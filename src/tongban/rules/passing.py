"""May an item be passed to another officer or department, and may a decision still be corrected? Pure."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from tongban.procedure.model import Item, Procedure, Topic


@dataclass(frozen=True)
class Answer:
    """Whether it is allowed, why not (Chinese), and the clauses."""

    allowed: bool
    clauses: tuple[str, ...]
    reason: str = ""


def item_of(procedure: Procedure, code: str, name: str) -> Item | None:
    """The procedure's item of a case's item."""
    return next((item for item in procedure.items if (item.code or item.name) in (code, name)), None)


def pass_to_unit(
    procedure: Procedure, item: Item | None, *, unit: str, decides: Collection[str], same_region: bool, closed: bool
) -> Answer:
    """Whether ``item`` may go to another ``unit``, which ``decides`` items of these codes.

    The department of the handling region decides, and the procedure says which: where it names one, no other; where it names
    none, whichever unit of the region is registered for the item.
    """
    clauses = procedure.cite(Topic.ITEMS, Topic.PLATFORMS)
    if closed:
        return Answer(False, clauses, f"{unit}已经撤销，不能转过去。")
    if not same_region:
        return Answer(False, clauses, f"{unit}不在这个办件的承办地。承办地由申请人选定，只能转给同一承办地的部门。")
    if item is None:
        return Answer(False, clauses, "工作规程里没有这个事项，不能转给别的部门。")
    if item.department and item.department not in unit:
        return Answer(False, clauses, f"工作规程写明“{item.name}”由{item.department}承办，不能转给{unit}。")
    if (item.code or item.name) not in decides:
        return Answer(False, clauses, f"{unit}没有登记承办“{item.name}”。要增加的，请系统管理员先改部门的事项。")
    return Answer(True, clauses)


class Where(StrEnum):
    """Where the result of a decided item is."""

    DEPARTMENT = "department"
    ISSUING = "issuing"
    POST = "post"
    APPLICANT = "applicant"


def correct(procedure: Procedure, where: Where | None) -> Answer:
    """Whether a decision may be corrected while its result is ``where`` (None: there is no decision).

    The text has no clause on correction; it rests on the clause of the decision. Once the result is handed over the decision
    has reached the applicant: it can be changed only by a new application or by law, not at this desk.
    """
    clauses = procedure.cite(Topic.TIME_LIMIT)
    if where is None:
        return Answer(False, clauses, "还没有作出决定，不需要更正。")
    if where is Where.APPLICANT:
        said = "结果已经交付申请人，不能在这里更正。确有错误的，请按法定程序撤销或者变更，并请申请人重新申请。"
        return Answer(False, procedure.cite(Topic.RELEASE), said)
    if where is Where.POST:
        return Answer(False, procedure.cite(Topic.RELEASE_POST), "结果已经交邮政，请先请发证岗位追回，再更正。")
    return Answer(True, clauses)
