"""How a message reaches a phone: kept on the list alone (``log``), or handed to an HTTP gateway as signed JSON.

The signature is that of Standard Webhooks: HMAC-SHA256 over id, time and body. ``id`` is the key under which a gateway takes a
message once, however often it is sent.
"""

import base64
import hashlib
import hmac
import http.client
import json
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from tongban.cases.outbox import NotSent

LONGEST_ANSWER = 65_536
SKEW = 300  # seconds between the sender's clock and ours
REFUSED = {400, 404, 410, 413, 422}  # the message itself is at fault: trying again cannot help


def signature(secret: str, once: str, moment: str, body: bytes) -> str:
    """The value of the header ``webhook-signature`` for one secret."""
    signed = hmac.new(secret.encode(), f"{once}.{moment}.".encode() + body, hashlib.sha256)
    return f"v1,{base64.b64encode(signed.digest()).decode()}"


def genuine(headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: float) -> bool:
    """Whether ``body`` came under one of ``secrets`` within five minutes of ``now`` (seconds since the epoch)."""
    once, moment = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (once and moment.isascii() and moment.isdigit() and len(moment) < 12 and abs(now - int(moment)) <= SKEW):
        return False
    given = headers.get("webhook-signature", "").encode().split()
    wanted = [signature(secret, once, moment, body).encode() for secret in secrets]
    return any(hmac.compare_digest(one, right) for one in given for right in wanted)


def log(to: str, text: str, once: str) -> str:
    """Nothing leaves: the list of messages is the delivery."""
    return ""


def send_http(to: str, text: str, once: str) -> str:
    """Hand one message to the gateway of ``TONGBAN_SMS_URL``; returns the gateway's own id. Raises :class:`NotSent`."""
    named = settings.SMS_FIELDS
    body = json.dumps(
        settings.SMS_EXTRA | {named["id"]: once, named["to"]: to, named["text"]: text}, ensure_ascii=False
    )
    moment = str(int(time.time()))
    headers = {
        "content-type": "application/json; charset=utf-8",
        "webhook-id": once,
        "webhook-timestamp": moment,
        "webhook-signature": signature(settings.SMS_SECRETS[0], once, moment, body.encode()),
    }
    status, answer = post(settings.SMS_URL, body.encode(), headers, settings.SMS_TIMEOUT)
    if status in REFUSED:
        raise NotSent(f"网关不收这条短信（{status}）{_said(answer)}", final=True)
    if not 200 <= status < 300:
        raise NotSent(f"网关应答 {status}{_said(answer)}")
    field, wanted = settings.SMS_ACCEPTED
    try:
        told: Any = json.loads(answer)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or field not in told:
        raise NotSent(f"网关应答 {status}，但内容看不懂")
    if str(told[field]).lower() != wanted.lower():
        raise NotSent(f"网关没有收下：{cleaned(told.get('message', told[field]))}")
    return str(told.get(named["id"]) or told.get("id") or "")[:80]


def post(url: str, body: bytes, headers: Mapping[str, str], seconds: float) -> tuple[int, bytes]:
    """POST and return status and body. The whole exchange takes at most ``seconds``; redirects are not followed.

    Raises :class:`NotSent` where nobody answers, too late, or too much.
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
        connection.request("POST", target, body, dict(headers))
        answer = connection.getresponse()
        content = answer.read(LONGEST_ANSWER + 1)
    except TimeoutError as error:
        raise NotSent(f"网关 {seconds:g} 秒内没有应答") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        said = f"网关 {seconds:g} 秒内没有答完" if late.is_set() else f"网关连不上（{type(error).__name__}）"
        raise NotSent(said) from error
    finally:
        timer.cancel()
        connection.close()
    if late.is_set():
        raise NotSent(f"网关 {seconds:g} 秒内没有答完")
    if len(content) > LONGEST_ANSWER:
        raise NotSent("网关的应答太长")
    return answer.status, content


def _said(answer: bytes) -> str:
    text = cleaned(answer[:200].decode("utf-8", "replace"))
    return f"：{text}" if text.strip() else ""


def cleaned(said: object) -> str:
    """What a gateway said, without numbers that may be a phone, short."""
    return re.sub(r"\d{5,}", "…", str(said))[:80]


GATEWAYS: dict[str, Callable[[str, str, str], str]] = {"log": log, "http": send_http}
