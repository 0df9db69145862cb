"""差评: a named person calls back, judges, has it put right, answers; an appeal is decided by somebody else.

Each act takes ``of``, the service that was rated; without it the newest bad rating of the case is meant.
GB/T 39735 asks for this (its text was not seen; days and 实名回访 as seen in Hunan). The notes stay sealed on the follow-up and out
of the case's events, which the window that was rated can read.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from tongban.cases.actions.applicant import applicant_act
from tongban.cases.actions.door import Change, Conflict, NotFound, Refused, act
from tongban.cases.actions.wording import written
from tongban.cases.application import FileGiven
from tongban.cases.queries import of_visible, visible_to
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic
from tongban.ratings.acts import served_by
from tongban.ratings.models import DONE, Evidence, FollowUp

State, Finding = FollowUp.State, FollowUp.Finding
APPEAL_WITHIN = timedelta(days=15)  # of the answer; ours until the city says otherwise
MOST_FILES = 10  # that prove one finding
FEWEST_CALLS = 3  # in vain, before a finding without having spoken


def visible_follow_ups(staff: Staff) -> QuerySet[FollowUp]:
    """Bad ratings of the cases ``staff`` oversees."""
    rows = FollowUp.objects.select_related("case__window", "case__version", "case__region", "rating", "assignee")
    return of_visible(rows, staff, Role.OVERSIGHT)


def due_days() -> dict[int, date]:
    """Case id → the day by which its bad rating is to be answered, of all not answered: what the sweep lights."""
    rows = FollowUp.objects.exclude(state__in=DONE).order_by("-due_on")  # of two the earlier day is what stays
    return dict(rows.values_list("case_id", "due_on"))


def _locked(change: Change, of: str, *states: str, own: bool = True) -> FollowUp:
    rows = (
        FollowUp.objects.select_for_update(of=("self",)).select_related("assignee", "rating").filter(case=change.case)
    )
    row = (rows.filter(rating__service=of) if of else rows).order_by("-id").first()
    if row is None:
        raise NotFound
    if row.state not in states:
        raise Conflict(f"这件差评现在是“{row.get_state_display()}”，不能进行这一步。")
    if own and row.assignee != change.staff:
        raise Refused(f"这件差评由{row.assignee.name if row.assignee else '还没有指派的人'}负责，请先改派再处理。")
    return row


def _noted(change: Change, row: FollowUp, kind: str, **data: Any) -> None:
    row.save()
    change.note(kind, change.cite(Topic.RATING), service=row.rating.service, **data)


@act("rating_assigned", Role.OVERSIGHT)
def assign(change: Change, *, staff_id: int, of: str = "") -> None:
    """Name who follows it up: somebody who oversees this case and did not take it in."""
    row = _locked(change, of, *(state for state in State.values if state not in DONE), own=False)
    person = Staff.objects.filter(pk=staff_id, is_active=True).first()
    if person is None or not visible_to(person, Role.OVERSIGHT).filter(pk=change.case.pk).exists():
        raise Refused("请选择看得到这个办件的督办人员。", {"staff": "请选择看得到这个办件的督办人员。"})
    if person.pk == served_by(change.case, row.rating.service):
        raise Refused("经办的人不能跟办对自己的差评，请换一位。")
    row.assignee = person
    _noted(change, row, "rating_assigned", to=person.name)


@act("rating_called", Role.OVERSIGHT)
def call(change: Change, *, reached: bool, note: str, of: str = "") -> None:
    """A call back, answered or in vain; what was said stands in the note."""
    row = _locked(change, of, State.OPEN, State.CALLED)
    text = written(note, "回访情况", name="note")
    row.calls += 1
    when = f"{timezone.localtime(change.now):%m-%d %H:%M}"
    row.call_note = f"{row.call_note}{when} {'接通' if reached else '未接通'}：{text}\n"
    if reached or row.calls >= FEWEST_CALLS:
        row.state = State.CALLED
    _noted(change, row, "rating_called", reached=reached, calls=row.calls)


@act("rating_found", Role.OVERSIGHT)
def find(change: Change, *, finding: str, note: str, files: Sequence[FileGiven] = (), of: str = "") -> None:
    """Judge it after the call: founded, unfounded, or malicious, which needs its evidence written down; ``files`` may prove it."""
    row = _locked(change, of, State.CALLED)
    if finding not in Finding.values:
        raise Refused("请选择认定结果。", {"finding": "请选择认定结果。"})
    what = {"founded": "查实的情况", "unfounded": "不属实的理由", "malicious": "认定恶意差评的证据"}[finding]
    row.finding, row.finding_note, row.found_by = finding, written(note, what, name="note"), change.staff
    row.state = State.FOUND if finding == Finding.FOUNDED else State.RIGHTED
    _prove(change, row, files)
    _noted(change, row, "rating_found", finding=finding, evidence=[file.stored.digest for file in files])


def _prove(change: Change, row: FollowUp, files: Sequence[FileGiven]) -> None:
    if len(files) > MOST_FILES:
        raise Refused(f"证据最多 {MOST_FILES} 个文件。", {"file": f"证据最多 {MOST_FILES} 个文件。"})
    assert change.staff is not None
    Evidence.objects.bulk_create(
        Evidence(
            follow_up=row,
            digest=file.stored.digest,
            media_type=file.stored.media_type,
            filename=file.filename,
            added_at=change.now,
            added_by=change.staff,
        )
        for file in files
    )


@act("rating_righted", Role.OVERSIGHT)
def put_right(change: Change, *, remedy: str, of: str = "") -> None:
    """What was done so that it does not happen again."""
    row = _locked(change, of, State.FOUND)
    row.remedy, row.state = written(remedy, "整改情况", name="remedy"), State.RIGHTED
    _noted(change, row, "rating_righted")


@act("rating_told", Role.OVERSIGHT)
def tell(change: Change, *, answer: str, of: str = "") -> None:
    """Answer the applicant: it stands on their progress page, and a message says so."""
    row = _locked(change, of, State.RIGHTED)
    row.answer, row.told_at, row.state = written(answer, "答复内容", name="answer"), change.now, State.TOLD
    row.save()
    change.note("rating_told", change.cite(Topic.RATING), outgoing=({"message": "rating_answered"},))


def may_appeal(row: FollowUp) -> bool:
    """Whether the answer can still be appealed: once, for so many days."""
    return row.state == State.TOLD and bool(row.told_at) and timezone.now() < row.told_at + APPEAL_WITHIN  # type: ignore[operator]


def _appealed(change: Change, row: FollowUp, side: str, text: str) -> None:
    if not may_appeal(row):
        raise Refused(f"答复 {APPEAL_WITHIN.days} 天以内可以申诉一次，现在已经过了。")
    row.appeal_by, row.appeal, row.state = side, written(text, "申诉理由", name="appeal"), State.APPEALED
    _noted(change, row, "rating_appealed", side=side)


@applicant_act
def appeal(change: Change, *, text: str, of: str = "") -> None:
    """The applicant does not agree with the answer."""
    _appealed(change, _locked(change, of, State.TOLD, own=False), "applicant", text)


@act("rating_appealed", Role.OVERSIGHT)
def record_appeal(change: Change, *, side: str, text: str, of: str = "") -> None:
    """An appeal that came by telephone or on paper, from the applicant or from who was rated."""
    if side not in ("applicant", "rated"):
        raise Refused("请选择谁申诉。", {"side": "请选择谁申诉。"})
    _appealed(change, _locked(change, of, State.TOLD, own=False), side, text)


@act("rating_appeal_decided", Role.OVERSIGHT)
def decide_appeal(
    change: Change, *, finding: str, decision: str, files: Sequence[FileGiven] = (), of: str = ""
) -> None:
    """Somebody else than who judged first looks again; the finding may change, and the applicant is told."""
    row = _locked(change, of, State.APPEALED, own=False)
    if change.staff in (row.found_by, row.assignee):
        raise Refused("申诉要由另一位督办人员复核，不能由原来认定和负责的人复核。")
    if finding not in Finding.values:
        raise Refused("请选择复核结果。", {"finding": "请选择复核结果。"})
    row.finding, row.decision, row.decided_by = finding, written(decision, "复核意见", name="decision"), change.staff
    row.state = State.DECIDED
    row.save()
    _prove(change, row, files)
    out = ({"message": "rating_answered"},)
    change.note("rating_appeal_decided", change.cite(Topic.RATING), outgoing=out, finding=finding)
