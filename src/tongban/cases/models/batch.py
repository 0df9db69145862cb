"""Many items at once at the department's desk."""

from django.db import models

from tongban.people.models import Staff
from tongban.vault.sealed import SealedJSON


class Batch(models.Model):
    """One request for many items: done one by one, each with its own answer in ``results``; gone after a day.

    A row is {number, order, name}, of a table of decisions also {line, granted, reason}; a result is [done, what is said].
    """

    class Kind(models.TextChoices):
        """What is done to each item."""

        ACCEPT = "accept", "受理"
        GRANT = "grant", "准予办结"
        REFUSE = "refuse", "不予办理"
        CHECK = "check", "核对决定表"
        IMPORT = "import", "导入决定"

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    key = models.CharField(max_length=64, unique=True)
    source = models.CharField(max_length=64, blank=True)  # SHA-256 of the table the rows came from
    rows = SealedJSON(default=list)
    results = SealedJSON(default=list)
    claimed_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=("id",), name="batch_open", condition=models.Q(ready_at=None)),)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.pk}"

    @property
    def done(self) -> int:
        """How many rows have their answer."""
        return len(self.results)

    @property
    def total(self) -> int:
        """How many rows it has."""
        return len(self.rows)
