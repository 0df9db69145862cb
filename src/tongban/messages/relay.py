"""From events to messages: what must leave is read from events not yet relayed, and written once.

What one person does to a case within two minutes is told at once: two steps, one message.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from tongban.cases.due import GROUNDS
from tongban.cases.links import rating_url
from tongban.cases.models import Case, CaseItem, Event
from tongban.identity.masking import mask_name
from tongban.identity.phones import is_mobile
from tongban.messages.codes import LIFE
from tongban.messages.models import Message
from tongban.paperwork import texts
from tongban.people.models import City
from tongban.rules.quiet import quiet_until

BATCH = 200
TOGETHER = timedelta(minutes=2)
URGENT = ("code",)  # somebody stands at the counter: sent at once, at any hour


def relay() -> int:
    """Turn up to ``BATCH`` waiting events into messages; returns how many events were relayed.

    Several relays may run at once: rows are locked and skipped where the database can, and a message is unique by event.
    """
    now = timezone.now()
    ripe = Q(at__lte=now - timedelta(seconds=settings.SMS_WAIT)) | Q(kind="code_issued")
    with transaction.atomic():
        waiting = Event.objects.filter(relayed_at=None)
        cases = waiting.filter(ripe).order_by("id").values_list("case_id", flat=True)[:BATCH]
        together = waiting.filter(case__in=list(cases)).order_by("case_id", "sequence")
        if connection.features.has_select_for_update_skip_locked:
            together = together.select_for_update(skip_locked=True, of=("self",))
        events = list(together.select_related("case__version", "case__region__hall", "case__window"))
        if not events:
            return 0
        items: dict[int, dict[int, CaseItem]] = {}
        for item in CaseItem.objects.filter(case__in={event.case_id for event in events}):
            items.setdefault(item.case_id, {})[item.order] = item
        own = dict(City.objects.values_list("name", "messages"))
        wake = quiet_until(timezone.localtime(now), settings.QUIET)
        made = []
        for group in grouped(events):
            case = group[0].case
            message = _message(group, items.get(case.pk, {}), own.get(case.version.city, {}))
            if message and wake and message.kind not in URGENT:
                message.next_at = message.since = wake
            if message:
                made.append(message)
        Message.objects.bulk_create(made, ignore_conflicts=True)
        Event.objects.filter(pk__in=[event.pk for event in events]).update(relayed_at=now)
        return len(events)


def grouped(events: Iterable[Event]) -> list[list[Event]]:
    """Events in the order of their cases, in groups of what is told at once: one case, one person, two minutes."""
    groups: list[list[Event]] = []
    for event in events:
        last = groups[-1] if groups else []
        if (
            last
            and (last[0].case_id, last[0].by_id) == (event.case_id, event.by_id)
            and event.at - last[0].at <= TOGETHER
            and not {last[0].kind, event.kind} & {"code_issued"}
        ):
            last.append(event)
        else:
            groups.append([event])
    return groups


def _message(group: list[Event], items: Mapping[int, CaseItem], own: Mapping[str, str]) -> Message | None:
    """What a group of events tells, or None where it tells nothing."""
    case = group[0].case
    common = _common(case)
    told: dict[tuple[str, int], str] = {}  # a thing told twice is told as it stands last
    first = None
    for event in group:
        for place, out in enumerate(event.outgoing):
            kind = out.get("message")
            if kind not in texts.TEXTS:
                continue
            first = first or (event, place)
            item = items.get(int(out.get("item", 0)))
            told[kind, item.order if item else 0] = texts.body_of(
                kind, common | _own(case.number, item, event.data, out), own
            )
    if first is None:
        return None
    text = texts.join(told.values(), common, own)
    channel, to = _reach(case)
    kinds = "+".join(dict.fromkeys(kind for kind, _ in told))
    call = channel == Message.Channel.CALL
    return Message(
        case=case,
        event=first[0],
        place=first[1],
        kind=kinds,
        text=text,
        channel=channel,
        to=to,
        parts=texts.parts(text),
        state=Message.State.FAILED if call else Message.State.WAITING,
        error="没有手机号码，请打电话告知" if call else "",
    )


def _reach(case: Case) -> tuple[str, str]:
    """(channel, address) by which the applicant is reached."""
    if is_mobile(case.applicant_phone):
        return Message.Channel.SMS, case.applicant_phone
    if case.email and settings.EMAIL_HOST:
        return Message.Channel.EMAIL, case.email
    return Message.Channel.CALL, case.applicant_phone


def _common(case: Case) -> dict[str, Any]:
    hall = getattr(case.region, "hall", None)
    return {
        "city": case.version.city,
        "name": mask_name(case.applicant_name),
        "package": case.version.name,
        "number": case.number,
        "region": case.region.name,
        "hall": hall.name if hall else f"{case.region.name}政务大厅",
        "window": case.window.name,
        "window_phone": case.window.phone,
    }


def _own(number: str, item: CaseItem | None, data: Mapping[str, Any], out: Mapping[str, Any]) -> dict[str, Any]:
    due = item.due if item and not item.decided_at else None
    provisional = "（暂定）" if item and item.due_provisional else ""
    deadline = out.get("due")
    reason = texts.without_identity(str(data.get("reason", "")))[:120]
    return {
        "item": item.name if item else "",
        "due": f"，应于 {due:%Y-%m-%d} 前办结{provisional}" if due else "",
        "reason": reason,
        "because": f"（{reason}）" if reason else "",
        "decision": item.get_decision_display() if item else "",
        "amount": data.get("amount", ""),
        "ground": GROUNDS.get(str(data.get("ground", "")), ""),
        "waybill": out.get("waybill", ""),
        "materials": "、".join(f"“{name}”" for name in out.get("materials", ())),
        "deadline": f"{date.fromisoformat(deadline):%Y-%m-%d}" if deadline else "",
        "rate_at": f"，或打开 {link}" if (link := rating_url(number)) else "",
        "code": texts.CODE,
        "minutes": int(LIFE.total_seconds() // 60),
    }
