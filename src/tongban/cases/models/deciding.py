"""Around a decision: its document, a question to a colleague, the words a unit uses again and again."""

from django.db import models

from tongban.cases.models.case import Case, CaseItem
from tongban.people.models import Staff, Unit
from tongban.vault.sealed import Sealed


class DecisionDocument(models.Model):
    """The decision of an item as a PDF of the department's own. One that was replaced, or whose decision was corrected, is kept."""

    item = models.ForeignKey(CaseItem, on_delete=models.PROTECT, related_name="documents")
    digest = models.CharField(max_length=64, db_index=True)  # of the bytes in the vault
    size = models.PositiveBigIntegerField()
    filename = Sealed()
    added_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("item",), condition=models.Q(withdrawn_at=None), name="one_decision_document_an_item"
            ),
        )

    def __str__(self) -> str:
        return f"{self.item_id}/{self.pk}"


class Question(models.Model):
    """What an officer asks a colleague about a case. The colleague may see the case until it is answered or taken back."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="questions")
    asked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    asked = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="questions_to_answer")
    text = Sealed()
    asked_at = models.DateTimeField()
    answer = Sealed(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)  # answered, or taken back without an answer

    class Meta:
        ordering = ("id",)
        indexes = (
            models.Index(fields=("asked", "id"), name="question_open", condition=models.Q(ended_at__isnull=True)),
        )

    def __str__(self) -> str:
        return f"{self.case_id}/{self.pk}"


class Opinion(models.Model):
    """Words for a reason, kept by the people of a unit. Never changed: a new wording is a new row, the old one is retired."""

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="opinions")
    title = models.CharField(max_length=40)
    text = models.CharField(max_length=500)
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)
        constraints = (
            models.UniqueConstraint(
                fields=("unit", "title"), condition=models.Q(retired_at=None), name="one_opinion_a_title"
            ),
        )

    def __str__(self) -> str:
        return self.title
