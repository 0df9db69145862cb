"""What happens at the counter around a hand-over: a supervisor's decision, numbers written by the collector."""

from django.db import models

from tongban.cases.models.case import Case
from tongban.people.models import Staff
from tongban.vault.sealed import Sealed


class Permit(models.Model):
    """Somebody the text does not name wants a result: asked for at the issuing desk, decided by a supervisor, used once."""

    class Kind(models.TextChoices):
        """Who it is."""

        AGENT = "agent", "另外委托的代办人"
        GUARDIAN = "guardian", "未成年人的监护人"
        HEIR = "heir", "已故申请人的继承人"
        OTHER = "other", "其他"

    class Decision(models.TextChoices):
        """What the supervisor said."""

        OPEN = "", "待决定"
        GIVEN = "given", "同意"
        REFUSED = "refused", "不同意"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="permits")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    name = Sealed()
    id_number = Sealed()
    reason = Sealed()
    scan_digest = models.CharField(max_length=64)  # of the written authority, the proof of kinship, in the vault
    scan_media_type = models.CharField(max_length=80)
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True, default=Decision.OPEN)
    decided_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision_reason = Sealed(blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (
            models.UniqueConstraint(fields=("case",), condition=models.Q(decision=""), name="one_open_permit_a_case"),
        )

    def __str__(self) -> str:
        return self.get_kind_display()


class SignedVoucher(models.Model):
    """The paper on which a counterpart colleague signed for a collector (十.2（3）), scanned."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="+")
    name = Sealed()
    scan_digest = models.CharField(max_length=64)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.case_id} {self.at}"


class Written(models.Model):
    """Numbers that a collector wrote on the counter's tablet: compared once, never displayed, then gone."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="+")
    nonce = models.CharField(max_length=64, unique=True)
    id_number = Sealed()
    phone = Sealed()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.case_id} {self.at}"
