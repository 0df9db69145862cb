"""The API as one object: its operations, its description, what it answers when it cannot."""

from collections.abc import Mapping
from typing import Any

from ninja import NinjaAPI
from ninja.renderers import JSONRenderer

from tongban.exchange.api import cases, department, files, procedures, webhooks
from tongban.exchange.api.openapi import Schema
from tongban.exchange.api.problems import tell_by

VERSION = "1.0.0"
ABOUT = """\
其他业务系统、自助终端、城市 App 通过这个接口收件、查询、办理，和工作人员在桌面上做的是同一件事、同一套规则。

**身份**：每个请求带 `Authorization: Bearer <令牌>`。令牌由系统管理员发放，只显示一次；浏览器的登录在这里不起作用。
**只办一次**：改动办件的请求都要带 `Idempotency-Key`。没有收到答复的，用同一个键原样重发：已经办成的不会再办，答复同样的结果。
**限额**：应答头 `RateLimit-Policy` 是限额，`RateLimit` 是剩余次数（r）和还有几秒重新计数（t）；超过的答复 429，请等 `Retry-After` 秒。
**出错**：一律是 `application/problem+json`（RFC 9457），`detail` 说什么问题，`errors` 说在哪一项，`todo` 说怎么办。看不到的和没有的，同样答复 404。
**个人信息**：默认遮盖。有“完整个人信息”权限的，带上 `purpose`（用途）查询，答复完整信息并留下记录。
**版本**：同一个主版本里只增加、不改动；客户端请忽略不认识的字段。要停用的先在应答头 `Deprecation`、`Sunset` 里预告，至少六个月。
"""


class Chinese(JSONRenderer):
    """JSON that a person can read: without escapes."""

    json_dumps_params = {"ensure_ascii": False}


class Api(NinjaAPI):
    """Ninja, with a description that leaves nothing out."""

    def get_openapi_schema(
        self, *, path_prefix: str | None = None, path_params: Mapping[str, Any] | None = None
    ) -> Any:
        """The description of the API, OpenAPI 3.1."""
        return Schema(self, "api/v1" if path_prefix is None else path_prefix)


api = Api(
    title="通办 API",
    version=VERSION,
    description=ABOUT,
    docs_url=None,
    openapi_url=None,
    urls_namespace="api",
    renderer=Chinese(),
)
for router in (procedures.router, cases.router, department.router, files.router, webhooks.router):
    api.add_router("", router)
tell_by(api)
