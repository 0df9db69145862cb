"""Webhooks of the caller: where it is told what happens."""

from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Path, Router, Status

from tongban.exchange import webhooks
from tongban.exchange.api.access import Caller, Token, caller_of
from tongban.exchange.api.problems import Stop
from tongban.exchange.api.schemas import Id, Tested, WebhookIn, WebhookMade, WebhookOut
from tongban.exchange.models.clients import Scope, Webhook

router = Router(tags=["推送"], auth=Token(Scope.WEBHOOKS))
WebhookId = Annotated[Id, Path(description="订阅的 id")]


def _facts(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.pk,
        "url": webhook.url,
        "made_at": webhook.made_at,
        "disabled_at": webhook.disabled_at,
        "why": webhook.why,
        "waiting": webhooks.waiting(webhook),
    }


def _own(caller: Caller, webhook_id: int) -> Webhook:
    found: Webhook | None = webhooks.of(caller.client).filter(pk=webhook_id).first()
    if found is None:
        raise Stop(404)
    return found


@router.get("/webhooks", response=list[WebhookOut], summary="我的推送订阅")
def list_webhooks(request: HttpRequest) -> list[WebhookOut]:
    """订阅和还没有送到的条数。"""
    return [WebhookOut(**_facts(one)) for one in webhooks.of(caller_of(request).client)]


@router.post("/webhooks", response={201: WebhookMade}, summary="订阅推送")
def subscribe(request: HttpRequest, payload: WebhookIn) -> Status[WebhookMade]:
    """从现在起，看得到的办件每发生一件事，就 POST 一条到这个地址，按 Standard Webhooks 签名。密钥只显示这一次。"""
    client = caller_of(request).client
    made = webhooks.subscribe(client.staff, key=None, client_id=client.pk, url=payload.url)
    return Status(201, WebhookMade(**_facts(made), secret=made.secret))


@router.delete("/webhooks/{webhook_id}", response={204: None}, summary="取消订阅")
def unsubscribe(request: HttpRequest, webhook_id: WebhookId) -> HttpResponse:
    """不再推送。"""
    caller = caller_of(request)
    webhooks.unsubscribe(caller.staff, key=None, client_id=caller.client.pk, webhook_id=_own(caller, webhook_id).pk)
    return HttpResponse(status=204)


@router.post("/webhooks/{webhook_id}/rotate", response=WebhookMade, summary="换签名密钥")
def rotate(request: HttpRequest, webhook_id: WebhookId) -> WebhookMade:
    """一天之内新旧密钥同时签名。"""
    caller = caller_of(request)
    own = _own(caller, webhook_id).pk
    made = webhooks.rotate(caller.staff, key=None, client_id=caller.client.pk, webhook_id=own)
    return WebhookMade(**_facts(made), secret=made.secret)


@router.post("/webhooks/{webhook_id}/enable", response=WebhookOut, summary="重新推送")
def enable(request: HttpRequest, webhook_id: WebhookId) -> WebhookOut:
    """停止了的订阅修好以后，由这里重新开始；没有送到的先补送。"""
    caller = caller_of(request)
    own = _own(caller, webhook_id).pk
    return WebhookOut(**_facts(webhooks.enable(caller.staff, key=None, client_id=caller.client.pk, webhook_id=own)))


@router.post("/webhooks/{webhook_id}/test", response=Tested, summary="试推送")
def try_webhook(request: HttpRequest, webhook_id: WebhookId) -> Tested:
    """马上发一条 type 为 test 的消息，最多等 3 秒；平时的推送等 10 秒。"""
    said = webhooks.attempt(_own(caller_of(request), webhook_id))
    return Tested(delivered=not said, said=said or "对方收下了。")
