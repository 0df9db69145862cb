"""Recording who looked at what. Changing a case is recorded by its events; looking leaves this."""

from django.utils import timezone

from tongban.cases.models import Case, Reading
from tongban.cases.queries import visible_to
from tongban.people.models import Role, Staff

SHOWN = 30


def note(staff: Staff, number: str, what: str = "办件") -> None:
    """``staff`` is shown ``what`` of the case ``number`` now."""
    Reading.objects.create(case_number=number, staff=staff, what=what[:80], at=timezone.now())


def of(staff: Staff, case: Case) -> list[Reading]:
    """The newest looks at a case, for oversight that may see it; nobody else is told."""
    if not visible_to(staff, Role.OVERSIGHT).filter(pk=case.pk).exists():
        return []
    return list(Reading.objects.filter(case_number=case.number).select_related("staff")[:SHOWN])
