"""A published version of a procedure: immutable; a case keeps the one it was taken in under."""

from functools import lru_cache

from django.db import models

from tongban.people.models import Staff
from tongban.procedure.model import Procedure


class ProcedureVersion(models.Model):
    """One published text. Rows are written once (:mod:`tongban.cases.publish`) and never changed."""

    city = models.CharField(max_length=40)
    name = models.CharField(max_length=120)
    version = models.PositiveIntegerField()
    effective = models.DateField()
    body = models.JSONField()  # Procedure.model_dump(mode="json")
    digest = models.CharField(max_length=64)
    issuer = models.CharField(max_length=120, blank=True)  # who issued the text; it does not say so itself
    legal_basis = models.CharField(max_length=500, blank=True)
    source = models.CharField(max_length=200, blank=True)  # the document's file name
    source_digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the document
    published_at = models.DateTimeField(auto_now_add=True)
    published_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    confirmed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("city", "name", "-version")
        constraints = (models.UniqueConstraint(fields=("city", "name", "version"), name="procedure_version_once"),)

    def __str__(self) -> str:
        return f"{self.name} 第 {self.version} 版"

    @property
    def procedure(self) -> Procedure:
        """The procedure of this version."""
        return procedure_of(self.pk)


class ProcedureDraft(models.Model):
    """A text being prepared for publication, as the YAML an editor changes; it belongs to all editors."""

    id = models.UUIDField(primary_key=True)
    text = models.TextField()
    source = models.CharField(max_length=200)
    source_digest = models.CharField(max_length=64)
    saves = models.PositiveIntegerField(default=0)  # who saves names the one they saw: nobody's work is overwritten
    saved_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(auto_now=True)
    # Put forward for publication: by whom, and what the text does not say. Empty again as soon as somebody saves.
    proposed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    proposal = models.JSONField(default=dict)

    class Meta:
        ordering = ("-saved_at",)

    def __str__(self) -> str:
        return self.source


@lru_cache(maxsize=256)
def procedure_of(version_id: int) -> Procedure:
    """The procedure of a version, read from the database once a process: a version never changes."""
    return Procedure.model_validate(ProcedureVersion.objects.values_list("body", flat=True).get(pk=version_id))
