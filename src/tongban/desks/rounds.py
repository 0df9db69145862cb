"""What the worker does, in turn. A round does a bounded piece of work and returns how much: 0 when nothing waits."""

from collections.abc import Callable
from datetime import date

from django.utils import timezone

from tongban.archive.disposal import carry_out
from tongban.archive.keeping import note_transfers
from tongban.archive.pack import pack
from tongban.cases import roots
from tongban.messages.relay import relay, send

_noted_on = date.min


def note_roots() -> int:
    """Note the heads of all cases outside the database once a day."""
    global _noted_on
    now = timezone.now()
    if _noted_on == timezone.localdate(now):
        return 0
    due = roots.due(now)
    if due:
        roots.write(now)
    _noted_on = timezone.localdate(now)
    return int(due)


ROUNDS: tuple[Callable[[], int], ...] = (relay, send, pack, note_transfers, carry_out, note_roots)
