"""The outbox: how what must leave is claimed, delivered at least once, tried again, given up to a person, and missed.

A row is written because of an event (in the case's own transaction) and has its own key, so the receiver takes it once. A
worker claims a row for a while; one that dies loses its claim, and the row is tried again.
"""

import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Count, F, Min, Q
from django.utils import timezone

from tongban.cases.models import Event
from tongban.cases.models.outgoing import Outgoing

logger = logging.getLogger(__name__)
BATCH = 50
CLAIM = timedelta(minutes=2)  # longer than any receiver is waited for
FIRST, LONGEST = timedelta(seconds=5), timedelta(hours=1)  # between two tries
LATE = timedelta(minutes=10)  # the oldest waits longer: something is wrong, a person is told
Row = TypeVar("Row", bound=Outgoing)


class NotSent(Exception):
    """The receiver did not take it. ``final``: trying again cannot help. The text (Chinese) holds no personal data."""

    def __init__(self, why: str, *, final: bool = False) -> None:
        super().__init__(why)
        self.final = final


class NobodyThere(NotSent):
    """Nobody answered, too late, or the line broke: it is not about this one thing that was sent."""


def kinds() -> dict[str, type[Outgoing]]:
    """Every kind of thing that leaves, by the name of its model."""
    return {str(model._meta.model_name): model for model in apps.get_models() if issubclass(model, Outgoing)}


def claim(kind: type[Row], most: int = BATCH, within: Q | None = None) -> list[Row]:
    """Up to ``most`` rows that are due and in nobody's hand, longest due first, now in the caller's hand.

    ``within`` narrows which. Several workers may claim at once: no row is given to two.
    """
    now = timezone.now()
    with transaction.atomic():
        free = kind._default_manager.filter(Q(claimed_until=None) | Q(claimed_until__lt=now), state="waiting")
        due = free.filter(within or Q(), next_at__lte=now).order_by("next_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            due = due.select_for_update(skip_locked=True, of=("self",))
        rows = list(due.select_related("case")[:most])
        until = now + CLAIM
        kind._default_manager.filter(pk__in=[row.pk for row in rows]).update(
            claimed_until=until, attempts=F("attempts") + 1
        )
    for row in rows:
        row.claimed_until, row.attempts = until, row.attempts + 1
    return rows


def deliver(
    kind: type[Row],
    send: Callable[[Row], None],
    most: int = BATCH,
    within: Q | None = None,
    away: Callable[[NobodyThere], None] | None = None,
) -> int:
    """Claim rows and hand each to ``send``; returns how many were tried.

    ``send`` raises :class:`NotSent` where the receiver did not take it; anything else it raises is logged and tried again.
    With ``away`` (all rows go to one receiver) the first :class:`NobodyThere` ends it: ``away`` is told, and the rows that
    were not tried are let go as they were.
    """
    rows = claim(kind, most, within)
    for place, row in enumerate(rows, 1):
        try:
            send(row)
        except NotSent as error:
            _failed(row, str(error), final=error.final)
            if away and isinstance(error, NobodyThere):
                away(error)
                _let_go(rows[place:])
                return place
        except Exception as error:
            logger.exception("%s could not be sent", row.once)
            _failed(row, f"发送程序出错：{type(error).__name__}", final=False)
        else:
            _mark(row, state="sent", sent_at=timezone.now(), error="")
    return len(rows)


def pause_before(attempt: int) -> timedelta:
    """How long to wait after the ``attempt``-th try (from 1): doubling to an hour, spread by half so that not all knock at once."""
    doubled = FIRST * (1 << min(attempt - 1, 20))
    return min(doubled, LONGEST) * random.uniform(0.5, 1.5)


def _failed(row: Outgoing, why: str, *, final: bool) -> None:
    now = timezone.now()
    if final or now - row.since >= row.patience:
        _mark(row, state="failed", error=why[:300])
    else:
        _mark(row, next_at=now + pause_before(row.attempts), error=why[:300])


def _let_go(rows: list[Row]) -> None:
    for row in rows:
        _mark(row, attempts=F("attempts") - 1)


def _mark(row: Outgoing, **columns: object) -> None:
    """Write what came of a try, unless the claim was lost meanwhile to another worker."""
    mine = type(row)._default_manager.filter(pk=row.pk, claimed_until=row.claimed_until)
    mine.update(claimed_until=None, **columns)


@dataclass(frozen=True)
class Queue:
    """How one kind stands: waiting rows and since when the oldest is due, rows given up."""

    label: str
    waiting: int
    oldest: datetime | None
    failed: int

    def late(self, now: datetime) -> bool:
        """Whether the oldest has waited so long that a person must look: no worker runs, or nobody takes what it sends."""
        return self.oldest is not None and now - self.oldest > LATE


def queues() -> Iterator[Queue]:
    """Events not yet turned into what leaves, then each kind: the watchdog's eyes. What left is never counted: it grows."""
    waiting = Event.objects.filter(relayed_at=None).aggregate(n=Count("pk"), oldest=Min("at"))
    yield Queue("待分发的经过", waiting["n"], waiting["oldest"], 0)
    for kind in kinds().values():
        rows = kind._default_manager.all()
        waiting = rows.filter(state="waiting").aggregate(n=Count("pk"), oldest=Min("since"))
        yield Queue(kind.label, waiting["n"], waiting["oldest"], rows.filter(state="failed").count())
