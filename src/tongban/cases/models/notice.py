"""Notices of days off that were imported: kept as they came, the newest of a year counts."""

from django.db import models

from tongban.people.models import Staff


class HolidayNotice(models.Model):
    """One import of a year's notice (节假日安排通知). A correction is another row; nothing is changed or removed."""

    year = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    body = models.JSONField()  # ``rules.notices.Notice``
    reason = models.CharField(max_length=200, blank=True)  # why a year that was known is another now
    imported_at = models.DateTimeField()
    by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    by_name = models.CharField(max_length=100)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.title
