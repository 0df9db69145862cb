"""Who looked at a case, a file or a form of it, and when. It names the case by number alone: it outlives the case."""

from django.db import models

from tongban.people.models import Staff


class Reading(models.Model):
    """One look."""

    case_number = models.CharField(max_length=40)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=80)  # 办件, 材料 17, 文书 南收〔2026〕000001号
    at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("case_number", "-id"), name="reading_by_case"),
            models.Index(fields=("staff", "-id"), name="reading_by_staff"),
        )

    def __str__(self) -> str:
        return f"{self.case_number} {self.what}"
