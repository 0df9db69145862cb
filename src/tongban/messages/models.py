"""Messages to applicants, one a fact."""

from django.db import models

from tongban.cases.models import Case, Event
from tongban.vault.sealed import Sealed


class Message(models.Model):
    """An SMS made from an event. ``place`` is its place in the event's outgoing list: the pair makes it once."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", "待发送"
        SENT = "sent", "已交短信网关"
        FAILED = "failed", "发送失败"

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="messages")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=30)
    text = Sealed()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("event", "place"), name="message_once_a_fact"),)
        indexes = (models.Index(fields=("state", "id"), name="message_by_state"),)

    def __str__(self) -> str:
        return f"{self.event_id}/{self.place} {self.kind}"
