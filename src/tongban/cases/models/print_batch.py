"""Sheets of a day, or the materials of a case, asked for as one PDF."""

from django.db import models

from tongban.cases.models.case import Case
from tongban.people.models import Staff


class PrintBatch(models.Model):
    """One request: put together by the worker, fetched by who asked, gone after a day. ``done`` of ``total`` are in it."""

    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    case = models.ForeignKey(Case, on_delete=models.CASCADE, null=True, related_name="+")  # whose materials
    kind = models.CharField(max_length=40)  # of the sheets; ``materials``
    day = models.DateField()
    key = models.CharField(max_length=64, unique=True)
    forms = models.JSONField(default=list)  # ids of the sheets or files, chosen when it was asked for
    done = models.PositiveIntegerField(default=0)
    claimed_at = models.DateTimeField(null=True)
    ready_at = models.DateTimeField(null=True)
    fault = models.CharField(max_length=200, blank=True)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=("id",), name="print_batch_open", condition=models.Q(ready_at=None)),)

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"

    @property
    def total(self) -> int:
        """How many sheets or files it has."""
        return len(self.forms)
