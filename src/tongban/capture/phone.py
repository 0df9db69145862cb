"""A phone as camera: an opaque signed token opens one page for one material, for ten minutes, once, without a log-in."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.utils import timezone

from tongban.capture.drafts import put
from tongban.capture.models import PhoneTicket
from tongban.cases.models import Draft
from tongban.people.models import Staff
from tongban.vault import throttle

LASTS = timedelta(minutes=10)
TRIES = 8  # submissions of a ticket: most people's first works
SALT = "capture.phone"


def issue(staff: Staff, draft: Draft, place: int) -> PhoneTicket:
    """A new ticket; those given before for the same material of the draft end."""
    now = timezone.now()
    PhoneTicket.objects.filter(draft=draft, place=place, used_at=None, expires_at__gt=now).update(expires_at=now)
    return PhoneTicket.objects.create(draft=draft, place=place, made_by=staff, expires_at=now + LASTS)


def token(ticket: PhoneTicket) -> str:
    """What stands in the address: it tells nothing and cannot be made by others."""
    return signing.dumps(ticket.pk.hex, salt=SALT)


def opened(signed: str) -> PhoneTicket | None:
    """The ticket of a token that is ours, whether it still opens or not; None for any other text."""
    try:
        found = signing.loads(signed, salt=SALT)
    except signing.BadSignature:
        return None
    return PhoneTicket.objects.select_related("draft__version").filter(pk=UUID(found)).first()


def live(ticket: PhoneTicket) -> bool:
    """Whether the ticket still lets something in."""
    return (
        ticket.used_at is None
        and ticket.expires_at > timezone.now()
        and not throttle.waits("phone", [ticket.pk.hex], TRIES)
    )


def count_try(ticket: PhoneTicket) -> bool:
    """Count a submission before its files are looked at; False when there were too many."""
    return throttle.count("phone", ticket.pk.hex, TRIES, int(LASTS.total_seconds())) is None


@transaction.atomic
def use(ticket: PhoneTicket, entries: list[dict[str, Any]]) -> bool:
    """Put what the phone sent into the draft and end the ticket; False when somebody was first or it is over."""
    now = timezone.now()
    if PhoneTicket.objects.filter(pk=ticket.pk, used_at=None, expires_at__gt=now).update(used_at=now) != 1:
        return False
    put(Draft.objects.all(), ticket.draft_id, ticket.place, entries)
    return True
