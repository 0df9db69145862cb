"""What happens to a package while it is kept: lent, transferred to the city's archive, held back, destroyed after its term."""

from django.db import models
from django.db.models import Q

from tongban.cases.models import Case
from tongban.people.models import Staff
from tongban.vault.sealed import Sealed


class Loan(models.Model):
    """Paper or a package lent to somebody, until when and what for."""

    package = models.ForeignKey("archive.ArchivePackage", on_delete=models.PROTECT, related_name="loans")
    borrower = Sealed()
    purpose = Sealed()
    lent_at = models.DateTimeField()
    lent_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_to = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(
                fields=("package",), condition=Q(returned_at__isnull=True), name="one_open_loan_a_package"
            ),
        )
        indexes = (models.Index(fields=("due_on", "id"), name="loan_open", condition=Q(returned_at__isnull=True)),)

    def __str__(self) -> str:
        return f"{self.package_id} {self.due_on}"


class Transfer(models.Model):
    """A batch handed to the city's archive, and its receipt. It is ordered at once and filled by the worker, package by
    package, each read through before it is put in.
    """

    number = models.CharField(max_length=60, unique=True)
    fonds = models.CharField(max_length=20)
    year = models.PositiveSmallIntegerField()
    receiver = models.CharField(max_length=80)
    total = models.PositiveIntegerField(default=0)  # packages to be looked at, as counted when it was ordered
    looked = models.PositiveIntegerField(default=0)
    cursor = models.PositiveBigIntegerField(default=0)  # the last package that was looked at
    damaged = models.JSONField(default=list)  # numbers of packages whose file is not whole: left out
    finished_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    receipt = models.CharField(max_length=80, blank=True)  # number of the receiver's receipt
    received_by = models.CharField(max_length=80, blank=True)  # who signed there
    received_on = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("id",), name="transfer_to_fill", condition=Q(finished_at__isnull=True)),)

    def __str__(self) -> str:
        return self.number


class Hold(models.Model):
    """A legal hold: this case is not destroyed while it stands."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="holds")
    reason = Sealed()
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=("case",), condition=Q(lifted_at__isnull=True), name="one_hold_a_case"),
        )

    def __str__(self) -> str:
        return f"{self.case_id} {self.placed_at}"


class Disposal(models.Model):
    """A list of cases whose term is over, looked through by two persons of two roles, then carried out by the worker."""

    class State(models.TextChoices):
        """How far it is."""

        LISTED = "listed", "待归档审查"
        REVIEWED = "reviewed", "待督办批准"
        APPROVED = "approved", "正在销毁"
        DONE = "done", "已销毁"

    number = models.CharField(max_length=60, unique=True)
    fonds = models.CharField(max_length=20)
    state = models.CharField(max_length=10, choices=State.choices, default=State.LISTED)
    expired_by = models.DateField()  # terms that were over on this day
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(null=True, blank=True)
    reviewed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.number


class DisposalEntry(models.Model):
    """One case on a list, and what became of it. It stays when the case's contents are gone."""

    class State(models.TextChoices):
        """What became of it."""

        LISTED = "listed", "列入"
        KEPT = "kept", "审查时划去"
        HELD = "held", "冻结，没有销毁"
        BROKEN = "broken", "经过核验不通过，没有销毁"
        DESTROYED = "destroyed", "已销毁"

    disposal = models.ForeignKey(Disposal, on_delete=models.PROTECT, related_name="entries")
    package = models.ForeignKey("archive.ArchivePackage", on_delete=models.PROTECT, related_name="disposals")
    state = models.CharField(max_length=10, choices=State.choices, default=State.LISTED)
    reason = Sealed(blank=True)  # why it was struck off
    files = models.JSONField(default=list)  # digests of files still to be removed from the vault
    removed = models.PositiveIntegerField(default=0)  # files removed
    destroyed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("disposal", "package"), name="package_once_a_disposal"),)
        indexes = (models.Index(fields=("state", "id"), name="disposal_entry_by_state"),)

    def __str__(self) -> str:
        return f"{self.disposal_id} {self.package_id}"
