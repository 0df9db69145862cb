"""The outbox of pushes: from events of shared cases to rows, in order by case, and from rows over the line.

An act writes nothing for it: the events are the outbox. A platform that does not answer rests for a while and is then asked
with one push; when it answers again everything that waited for it is due at once. A push that is refused holds up its own
case alone.
"""

import json
import logging
import random
import time
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from tongban.cases import outbox
from tongban.cases.models import Case, Event
from tongban.cases.outbox import NobodyThere, NotSent
from tongban.cases.signed import exchange, said_in, signed_headers
from tongban.exchange import foreign, telling, wire
from tongban.exchange.models import Platform, PlatformPush, Shared, Way

logger = logging.getLogger(__name__)
BATCH = 100  # events looked at in one transaction
AT_ONCE = 10  # pushes of one platform in one worker's hand: shorter than a claim, should each take its whole time
REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=1)
FINAL = {400, 404, 410, 413, 422}  # the step itself is at fault: a person must look
BUSY = {429, 502, 503, 504}  # the platform as a whole


def relay() -> int:
    """Turn events of shared cases into pushes; returns how many events were looked at. Several may run at once."""
    cases = Event.objects.filter(to_push=True).order_by("id").values_list("case_id", flat=True)
    waiting = list(dict.fromkeys(cases[:BATCH]))
    if not waiting:
        return 0
    with transaction.atomic():
        rows = Case.objects.filter(pk__in=waiting).order_by("pk")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True, of=("self",))
        locked = {case.pk: case for case in rows.select_related("version", "region", "window", "taken_by")}
        events = list(Event.objects.filter(to_push=True, case__in=locked).order_by("case_id", "sequence"))
        shared = {row.case_id: row for row in Shared.objects.filter(case__in=locked).select_related("platform")}
        platforms = {platform.code: platform for platform in Platform.objects.all()}
        made: list[PlatformPush] = []
        for event in events:
            case = locked[event.case_id]
            platform = platforms.get(case.outside)
            if platform is None or (event.by_id == platform.staff_id and event.kind != telling.TAKEN_OVER):
                continue
            row = shared.get(case.pk) or Shared(case=case, platform=platform)
            found = telling.told(event, case, first=row.sent == 0)
            if found and _understands(platform, found[0]):
                shared[case.pk] = row
                row.sent += 1
                made.append(_push(event, row, *found))
        for row in shared.values():
            if row.pk is None:
                row.save()
        Shared.objects.bulk_update([row for row in shared.values() if row.pk], ["sent"])
        PlatformPush.objects.bulk_create(made)
        Event.objects.filter(pk__in=[event.pk for event in events]).update(to_push=False)
        return len(events)


def _understands(platform: Platform, kind: str) -> bool:
    """Whether a step is told to a platform at all: to a foreign one what its mapping names, to a peer what it is new enough for."""
    if platform.way == Way.HTTP:
        return kind in foreign.of(platform).send
    return wire.SINCE.get(kind, 1) <= platform.protocol


def _push(event: Event, row: Shared, kind: str, data: dict[str, Any]) -> PlatformPush:
    key = f"{event.digest[:32]}-{event.sequence}"
    return PlatformPush(
        case_id=event.case_id, event=event, place=0, platform=row.platform, sequence=row.sent, kind=kind, key=key,
        at=event.at, data=data,
    )  # fmt: skip


def send() -> int:
    """Send what is due to every platform that is not resting; returns how many pushes were tried."""
    now = timezone.now()
    awake = Platform.objects.exclude(way=Way.INSIDE).exclude(address="")
    return sum(_send_to(one) for one in awake.filter(Q(rests_until=None) | Q(rests_until__lte=now)))


def _send_to(platform: Platform) -> int:
    earlier = PlatformPush.objects.filter(case=OuterRef("case"), sequence__lt=OuterRef("sequence")).exclude(
        state="sent"
    )
    secrets = platform.secrets()
    if not secrets:
        return 0
    return outbox.deliver(
        PlatformPush,
        lambda push: _send(platform, secrets, push),
        AT_ONCE,
        Q(platform=platform) & ~Q(Exists(earlier)),
        lambda error: _rest(platform, str(error)),
    )


def _send(platform: Platform, secrets: list[str], push: PlatformPush) -> None:
    if platform.way == Way.HTTP:
        url, body, media = foreign.written(platform, push)
    else:
        url, media = f"{platform.address}events/", wire.MEDIA_TYPE
        told = wire.envelope(
            key=push.key, source=source_of(platform), kind=push.kind, number=origin_of(push.case), at=push.at,
            sequence=push.sequence, data=push.data,
        )  # fmt: skip
        body = json.dumps(told, ensure_ascii=False).encode()
    headers = {"content-type": f"{media}; charset=utf-8"} | signed_headers(secrets, push.key, time.time(), body)
    status, answer = exchange("POST", url, body, headers, settings.EXCHANGE_TIMEOUT, who="对方")
    if status in BUSY:
        raise NobodyThere(f"对方暂时不能办（{status}）")
    if status in FINAL:
        raise NotSent(f"对方不收（{status}）{_reason(answer)}", final=True)
    if not 200 <= status < 300:
        raise NotSent(f"对方应答 {status}{_reason(answer)}")
    if platform.way == Way.HTTP:
        number = foreign.understood(platform, push, answer)
        if number:
            foreign.keep_number(platform, push, number)
    else:
        _taken(answer, status)
    _reached(platform)


def origin_of(case: Case) -> str:
    """The number both sides know a case by: that of who took it in."""
    return case.foreign_number if case.mirrored else case.number


def _taken(answer: bytes, status: int) -> None:
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        said = None
    if not (isinstance(said, dict) and said.get("state") in ("done", "waiting")):
        raise NotSent(f"对方应答 {status}，但内容看不懂")


def _reason(answer: bytes) -> str:
    """What the other side says is wrong: a sentence of ours, or the beginning of whatever it is."""
    try:
        said = json.loads(answer)
        told = str(said["message"]) if isinstance(said, dict) and "message" in said else ""
    except (ValueError, RecursionError):
        told = ""
    return f"：{told[:200]}" if told else said_in(answer)


def source_of(platform: Platform) -> str:
    """How we name ourselves to a platform: by the code it knows us under, the last part of the address it gave us."""
    return f"/{platform.address.rstrip('/').rpartition('/')[2]}"


def _rest(platform: Platform, why: str) -> None:
    doubled = REST * (1 << min(platform.failures, 10))
    until = timezone.now() + min(doubled, LONGEST_REST) * random.uniform(0.7, 1.3)
    Platform.objects.filter(pk=platform.pk).update(failures=F("failures") + 1, rests_until=until, error=why[:300])


def _reached(platform: Platform, now: datetime | None = None) -> None:
    """It answered: what waited for it because it did not is due now."""
    now = now or timezone.now()
    if platform.failures:
        PlatformPush.objects.filter(platform=platform, state="waiting", next_at__gt=now).update(next_at=now)
    elif platform.reached_at and now - platform.reached_at < timedelta(seconds=10):
        return
    Platform.objects.filter(pk=platform.pk).update(reached_at=now, failures=0, rests_until=None, error="")
    platform.reached_at, platform.failures = now, 0
