"""Telling clients what happens to their cases: one signed message (Standard Webhooks) for each event and webhook.

A webhook remembers the last event it looked at. Events get their ids before they can be seen, so the last thousand are looked at
again where they are of the last hour; a push is unique by event and webhook, so nothing is told twice and nothing is passed over.
"""

import json
import time
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone

from tongban.cases import outbox
from tongban.cases.labels import label
from tongban.cases.models import Event
from tongban.cases.outbox import NotSent
from tongban.cases.queries import events_visible_to
from tongban.cases.signed import exchange, new_secret, said_in, signed_headers
from tongban.exchange.clients import called, origin_of
from tongban.exchange.models.clients import Client, Push, Webhook
from tongban.people.accounts import in_force
from tongban.people.models import Duty, Role, Staff
from tongban.people.record import Noting, act, tell
from tongban.people.refused import Refused

BATCH = 200
AGAIN = 1000  # events: more than are being written at any moment
LATELY = timedelta(hours=1)  # longer than any act takes to be written
KEPT = timedelta(days=7)  # a push that arrived: until then it is known that it did
BOTH = timedelta(days=1)  # an older secret signs too
TIMEOUT = 10.0  # seconds for the whole exchange
TRYING = 3.0  # of one that a request waits for
MOST = 10  # webhooks of a client


def of(client: Client) -> Any:
    """The webhooks a client has."""
    return client.webhooks.filter(ended_at=None)


@act(own=True)
def subscribe(change: Noting, *, client_id: int, url: str) -> Webhook:
    """Tell ``url`` from now on. It must lie under an origin that the administrator wrote down for this client."""
    client = Client.objects.select_for_update(of=("self",)).select_related("staff").get(pk=client_id)
    if origin_of(url) not in client.receivers or any(ord(char) < 33 or ord(char) > 126 for char in url):
        said = "这个地址不在登记的推送地址之下，请系统管理员先登记。"
        raise Refused(said, {"url": said})
    if of(client).count() >= MOST:
        raise Refused(f"最多 {MOST} 个推送订阅，请先取消不用的。")
    newest = Event.objects.aggregate(newest=Max("id"))["newest"] or 0
    made = Webhook.objects.create(client=client, url=url, secret=new_secret(), seen=newest, made_at=change.now)
    change.note("webhook_made", called(client), after={"地址": url}, staff=client.staff)
    return made


def _own(client_id: int, webhook_id: int) -> Webhook:
    found = Webhook.objects.select_for_update(of=("self",)).select_related("client__staff")
    webhook = found.filter(client_id=client_id, pk=webhook_id, ended_at=None).first()
    if webhook is None:
        raise Refused("没有这个推送订阅。")
    return webhook


@act(own=True)
def rotate(change: Noting, *, client_id: int, webhook_id: int) -> Webhook:
    """A new secret; for a day messages are signed with both."""
    webhook = _own(client_id, webhook_id)
    webhook.secret_before, webhook.secret, webhook.secret_changed = webhook.secret, new_secret(), change.now
    webhook.save(update_fields=["secret", "secret_before", "secret_changed"])
    change.note("webhook_changed", called(webhook.client), after={"密钥": "换新", "地址": webhook.url})
    return webhook


@act(own=True)
def enable(change: Noting, *, client_id: int, webhook_id: int) -> Webhook:
    """Tell again, what was given up first."""
    webhook = _own(client_id, webhook_id)
    if webhook.disabled_at is None:
        raise Refused("这个推送订阅没有停止。")
    webhook.disabled_at, webhook.why = None, ""
    webhook.save(update_fields=["disabled_at", "why"])
    Push.objects.filter(webhook=webhook, state=Push.State.FAILED).update(
        state=Push.State.WAITING, attempts=0, next_at=change.now, since=change.now, error=""
    )
    change.note("webhook_changed", called(webhook.client), after={"状态": "重新推送", "地址": webhook.url})
    return webhook


@act(own=True)
def unsubscribe(change: Noting, *, client_id: int, webhook_id: int) -> None:
    """Tell no more; what waits is let go."""
    webhook = _own(client_id, webhook_id)
    webhook.ended_at = change.now
    webhook.save(update_fields=["ended_at"])
    Push.objects.filter(webhook=webhook, state=Push.State.WAITING).delete()
    change.note("webhook_ended", called(webhook.client), after={"地址": webhook.url})


