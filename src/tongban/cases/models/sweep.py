"""How far the nightly sweep of a day has come."""

from django.db import models


class Sweep(models.Model):
    """One day's sweep: it begins again behind ``after`` where it was interrupted."""

    day = models.DateField(unique=True)  # Asia/Shanghai's
    after = models.BigIntegerField(default=0)  # id of the last case done
    seen = models.PositiveIntegerField(default=0)
    turned = models.PositiveIntegerField(default=0)  # cases whose light is another
    reminded = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-day",)

    def __str__(self) -> str:
        return f"{self.day}"
