"""A client of the API for tests: it has a token, and speaks HTTP to the program as another system would."""

import hashlib
import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from django.test import Client as Http

from tests.pictures import card, picture
from tests.worker import look_all
from tests.world import ADULT, World, jpeg, key
from tongban.exchange import clients
from tongban.exchange.models import Client, Scope
from tongban.people.models import Role
from tongban.rules.review import asked

ROOT = "/api/v1"
PARTS = "application/offset+octet-stream"


@dataclass
class Api:
    """Speaks for ``client`` with ``token``; without one, for nobody."""

    token: str = ""
    client: Client | None = None
    http: Http = field(default_factory=lambda: Http(enforce_csrf_checks=True))

    def call(self, method: str, path: str, body: Any = None, *, key: str = "", **headers: str) -> Any:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            given["Authorization"] = f"Bearer {self.token}"
        if key:
            given["Idempotency-Key"] = key
        kind = given.pop("Content-Type", "application/json")
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.http.generic(method, ROOT + path, data, content_type=kind, headers=given)

    def get(self, path: str, **headers: str) -> Any:
        return self.call("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """Sent once more when the worker has looked, as a client is told to."""
        answer = self.call("POST", path, body, **headers)
        if answer.status_code == 409 and "Retry-After" in answer.headers:
            look_all()
            answer = self.call("POST", path, body, **headers)
        return answer

    def part(self, upload: str, offset: int, content: bytes) -> Any:
        return self.call("PATCH", f"/uploads/{upload}", content, Content_Type=PARTS, Upload_Offset=str(offset))

    def upload(self, content: bytes | None = None, name: str = "a.jpg", part: int = 200_000) -> str:
        content = jpeg() if content is None else content
        begun = self.post("/uploads", announced(content, name))
        assert begun.status_code == 201, begun.content.decode()
        upload: str = begun.json()["id"]
        for offset in range(0, len(content), part):
            assert self.part(upload, offset, content[offset : offset + part]).status_code == 200
        assert self.post(f"/uploads/{upload}/finish").status_code == 200
        return upload


def announced(content: bytes, name: str = "a.jpg") -> dict[str, Any]:
    return {"filename": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def let_in(world: World, role: str = Role.WINDOW, *scopes: str, place: int | None = None, **facts: Any) -> Api:
    """A new client with a token; every scope where none is named."""
    made = clients.make_client(
        None,
        key=key(),
        name=f"样例系统 {uuid.uuid4().hex[:6]}",
        role=role,
        scope_id=place or (world.window.pk if role == Role.WINDOW else world.unit.pk),
        scopes=list(scopes or Scope.values),
        **{"a_minute": 100_000, "a_day": 1_000_000, "receivers": ""} | facts,
    )
    token = clients.make_token(None, key=key(), client_id=made.pk, days=30, overlap=0)
    return Api(token, Client.objects.get(pk=made.pk))


def good(world: World, place: int) -> bytes:
    """A file the machine has nothing against."""
    check = world.procedure.materials[place].check
    return card() if check == "idcard" else picture(check, place)


def application(world: World, api: Api | None = None, **changes: Any) -> dict[str, Any]:
    """A conforming application for the first item; with ``api``, its files are uploaded."""
    item = next(one for one in world.procedure.items if one.pickable)
    items = [item.code or item.name]
    materials = [
        {
            "place": place,
            "state": "conforms",
            "original_shown": True,
            "files": [api.upload(good(world, place))] if api else [],
        }
        for place in asked(world.procedure, frozenset(items))
    ]
    return {
        "procedure": world.version.pk,
        "region": world.region.pk,
        "items": items,
        "applicant": {"name": "样例·张㛃", "id_number": ADULT, "phone": "138 0000 0000", "address": "示例街道 1 号"},
        "materials": materials,
    } | changes
