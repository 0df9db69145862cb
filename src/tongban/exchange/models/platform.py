"""A platform outside this instance, as clause 七 of a procedure and the city's file name it, and the keys shared with it."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from tongban.people.models import Staff
from tongban.vault.sealed import Sealed


class Way(models.TextChoices):
    """How the cases of a platform are worked."""

    INSIDE = "inside", "在本系统办理"
    PEER = "peer", "另一套通办"
    HTTP = "http", "对方的接口"


class Platform(models.Model):
    """One outside platform. ``code`` stands in the address under which it reaches us; ``address`` is where we reach it."""

    code = models.SlugField(max_length=20, unique=True)
    city = models.CharField(max_length=40)
    name = models.CharField(max_length=80)  # as clause 七 writes it
    way = models.CharField(max_length=6, choices=Way.choices)
    address = models.CharField(max_length=200, blank=True)  # with a slash at its end; empty: nothing can leave yet
    mapping = models.JSONField(default=dict)  # of a foreign interface: ``exchange.mapping.Mapping``
    staff = models.OneToOneField(Staff, on_delete=models.PROTECT, related_name="platform")  # acts for it; no log-in
    heard_at = models.DateTimeField(null=True, blank=True)  # last signed request of it
    reached_at = models.DateTimeField(null=True, blank=True)  # last answer to a request of ours
    failures = models.PositiveIntegerField(default=0)  # since then
    rests_until = models.DateTimeField(null=True, blank=True)  # it does not answer: asked again then
    error = models.CharField(max_length=300, blank=True)  # why it did not answer; never personal data
    protocol = models.PositiveSmallIntegerField(
        default=1
    )  # of a peer: up to which it understands steps (``wire.SINCE``)

    class Meta:
        ordering = ("city", "id")
        constraints = (models.UniqueConstraint(fields=("city", "name"), name="platform_name_once_a_city"),)

    def __str__(self) -> str:
        return self.name

    def secrets(self) -> list[str]:
        """The secrets in force, newest first: all sign, each is taken."""
        held = self.keys.filter(Q(until=None) | Q(until__gt=timezone.now())).order_by("-id")
        return [key.secret for key in held]


class PlatformKey(models.Model):
    """A secret shared with a platform; ``until`` is when one that was replaced is no longer taken."""

    platform = models.ForeignKey(Platform, on_delete=models.CASCADE, related_name="keys")
    secret = Sealed()
    made_at = models.DateTimeField(default=timezone.now)
    until = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"{self.platform_id} {self.made_at}"
