"""What the archive keeps of a closed case: its package, its number, where the paper stands."""

from collections.abc import Iterator

from django.db import models
from django.db.models import Q

from tongban.archive.keeping_models import Disposal, DisposalEntry, Hold, Loan, Transfer
from tongban.cases.models import Case
from tongban.people.models import Role, Staff
from tongban.vault.keepers import keeper
from tongban.vault.sealed import Sealed, SealedJSON

__all__ = ["ArchivePackage", "Ask", "Disposal", "DisposalEntry", "Hold", "Loan", "NumberCounter", "Transfer"]


class ArchivePackage(models.Model):
    """A closed case in the archive. The row comes with the closing; number and file are made by the worker, once.

    ``contents`` is what was found complete at the closing. The file itself (``archive.package``) is in the vault.
    """

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="package")
    contents = SealedJSON()  # [{"name", "digest", "size"}]
    retention = models.CharField(max_length=10, blank=True)  # 永久 / 30年 / 10年: the city's decision
    note = Sealed(blank=True)  # why it was closed with something missing
    archived_at = models.DateTimeField()

    number = models.CharField(max_length=60, unique=True, null=True, blank=True)
    fonds = models.CharField(max_length=20, blank=True)
    category = models.CharField(max_length=12, blank=True)
    year = models.PositiveSmallIntegerField(null=True, blank=True)
    expires_on = models.DateField(null=True, blank=True)  # first day after the term; null for 永久
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the file, by which the vault knows it
    sm3 = models.CharField(max_length=64, blank=True)
    size = models.PositiveBigIntegerField(null=True, blank=True)  # bytes
    packed_at = models.DateTimeField(null=True, blank=True)
    problem = Sealed(blank=True)  # why the last try to pack failed
    next_try = models.DateTimeField(null=True, blank=True)

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, null=True, blank=True, related_name="packages")
    transferred_at = models.DateTimeField(null=True, blank=True)  # noted on the case
    destroyed_at = models.DateTimeField(null=True, blank=True)  # after its term; the digests stay

    box = models.CharField(max_length=40, blank=True)  # of the paper, where there is any
    shelf = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=("id",), name="package_to_make", condition=Q(packed_at__isnull=True)),
            models.Index(fields=("fonds", "year", "id"), name="package_by_fonds_year"),
            models.Index(fields=("expires_on", "id"), name="package_by_expiry"),
            models.Index(
                fields=("id",),
                name="package_to_note_moved",
                condition=Q(transfer__isnull=False, transferred_at__isnull=True),
            ),
            models.Index(fields=("box",), name="package_by_box"),
        )

    def __str__(self) -> str:
        return self.number or str(self.case)


class NumberCounter(models.Model):
    """The last number given within a fonds, a category and a year; its row lock keeps the series without gaps."""

    fonds = models.CharField(max_length=20)
    category = models.CharField(max_length=12)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("fonds", "category", "year"), name="one_counter_an_archive_series"),
        )

    def __str__(self) -> str:
        return f"{self.fonds}-{self.category}-{self.year}"


class Ask(models.Model):
    """Something missing from a case in the archive's hands, asked of the desk that owes it."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="asks")
    owed_by = models.CharField(max_length=20, choices=Role.choices)
    material = models.PositiveSmallIntegerField(null=True, blank=True)  # its index, where a file of it would do
    what = models.CharField(max_length=200)
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    answer = Sealed(blank=True)
    answered_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=("owed_by", "case"), name="ask_open_by_role", condition=Q(answered_at__isnull=True)),
        )

    def __str__(self) -> str:
        return self.what


@keeper
def package_files() -> Iterator[tuple[str, str]]:
    """The packages' files."""
    rows = ArchivePackage.objects.exclude(digest="").filter(destroyed_at=None).values_list("digest", "number")
    yield from ((digest, f"归档信息包 {number}") for digest, number in rows.iterator())
