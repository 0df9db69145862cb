"""Around a hand-over (十): a colleague vouches at their own desk, a supervisor decides for whom the text does not name,
nobody comes and the result goes back to its department.
"""

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from tongban.cases.actions.department import Orders
from tongban.cases.actions.door import Change, Conflict, NotFound, Refused, act
from tongban.cases.actions.wording import written
from tongban.cases.models import Permit
from tongban.cases.states import ItemState
from tongban.identity import citizen_id, names
from tongban.people.models import Role
from tongban.procedure.model import Topic
from tongban.vault.store import Stored


def _waits(change: Change) -> None:
    if not any(item.state == ItemState.AT_ISSUING for item in change.items):
        raise Conflict("这个办件没有待领取的结果。")


@act("vouched", Role.WINDOW, Role.DEPARTMENT)
def vouch(change: Change, *, collector: str) -> None:
    """A counterpart colleague collects the result or vouches for ``collector``, under their own log-in instead of a
    signature; the issuing desk sees it at once.
    """
    _waits(change)
    name = names.normalise(written(collector, "替谁领取、为谁担保", name="collector", longest=100))
    change.note("vouched", change.cite(Topic.RELEASE_VOUCHER), collector=name)


@act("permit_asked", Role.ISSUING)
def ask_permit(change: Change, *, kind: str, name: str, id_number: str, reason: str, scan: Stored | None) -> None:
    """Ask a supervisor whether a result may go to somebody the text does not name, with the paper they brought."""
    _waits(change)
    number = citizen_id.normalise(id_number)
    found = {
        "permit_kind": None if kind in Permit.Kind.values else "请选择是哪一种人。",
        "permit_name": names.check(names.normalise(name)) if name.strip() else "请填写这个人的姓名。",
        "permit_id_number": citizen_id.check(number, "resident_id", change.today),
        "permit_reason": None if reason.strip() else "请写明情况。",
        "permit_scan": None if scan else "请扫描授权委托书、关系证明等书面材料。",
    }
    if errors := {field: message for field, message in found.items() if message}:
        raise Refused("有几处需要先改好，见各栏的红字。", errors)
    if change.case.permits.filter(decision=Permit.Decision.OPEN).exists():
        raise Conflict("已经报给督办人员，正在等决定。")
    assert change.staff is not None
    assert scan is not None
    Permit.objects.create(
        case=change.case,
        kind=kind,
        name=names.normalise(name)[:100],
        id_number=number,
        reason=written(reason, "情况", name="permit_reason"),
        scan_digest=scan.digest,
        scan_media_type=scan.media_type,
        asked_by=change.staff,
        asked_at=change.now,
    )
    change.note("permit_asked", change.cite(Topic.RELEASE_ON_SITE), who=Permit.Kind(kind).label, digest=scan.digest)


@act("permit_decided", Role.OVERSIGHT)
def decide_permit(change: Change, *, permit_id: int, given: bool, reason: str) -> None:
    """A supervisor decides, with the reason; it holds for that person's card, once."""
    permit = Permit.objects.filter(case=change.case, pk=permit_id).first()
    if permit is None:
        raise NotFound
    if permit.decision:
        raise Conflict(f"已经决定过：{permit.get_decision_display()}。")
    if permit.asked_by_id == getattr(change.staff, "pk", None):
        raise Refused("自己报的不能自己决定，请由另一位督办人员决定。")
    permit.decision_reason = written(reason, "决定的理由", name="reason")
    permit.decision = Permit.Decision.GIVEN if given else Permit.Decision.REFUSED
    permit.decided_by, permit.decided_at = change.staff, change.now
    permit.save()
    said = permit.get_decision_display()
    cited = change.cite(Topic.RELEASE_ON_SITE)
    change.note("permit_decided", cited, decision=said, reason=permit.decision_reason)


def uncollected_since() -> timedelta:
    """How long a result waits at the issuing desk before it may go back to its department."""
    return timedelta(days=settings.UNCOLLECTED_DAYS)


@act("result_sent_back", Role.ISSUING)
def send_back(change: Change, *, reason: str = "", orders: Orders = None) -> None:
    """Nobody came for a result for :func:`uncollected_since`: it goes back to its department, which keeps it and sends it
    again when the applicant asks.
    """
    text = written(reason, "联系过申请人的情况", name="reason")
    early = timezone.now() - uncollected_since()
    waiting = [item for item in change.items if item.state == ItemState.AT_ISSUING]
    if any(item.state_since > early for item in waiting):
        raise Refused(f"结果到发证岗位还不满 {settings.UNCOLLECTED_DAYS} 天，请先联系申请人，或者问他要不要邮寄。")
    moved = change.move("send_back", orders)
    change.note("result_sent_back", change.cite(Topic.RELEASE), items=[item.order for item in moved], reason=text)
    change.settle()
