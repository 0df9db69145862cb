"""Messages handed to a gateway, and what the gateway reports of them later."""

import smtplib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import Q
from django.utils import timezone

from tongban.cases import outbox
from tongban.cases.signed import cleaned
from tongban.messages.codes import collection_code, forget
from tongban.messages.gateways import GATEWAYS
from tongban.messages.models import Code, Message
from tongban.messages.relay import URGENT
from tongban.paperwork.texts import CODE
from tongban.rules.quiet import quiet_until


def send() -> int:
    """Hand messages that are due to the gateway; returns how many. In quiet hours only what is urgent."""
    forget()
    quiet = quiet_until(timezone.localtime(), settings.QUIET)
    return outbox.deliver(Message, _send, within=Q(kind__in=URGENT) if quiet else None)


def whole(message: Message) -> str:
    """The text as the applicant gets it, with its code."""
    text: str = message.text
    if CODE not in text:
        return text
    if message.kind == "code":
        code = (
            Code.objects.filter(case_id=message.case_id, pk=_code_of(message)).values_list("secret", flat=True).first()
        )
        return text.replace(CODE, code or "（已失效）")
    return text.replace(CODE, collection_code(message.case))


def _code_of(message: Message) -> int:
    return int(message.event.outgoing[message.place].get("code", 0))


def _send(message: Message) -> None:
    text = whole(message)
    if message.channel == Message.Channel.EMAIL:
        mail(message.to, f"“{message.case.version.name}”办理进度", text)
        return
    given = GATEWAYS[settings.SMS_GATEWAY](message.to, text, message.once)
    if given:
        Message.objects.filter(pk=message.pk).update(gateway_id=given)


def mail(to: str, subject: str, text: str) -> None:
    """Write to an applicant who has no mobile phone. Raises :class:`outbox.NotSent`."""
    try:
        EmailMessage(subject, text, to=[to]).send()
    except smtplib.SMTPRecipientsRefused as error:
        final = all(500 <= code < 600 for code, _ in error.recipients.values())
        raise outbox.NotSent("邮件服务器不收这个地址", final=final) from error
    except (OSError, smtplib.SMTPException, ValueError) as error:
        raise outbox.NotSent(f"邮件没有发出（{type(error).__name__}）") from error


def report(entry: Mapping[str, Any], now: datetime) -> bool:
    """Take one delivery report: ``id`` (ours or the gateway's), ``state`` (delivered, failed), ``reason``.

    Returns whether such a message is known. The same report again, or one that comes after the message was delivered,
    changes nothing; one that overtakes our own record of the sending counts.
    """
    given, state = str(entry.get("id", ""))[:80], entry.get("state")
    found = Message.objects.filter(gateway_id=given) if given else Message.objects.none()
    kind, _, rest = given.partition("-")
    event, _, place = rest.partition("-")
    if kind == "message" and event.isdecimal() and place.isdecimal() and len(event) < 19 and len(place) < 5:
        found = Message.objects.filter(event_id=int(event), place=int(place))
    open_ = found.filter(state__in=(Message.State.WAITING, Message.State.SENT))
    if state == "delivered":
        found.exclude(state=Message.State.DELIVERED).update(
            state=Message.State.DELIVERED, delivered_at=now, claimed_until=None, error=""
        )
    elif state == "failed":
        why = cleaned(entry.get("reason", "")) or "没有说明"
        open_.update(state=Message.State.FAILED, claimed_until=None, error=f"没有送达：{why}")
    else:
        return False
    return found.exists()
