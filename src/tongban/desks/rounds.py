"""What the worker does, in turn. A round does a bounded piece of work and returns how much: 0 when nothing waits."""

from collections.abc import Callable
from datetime import date

from django.db import connection
from django.utils import timezone

from tongban.archive.disposal import carry_out
from tongban.archive.keeping import fill_transfers, note_transfers
from tongban.archive.pack import pack
from tongban.capture.folder import take_scans
from tongban.cases import batches, recount, roots, sweep
from tongban.cases.prints import put_together
from tongban.checks.looking import forget
from tongban.custody.tracking import ask_carrier
from tongban.exchange import clients, inward, uploads, webhooks
from tongban.exchange import relay as pushes
from tongban.messages.relay import relay
from tongban.messages.sending import send
from tongban.vault import throttle

_noted_on = _swept_on = _warned_on = _counted_on = date.min


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


def warn_of_tokens() -> int:
    """Tell administrators once a day of tokens of other systems that end soon."""
    global _warned_on
    now = timezone.now()
    if _warned_on == timezone.localdate(now):
        return 0
    clients.warn(now)
    _warned_on = timezone.localdate(now)
    return 0


def recount_stale() -> int:
    """Count a batch of cases again whose due days rest on an older calendar."""
    return recount.step()


def sweep_once_a_night() -> int:
    """Sweep a batch of the day's open cases; one missed while no worker ran is caught up."""
    global _swept_on
    now = timezone.now()
    if _swept_on == timezone.localdate(now) or not sweep.due(now):
        return 0
    if next(sweep.sweep(now), None) is None or not sweep.due(now):
        _swept_on = timezone.localdate(now)
    return 1


def count_for_plans() -> int:
    """Tell SQLite once a day how many rows its tables have, so that it asks the right index first.

    PostgreSQL does so by itself. A sample of each index is read, so it takes no longer when the tables grow.
    """
    global _counted_on
    if connection.vendor != "sqlite" or _counted_on == timezone.localdate():
        return 0
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA analysis_limit=1000")
        cursor.execute("ANALYZE")
    _counted_on = timezone.localdate()
    return 0


ROUNDS: tuple[Callable[[], int], ...] = (
    put_together,
    batches.work,
    relay,
    send,
    webhooks.fan_out,
    webhooks.send,
    pushes.relay,
    pushes.send,
    inward.take,
    take_scans,
    pack,
    fill_transfers,
    note_transfers,
    carry_out,
    ask_carrier,
    note_roots,
    recount_stale,
    sweep_once_a_night,
    forget,
    throttle.sweep,
    webhooks.forget,
    uploads.sweep,
    warn_of_tokens,
    count_for_plans,
)
