"""The description of the API (OpenAPI 3.1), made from its operations and completed: scopes, every answer, examples."""

from typing import Any

from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.operation import Operation

from tongban.exchange.api.problems import MEDIA_TYPE, SAID, Problem

RATES = {
    "RateLimit-Policy": {
        "description": "限额：q 次，每 w 秒",
        "schema": {"type": "string"},
        "example": '"minute";q=120;w=60, "day";q=20000;w=86400',
    },
    "RateLimit": {
        "description": "剩余：r 次，t 秒后重新计数",
        "schema": {"type": "string"},
        "example": '"minute";r=119;t=60, "day";r=19999;t=86400',
    },
}
WHERE = {
    "Upload-Offset": {"description": "已经收到几个字节", "schema": {"type": "integer"}, "example": 30_000},
    "Upload-Length": {"description": "说好的大小", "schema": {"type": "integer"}, "example": 100_000},
}
RETRY = {"Retry-After": {"description": "几秒以后再发", "schema": {"type": "integer"}, "example": 30}}
GOOD = {200: "办好了", 201: "建好了", 204: "办好了，没有内容"}
# What an operation may answer beside what follows from its parameters.
CHANGES_CASE = (409, 422)
MORE: dict[str, tuple[int, ...]] = {
    "create_case": (409,),
    "supplement_case": CHANGES_CASE,
    "supply_material": CHANGES_CASE,
    "accept": CHANGES_CASE,
    "not_accept": CHANGES_CASE,
    "pause": CHANGES_CASE,
    "resume": CHANGES_CASE,
    "decide": CHANGES_CASE,
    "send_result": CHANGES_CASE,
    "read_file": (410, 503),
    "read_form": (410, 503),
    "add_part": (400, 409, 413, 415, 422),
    "finish_upload": (409, 422, 503),
    "subscribe": (422,),
    "rotate": (422,),
    "enable": (422,),
    "unsubscribe": (422,),
}


class Schema(OpenAPISchema):
    """Ninja's description with what it leaves out."""

    def __init__(self, api: Any, path_prefix: str) -> None:
        super().__init__(api, path_prefix)
        self["servers"] = [{"url": "/", "description": "这套通办"}]
        self["tags"] = [
            {"name": name, "description": said}
            for name, said in (
                ("套餐", "问什么、要什么"),
                ("上传", "分段上传，断线可续"),
                ("办件", "收件、查询、补正、材料和文书"),
                ("承办", "承办部门的各步"),
                ("推送", "订阅推送，或者按次序取事件"),
            )
        ]
        for operation in self._operations():
            self._examples(operation)

    def _operations(self) -> list[dict[str, Any]]:
        return [operation for path in self["paths"].values() for operation in path.values()]

    def operation_details(self, operation: Operation) -> dict[str, Any]:
        """One operation, under the name of its function, with every answer it may give."""
        operation.operation_id = operation.view_func.__name__
        details: dict[str, Any] = super().operation_details(operation)
        for parameter in details["parameters"]:
            if given := parameter.pop("examples", None):
                parameter["example"] = given[0]
        responses = details["responses"]
        for status, response in responses.items():
            response["description"] = GOOD.get(status, response["description"])
            response["headers"] = RATES
        for status in sorted(self._refusals(details)):
            responses[status] = self._refusal(status)
        if operation.methods == ["HEAD"]:  # an answer without a body, whatever it says
            for response in responses.values():
                response.pop("content", None)
            responses[200]["headers"] = RATES | WHERE
        details["responses"] = {str(status): responses[status] for status in sorted(responses)}
        return details

    def _refusals(self, details: dict[str, Any]) -> set[int]:
        found = {401, 403, 429, *MORE.get(details["operationId"], ())}
        places = {parameter["in"] for parameter in details["parameters"]}
        if "path" in places:
            found.add(404)
        if places & {"query", "header"}:
            found.add(422)
        if "application/json" in details.get("requestBody", {}).get("content", {}):
            found |= {400, 413, 415, 422}
        return found

    def _refusal(self, status: int) -> dict[str, Any]:
        self.schemas.update(_defined(Problem))
        title, todo = SAID[status]
        example = {
            "type": "about:blank",
            "title": title,
            "status": status,
            "detail": title + "。",
            "todo": todo,
            "errors": [],
        }
        headers: dict[str, Any] = dict(RATES) if status != 401 else {}
        if status == 401:
            headers["WWW-Authenticate"] = {"description": "Bearer", "schema": {"type": "string"}, "example": "Bearer"}
        if status in (409, 429):
            headers |= RETRY
        return {
            "description": title,
            "headers": headers,
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}},
        }

    def operation_security(self, operation: Operation) -> list[dict[str, Any]] | None:
        """The token, with the scope it must have (OpenAPI 3.1 lets a bearer scheme name roles)."""
        found: list[dict[str, Any]] | None = super().operation_security(operation)
        for wanted, auth in zip(found or (), operation.auth_callbacks, strict=True):
            wanted[type(auth).__name__] = [str(scope)] if (scope := getattr(auth, "scope", "")) else []
        return found

    def _examples(self, operation: dict[str, Any]) -> None:
        bodies = [operation["requestBody"]] if "requestBody" in operation else []
        for body in (*bodies, *operation["responses"].values()):
            for media_type, content in body.get("content", {}).items():
                if media_type == "application/json":
                    content.setdefault("example", self.example(content["schema"]))

    def example(self, schema: dict[str, Any]) -> Any:
        """Something that fits ``schema``: what it gives as an example, its default, else the plainest there is."""
        if "$ref" in schema:
            own = {name: value for name, value in schema.items() if name != "$ref"}
            return self.example({**self.schemas[schema["$ref"].rsplit("/", 1)[-1]], **own})
        if schema.get("examples"):
            return schema["examples"][0]
        if "default" in schema:
            return schema["default"]
        for of in ("anyOf", "oneOf", "allOf"):
            if of in schema:
                return self.example(schema[of][0])
        if "enum" in schema:
            return schema["enum"][0]
        if "const" in schema:
            return schema["const"]
        match schema.get("type"):
            case "object":
                return {name: self.example(value) for name, value in schema.get("properties", {}).items()}
            case "array":
                return [self.example(schema["items"])] if schema.get("items") else []
            case "integer" | "number":
                return schema.get("minimum", 1)
            case "boolean":
                return False
            case "null":
                return None
        return FORMATS.get(schema.get("format", ""), "样例")


FORMATS = {
    "date": "2026-12-01",
    "date-time": "2026-12-01T09:30:00+08:00",
    "uuid": "1f0e6b8a-6a3c-4c1e-9d53-3f1b9f0f2c77",
}


def _defined(model: Any) -> dict[str, Any]:
    """A model and what it uses, as definitions."""
    whole = model.model_json_schema(ref_template=REF_TEMPLATE, mode="serialization")
    return {**whole.pop("$defs", {}), model.__name__: whole}
