"""What the API says when it cannot: RFC 9457 problem details, in Chinese, with where it is and what to do."""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from ninja import NinjaAPI, Schema
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from tongban.cases.actions.door import Conflict, NoRoom, NotFound
from tongban.exchange.uploads import WrongOffset
from tongban.people.record import Forbidden
from tongban.people.refused import Refused
from tongban.vault.kinds import NotAccepted
from tongban.vault.store import NO_ROOM, Damaged

MEDIA_TYPE = "application/problem+json"
# status → (title, what to do)
SAID: dict[int, tuple[str, str]] = {
    400: ("请求看不懂", "请按接口说明检查请求的格式后再发。"),
    401: ("没有通过身份验证", "请在 Authorization 里带上有效的令牌（Bearer）；令牌过期的，请联系系统管理员。"),
    403: ("没有这个权限", "请联系系统管理员，核对这个接入系统的权限。"),
    404: ("没有找到", "请核对编号；不在权限范围内的，也按没有找到答复。"),
    405: ("这个地址不支持这种方法", "请看应答里的 Allow，按接口说明重新发。"),
    409: ("和现在的状态冲突", "有 Retry-After 的，等它所说的秒数再发；没有的，请先查询最新状态，再决定怎么做。"),
    410: ("文件打不开", "请联系系统管理员核对库存文件。"),
    413: ("内容太大", "请压缩文件，或者分成小段再传。"),
    415: ("不支持这种内容", "请按接口说明换一种 Content-Type。"),
    422: ("内容不符合要求", "请按 errors 逐项改好后再发。"),
    429: ("请求太频繁", "请等 Retry-After 所说的秒数后再发。"),
    500: ("系统出错", "请稍后再试；仍然不行的，请把时间和地址告诉系统管理员。"),
    503: ("暂时存不下", "请稍后再试；没有收下的内容请重新发。"),
}


class Fault(Schema):
    """哪一项、什么问题。"""

    field: str = Field(description="哪一项，如 applicant.phone、materials.0.files", examples=["applicant.phone"])
    detail: str = Field(description="什么问题，怎么改", examples=["手机号码应为 11 位，现在是 10 位，请核对。"])


class Problem(Schema):
    """出错时的答复（RFC 9457）。"""

    type: str = Field("about:blank", description="固定为 about:blank，含义以 status 为准")
    title: str = Field(description="一句话", examples=["内容不符合要求"])
    status: int = Field(description="HTTP 状态码", examples=[422])
    detail: str = Field(description="具体是什么问题", examples=["有几处需要先改好。"])
    todo: str = Field(description="怎么办", examples=["请按 errors 逐项改好后再发。"])
    errors: list[Fault] = Field([], description="逐项的问题")
    by: str | None = Field(None, description="409：最近一步是谁做的")
    at: datetime | None = Field(None, description="409：最近一步是什么时候做的")
    received: int | None = Field(None, description="409：分段上传已经收到的字节数，请从这里接着传")


class Stop(Exception):
    """Answer with this problem."""

    def __init__(self, status: int, detail: str = "", *, headers: Mapping[str, str] | None = None, **more: Any) -> None:
        super().__init__(detail)
        self.status, self.detail, self.headers, self.more = status, detail, headers or {}, more


def problem(status: int, detail: str = "", *, errors: Mapping[str, str] | None = None, **more: Any) -> HttpResponse:
    """A response that tells a problem; ``errors`` are messages by field."""
    title, todo = SAID.get(status, SAID[500] if status >= 500 else SAID[400])
    said = Problem(
        title=title,
        status=status,
        detail=detail or title + "。",
        todo=todo,
        errors=[Fault(field=field, detail=text) for field, text in (errors or {}).items()],
        **more,
    )
    body = json.dumps(said.model_dump(mode="json", exclude_none=True), ensure_ascii=False)
    response = HttpResponse(body, status=status, content_type=MEDIA_TYPE)
    response["Cache-Control"] = "no-store"
    if status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="tongban"'
    return response


