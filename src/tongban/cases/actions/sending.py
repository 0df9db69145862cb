"""What could not be sent and was given up is tried again, on a person's word."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from tongban.cases.actions.door import Change, Conflict, NotFound, act
from tongban.cases.models import Outgoing
from tongban.cases.outbox import kinds
from tongban.cases.queries import of_visible
from tongban.people.models import Role, Staff


def given_up(staff: Staff, kind: type[Outgoing]) -> QuerySet[Any]:
    """Rows of ``kind`` that were given up, of cases that ``staff`` oversees."""
    rows: QuerySet[Any] = kind._default_manager.filter(state="failed")
    return of_visible(rows, staff, Role.OVERSIGHT)


@act("sending_retried", Role.OVERSIGHT)
def retry(change: Change, *, kind: str, row: int) -> None:
    """Try one given-up thing that leaves again: its model's name ``kind`` and its key. Raises :class:`Conflict`."""
    if kind not in kinds():
        raise NotFound
    model = kinds()[kind]
    given_up = model._default_manager.filter(pk=row, case=change.case, state="failed")
    now = timezone.now()
    if not given_up.update(state="waiting", attempts=0, next_at=now, since=now, error=""):
        raise Conflict("这一条已经不在“发送失败”里了。")
    change.note("sending_retried", (), what=kind, row=row)
