"""From events to messages: what must leave is read from events not yet relayed, written once, and handed to the gateway."""

from django.db import connection, transaction
from django.utils import timezone

from tongban.cases import outbox
from tongban.cases.actions.department import GROUNDS
from tongban.cases.models import CaseItem, Event
from tongban.messages.models import Message
from tongban.messages.texts import TEXTS, text_of

BATCH = 200


def relay() -> int:
    """Turn up to ``BATCH`` waiting events into messages; returns how many events were relayed.

    Several relays may run at once: rows are locked and skipped where the database can, and a message is unique by event.
    """
    with transaction.atomic():
        waiting = Event.objects.filter(relayed_at=None).order_by("id")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True, of=("self",))
        events = list(waiting.select_related("case__version", "case__region", "case__window")[:BATCH])
        if not events:
            return 0
        items: dict[int, dict[int, CaseItem]] = {}
        for item in CaseItem.objects.filter(case__in={event.case_id for event in events}):
            items.setdefault(item.case_id, {})[item.order] = item
        now = timezone.now()
        made = [
            Message(
                case=event.case,
                event=event,
                place=place,
                kind=out["message"],
                text=text_of(
                    out["message"],
                    event.case,
                    items.get(event.case_id, {}),
                    event.data,
                    out,
                    GROUNDS.get(event.data.get("ground", ""), ""),
                ),
            )
            for event in events
            for place, out in enumerate(event.outgoing)
            if out.get("message") in TEXTS
        ]
        Message.objects.bulk_create(made, ignore_conflicts=True)
        Event.objects.filter(pk__in=[event.pk for event in events]).update(relayed_at=now)
        return len(events)


def send() -> int:
    """Hand messages that are due to the gateway; returns how many. The ``log`` gateway: the message list is the delivery."""
    return outbox.deliver(Message, lambda message: None)
