"""Cases: taken in, looked at, mended; their materials, their sheets, what happened to them."""

from datetime import timedelta
from typing import Annotated, Literal
from urllib.parse import quote

from django.db import connection
from django.http import HttpRequest, HttpResponse
from ninja import Path, Query, Router, Status

from tongban.cases.queries import after as page_after
from tongban.cases.queries import events_visible_to
from tongban.cases.states import CaseState
from tongban.exchange.api import intake, look
from tongban.exchange.api.access import Key, Token, caller_of, once
from tongban.exchange.api.problems import Stop
from tongban.exchange.api.schemas import (
    MOST_IDS,
    NUMBER,
    CaseIn,
    CaseOut,
    Cases,
    Events,
    Id,
    MaterialOut,
    SupplementIn,
    SupplyIn,
)
from tongban.exchange.models.clients import Scope
from tongban.vault import store

router = Router(tags=["办件"])
Number = Annotated[str, Path(pattern=NUMBER, description="办件编号", examples=["SL-20261124-0A1B2C3D"])]
After = Annotated[int, Query(ge=0, le=MOST_IDS, description="上一页的 next；第一页写 0 或不写")]
Purpose = Literal["contact", "verify", "correct", "complaint", "authority"]
SETTLED = timedelta(seconds=10)  # where writers run side by side, an event may be seen before an older one is


@router.post("/cases", response={201: CaseOut}, auth=Token(Scope.INTAKE), summary="收件")
def create_case(request: HttpRequest, payload: CaseIn, key: Key) -> Status[CaseOut]:
    """和窗口收件同样的规则：符合的推送承办部门；要补正的，defects 一次告知全部；不属于收件范围的不予收件。可以当场更正的答复 422，什么也没有存。机器先看材料：还在看的答复 409，按 Retry-After 用同一个提交键重发。"""
    caller = caller_of(request)
    intake.looked_at_first(caller, payload)
    number = once(caller, key, "case", payload, lambda own: intake.take(caller, payload, own))
    intake.issue_sheets(caller, number, f"{caller.client.pk} {key}")
    return Status(201, look.shown(caller, number))


@router.get("/cases", response=Cases, auth=Token(Scope.READ), summary="看得到的办件")
def list_cases(
    request: HttpRequest,
    after: After = 0,
    state: Annotated[CaseState | None, Query(description="只要这个状态的")] = None,
) -> Cases:
    """收件的看自己窗口收的，承办的看推送给本部门的；先收的在前，每页 50 件。"""
    rows = look.cases_of(caller_of(request))
    page, more = page_after(rows.filter(state=state.value) if state else rows, after)
    return Cases(cases=[look.line_of(case) for case in page], next=more)


@router.get("/cases/{number}", response=CaseOut, auth=Token(Scope.READ), summary="一个办件")
def read_case(
    request: HttpRequest,
    number: Number,
    purpose: Annotated[
        Purpose | None,
        Query(
            description="用途；写了就答复完整个人信息，并留下记录："
            "contact 联系申请人，verify 核对身份，correct 更正资料，complaint 处理投诉，authority 有权机关调取"
        ),
    ] = None,
) -> CaseOut:
    """状态、应办结日、依据条款、人员、事项和文书。"""
    caller = caller_of(request)
    if purpose and Scope.WHOLE not in caller.client.scopes:
        raise Stop(403, f"这个接入系统没有“{Scope.WHOLE.label}”权限。")
    return look.shown(caller, number, purpose or "")


@router.post("/cases/{number}/supplement", response=CaseOut, auth=Token(Scope.INTAKE), summary="补正")
def supplement_case(request: HttpRequest, number: Number, payload: SupplementIn, key: Key) -> CaseOut:
    """申请人按告知单补来了材料，重新审查。"""
    caller = caller_of(request)

    def act(own: str) -> str:
        intake.mend(caller, number, payload, own)
        return number

    intake.looked_at_first(caller, payload, number)
    once(caller, key, f"supplement {number}", payload, act)
    intake.issue_sheets(caller, number, f"{caller.client.pk} {key}")
    return look.shown(caller, number)


@router.post(
    "/cases/{number}/materials/{place}/supply", response=CaseOut, auth=Token(Scope.INTAKE), summary="补齐容缺材料"
)
def supply_material(
    request: HttpRequest, number: Number, place: Annotated[int, Path(ge=0, le=999)], payload: SupplyIn, key: Key
) -> CaseOut:
    """容缺收件时欠的材料来了。"""
    caller = caller_of(request)

    def act(own: str) -> str:
        intake.bring(caller, number, place, payload, own)
        return number

    intake.looked_at_first(caller, payload, number, place)
    once(caller, key, f"supply {number} {place}", payload, act)
    intake.issue_supplied(caller, number, place, f"{caller.client.pk} {key}")
    return look.shown(caller, number)


@router.get("/cases/{number}/materials", response=list[MaterialOut], auth=Token(Scope.READ), summary="材料")
def read_materials(request: HttpRequest, number: Number) -> list[MaterialOut]:
    """每份材料的结论和文件。"""
    return look.materials(caller_of(request), number)


def _bytes(digest: str, filename: str, media_type: str) -> HttpResponse:
    response = HttpResponse(store.read(digest), content_type=media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(filename, safe='')}"
    response["Cache-Control"] = "private, no-store"
    return response


BINARY = {
    "responses": {
        200: {
            "description": "文件本身",
            "content": {
                "application/octet-stream": {
                    "schema": {"type": "string", "contentMediaType": "application/octet-stream"}
                }
            },
        }
    }
}


@router.get(
    "/cases/{number}/files/{file_id}", auth=Token(Scope.FILES), summary="下载材料的一个文件", openapi_extra=BINARY
)
def read_file(request: HttpRequest, number: Number, file_id: Annotated[Id, Path()]) -> HttpResponse:
    """原样的内容；sha256 在材料清单里。下载会留下记录。"""
    found = look.file(caller_of(request), number, file_id)
    return _bytes(found.digest, found.filename, "application/octet-stream")


@router.get("/cases/{number}/forms/{form_id}", auth=Token(Scope.READ), summary="下载一份文书", openapi_extra=BINARY)
def read_form(request: HttpRequest, number: Number, form_id: Annotated[Id, Path()]) -> HttpResponse:
    """PDF。人员信息已遮盖。"""
    found = look.form(caller_of(request), number, form_id)
    return _bytes(found.digest, f"{found.serial}.pdf", "application/octet-stream")


@router.get("/events", response=Events, auth=Token(Scope.READ), summary="发生了什么", tags=["推送"])
def read_events(
    request: HttpRequest, after: After = 0, limit: Annotated[int, Query(ge=1, le=500, description="最多几条")] = 100
) -> Events:
    """看得到的办件上 after 之后的事，先发生的在前。不写人员和理由；要细看的按办件编号查询。"""
    caller = caller_of(request)
    found = events_visible_to(caller.staff).filter(pk__gt=after).select_related("case")
    if connection.features.has_select_for_update:  # several write at once: wait until the older ones are there
        found = found.filter(at__lte=caller.now - SETTLED)
    page = list(found[:limit])
    return Events(events=[look.event_of(event) for event in page], next=page[-1].pk if page else after)
