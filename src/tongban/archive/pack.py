"""The worker's part of archiving: a number without gaps, the package made, kept, and noted on the case. Once, whoever tries."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tongban.archive.models import ArchivePackage, NumberCounter
from tongban.archive.package import Digests
from tongban.archive.records import make
from tongban.cases.actions.door import Change
from tongban.cases.actions.outside import outside_act
from tongban.people.city import ArchiveProfile
from tongban.people.models import City
from tongban.procedure.model import Topic
from tongban.vault import store

BATCH = 20
LATER = timedelta(minutes=15)  # before a package that failed is tried again
YEARS = {"30年": 30, "10年": 10}


def profile_of(city: str) -> ArchiveProfile:
    """How a city's archives want cases; the defaults where it says nothing."""
    found = City.objects.filter(name=city).values_list("archive", flat=True).first()
    return ArchiveProfile.model_validate(found or {})


def pack() -> int:
    """Make the packages that wait, oldest first; returns how many were made. One that fails holds up no other."""
    ready = Q(next_try=None) | Q(next_try__lte=timezone.now())
    waiting = ArchivePackage.objects.filter(ready, packed_at=None).order_by("pk").values_list("pk", flat=True)[:BATCH]
    return sum(one(pk) for pk in list(waiting))


def one(pk: int) -> bool:
    """Make one package; False when it cannot be made now, with the reason on its row.

    The number is given first, in a transaction of its own, and stays with the case for good: dying in between leaves no gap,
    and the next try makes the same bytes. The file is in the vault before any row names it.
    """
    package = numbered(pk)
    try:
        data = make(package, profile_of(package.case.version.city))
    except store.Damaged as error:
        ArchivePackage.objects.filter(pk=pk).update(problem=str(error), next_try=timezone.now() + LATER)
        return False
    sums = Digests()
    sums.update(data)
    sha256, sm3 = sums.pair()
    store.keep(data)
    _packed(package.case_id, key=f"packed-{package.number}", sha256=sha256, sm3=sm3, size=sums.size)
    return True


@transaction.atomic
def numbered(pk: int) -> ArchivePackage:
    """The package with its number: fonds, category and year of the closing, and the next of that series. Given once."""
    package = (
        ArchivePackage.objects.select_for_update(of=("self",))
        .select_related("case__version", "case__region", "case__window", "case__taken_by")
        .get(pk=pk)
    )
    if package.number:
        return package
    case = package.case
    profile = profile_of(case.version.city)
    package.fonds = profile.fonds.get(case.region.name, case.region.abbreviation)
    package.category = profile.category
    package.year = timezone.localtime(package.archived_at).year
    package.retention = profile.packages.get(case.version.name, profile.retention)
    package.expires_on = expiry(package.year, package.retention)
    series: dict[str, Any] = {"fonds": package.fonds, "category": package.category, "year": package.year}
    NumberCounter.objects.get_or_create(**series)
    counter = NumberCounter.objects.select_for_update().get(**series)
    counter.last += 1
    counter.save(update_fields=["last"])
    package.number = f"{package.fonds}-{package.category}-{package.year}-{counter.last:06d}"
    package.save(update_fields=["number", "fonds", "category", "year", "retention", "expires_on"])
    return package


def expiry(year: int, retention: str) -> date | None:
    """The first day after the term: it runs from the first of January after the year of closing. None for 永久."""
    return date(year + 1 + YEARS[retention], 1, 1) if retention in YEARS else None


@outside_act("系统")
def _packed(change: Change, *, sha256: str, sm3: str, size: int) -> None:
    """The package is made and kept."""
    package = ArchivePackage.objects.select_for_update().get(case=change.case)
    package.digest, package.sm3, package.size, package.packed_at, package.problem = sha256, sm3, size, change.now, ""
    package.save(update_fields=["digest", "sm3", "size", "packed_at", "problem"])
    clauses = change.cite(Topic.ARCHIVING)
    change.note("packed", clauses, number=package.number, sha256=sha256, sm3=sm3, size=size)
