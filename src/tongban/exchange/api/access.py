"""Who calls: the token, how often, with which scope; and the key under which a change is made once."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Header, Schema
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer

from tongban.exchange.api.problems import Stop
from tongban.exchange.clients import recognise
from tongban.exchange.models.clients import Client, Scope, Submission
from tongban.exchange.quota import spend
from tongban.people.models import Staff

Key = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=128,
        pattern=r"^[\x21-\x7e]+$",
        description="提交键：每件事一个，由调用方生成（如 UUID）。同一个键重发，只办一次，答复同样的结果。",
        examples=["4f6c1c0a-6a52-4d3c-9a36-8a1d2f0b7c11"],
    ),
]


@dataclass(frozen=True)
class Caller:
    """A client that showed its token, and the staff that stands for it."""

    client: Client
    staff: Staff
    now: datetime


class Token(HttpBearer):
    """A bearer token of a client with ``scope`` (none named: of any client). Each request is counted."""

    openapi_bearerFormat = "tb_…"  # noqa: N815 - the name is OpenAPI's

    def __init__(self, scope: str = "") -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        """The caller. Raises 401, 429, 403: in this order, before anything is looked for."""
        now = timezone.now()
        client = recognise(token, now)
        if client is None:
            raise AuthenticationError
        quota = spend(client, now.timestamp())
        request.rates = quota.headers  # type: ignore[attr-defined]
        if quota.wait:
            raise Stop(429, f"请求次数超过限额，请 {quota.wait} 秒后再发。", headers={"Retry-After": str(quota.wait)})
        if self.scope and self.scope not in client.scopes:
            raise Stop(403, f"这个接入系统没有“{Scope(self.scope).label}”权限。")
        return Caller(client, client.staff, now)


def caller_of(request: HttpRequest) -> Caller:
    """The caller of an operation behind :class:`Token`."""
    found = request.auth  # type: ignore[attr-defined]
    assert isinstance(found, Caller)
    return found


def once(caller: Caller, key: str, what: str, asked: Schema | None, act: Callable[[str], str]) -> str:
    """Do ``act`` (submission key → number of the case) once under the client's ``key``; returns the number.

    All in one transaction: cut off anywhere, nothing was done and the key is free. The same key for something else
    (``what`` and ``asked``) is a 422, and tells nothing of what was done under it.
    """
    own = hashlib.sha256(f"{caller.client.pk}\n{key}".encode()).hexdigest()
    said = asked.model_dump_json() if asked else ""
    fingerprint = hashlib.sha256(f"{what}\n{said}".encode()).hexdigest()
    try:
        with transaction.atomic():
            if done := Submission.objects.filter(client=caller.client, key=own).first():
                return _again(done, fingerprint)
            row = Submission.objects.create(client=caller.client, key=own, fingerprint=fingerprint, at=caller.now)
            row.number = act(own)
            row.save(update_fields=["number"])
            return row.number
    except IntegrityError:  # the same at the same moment: it has been done by now
        done = Submission.objects.filter(client=caller.client, key=own).first()
        if done is None:
            raise
        return _again(done, fingerprint)


def _again(done: Submission, fingerprint: str) -> str:
    if done.fingerprint != fingerprint:
        detail = "这个 Idempotency-Key 已经用于另一个请求，请换一个新的键。"
        raise Stop(422, detail, errors={"Idempotency-Key": detail})
    return done.number
