"""What happened to a case, in order, chained."""

from django.db import models
from django.db.models import Q

from tongban.cases.models.case import Case
from tongban.people.models import Staff
from tongban.vault.sealed import SealedJSON


class Event(models.Model):
    """One fact. Written once by ``cases.events``; only ``relayed_at`` and ``to_push`` are set later; the digest leaves them out."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveIntegerField()
    kind = models.CharField(max_length=40)
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=100)
    clauses = models.JSONField(default=list)
    data = SealedJSON(default=dict)
    outgoing = models.JSONField(default=list)  # what must leave because of it: [{"message": kind, …}]
    relayed_at = models.DateTimeField(null=True, blank=True)
    to_push = models.BooleanField(
        default=False
    )  # of a shared case: whether the outside platform must know is still to be seen
    key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    previous = models.CharField(max_length=64, blank=True)
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("case", "sequence")
        constraints = (models.UniqueConstraint(fields=("case", "sequence"), name="event_sequence_once_a_case"),)
        indexes = (
            models.Index(fields=("id",), name="event_to_relay", condition=Q(relayed_at__isnull=True)),
            models.Index(fields=("id",), name="event_to_push", condition=Q(to_push=True)),
            models.Index(fields=("case",), name="event_late_defect", condition=Q(kind="late_defect")),
        )

    def __str__(self) -> str:
        return f"{self.case_id}/{self.sequence} {self.kind}"
