"""The API described: the document itself for machines, and a page of ours made from it for people. Nothing comes from outside."""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_GET

from tongban.exchange.api.app import api
from tongban.exchange.models import Scope


@cache
def described() -> dict[str, Any]:
    """The description, made once a process."""
    found: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    return found


@require_GET
def description(request: HttpRequest) -> HttpResponse:
    """The OpenAPI document."""
    response = JsonResponse(described(), json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Access-Control-Allow-Origin"] = "*"  # it is public, and names nobody
    return response


@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The same for people."""
    schema = described()
    context = {
        "info": schema["info"],
        "about": [_marked(line) for line in schema["info"]["description"].splitlines() if line],
        "groups": [
            {"tag": tag, "operations": [one for one in _operations(schema) if tag["name"] in one["tags"]]}
            for tag in schema["tags"]
        ],
        "schemas": [
            {"name": name, "said": one.get("description", ""), "rows": list(_rows(one))}
            for name, one in sorted(schema["components"]["schemas"].items())
            if one.get("type") == "object"
        ],
        "here": "api",
    }
    return render(request, "public/api.html", context)


def _marked(line: str) -> SafeString:
    """A line of the description with its ``code`` and **words** marked."""
    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(line))
    return mark_safe(re.sub(r"\*\*([^*]+)\*\*", r"<b>\1</b>", text))


def _operations(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in schema["paths"].items():
        for method, one in methods.items():
            security = one.get("security") or [{}]
            scopes = [Scope(scope).label for scope in next(iter(security[0].values()), ())]
            body = one.get("requestBody", {})
            yield {
                "id": one["operationId"],
                "method": method.upper(),
                "path": path,
                "summary": one["summary"],
                "said": one.get("description", ""),
                "tags": one["tags"],
                "scopes": scopes,
                "parameters": [
                    {
                        "name": p["name"],
                        "in": PLACES[p["in"]],
                        "required": p["required"],
                        "type": _type(p["schema"]),
                        "said": p.get("description", ""),
                    }
                    for p in one["parameters"]
                ],
                "body": [_content(kind, content) for kind, content in body.get("content", {}).items()],
                "answers": [
                    {
                        "status": status,
                        "said": answer["description"],
                        "good": status < "4",
                        "content": [_content(kind, content) for kind, content in answer.get("content", {}).items()],
                    }
                    for status, answer in one["responses"].items()
                ],
            }


PLACES = {"path": "地址", "query": "查询", "header": "请求头"}


def _content(kind: str, content: dict[str, Any]) -> dict[str, Any]:
    example = content.get("example")
    return {
        "kind": kind,
        "type": _type(content["schema"]),
        "name": _named(content["schema"]),
        "example": "" if example is None else json.dumps(example, ensure_ascii=False, indent=2),
    }


def _named(schema: dict[str, Any]) -> str:
    """The name of the object a schema is, or is a list of; empty for anything else."""
    where = schema.get("items", schema).get("$ref", "")
    return str(where).rsplit("/", 1)[-1]


WORDS = {"string": "文字", "integer": "整数", "number": "数", "boolean": "true / false", "object": "对象", "null": "空"}
FORMATS = {"date": "日期", "date-time": "时间", "uuid": "UUID"}


def _type(schema: dict[str, Any]) -> str:
    """A type in words."""
    if "$ref" in schema:
        target = described()["components"]["schemas"][_named(schema)]
        return _type(target) if "enum" in target else _named(schema)
    if "anyOf" in schema:
        return " 或 ".join(_type(one) for one in schema["anyOf"])
    if "allOf" in schema:
        return _type(schema["allOf"][0])
    if "enum" in schema:
        return " / ".join(str(value) or "（空）" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"{_type(schema['items'])} 的数组"
    if "format" in schema:
        return FORMATS.get(schema["format"], str(schema["format"]))
    said = WORDS.get(schema.get("type", ""), "")
    if "maxLength" in schema:
        said += f"，最多 {schema['maxLength']} 字"
    return str(said)


def _rows(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    required = schema.get("required", ())
    for name, one in schema.get("properties", {}).items():
        yield {
            "name": name,
            "type": _type(one),
            "ref": _named(one) if _object(_named(one)) else "",
            "required": name in required,
            "said": one.get("description", ""),
        }


def _object(name: str) -> bool:
    return bool(name) and described()["components"]["schemas"][name].get("type") == "object"
