"""Printed forms that were issued: frozen data, one serial, the same bytes at every reprint."""

from django.db import models

from tongban.cases.models.case import Case
from tongban.people.models import Region, Staff
from tongban.vault.sealed import Sealed, SealedJSON


class IssuedForm(models.Model):
    """A sheet that was numbered and printed."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, related_name="forms")
    region = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, related_name="+")  # of a sheet without case
    token = models.CharField(max_length=20, unique=True, null=True)  # noqa: DJ001 - null: printed before there were any
    kind = models.CharField(max_length=40)
    serial = models.CharField(max_length=60, unique=True)  # 南〔2026〕17号
    data = SealedJSON()
    digest = models.CharField(max_length=64)  # of the PDF in the vault
    issued_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    handed_at = models.DateTimeField(null=True, blank=True)
    prints = models.PositiveIntegerField(default=0)
    signed_digest = models.CharField(max_length=64, blank=True)  # of the scan of the signed sheet in the vault
    signed_media_type = models.CharField(max_length=80, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = Sealed(blank=True)
    key = models.CharField(max_length=64, unique=True, null=True)  # noqa: DJ001 - submission key of a sheet without case

    class Meta:
        ordering = ("id",)
        constraints = (
            models.CheckConstraint(
                name="form_of_a_case_or_of_a_region",
                condition=models.Q(case__isnull=False, region__isnull=True)
                | models.Q(case__isnull=True, region__isnull=False),
            ),
        )
        indexes = (
            models.Index(fields=("issued_at",), name="form_by_day"),
            models.Index(
                fields=("issued_by", "id"),
                name="form_to_hand",
                condition=models.Q(handed_at__isnull=True, withdrawn_at__isnull=True),
            ),
        )

    def __str__(self) -> str:
        return self.serial


class SerialCounter(models.Model):
    """The last serial given within a region, a kind and a year; its row lock keeps the series without gaps."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=40)
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("region", "kind", "year"), name="one_counter_a_series"),)

    def __str__(self) -> str:
        return f"{self.region_id} {self.kind} {self.year}"
