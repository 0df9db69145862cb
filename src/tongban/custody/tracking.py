"""Where consignments are: lines of tracking, asked of the carrier by the worker a few at a time, or written by the desk."""

import hashlib
import logging
from collections.abc import Iterable
from datetime import timedelta

from django.db.models import F, Q
from django.utils import timezone

from tongban.cases.actions.door import NotFound, Refused
from tongban.cases.actions.wording import written
from tongban.custody import carrier
from tongban.custody.models import Consignment, Track
from tongban.custody.post import consignments_visible_to, signed_says_the_carrier
from tongban.people.models import Role, Staff

EVERY = timedelta(minutes=30)
AT_ONCE = 10  # consignments asked about in one round


def keep(consignment: Consignment, events: Iterable[carrier.Event]) -> None:
    """Write lines of tracking; one that is there already stays once."""
    rows = [
        Track(
            consignment=consignment,
            at=event.at,
            text=event.text,
            mark=hashlib.sha256(f"{event.at.timestamp()} {event.text}".encode()).hexdigest(),
        )
        for event in events
    ]
    Track.objects.bulk_create(rows, ignore_conflicts=True)


def note(staff: Staff, consignment_id: int, text: str) -> Consignment:
    """What the post desk learned of a consignment by telephone. Raises :class:`NotFound`, :class:`Refused`."""
    row = consignments_visible_to(staff, Role.POST).filter(pk=consignment_id).first()
    if row is None:
        raise NotFound
    keep(row, [carrier.Event(timezone.now(), written(text, "邮件到哪里了", name="text", longest=200))])
    return row


def told(consignment: Consignment, where: carrier.Whereabouts) -> None:
    """What the carrier says: its lines are kept, a signature is done; that it came back or is lost is for a person."""
    keep(consignment, where.events)
    if where.state != consignment.said:
        Consignment.objects.filter(pk=consignment.pk).update(said=where.state)
    if where.state == "signed" and consignment.case_id and consignment.kind == Consignment.Kind.RESULT:
        key = f"signed:{consignment.carrier}:{consignment.waybill}"
        signed_says_the_carrier(consignment.case_id, key=key, consignment_id=consignment.pk)


def ask_carrier() -> int:
    """Ask the carrier about consignments under way, those not asked for longest first; returns how many answered.

    What does not answer is asked again when its turn comes; nothing else waits for it.
    """
    if not carrier.automatic():
        return 0
    now = timezone.now()
    waiting = Consignment.objects.filter(Q(asked_at=None) | Q(asked_at__lt=now - EVERY), state=Consignment.State.SENT)
    answered = 0
    for row in waiting.order_by(F("asked_at").asc(nulls_first=True), "id")[:AT_ONCE]:
        Consignment.objects.filter(pk=row.pk).update(asked_at=now)
        try:
            told(row, carrier.track(row.waybill))
            answered += 1
        except (carrier.CarrierFailed, Refused) as error:
            logging.getLogger(__name__).warning("%s: %s", row.waybill, error)
    return answered
