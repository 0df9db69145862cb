"""The department's steps, for a platform that decides in its own system."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from ninja import Router

from tongban.cases.actions import department as steps
from tongban.cases.models import Case
from tongban.exchange.api import look
from tongban.exchange.api.access import Key, Token, caller_of, once
from tongban.exchange.api.cases import Number
from tongban.exchange.api.schemas import CaseOut, DecideIn, NotAcceptIn, OrdersIn, PauseIn
from tongban.exchange.models.clients import Scope

router = Router(tags=["承办"], auth=Token(Scope.DECIDE))


def _step(
    request: HttpRequest, number: str, key: str, payload: OrdersIn, act: Callable[..., Case], **facts: Any
) -> CaseOut:
    caller = caller_of(request)
    do = lambda own: act(caller.staff, number, key=own, orders=payload.items, **facts).number  # noqa: E731
    once(caller, key, f"{act.kind} {number}", payload, do)  # type: ignore[attr-defined]
    return look.shown(caller, number)


@router.post("/cases/{number}/accept", response=CaseOut, summary="受理")
def accept(request: HttpRequest, number: Number, payload: OrdersIn, key: Key) -> CaseOut:
    """受理，开始计时；申请人收到短信。"""
    return _step(request, number, key, payload, steps.accept)


@router.post("/cases/{number}/not-accept", response=CaseOut, summary="不予受理")
def not_accept(request: HttpRequest, number: Number, payload: NotAcceptIn, key: Key) -> CaseOut:
    """不予受理，写明理由。"""
    return _step(request, number, key, payload, steps.not_accept, reason=payload.reason)


@router.post("/cases/{number}/pause", response=CaseOut, summary="中止计时")
def pause(request: HttpRequest, number: Number, payload: PauseIn, key: Key) -> CaseOut:
    """按法定事由中止计时；告知单由承办部门出具。"""
    return _step(request, number, key, payload, steps.pause, ground=payload.ground, note=payload.note)


@router.post("/cases/{number}/resume", response=CaseOut, summary="恢复计时")
def resume(request: HttpRequest, number: Number, payload: OrdersIn, key: Key) -> CaseOut:
    """从今天起继续计时。"""
    return _step(request, number, key, payload, steps.resume)


@router.post("/cases/{number}/decide", response=CaseOut, summary="作出决定")
def decide(request: HttpRequest, number: Number, payload: DecideIn, key: Key) -> CaseOut:
    """准予办结或者不予办理。"""
    return _step(request, number, key, payload, steps.decide, granted=payload.granted, reason=payload.reason)


@router.post("/cases/{number}/send-result", response=CaseOut, summary="结果送发证岗位")
def send_result(request: HttpRequest, number: Number, payload: OrdersIn, key: Key) -> CaseOut:
    """办理结果已送到政务大厅的发证岗位；申请人收到领证短信。"""
    return _step(request, number, key, payload, steps.send_result)
