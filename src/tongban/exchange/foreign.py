"""A platform that is not ours, by the mapping the city wrote: what is sent to it, what its answer and its callbacks mean."""

import json
import re
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings

from tongban.cases.actions import mirrored
from tongban.cases.actions.door import Refused
from tongban.cases.models import Case
from tongban.cases.outbox import NotSent
from tongban.cases.queries import visible_to
from tongban.exchange import mapping, telling, wire
from tongban.exchange.models import Platform, PlatformPush
from tongban.vault.store import digest_of


class NotUnderstood(ValueError):
    """A callback that the mapping does not make a step of; the sentence says which field."""


@dataclass(frozen=True)
class Step:
    """A callback as our step; ``key`` is what it is done once by."""

    key: str
    kind: str
    number: str
    at: datetime
    data: dict[str, Any]


def of(platform: Platform) -> mapping.Mapping:
    """The mapping of a platform, read once a process for each text of it."""
    return _mapping(json.dumps(platform.mapping, ensure_ascii=False, sort_keys=True))


@lru_cache(maxsize=64)
def _mapping(text: str) -> mapping.Mapping:
    return mapping.Mapping.model_validate_json(text)


def written(platform: Platform, push: PlatformPush) -> tuple[str, bytes, str]:
    """(address, body, media type) of a push. Raises :class:`NotSent`: a field without a place is a person's to mend."""
    try:
        path, body = draft(platform, push.case, push.kind, push.data, push.at)
    except mapping.Unmapped as error:
        raise NotSent(f"字段对照有误：{error}", final=True) from error
    return platform.address + path, json.dumps(body, ensure_ascii=False).encode(), "application/json"


def draft(platform: Platform, case: Case, kind: str, data: dict[str, Any], at: datetime) -> tuple[str, Any]:
    """(path, body) that a step of a case becomes. Raises :class:`mapping.Unmapped`."""
    request = of(platform).send.get(kind)
    if request is None:
        raise mapping.Unmapped(f"没有写 {kind} 怎样发送。")
    return request.path, mapping.written(request.body, ours(platform, case, kind, data, at))


def ours(platform: Platform, case: Case, kind: str, data: dict[str, Any], at: datetime) -> dict[str, Any]:
    """Our fields, as a mapping may name them: what is pushed, and the number, the time, names, where files are fetched."""
    procedure = case.procedure
    names = {(item.code or item.name): item.name for item in procedure.items}
    found: dict[str, Any] = {
        "number": case.number,
        "foreign_number": case.foreign_number,
        "at": at.astimezone(mapping.HERE).strftime("%Y-%m-%d %H:%M:%S"),
        "step": kind,
        "note": "", "reason": "", "item_orders": data.get("items", []),
    }  # fmt: skip
    whole = data if kind == wire.SUBMITTED else telling.submitted(case)
    found |= {name: value for name, value in whole.items() if name not in ("items", "materials")}
    found |= {name: value for name, value in data.items() if name not in ("items", "materials", "files", "material")}
    found["items"] = [{"code": code, "name": names.get(code, code)} for code in whole["items"]]
    chosen = {data["material"]} if kind == wire.SUPPLIED else None
    found["materials"] = [
        {
            **row,
            "name": procedure.materials[row["index"]].name,
            "files": [{**file, "url": _where(platform, file["digest"])} for file in row["files"]],
        }
        for row in whole["materials"]
        if chosen is None or row["index"] in chosen
    ]
    return found


def _where(platform: Platform, digest: str) -> str:
    return f"{settings.PUBLIC_URL}/exchange/{platform.code}/files/{digest}/"


def understood(platform: Platform, push: PlatformPush, answer: bytes) -> str:
    """Their number of the case, or empty, where an answer says that they took it. Raises :class:`NotSent`."""
    try:
        return mapping.taken(of(platform).answer, json.loads(answer))
    except mapping.Unmapped as error:
        raise NotSent(re.sub(r"\d{5,}", "…", str(error))) from error
    except (ValueError, RecursionError) as error:
        raise NotSent("对方应答成功，但内容看不懂") from error


def keep_number(platform: Platform, push: PlatformPush, number: str) -> None:
    """Note the number a case has there, once."""
    if push.case.foreign_number == number or push.kind != wire.SUBMITTED:
        return
    try:
        mirrored.confirm(
            platform.staff, push.case.number, key=f"{platform.code}-n-{push.key}"[:64], foreign_number=number
        )
    except Refused as error:
        raise NotSent(f"对方给的编号没有记下：{error}", final=True) from error


def read(platform: Platform, content: Any, message_id: str, now: datetime) -> Step:
    """A callback as our step. Raises :class:`NotUnderstood`."""
    try:
        found = mapping.read(of(platform).callback, content, now)
    except mapping.Unmapped as error:
        raise NotUnderstood(str(error)) from error
    case = visible_to(platform.staff).filter(mirrored=False, number=found.number).first()
    items = {(item.code or item.name): item.order for item in case.items.all()} if case else {}
    if unknown := [code for code in found.items if case and code not in items]:
        raise NotUnderstood(f"办件 {found.number} 没有事项 {'、'.join(unknown)[:80]}。")
    orders = [items[code] for code in found.items] if case and found.items else list(items.values()) or [1]
    key = digest_of(found.key.encode())[:40] if found.key else message_id[:48]
    return Step(key, found.kind, found.number, found.at, {"items": orders, **found.facts})
