"""Paper on its way to departments, and results on their way to applicants."""

from django.db import models

from tongban.cases.models import Case
from tongban.people.models import Staff, Unit
from tongban.vault.sealed import Sealed


class MaterialList(models.Model):
    """单位材料目录: the paper of one case for one unit, and who has it."""

    class Place(models.TextChoices):
        """Where the paper is."""

        WINDOW = "window", "收件窗口"
        SENT = "sent", "寄送途中"
        POST = "post", "邮政专递窗口"
        UNIT = "unit", "已送达单位窗口"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="lists")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    materials = models.JSONField()  # [{"name", "original", "copies"}]
    place = models.CharField(max_length=10, choices=Place.choices, default=Place.WINDOW)
    place_since = models.DateTimeField()
    holder = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    signed_by = Sealed(blank=True)  # who signed at the unit's window
    difference = Sealed(blank=True)  # missing, damaged, too much

    class Meta:
        ordering = ("id",)
        constraints = (models.UniqueConstraint(fields=("case", "unit"), name="one_list_a_unit"),)

    def __str__(self) -> str:
        return f"{self.case} {self.unit}"
