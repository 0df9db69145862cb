"""The description of the API: valid, whole, and true."""

from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from openapi_spec_validator import OpenAPIV31SpecValidator

from tongban.desks.api_docs import described

METHODS = {"get", "head", "post", "put", "patch", "delete"}


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    return [(path, method, one) for path, methods in described()["paths"].items() for method, one in methods.items()]


def test_it_is_valid() -> None:
    schema = described()
    assert schema["openapi"] == "3.1.0"
    assert [str(error) for error in OpenAPIV31SpecValidator(schema).iter_errors()] == []


def test_every_operation_says_who_may_what_comes_and_what_may_go_wrong() -> None:
    names = [one["operationId"] for _, _, one in operations()]
    assert len(names) == len(set(names)) > 20
    for path, method, one in operations():
        where = f"{method} {path}"
        assert method in METHODS
        assert one["summary"], where
        assert one["description"], where
        assert list(one["security"][0]) == ["Token"], where
        assert {"401", "403", "429"} <= set(one["responses"]), where
        assert ("404" in one["responses"]) >= ("{" in path), where
        assert any(status < "3" for status in one["responses"]), where
        for status, answer in one["responses"].items():
            assert answer["description"], where
            if method == "head":
                assert "content" not in answer, where
            elif status >= "4":
                assert list(answer["content"]) == ["application/problem+json"], where
        for parameter in one["parameters"]:
            if parameter["in"] != "path":
                assert parameter["description"], f"{where} {parameter['name']}"
    assert described()["components"]["securitySchemes"]["Token"] == {
        "type": "http", "scheme": "bearer", "bearerFormat": "tb_…",
    }  # fmt: skip


def examples() -> list[tuple[str, dict[str, Any]]]:
    found = []
    for path, method, one in operations():
        bodies = {"request": one.get("requestBody", {}), **one["responses"]}
        for name, body in bodies.items():
            for kind, content in body.get("content", {}).items():
                if kind.endswith("json"):
                    found.append((f"{method} {path} {name}", content))
    return found


def test_every_example_fits_its_schema() -> None:
    components = described()["components"]
    for where, content in examples():
        assert "example" in content, where
        schema = {**content["schema"], "components": components}
        assert jsonschema_rs.validator_for(schema, validate_formats=True).is_valid(content["example"]), where


def test_the_pages_come_from_here(client: Client, db: None) -> None:
    document = client.get("/api/v1/openapi.json")
    assert document.json() == described()
    page = client.get("/api/")
    text = page.content.decode()
    assert "script-src" not in page.headers["Content-Security-Policy"]
    assert "default-src 'self'" in page.headers["Content-Security-Policy"]
    for path, _, one in operations():
        assert path in text
        assert one["summary"] in text
        for status in one["responses"]:
            assert f">{status}<" in text
    for name in described()["components"]["schemas"]:
        assert "style=" not in text, name


@pytest.mark.parametrize("path", ["/api/v1/nothing", "/api/v2/cases", "/api/v1/cases/X/y/z"])
def test_where_nothing_is_a_problem_is_told(client: Client, db: None, path: str) -> None:
    answer = client.get(path)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
    assert client.delete("/api/v1/cases").headers["Allow"]
