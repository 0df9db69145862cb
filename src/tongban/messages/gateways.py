"""How a message reaches a phone: kept on the list alone (``log``), or handed to an HTTP gateway as signed JSON, or by SMPP."""

import json
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings

from tongban.cases.outbox import NotSent
from tongban.cases.signed import cleaned, exchange, said_in, signed_headers

REFUSED = {400, 404, 410, 413, 422}  # the message itself is at fault: trying again cannot help


def log(to: str, text: str, once: str) -> str:
    """Nothing leaves: the list of messages is the delivery."""
    return ""


def send_http(to: str, text: str, once: str) -> str:
    """Hand one message to the gateway of ``TONGBAN_SMS_URL``; returns the gateway's own id. Raises :class:`NotSent`."""
    named = settings.SMS_FIELDS
    body = json.dumps(
        settings.SMS_EXTRA | {named["id"]: once, named["to"]: to, named["text"]: text}, ensure_ascii=False
    )
    headers = {"content-type": "application/json; charset=utf-8"}
    headers |= signed_headers(settings.SMS_SECRETS[:1], once, time.time(), body.encode())
    status, answer = exchange("POST", settings.SMS_URL, body.encode(), headers, settings.SMS_TIMEOUT, who="网关")
    if status in REFUSED:
        raise NotSent(f"网关不收这条短信（{status}）{said_in(answer)}", final=True)
    if not 200 <= status < 300:
        raise NotSent(f"网关应答 {status}{said_in(answer)}")
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


def send_smpp(to: str, text: str, once: str) -> str:
    """Hand one message to the message centre of ``TONGBAN_SMPP_URL``; returns the centre's id. Raises :class:`NotSent`."""
    from tongban.messages.smpp import session  # only who sends through it needs the library

    return session().send(to, text, once)


GATEWAYS: dict[str, Callable[[str, str, str], str]] = {"log": log, "http": send_http, "smpp": send_smpp}
