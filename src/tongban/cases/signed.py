"""What leaves for another machine and comes from one: bounded in time and size, signed as Standard Webhooks say.

The signature is HMAC-SHA256 over id, time and body. ``id`` is the key under which a receiver takes a thing once, however often
it is sent. A secret that begins with ``whsec_`` is base64 behind that, as the specification writes secrets; any other is taken
as it stands.
"""

import base64
import binascii
import hashlib
import hmac
import http.client
import re
import secrets
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from tongban.cases.outbox import NobodyThere, NotSent

LONGEST_ANSWER = 65_536
SKEW = 300  # seconds between the sender's clock and ours
WRITTEN = "whsec_"


def new_secret() -> str:
    """A fresh secret of 256 bits, as it is written down and handed on."""
    return WRITTEN + base64.b64encode(secrets.token_bytes(32)).decode()


def key_of(secret: str) -> bytes:
    """The key itself. Raises :class:`ValueError` for a ``whsec_`` that is no base64 or holds fewer than 24 bytes."""
    if not secret.startswith(WRITTEN):
        return secret.encode()
    try:
        key = base64.b64decode(secret[len(WRITTEN) :], validate=True)
    except binascii.Error as error:
        raise ValueError("密钥不完整，请重新复制。") from error
    if len(key) < 24:
        raise ValueError("密钥太短，请重新复制。")
    return key


def signature(secret: str, once: str, moment: str, body: bytes) -> str:
    """The value of the header ``webhook-signature`` for one secret."""
    signed = hmac.new(key_of(secret), f"{once}.{moment}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"


def signed_headers(found: Sequence[str], once: str, now: float, body: bytes) -> dict[str, str]:
    """The three headers for ``body`` at ``now`` (seconds since the epoch), signed with each secret, newest first.

    Several signatures let a secret be changed while the other side still knows only the one before.
    """
    moment = str(int(now))
    return {
        "webhook-id": once,
        "webhook-timestamp": moment,
        "webhook-signature": " ".join(signature(secret, once, moment, body) for secret in found),
    }


def genuine(headers: Mapping[str, str], body: bytes, found: Sequence[str], now: float) -> bool:
    """Whether ``body`` came under one of the secrets ``found`` within five minutes of ``now`` (seconds since the epoch)."""
    once, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if "." in once:  # it would let one part of what is signed pass for another
        return False
    if not (once and moment.isascii() and moment.isdigit() and len(moment) < 12 and abs(now - int(moment)) <= SKEW):
        return False
    given = headers.get("webhook-signature", "").encode().split()
    wanted = [signature(secret, once, moment, body).encode() for secret in found]
    return any(hmac.compare_digest(one, right) for one in given for right in wanted)


def exchange(
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    seconds: float,
    *,
    who: str = "对方",
    longest: int = LONGEST_ANSWER,
) -> tuple[int, bytes]:
    """Send one request and return status and body. It takes at most ``seconds`` in all; redirects are not followed.

    Raises :class:`NotSent` where ``who`` (named in the message) does not answer, too late, or with more than ``longest`` bytes.
    """
    where = urlsplit(url)
    target = (where.path or "/") + (f"?{where.query}" if where.query else "")
    connection: http.client.HTTPConnection
    if where.scheme == "https":
        connection = http.client.HTTPSConnection(where.netloc, timeout=seconds, context=ssl.create_default_context())
    else:
        connection = http.client.HTTPConnection(where.netloc, timeout=seconds)
    late = threading.Event()

    def cut() -> None:
        late.set()
        if connection.sock:
            connection.sock.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)  # a peer that sends one byte now and then never times out by itself
    timer.daemon = True
    timer.start()
    try:
        connection.request(method, target, body, dict(headers))
        answer = connection.getresponse()
        content = answer.read(longest + 1)
    except TimeoutError as error:
        raise NobodyThere(f"{who} {seconds:g} 秒内没有应答") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        said = f"{who} {seconds:g} 秒内没有答完" if late.is_set() else f"{who}连不上（{type(error).__name__}）"
        raise NobodyThere(said) from error
    finally:
        timer.cancel()
        connection.close()
    if late.is_set():
        raise NobodyThere(f"{who} {seconds:g} 秒内没有答完")
    if len(content) > longest:
        raise NotSent(f"{who}的应答太长")
    return answer.status, content


def said_in(answer: bytes) -> str:
    """The beginning of an answer for a message to staff, behind a colon; empty where it says nothing."""
    text = cleaned(answer[:200].decode("utf-8", "replace"))
    return f"：{text}" if text.strip() else ""


def cleaned(said: object) -> str:
    """What another machine said, without numbers that may be a phone, short."""
    return re.sub(r"\d{5,}", "…", str(said))[:80]