def _conflict(error: Conflict) -> HttpResponse:
    return problem(409, str(error), by=error.by or None, at=error.at and timezone.localtime(error.at))


ANSWERS: tuple[tuple[type[Exception], Callable[[Any], HttpResponse]], ...] = (
    (AuthenticationError, lambda _: problem(401)),
    (
        HttpError,
        lambda error: problem(error.status_code, "请求的内容不是有效的 JSON。" if error.status_code == 400 else ""),
    ),
    (Http404, lambda _: problem(404)),
    (NotFound, lambda _: problem(404)),
    (Forbidden, lambda _: problem(403)),
    (Conflict, _conflict),
    (WrongOffset, lambda error: problem(409, str(error), received=error.received)),
    (NotAccepted, lambda error: problem(422, str(error))),
    (NoRoom, lambda error: problem(503, str(error))),
    (Refused, lambda error: problem(422, str(error), errors=error.fields)),
    (Damaged, lambda error: problem(410, str(error))),
    (RequestDataTooBig, lambda _: problem(413)),
    (SuspiciousOperation, lambda _: problem(400)),
    (OSError, lambda _: problem(503, NO_ROOM)),
)


def tell_by(api: NinjaAPI) -> None:
    """Let ``api`` answer every refusal as a problem."""
    for kind, answer in ANSWERS:
        api.add_exception_handler(kind, lambda request, error, answer=answer: answer(error))  # type: ignore[misc]
    api.add_exception_handler(Stop, _stop)
    api.add_exception_handler(ValidationError, _invalid)


def _stop(request: HttpRequest, error: Any) -> HttpResponse:
    response = problem(error.status, error.detail, **error.more)
    for name, value in error.headers.items():
        response[name] = value
    return response


def _invalid(request: HttpRequest, error: Any) -> HttpResponse:
    if any(one["loc"][0] == "path" for one in error.errors):
        return problem(404)  # no such number can exist
    found: dict[str, str] = {}
    for one in error.errors:
        source, *place = one["loc"]
        if source == "body":
            place = place[1:]  # the name of the parameter in our code
        found.setdefault(".".join(str(part) for part in place) or "body", chinese(one))
    return problem(422, "有几处不符合接口说明。", errors=found)


# type of pydantic's error → what is said; {name} is filled from its context.
WORDS = {
    "missing": "缺少这一项。",
    "extra_forbidden": "接口没有这一项，请删去。",
    "string_type": "应为文字。",
    "string_too_short": "至少 {min_length} 个字。",
    "string_too_long": "最多 {max_length} 个字。",
    "string_pattern_mismatch": "格式不对，应符合 {pattern}。",
    "string_unicode": "含有无效的字符。",
    "int_type": "应为整数。",
    "int_parsing": "应为整数。",
    "int_from_float": "应为整数。",
    "bool_type": "应为 true 或 false。",
    "bool_parsing": "应为 true 或 false。",
    "greater_than_equal": "不能小于 {ge}。",
    "less_than_equal": "不能大于 {le}。",
    "enum": "只能是 {expected}。",
    "literal_error": "只能是 {expected}。",
    "list_type": "应为数组。",
    "too_long": "最多 {max_length} 项。",
    "too_short": "至少 {min_length} 项。",
    "uuid_type": "应为 UUID。",
    "uuid_parsing": "应为 UUID。",
    "date_type": "应为日期，如 2026-12-01。",
    "date_parsing": "应为日期，如 2026-12-01。",
    "date_from_datetime_parsing": "应为日期，如 2026-12-01。",
    "model_type": "应为一个对象。",
    "model_attributes_type": "应为一个对象。",
}


def chinese(error: Mapping[str, Any]) -> str:
    """One of pydantic's errors in Chinese."""
    context = {name: str(value).replace(" or ", " 或 ") for name, value in error.get("ctx", {}).items()}
    try:
        return WORDS.get(error["type"], "格式不对，请看接口说明。").format(**context)
    except (KeyError, IndexError):
        return "格式不对，请看接口说明。"
