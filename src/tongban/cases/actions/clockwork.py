"""What follows from the day and the calendar alone, done by nobody: due days counted again, reminders."""

from collections.abc import Mapping, Sequence

from tongban.cases.actions.door import Change, by_itself
from tongban.cases.due import RUNNING, case_due, count
from tongban.cases.models import CaseMaterial, HolidayNotice, Pause
from tongban.cases.states import ItemState
from tongban.procedure.model import Topic


@by_itself
def recount(change: Change, *, notice: HolidayNotice, pauses: Mapping[int, Sequence[Pause]]) -> None:
    """Count running items again with the newest calendar; ``notice`` is why, ``pauses`` are those of the items by id.

    An item that is due on another day, or is no longer provisional, gets an event with the reason.
    """
    for item in change.items:
        if item.state not in RUNNING or item.calendar >= change.notice:
            continue
        before = (item.due, item.due_provisional)
        count(change.procedure, item, pauses.get(item.pk, ()), change.notice)
        if (item.due, item.due_provisional) != before:
            change.note(
                "recounted",
                change.cite(Topic.TIME_LIMIT),
                item=item.order,
                was=before[0].isoformat() if before[0] else None,
                due=item.due.isoformat() if item.due else None,
                provisional=item.due_provisional,
                notice=notice.title,
                reason=notice.reason,
            )
    case_due(change.case, change.items)


@by_itself
def remind_collection(change: Change, *, steps: Mapping[int, int]) -> None:
    """The result waits and nobody came: the applicant is reminded. ``steps``: reminders due by now, by case id."""
    step = steps[change.case.pk]
    waiting = [item.order for item in change.items if item.state == ItemState.AT_ISSUING]
    if not waiting or change.case.reminders >= step:
        return
    change.case.reminders = step  # days missed are not made up for: one reminder, not three at once
    out = ({"message": "collection_reminder"},)
    change.note("collection_reminded", change.cite(Topic.RELEASE), outgoing=out, items=waiting, step=step)


@by_itself
def remind_tolerance(change: Change, *, materials: Mapping[int, Sequence[CaseMaterial]]) -> None:
    """Tolerated materials are due soon: the applicant is reminded once of each. ``materials`` by case id."""
    rows = materials[change.case.pk]
    CaseMaterial.objects.filter(pk__in=[row.pk for row in rows]).update(reminded_on=change.today)
    due = min(row.tolerance_due for row in rows if row.tolerance_due)
    out = ({"message": "tolerance_reminder", "due": due.isoformat(), "materials": [row.name for row in rows]},)
    cited = change.cite(Topic.TOLERANCE)
    change.note("tolerance_reminded", cited, outgoing=out, materials=[row.index for row in rows], due=due.isoformat())
