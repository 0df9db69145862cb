"""What must leave the house because of an event: the columns by which it is tried, tried again and given up."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tongban.cases.models.case import Case
from tongban.cases.models.event import Event


class Outgoing(models.Model):
    """One thing that leaves (an SMS, a push). ``place`` is its place in the event's outgoing list: the pair is its key.

    The receiver is given :attr:`once`; a second arrival under it is no second thing. ``cases.outbox`` moves the state.
    """

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", "待发送"
        SENT = "sent", "已发出"
        DELIVERED = "delivered", "已送达"
        FAILED = "failed", "发送失败"

    label: ClassVar[str]  # what the kind is called on a screen
    patience: ClassVar[timedelta] = timedelta(days=1)  # tried so long before it is given up to a person

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="%(class)ss")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    place = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)  # not tried before
    since = models.DateTimeField(default=timezone.now)  # tried since: when made, or when a person asked again
    claimed_until = models.DateTimeField(null=True, blank=True)  # a worker has it in hand
    error = models.CharField(max_length=300, blank=True)  # what the receiver said last; never personal data
    made_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        abstract = True
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("event", "place"), name="%(class)s_once_a_fact"),)
        indexes = (
            models.Index(fields=("next_at", "id"), name="%(class)s_waiting", condition=models.Q(state="waiting")),
            models.Index(fields=("id",), name="%(class)s_failed", condition=models.Q(state="failed")),
        )

    def __str__(self) -> str:
        return f"{self.event_id}/{self.place}"

    @property
    def once(self) -> str:
        """The key under which a receiver takes it once."""
        return f"{self._meta.model_name}-{self.event_id}-{self.place}"
