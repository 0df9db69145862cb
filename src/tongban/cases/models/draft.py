"""What is not yet submitted: an intake, or what comes in later for a case. It survives a closed browser."""

import uuid

from django.db import models

from tongban.cases.models.case import Case
from tongban.cases.models.version import ProcedureVersion
from tongban.people.models import Staff, Window
from tongban.vault.sealed import SealedJSON


class Draft(models.Model):
    """What a clerk has typed so far, as the form's own fields; its id is the submission key of the intake.

    With a ``case`` it holds what came for it later: at a supplement, or of a material that was tolerated.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    staff = models.ForeignKey(Staff, on_delete=models.CASCADE, related_name="+")
    window = models.ForeignKey(Window, on_delete=models.CASCADE, related_name="drafts")
    version = models.ForeignKey(ProcedureVersion, on_delete=models.PROTECT, related_name="+")
    case = models.OneToOneField(Case, on_delete=models.CASCADE, null=True, blank=True, related_name="draft")
    body = SealedJSON(default=dict)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ("-updated_at",)

    def __str__(self) -> str:
        return str(self.id)
