"""What is on its way into a draft: pages from a scanner, a phone that may send one material."""

import uuid
from collections.abc import Iterator

from django.db import models

from tongban.cases.models import Draft
from tongban.people.models import Staff, Window
from tongban.vault.keepers import keeper
from tongban.vault.sealed import Sealed


class Scan(models.Model):
    """A file from the scanner's folder of a window, waiting to be put to a material; or one that could not be taken."""

    window = models.ForeignKey(Window, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, blank=True)  # of the bytes in the vault; empty: refused
    size = models.PositiveBigIntegerField(default=0)
    media_type = models.CharField(max_length=80, blank=True)
    filename = Sealed()
    refused = models.CharField(max_length=300, blank=True)  # why it could not be taken
    came_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True, blank=True)  # put to a material, or put away
    done_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("window", "digest"),
                condition=models.Q(done_at__isnull=True) & ~models.Q(digest=""),
                name="scan_waits_once",
            ),
        )
        indexes = (
            models.Index(fields=("window", "id"), name="scan_waiting", condition=models.Q(done_at__isnull=True)),
        )

    def __str__(self) -> str:
        return f"{self.window_id}/{self.pk}"


class PhoneTicket(models.Model):
    """Leave for a phone to send pictures of one material of one draft, once, for some minutes, without a log-in."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField()  # of the material in the procedure
    made_by = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    expires_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.id)


@keeper
def scans() -> Iterator[tuple[str, str]]:
    """Scans that wait in a window's tray."""
    rows = Scan.objects.filter(done_at=None).exclude(digest="").values_list("digest", "filename")
    yield from ((digest, f"待归入的扫描件“{name}”") for digest, name in rows.iterator())