def fan_out() -> int:
    """Turn events into pushes, for each webhook those of cases its client may see; returns how many were made."""
    made = 0
    live = Webhook.objects.filter(ended_at=None, disabled_at=None, client__revoked_at=None)
    for webhook in live.select_related("client__staff"):
        staff = webhook.client.staff
        staff.__dict__.pop("duties_now", None)
        new = Q(pk__gt=webhook.seen) | Q(at__gt=max(webhook.made_at, timezone.now() - LATELY))
        events = events_visible_to(staff).filter(new, pk__gt=webhook.seen - AGAIN)
        told = Push.objects.filter(webhook=webhook).values("event_id")
        found = list(events.exclude(pk__in=told).values_list("pk", "case_id")[:BATCH])
        newest = found[-1][0] if len(found) == BATCH else Event.objects.aggregate(newest=Max("id"))["newest"] or 0
        with transaction.atomic():
            Push.objects.bulk_create(
                (Push(event_id=event, case_id=case, place=0, webhook=webhook) for event, case in found),
                ignore_conflicts=True,
            )
            Webhook.objects.filter(pk=webhook.pk, seen__lt=newest).update(seen=newest)
        made += len(found)
    return made


def send() -> int:
    """Deliver pushes that are due; a webhook that took nothing for a day is disabled, and people are told."""
    tried = outbox.deliver(Push, _send, within=Q(webhook__disabled_at=None, webhook__ended_at=None))
    given_up = Webhook.objects.filter(disabled_at=None, ended_at=None, pushes__state=Push.State.FAILED).distinct()
    for webhook in given_up.select_related("client") if tried else ():
        disable(webhook, timezone.now())
    return tried


def disable(webhook: Webhook, now: datetime) -> None:
    """Stop telling: what waits is given up, administrators are told; the client sees it where it asks for its webhooks."""
    last = Push.objects.filter(webhook=webhook, state=Push.State.FAILED).order_by("-id").first()
    why = f"一天都没有送到：{last.error if last else ''}"[:300]
    if not Webhook.objects.filter(pk=webhook.pk, disabled_at=None).update(disabled_at=now, why=why):
        return
    Push.objects.filter(webhook=webhook, state=Push.State.WAITING).update(
        state=Push.State.FAILED, claimed_until=None, error="推送订阅已停止"
    )
    duties = Duty.objects.filter(in_force(now), role=Role.ADMINISTRATOR)
    watching = Staff.objects.filter(pk__in=duties.values("staff_id"), is_active=True)
    said = f"接入系统“{webhook.client.name}”的推送一天没有送到，已经停止。请联系对方，由对方重新开启。"
    tell(watching, said, f"webhook-{webhook.pk}-{int(now.timestamp())}", now)


def _send(push: Push) -> None:
    webhook = Webhook.objects.select_related("client__staff").get(pk=push.webhook_id)
    if events_visible_to(webhook.client.staff).filter(pk=push.event_id).exists():
        _post(webhook, push.once, body_of(push.event))
    else:
        push.delete()  # a duty ended since: it is not the client's business any more


def body_of(event: Event) -> dict[str, Any]:
    """What is told of an event: no personal data; the client asks for more by the case's number."""
    item = event.data.get("item")
    return {
        "type": f"case.{event.kind}",
        "timestamp": timezone.localtime(event.at).isoformat(),
        "data": {
            "id": event.pk,
            "said": label(event.kind),
            "number": event.case.number,
            "sequence": event.sequence,
            "item": item if isinstance(item, int) else None,
            "clauses": event.clauses,
            "state": event.case.state,
        },
    }


def attempt(webhook: Webhook) -> str:
    """Send a message that means nothing, at once. Returns what was wrong, empty when it was taken."""
    now = timezone.now()
    body = {"type": "test", "timestamp": timezone.localtime(now).isoformat(), "data": {"said": "试推送"}}
    try:
        _post(webhook, f"test-{webhook.pk}-{int(now.timestamp() * 1000)}", body, TRYING)
    except NotSent as error:
        return str(error)
    return ""


def _post(webhook: Webhook, once: str, said: dict[str, Any], seconds: float = TIMEOUT) -> None:
    body = json.dumps(said, ensure_ascii=False).encode()
    secrets = [webhook.secret]
    if webhook.secret_changed and timezone.now() - webhook.secret_changed < BOTH:
        secrets.append(webhook.secret_before)
    headers = {"content-type": "application/json", "user-agent": "Tongban-Webhooks/1"}
    headers |= signed_headers(secrets, once, time.time(), body)
    status, answer = exchange("POST", webhook.url, body, headers, seconds, longest=4096)
    if not 200 <= status < 300:
        raise NotSent(f"对方应答 {status}{said_in(answer)}")


def forget() -> int:
    """Forget pushes that arrived more than a week ago; returns how many."""
    old = Push.objects.filter(state=Push.State.SENT, sent_at__lt=timezone.now() - KEPT)
    return Push.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])).delete()[0]


def waiting(webhook: Webhook) -> int:
    """Pushes not delivered yet."""
    return webhook.pushes.filter(state__in=(Push.State.WAITING, Push.State.FAILED)).count()
