"""The whole description, fuzzed by schemathesis: valid and invalid requests, near things that exist and far from them.

No 500, nothing that the description does not say, nothing invalid let through. On PostgreSQL, which is the stricter one.
"""

import random
import uuid
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from django.db import connection
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
    unsupported_method,
)

from tests.exchange.api import PARTS, Api, application, good, let_in
from tests.worker import look_all
from tests.world import World
from tongban.people.models import Role

pytestmark = pytest.mark.skipif(connection.vendor != "postgresql", reason="once is enough: on the stricter database")
schemathesis.serializer.alias(PARTS, "application/octet-stream")
EXAMPLES = 12  # of each kind, for each operation
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
    unsupported_method,
]
SETTINGS = settings(
    max_examples=EXAMPLES,
    deadline=5000,  # of one request: hanging is a failure
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.django_db(transaction=True)  # the program closes its connections as it does when it serves
def test_no_request_makes_it_fail_or_say_what_is_not_written(world: World) -> None:
    window = let_in(world, Role.WINDOW, receivers="http://127.0.0.1:9")
    department = let_in(world, Role.DEPARTMENT)
    near = things(world, window)
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    asked = 0
    for found in schema.get_all_operations():
        operation = found.ok()
        api = department if "承办" in operation.definition.raw["tags"] else window
        asked += fuzz(operation, api, near, GenerationMode.POSITIVE) + fuzz(
            operation, api, near, GenerationMode.NEGATIVE
        )
    assert asked > 300


def fuzz(operation: Any, api: Api, near: dict[str, Any], mode: GenerationMode) -> int:
    """Ask an operation with generated requests; of the valid ones, two of three about things there are."""
    asked = 0

    @SETTINGS
    @given(case=operation.as_strategy(generation_mode=mode))
    def ask(case: Any) -> None:
        nonlocal asked
        asked += 1
        if mode is GenerationMode.POSITIVE and asked % 3:
            brought_near(case, near)
        answer = case.call(headers={"Authorization": f"Bearer {api.token}"})
        case.validate_response(answer, checks=CHECKS)

    ask()
    return asked


def things(world: World, api: Api) -> dict[str, Any]:
    """What there is, by the name of the parameter, and the bodies that would be taken."""
    materials = [api.upload(good(world, place)) for place in range(len(world.procedure.materials))]
    body = application(world)
    for material, upload in zip(body["materials"], materials, strict=True):
        material["files"] = [upload]
    assert api.call("POST", "/cases", body, key="looked-at-first").status_code == 409
    look_all()
    held = world.case()
    return {
        "number": held.number,
        "procedure_id": world.version.pk,
        "place": 0,
        "upload_id": api.post("/uploads", {"filename": "a.jpg", "size": 5, "sha256": "0" * 64}).json()["id"],
        "webhook_id": api.post("/webhooks", {"url": "http://127.0.0.1:9/x"}).json()["id"],
        "file_id": held.materials.get(index=0).files.get().pk,
        "create_case": body,
    }


def brought_near(case: Any, near: dict[str, Any]) -> None:
    """Let a case be about things there are; of a body that would be taken, one part alone is as generated."""
    for name in case.path_parameters or {}:
        if name in near:
            case.path_parameters[name] = near[name]
    if case.headers and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = uuid.uuid4().hex
    whole = near.get(case.operation.definition.raw["operationId"])
    if whole and isinstance(case.body, dict):
        part = random.Random(len(str(case.body))).choice(sorted(case.body))
        case.body = {**whole, part: case.body[part]}
