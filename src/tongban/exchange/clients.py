"""Letting other systems in: made, changed and shut out by an administrator; each act is recorded (``people.record``)."""

import hashlib
import re
import secrets
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from tongban.exchange.models.clients import Client, Scope, Token
from tongban.people.accounts import account, clean, give, in_force
from tongban.people.models import Duty, Role, Staff
from tongban.people.record import Noting, act, tell
from tongban.people.refused import Refused

PREFIX = "tb_"
LONGEST = 366  # days a token may hold
OVERLAP = 30  # days at most that an older token holds beside a new one
MOST = 10_000_000  # requests
SOON = timedelta(days=14)  # before its end, administrators are told of a token
NOTED = timedelta(minutes=1)  # between two notes of a token's use


def digest_of(token: str) -> str:
    """SHA-256 (hex) of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def recognise(token: str, now: datetime) -> Client | None:
    """The client a token stands for at ``now``, with its staff; None for one unknown, over, or of a client shut out."""
    known = Token.objects.select_related("client__staff").filter(
        digest=digest_of(token), revoked_at=None, expires_at__gt=now, client__revoked_at=None
    )
    found = known.first()
    if found is None:
        return None
    if found.used_at is None or now - found.used_at > NOTED:
        Token.objects.filter(pk=found.pk).update(used_at=now)
    return found.client


def _client(client_id: int) -> Client:
    client = Client.objects.select_for_update(of=("self",)).select_related("staff").filter(pk=client_id).first()
    if client is None:
        raise Refused("没有这个接入系统，请刷新后再看。")
    if client.revoked_at:
        raise Refused(f"{client.name}已经停用。")
    return client


def called(client: Client) -> str:
    """How the record names a client."""
    return f"接入系统 {client.name}"


def _facts(client: Client) -> dict[str, Any]:
    return {
        "权限": client.scopes_said,
        "每分钟": client.a_minute,
        "每天": client.a_day,
        "推送地址": list(client.receivers),
    }


def _checked(scopes: list[str], a_minute: int | None, a_day: int | None, receivers: str) -> dict[str, Any]:
    known = [scope for scope in Scope.values if scope in scopes]
    wrong: dict[str, str] = {}
    if not known:
        wrong["scopes"] = "请至少选一项权限。"
    for name, given in (("a_minute", a_minute), ("a_day", a_day)):
        if not given or not 1 <= given <= MOST:
            wrong[name] = f"请填写 1 到 {MOST} 之间的次数。"
    origins = [origin_of(line) for line in receivers.split()]
    if None in origins or len(origins) > 20:
        wrong["receivers"] = (
            "每行一个地址，只写到端口为止，如 https://app.example.cn 或 http://10.0.0.8:9000，最多 20 个。"
        )
    if wrong:
        raise Refused("有几处需要先改好。", wrong)
    return {"scopes": known, "a_minute": a_minute, "a_day": a_day, "receivers": origins}


def origin_of(url: str) -> str | None:
    """Scheme, host and port of an address, as ``https://host:port``; None for what is none."""
    try:
        where = urlsplit(url)
        port = where.port
    except ValueError:
        return None
    host = where.hostname or ""
    if where.scheme not in ("http", "https") or not re.fullmatch(r"[a-z0-9.:-]{1,200}", host) or where.username:
        return None
    shown = f"[{host}]" if ":" in host else host
    return f"{where.scheme}://{shown}" + (f":{port}" if port else "")


@act()
def make_client(
    change: Noting,
    *,
    name: str,
    role: str,
    scope_id: int | None,
    scopes: list[str],
    a_minute: int | None,
    a_day: int | None,
    receivers: str = "",
) -> Client:
    """Let a system in: an account that never logs in, with one duty, and what it may ask. It has no token yet."""
    called_so = clean(name, 80)
    if not called_so:
        raise Refused("请填写名称。", {"name": "请填写名称。"})
    if Client.objects.filter(name=called_so).exists():
        raise Refused("已经有这个名称的接入系统。", {"name": "已经有这个名称的接入系统，请换一个。"})
    facts = _checked(scopes, a_minute, a_day, receivers)
    staff = Staff(username=f"api-{secrets.token_hex(6)}", name=called_so, machine=True)
    staff.set_unusable_password()
    staff.save()
    client = Client.objects.create(name=called_so, staff=staff, **facts)
    change.note("client_made", called(client), after={"账号": account(staff)} | _facts(client), staff=staff)
    give(change, staff, role, scope_id)
    return client


