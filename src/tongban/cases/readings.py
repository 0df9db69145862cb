"""Recording who looked at what. Changing a case is recorded by its events; looking leaves this."""

from collections.abc import Iterable

from django.utils import timezone

from tongban.cases.models import Case, Reading
from tongban.cases.queries import visible_to
from tongban.people.models import Role, Staff

SHOWN = 30


def note(staff: Staff, number: str, what: str = "办件", purpose: str = "") -> None:
    """``staff`` is shown ``what`` of the case ``number`` now; with a ``purpose``, not masked."""
    Reading.objects.create(case_number=number, staff=staff, what=what[:80], at=timezone.now(), purpose=purpose)


def shown(staff: Staff, numbers: Iterable[str], what: str, purpose: str) -> None:
    """A list shows ``what`` of many cases unmasked, for the work of its desk: noted once a case, a person and a day."""
    now = timezone.now()
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    wanted = set(numbers)
    noted = Reading.objects.filter(staff=staff, case_number__in=wanted, purpose=purpose, at__gte=today)
    wanted -= set(noted.values_list("case_number", flat=True))
    Reading.objects.bulk_create(
        Reading(case_number=number, staff=staff, what=what, purpose=purpose, at=now) for number in sorted(wanted)
    )


def listed(staff: Staff, numbers: Iterable[str], what: str, purpose: str = "") -> None:
    """``what`` of many cases leaves in one file: noted for each of them."""
    now = timezone.now()
    Reading.objects.bulk_create(
        Reading(case_number=number, staff=staff, what=what[:80], purpose=purpose, at=now)
        for number in sorted(set(numbers))
    )


def of(staff: Staff, case: Case) -> list[Reading]:
    """The newest looks at a case, for oversight that may see it; nobody else is told."""
    if not visible_to(staff, Role.OVERSIGHT).filter(pk=case.pk).exists():
        return []
    return list(Reading.objects.filter(case_number=case.number).select_related("staff")[:SHOWN])
