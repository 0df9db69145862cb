"""What goes to outside platforms and comes from them, in order by case."""

from datetime import timedelta
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tongban.cases.models import Case, Outgoing
from tongban.exchange.models.platform import Platform
from tongban.vault.sealed import Sealed, SealedJSON


class Shared(models.Model):
    """A case that an outside platform keeps as well: how far each has told the other. Changed under the lock of the case."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="shared")
    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="shared")
    sent = models.PositiveIntegerField(default=0)  # sequence of the newest push made
    taken = models.PositiveIntegerField(default=0)  # sequence of the newest step of theirs that was done here

    class Meta:
        indexes = (models.Index(fields=("platform", "id"), name="shared_by_platform"),)

    def __str__(self) -> str:
        return f"{self.case_id} {self.sent}/{self.taken}"


class PlatformPush(Outgoing):
    """One step told to an outside platform. It leaves only when every earlier one of its case has arrived."""

    label = "推送外部平台"
    patience: ClassVar[timedelta] = timedelta(days=7)  # a platform may be away over a long holiday's weekend

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, related_name="pushes")
    sequence = models.PositiveIntegerField()  # from 1, of the case
    kind = models.CharField(max_length=40)  # ``exchange.wire``
    key = models.CharField(max_length=64, unique=True)  # what the receiver takes it once by
    at = models.DateTimeField()  # when it was done here
    data = SealedJSON(default=dict)

    class Meta(Outgoing.Meta):
        constraints = (  # type: ignore[assignment]
            *Outgoing.Meta.constraints,
            models.UniqueConstraint(fields=("case", "sequence"), name="platform_push_sequence_once_a_case"),
        )
        indexes = (  # type: ignore[assignment]
            *Outgoing.Meta.indexes,
            models.Index(fields=("platform", "state", "next_at", "id"), name="push_by_platform"),
        )

    @property
    def once(self) -> str:
        """The key under which the receiver takes it once: made of the event's digest, so that it is never used twice, not
        even by an instance that was put back from a backup.
        """
        return self.key


class Letter(models.Model):
    """What came from outside: done, waiting for its files, or kept because it could not be done, for a person to read."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", "等待取文件"
        DONE = "done", "已办"
        FAILED = "failed", "没有办成"
        DROPPED = "dropped", "不再处理"

    platform = models.ForeignKey(Platform, on_delete=models.PROTECT, null=True, blank=True, related_name="letters")
    code = models.CharField(max_length=20, blank=True)  # as the address named the sender
    key = models.CharField(max_length=80)  # the sender's own id of it; of what is not signed, the digest of the body
    signed = models.BooleanField(default=False)  # it came under a key of the platform
    kind = models.CharField(max_length=60, blank=True)
    subject = models.CharField(max_length=80, blank=True)  # the number of the case at the sender's
    case = models.ForeignKey(Case, on_delete=models.PROTECT, null=True, blank=True, related_name="letters")
    sequence = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    times = models.PositiveIntegerField(default=1)  # how often it came
    headers = models.JSONField(default=dict)  # id, time and signature, to be verified again
    body = Sealed(blank=True)  # as it came
    error = Sealed(blank=True)  # why it was not done
    came_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField(default=timezone.now)
    claimed_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)
        constraints = (models.UniqueConstraint(fields=("code", "key", "signed"), name="letter_once"),)
        indexes = (
            models.Index(fields=("next_at", "id"), name="letter_waiting", condition=models.Q(state="waiting")),
            models.Index(fields=("id",), name="letter_failed", condition=models.Q(state="failed")),
        )

    def __str__(self) -> str:
        return f"{self.code} {self.key}"
