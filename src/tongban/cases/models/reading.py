"""Who looked at a case, a file or a form of it, and when. It names the case by number alone: it outlives the case."""

from django.db import models

from tongban.people.models import Staff
from tongban.vault.sealed import Sealed


class Purpose(models.TextChoices):
    """What somebody needs whole personal data for. The first three are recorded where a desk's own work shows them."""

    POST = "post", "邮寄"
    HAND = "hand", "交付文书"
    ENTER = "enter", "录入承办系统"
    CONTACT = "contact", "联系申请人"
    VERIFY = "verify", "核对身份"
    CORRECT = "correct", "更正资料"
    COMPLAINT = "complaint", "处理投诉"
    AUTHORITY = "authority", "有权机关调取"
    OTHER = "other", "其他"


class Reading(models.Model):
    """One look; with a ``purpose``, a look at personal data that was not masked."""

    case_number = models.CharField(max_length=40)
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=80)  # 办件, 材料 17, 文书 南收〔2026〕000001号
    at = models.DateTimeField()
    purpose = models.CharField(max_length=20, choices=Purpose.choices, blank=True)
    note = Sealed(blank=True)
    key = models.CharField(max_length=64, null=True, blank=True, unique=True)

    class Meta:
        ordering = ("-id",)
        indexes = (
            models.Index(fields=("case_number", "-id"), name="reading_by_case"),
            models.Index(fields=("staff", "-id"), name="reading_by_staff"),
            models.Index(fields=("-id",), name="reading_unmasked", condition=~models.Q(purpose="")),
        )

    def __str__(self) -> str:
        return f"{self.case_number} {self.what}"
