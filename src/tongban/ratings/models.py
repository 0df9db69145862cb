"""A rating: one a case, voluntary, kept apart from who served."""

from django.db import models

from tongban.cases.models import Case
from tongban.vault.sealed import Sealed


class Level(models.IntegerChoices):
    """GB/T 39735's five levels (the text of the standard was not seen)."""

    VERY_SATISFIED = 1, "非常满意"
    SATISFIED = 2, "满意"
    BASICALLY_SATISFIED = 3, "基本满意"
    DISSATISFIED = 4, "不满意"
    VERY_DISSATISFIED = 5, "非常不满意"


class Rating(models.Model):
    """What the applicant said of a case."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="rating")
    level = models.PositiveSmallIntegerField(choices=Level.choices)
    comment = Sealed(blank=True)
    rated_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.get_level_display()
