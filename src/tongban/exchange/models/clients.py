"""Other systems that speak to this instance through the API: who they are, what they hand in, what they are told."""

import uuid
from collections.abc import Iterator
from typing import ClassVar

from django.db import models
from django.utils import timezone

from tongban.cases.models import Outgoing
from tongban.people.models import Staff
from tongban.vault.keepers import keeper
from tongban.vault.sealed import Sealed


class Scope(models.TextChoices):
    """What a client may ask of the API at all; which cases it reaches follows from its duties."""

    INTAKE = "intake", "收件"
    READ = "read", "查询"
    FILES = "files", "下载材料"
    WHOLE = "whole", "完整个人信息"
    DECIDE = "decide", "承办"
    WEBHOOKS = "webhooks", "推送"


class Client(models.Model):
    """A system let in (接入系统): a foreign platform, a kiosk, a city's app. ``staff`` stands for it and never logs in."""

    name = models.CharField(max_length=80, unique=True)
    staff = models.OneToOneField(Staff, on_delete=models.PROTECT, related_name="client")
    scopes = models.JSONField(default=list)
    a_minute = models.PositiveIntegerField(default=120)  # requests
    a_day = models.PositiveIntegerField(default=20_000)
    receivers = models.JSONField(default=list)  # origins its webhooks may go to: https://app.example.cn
    made_at = models.DateTimeField(default=timezone.now)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name

    @property
    def scopes_said(self) -> list[str]:
        """Its scopes in Chinese."""
        return [Scope(scope).label for scope in self.scopes]


class Token(models.Model):
    """What a client shows with every request. Shown once when it is made, kept as its SHA-256 (it holds 256 random bits)."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="tokens")
    digest = models.CharField(max_length=64, unique=True)
    ending = models.CharField(max_length=4)  # its last characters, by which people tell it from others
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return f"…{self.ending}"


class Submission(models.Model):
    """A request done under a key of the client's own: the same once more is answered, not done again."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=64)  # the key of the act it became
    fingerprint = models.CharField(max_length=64)  # SHA-256 of what was asked
    number = models.CharField(max_length=40, blank=True)  # of the case it was done on
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=("client", "key"), name="submission_once_a_client"),)

    def __str__(self) -> str:
        return self.number


class Upload(models.Model):
    """A file on its way in, in parts; kept a day. Its bytes are in no case until a case is made of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="uploads")
    filename = Sealed()
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)  # as the client says
    received = models.PositiveBigIntegerField(default=0)
    digest = models.CharField(max_length=64, blank=True)  # in the vault, once it is whole; empty until then
    media_type = models.CharField(max_length=80, blank=True)
    made_at = models.DateTimeField(default=timezone.now, db_index=True)

    def __str__(self) -> str:
        return str(self.pk)


@keeper
def uploads() -> Iterator[tuple[str, str]]:
    """Files that came through the API and are in no case yet."""
    rows = Upload.objects.exclude(digest="").values_list("digest", "client__name")
    yield from ((digest, f"{name} 上传、还没有用的文件") for digest, name in rows.iterator())


class Part(models.Model):
    """Some bytes of an upload, from ``offset``."""

    upload = models.ForeignKey(Upload, on_delete=models.CASCADE, related_name="parts")
    offset = models.PositiveBigIntegerField()
    content = Sealed()  # base64

    class Meta:
        ordering = ("offset",)
        constraints = (models.UniqueConstraint(fields=("upload", "offset"), name="part_once_an_upload"),)

    def __str__(self) -> str:
        return f"{self.upload_id} {self.offset}"


class Webhook(models.Model):
    """Where a client is told what happens to its cases. ``seen`` is the last event looked at."""

    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="webhooks")
    url = models.CharField(max_length=500)
    secret = Sealed()
    secret_before = Sealed(blank=True)  # signs too until ``secret_changed`` is a day ago
    secret_changed = models.DateTimeField(null=True, blank=True)
    seen = models.PositiveBigIntegerField(default=0)
    made_at = models.DateTimeField(default=timezone.now)
    disabled_at = models.DateTimeField(null=True, blank=True)
    why = models.CharField(max_length=300, blank=True)  # it was disabled
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return self.url


class Push(Outgoing):
    """One event told to one webhook."""

    label: ClassVar[str] = "推送"

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="pushes")

    class Meta(Outgoing.Meta):
        constraints = (models.UniqueConstraint(fields=("event", "webhook"), name="push_once_a_webhook"),)

    @property
    def once(self) -> str:
        """The key under which the receiver takes it once."""
        return f"event-{self.event_id}-{self.webhook_id}"
