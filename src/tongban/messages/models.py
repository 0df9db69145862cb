"""Messages to applicants, one a fact; codes for the counter."""

from datetime import timedelta
from typing import ClassVar

from django.db import models

from tongban.cases.models import Case, Outgoing
from tongban.people.models import Staff
from tongban.vault.sealed import Sealed


class Message(Outgoing):
    """What an applicant is told because of one event, or of several that one person made together.

    ``text`` is what is kept and shown: where a code belongs stands ``paperwork.texts.CODE``, filled in as it is sent.
    """

    class Channel(models.TextChoices):
        """How it reaches the applicant."""

        SMS = "sms", "短信"
        EMAIL = "email", "电子邮件"
        CALL = "call", "电话"  # neither a mobile phone nor e-mail: somebody calls

    label = "短信"
    patience: ClassVar[timedelta] = timedelta(hours=6)  # then somebody calls

    kind = models.CharField(
        max_length=120
    )  # kinds of ``paperwork.texts.TEXTS``, joined by + where several are told at once
    text = Sealed()
    channel = models.CharField(max_length=5, choices=Channel.choices, default=Channel.SMS)
    to = Sealed(blank=True)  # the phone or address it went to; the case may have another by now
    parts = models.PositiveSmallIntegerField(default=1)
    gateway_id = models.CharField(max_length=80, blank=True, db_index=True)  # by which the gateway reports
    delivered_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)  # by telephone, after it could not be sent
    told_by = models.ForeignKey(Staff, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    told_note = Sealed(blank=True)

    class Meta(Outgoing.Meta):
        indexes = (  # type: ignore[assignment]
            *Outgoing.Meta.indexes,
            models.Index(
                fields=("id",), name="message_to_call", condition=models.Q(state="failed", told_at__isnull=True)
            ),
        )


class Code(models.Model):
    """A fresh code asked for at the counter, to the phone of the case; short-lived, used once."""

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="codes")
    digest = models.CharField(max_length=64, blank=True)  # keyed, of code, case and phone; empty once it is over
    secret = Sealed(blank=True)  # the code, until it is used or over
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        indexes = (models.Index(fields=("case", "made_at"), name="code_by_case"),)

    def __str__(self) -> str:
        return f"{self.case_id} {self.made_at}"