@act()
def change_client(
    change: Noting, *, client_id: int, scopes: list[str], a_minute: int | None, a_day: int | None, receivers: str
) -> None:
    """What a client may ask, and how often."""
    client = _client(client_id)
    before = _facts(client)
    for name, value in _checked(scopes, a_minute, a_day, receivers).items():
        setattr(client, name, value)
    if _facts(client) == before:
        raise Refused("没有改动。")
    client.save()
    change.note("client_changed", called(client), before=before, after=_facts(client), staff=client.staff)


@act()
def make_token(change: Noting, *, client_id: int, days: int, overlap: int) -> str:
    """A new token that holds ``days``; those before it hold ``overlap`` days more. Returns it: it is kept nowhere."""
    client = _client(client_id)
    if not 1 <= days <= LONGEST:
        raise Refused("有效期有误。", {"days": f"请填写 1 到 {LONGEST} 之间的天数。"})
    if not 0 <= overlap <= OVERLAP:
        raise Refused("并用天数有误。", {"overlap": f"请填写 0 到 {OVERLAP} 之间的天数。"})
    ends = change.now + timedelta(days=overlap)
    older = Token.objects.filter(client=client, revoked_at=None, expires_at__gt=ends)
    shortened = older.update(expires_at=ends)
    token = PREFIX + secrets.token_urlsafe(32)
    made = Token.objects.create(
        client=client,
        digest=digest_of(token),
        ending=token[-4:],
        made_at=change.now,
        expires_at=change.now + timedelta(days=days),
    )
    after = {"令牌": str(made), "到期": f"{timezone.localtime(made.expires_at):%Y-%m-%d %H:%M}"}
    if shortened:
        after["以前的令牌到期"] = f"{timezone.localtime(ends):%Y-%m-%d %H:%M}"
    change.note("token_made", called(client), after=after, staff=client.staff)
    return token


@act()
def revoke_token(change: Noting, *, client_id: int, token_id: int) -> None:
    """A token opens nothing from now on."""
    client = _client(client_id)
    token = Token.objects.filter(client=client, pk=token_id, revoked_at=None).first()
    if token is None:
        raise Refused("这个令牌已经作废。")
    token.revoked_at = change.now
    token.save(update_fields=["revoked_at"])
    change.note("token_revoked", called(client), after={"令牌": str(token)}, staff=client.staff)


@act()
def revoke_client(change: Noting, *, client_id: int) -> None:
    """Shut a system out for good: its tokens, its webhooks, its account. What it did stays."""
    client = _client(client_id)
    client.revoked_at = change.now
    client.save(update_fields=["revoked_at"])
    client.tokens.filter(revoked_at=None).update(revoked_at=change.now)
    client.webhooks.filter(ended_at=None).update(ended_at=change.now)
    client.staff.is_active = False
    client.staff.save(update_fields=["is_active"])
    client.uploads.all().delete()
    change.note("client_revoked", called(client), staff=client.staff)


def ending(now: datetime) -> list[Token]:
    """Tokens at ``now`` that are the last of their client and end within ``SOON``."""
    live = Token.objects.filter(revoked_at=None, expires_at__gt=now, client__revoked_at=None)
    later = live.filter(client=OuterRef("client"), expires_at__gt=OuterRef("expires_at"))
    return list(live.filter(~Exists(later), expires_at__lte=now + SOON).select_related("client"))


def warn(now: datetime) -> int:
    """Tell administrators of tokens that end soon, of each once; returns how many ends soon."""
    found = ending(now)
    duties = Duty.objects.filter(in_force(now), role=Role.ADMINISTRATOR)
    watching = list(Staff.objects.filter(pk__in=duties.values("staff_id"), is_active=True)) if found else []
    for token in found:
        day = timezone.localtime(token.expires_at).date()
        said = f"接入系统“{token.client.name}”的令牌 {day} 到期，到期后它就断线。请换发新令牌交给对方。"
        tell(watching, said, f"token-{token.pk}-{day}", now)
    return len(found)


def live_tokens(client: Client, now: datetime) -> Any:
    """Tokens that open something at ``now``."""
    return client.tokens.filter(Q(revoked_at=None), expires_at__gt=now)
