"""Around a decision: its document, and its correction before the result is handed over."""

from tongban.cases.actions.department import decided, may_grant, reason_given
from tongban.cases.actions.door import Change, Conflict, NotFound, Refused, act
from tongban.cases.actions.wording import written
from tongban.cases.due import case_due
from tongban.cases.models import CaseItem, DecisionDocument
from tongban.cases.states import CaseState, ItemState
from tongban.people.accounts import in_force
from tongban.people.models import Duty, Role, Staff
from tongban.people.record import tell
from tongban.procedure.model import Topic
from tongban.rules.passing import Where, correct
from tongban.vault.store import Stored

WHERE = {
    ItemState.DECIDED: Where.DEPARTMENT,
    ItemState.AT_ISSUING: Where.ISSUING,
    ItemState.WITH_POST: Where.POST,
    ItemState.POSTED: Where.POST,
    ItemState.DELIVERED: Where.APPLICANT,
}
WITH_DOCUMENT = (ItemState.DECIDED, ItemState.AT_ISSUING, ItemState.WITH_POST, ItemState.NOT_ACCEPTED)


def _own(change: Change, order: int) -> CaseItem:
    item = next((one for one in change.own_items() if one.order == order), None)
    if item is None:
        raise NotFound
    return item


@act("document_attached", Role.DEPARTMENT)
def attach_document(change: Change, *, order: int, document: Stored, filename: str) -> None:
    """Keep the decision of an item as a PDF; one that was there is kept, no longer in force.

    Once the result is handed over or the case is archived it stays as it is; what an outside platform attached before that and
    sends later is kept. Raises :class:`Refused`.
    """
    item = _own(change, order)
    assert change.staff is not None
    told = (
        item.decision and change.staff.stands_for
    )  # there it was before the hand-over, or it would not have been sent
    if (item.state not in WITH_DOCUMENT and not told) or change.case.state in (CaseState.ARCHIVED, CaseState.DESTROYED):
        raise Conflict(
            f"“{item.name}”现在是“{ItemState(item.state).label}”，不能存入决定文书。作出决定后、交付前存入。"
        )
    if document.media_type != "application/pdf":
        raise Refused("决定文书要用 PDF 文件，请另存为 PDF 后再上传。", {"file": "请选择 PDF 文件。"})
    _withdraw(change, item)
    DecisionDocument.objects.create(
        item=item,
        digest=document.digest,
        size=document.size,
        filename=filename,
        added_by=change.staff,
        added_at=change.now,
    )
    change.note("document_attached", change.cite(Topic.TIME_LIMIT), item=item.order, digest=document.digest)


def _withdraw(change: Change, item: CaseItem) -> None:
    DecisionDocument.objects.filter(item=item, withdrawn_at=None).update(withdrawn_at=change.now)


@act("decision_corrected", Role.DEPARTMENT)
def correct_decision(change: Change, *, order: int, granted: bool, why: str, reason: str = "") -> None:
    """Put another decision, or another reason, in the place of one that was wrong; ``why`` it was stands with the case.

    The earlier one stays readable in the event. A result that is at the issuing desk counts as not made: the desk is told not
    to hand it over. The applicant is told. Raises :class:`Refused` (after the hand-over, with the post, nothing changed).
    """
    item = _own(change, order)
    where = WHERE.get(ItemState(item.state)) if item.decision else None
    answer = correct(change.procedure, where)
    if not answer.allowed:
        raise Refused(answer.reason)
    text = reason_given(reason, "不予办理的理由", needed=not granted)
    because = written(why, "更正的原因", name="why")
    decision = "granted" if granted else "refused"
    if (decision, text) == (item.decision, item.reason):
        raise Refused("决定和理由都和原来一样，没有要更正的。")
    if granted:
        may_grant(change, [item])
    was_at_issuing = item.state == ItemState.AT_ISSUING
    old = decided(item)
    before = {"decision": item.decision, "reason": item.reason, "at": item.decided_at and item.decided_at.isoformat()}
    change.move("correct", [order])
    item.decision, item.reason, item.decided_at = decision, text, change.now
    _withdraw(change, item)
    change.note(
        "decision_corrected",
        answer.clauses,
        outgoing=({"message": "decision_corrected", "item": item.order},),
        item=item.order,
        before=before,
        decision=decision,
        reason=text,
        why=because,
        old=old,
        to=item.get_decision_display(),
    )
    case_due(change.case, change.items)
    change.settle()
    if was_at_issuing:
        duties = Duty.objects.filter(in_force(change.now), role=Role.ISSUING, region_id=change.case.region_id)
        desks = Staff.objects.filter(pk__in=duties.values("staff_id"), is_active=True)
        said = f"{change.case.number}　“{item.name}”的决定已更正，原来的结果不要发放，请退还承办部门。"
        tell(desks, said, f"corrected-{item.pk}-{change.case.events_count}", change.now)
