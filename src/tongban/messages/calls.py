"""What could not be sent is told by telephone: tasks of the window that took the case in."""

from django.db.models import QuerySet

from tongban.cases.actions.department import reason_given
from tongban.cases.actions.door import Change, Conflict, act
from tongban.cases.queries import of_visible
from tongban.messages.models import Message
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic


def to_call(staff: Staff) -> QuerySet[Message]:
    """Messages that did not reach the applicant and that nobody has told yet, of cases of the windows ``staff`` serves."""
    rows = Message.objects.filter(state=Message.State.FAILED, told_at=None).exclude(kind="code")
    return of_visible(rows, staff, Role.WINDOW)


@act("told_by_phone", Role.WINDOW)
def tell(change: Change, *, message: int, note: str = "") -> None:
    """The applicant was called and told; ``message`` is the id of what could not be sent. Raises :class:`Conflict`."""
    text = reason_given(note, "备注", needed=False, name="note")
    row = Message.objects.filter(pk=message, case=change.case, state=Message.State.FAILED, told_at=None).first()
    if row is None:
        raise Conflict("这一条已经告知过，或者短信后来送达了。")
    row.told_at, row.told_by, row.told_note = change.now, change.staff, text
    row.save(update_fields=["told_at", "told_by", "told_note"])
    change.note("told_by_phone", change.cite(Topic.RECEIPT), message=row.kind, note=text)
