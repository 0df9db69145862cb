"""Seeing what the archive keeps: always within :func:`cases.queries.visible_to`."""

from django.db.models import Count, Q, QuerySet, Sum

from tongban.archive.models import ArchivePackage, Ask, Hold, Transfer
from tongban.cases import numbers
from tongban.cases.queries import of_visible
from tongban.identity import citizen_id
from tongban.people.models import Role, Staff
from tongban.vault.keys import digest


def packages_visible_to(staff: Staff, typed: str = "", year: int | None = None) -> QuerySet[ArchivePackage]:
    """Packages of cases an archivist sees; by whole number, box, case number or id number, and by year, where given."""
    rows = of_visible(ArchivePackage.objects.all(), staff, Role.ARCHIVE)
    if text := typed.strip():
        found = Q(number=text.upper()) | Q(box=text) | Q(case__number=numbers.normalise(text))
        if identity := digest(citizen_id.normalise(text)):
            found |= Q(case__applicant_id_digest=identity)
        rows = rows.filter(found)
    if year:
        rows = rows.filter(year=year)
    return rows.select_related("case__version", "transfer")


def transfers_visible_to(staff: Staff) -> QuerySet[Transfer]:
    """Batches that hold a package an archivist sees, and those they ordered that are being filled, newest first, with how many
    and how large.
    """
    mine = packages_visible_to(staff).exclude(transfer=None).order_by().values("transfer")
    ordered = Q(made_by=staff, finished_at=None) | Q(made_by=staff, packages=None)
    rows = Transfer.objects.filter(Q(pk__in=mine) | ordered).select_related("made_by")
    return rows.annotate(n=Count("packages"), bytes=Sum("packages__size")).order_by("-id")


def holds_visible_to(staff: Staff) -> QuerySet[Hold]:
    """Holds that stand, of cases an archivist or oversight sees."""
    rows = Hold.objects.filter(lifted_at=None).select_related("case", "placed_by").order_by("-id")
    return of_visible(rows, staff, Role.ARCHIVE, Role.OVERSIGHT)


def asks_owed_by(staff: Staff, role: str) -> QuerySet[Ask]:
    """What the archive asks of the desks where ``staff`` holds ``role``, not answered yet, oldest first."""
    rows = Ask.objects.filter(owed_by=role, answered_at=None).select_related("case__version").order_by("id")
    return of_visible(rows, staff, role)
