"""Carriers: where a waybill number comes from, and where a consignment is.

``manual`` (the default) takes numbers from the pool of the hall, or as they are typed; nobody outside is asked. ``http``
asks a carrier's interface (settings ``CARRIER_*``): ``POST {url}/orders`` answers ``{"waybill": …}``, and the same
``reference`` again answers the same number; ``GET {url}/tracks/{waybill}`` answers ``{"state": "" | "signed" | "returned" |
"lost", "events": [{"at": ISO 8601 with zone, "text": …}]}``. Each request carries ``X-Timestamp`` and ``X-Signature``, the
HMAC-SHA-256 (hex) of method, path, timestamp and body, a line each, with the key.
"""

import hashlib
import hmac
import json
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlsplit

from django.conf import settings

from tongban.cases.outbox import NotSent
from tongban.cases.signed import exchange

LARGEST = 200_000  # bytes of an answer
STATES = ("", "signed", "returned", "lost")


class CarrierFailed(RuntimeError):
    """The carrier's interface gave no answer that can be used; the message (Chinese) says what to do."""


@dataclass(frozen=True)
class Event:
    """A line of tracking."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Whereabouts:
    """What the carrier says of a consignment: ``state`` is empty while it is under way."""

    state: str
    events: tuple[Event, ...]


def automatic() -> bool:
    """Whether a carrier's interface gives numbers and says where things are."""
    return bool(settings.CARRIER_URL)


def name() -> str:
    """The carrier numbers belong to."""
    return str(settings.CARRIER_NAME)


def order(reference: str, *, sender: dict[str, str], receiver: dict[str, str], payer: str) -> str:
    """A waybill number for ``reference``; the same reference gets the same one. Raises :class:`CarrierFailed`."""
    body = {"reference": reference, "sender": sender, "receiver": receiver, "payer": payer}
    waybill = _ask("POST", "/orders", body).get("waybill")
    if not (isinstance(waybill, str) and well_formed(waybill)):
        raise CarrierFailed("邮政接口给的邮件号不能用，请手工填邮件号，并告诉系统管理员。")
    return waybill.upper()


def track(waybill: str) -> Whereabouts:
    """Where a consignment is. Raises :class:`CarrierFailed`."""
    answer = _ask("GET", f"/tracks/{quote(waybill, safe='')}")
    state, events = answer.get("state"), answer.get("events")
    if state not in STATES or not isinstance(events, list) or len(events) > 200:
        raise CarrierFailed(f"邮件 {waybill} 的轨迹看不懂。")
    found = []
    for event in events:
        try:
            at, text = datetime.fromisoformat(event["at"]), str(event["text"])[:200]
        except (TypeError, KeyError, ValueError) as error:
            raise CarrierFailed(f"邮件 {waybill} 的轨迹看不懂。") from error
        if at.tzinfo is None:
            raise CarrierFailed(f"邮件 {waybill} 的轨迹没有写时区。")
        found.append(Event(at, text))
    return Whereabouts(state, tuple(found))


def well_formed(waybill: str) -> bool:
    """Whether ``waybill`` has the shape of a number: 8 to 30 letters and digits."""
    return 8 <= len(waybill) <= 30 and waybill.isascii() and waybill.isalnum()


def _ask(method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
    data = json.dumps(body, ensure_ascii=False).encode() if body is not None else b""
    base = settings.CARRIER_URL.rstrip("/")
    stamp = str(int(time.time()))
    signed = "\n".join((method, urlsplit(base).path + path, stamp, data.decode())).encode()
    headers = {
        "Content-Type": "application/json",
        "X-Timestamp": stamp,
        "X-Signature": hmac.digest(settings.CARRIER_KEY.encode(), signed, hashlib.sha256).hex(),
    }
    try:
        status, answer = exchange(method, base + path, data or None, headers, settings.CARRIER_TIMEOUT, longest=LARGEST)
        found = json.loads(answer) if 200 <= status < 300 else None
    except (NotSent, ValueError) as error:
        raise CarrierFailed("邮政接口没有回应，请稍后再试，或者手工填邮件号。") from error
    if not 200 <= status < 300:
        raise CarrierFailed(f"邮政接口没有办成（{status}），请稍后再试，或者手工填邮件号。")
    if not isinstance(found, dict):
        raise CarrierFailed("邮政接口的回答看不懂，请手工填邮件号，并告诉系统管理员。")
    return found
