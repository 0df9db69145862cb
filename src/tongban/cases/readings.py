"""Recording who looked at what. Changing a case is recorded by its events; looking leaves this."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta

from django.db.models import Max
from django.utils import timezone

from tongban.cases.models import Case, Reading
from tongban.cases.queries import visible_to
from tongban.people.models import Role, Staff
from tongban.vault.keys import link

SHOWN = 30
SETTLED = timedelta(minutes=10)  # no request lasts so long: what is older has been written, or never will be


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


def settled(now: datetime) -> int:
    """The id up to which every look is written at ``now``; 0 where there is none."""
    return Reading.objects.filter(at__lte=now - SETTLED).aggregate(newest=Max("pk"))["newest"] or 0


def proofs(after: int, until: int) -> Iterator[bytes]:
    """A keyed digest of each look with an id above ``after`` up to ``until``, in order, streamed: what the daily root stands for."""
    rows = Reading.objects.filter(pk__gt=after, pk__lte=until).order_by("pk")
    columns = ("pk", "case_number", "staff_id", "what", "at", "purpose", "note", "key")
    for pk, number, staff, what, at, purpose, note, key in rows.values_list(*columns).iterator(chunk_size=1000):
        content = [pk, number, staff, what, at.astimezone(UTC).isoformat(timespec="microseconds"), purpose, note, key]
        yield link(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).encode()
