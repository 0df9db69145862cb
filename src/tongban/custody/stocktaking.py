"""日终清点: that a desk was counted, by whom, and how many of how many were there."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongban.custody.models import Closing
from tongban.people.models import Duty, Staff


def _scope(duty: Duty) -> dict[str, object]:
    return {"role": duty.role, "region": duty.region, "unit": duty.unit, "window": duty.window}


def close_day(staff: Staff, duty: Duty, *, key: str, expected: int, found: int) -> None:
    """Record a count at the desk of ``duty``; the same submission ``key`` again changes nothing."""
    try:
        with transaction.atomic():
            Closing.objects.create(**_scope(duty), key=key, by=staff, at=timezone.now(), expected=expected, found=found)
    except IntegrityError:
        if not Closing.objects.filter(key=key).exists():
            raise


def last_closing(duty: Duty) -> Closing | None:
    """The newest count at the desk of ``duty``, whoever made it."""
    return Closing.objects.filter(**_scope(duty)).select_related("by").first()
