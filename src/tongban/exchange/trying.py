"""A mapping tried out: what a sample case would be sent as, what an answer or a callback would do. Nothing is sent or changed."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from tongban.cases.labels import label
from tongban.cases.models import ProcedureVersion
from tongban.exchange import foreign, mapping, wire
from tongban.exchange.models import Platform

AT = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
CALLED = {
    wire.SUBMITTED: "推送办件", wire.SUPPLIED: "补来容缺材料", wire.DELIVERED: "结果已交付", wire.CAME_BACK: "结果退回",
    "corrected": "更正决定",
}  # fmt: skip


@dataclass(frozen=True)
class Read:
    """What came of trying: whether it works, and what it means in words."""

    right: bool
    said: str


@dataclass(frozen=True)
class Draft:
    """A request as it would leave."""

    called: str
    address: str
    body: str
    fault: str


def _version(platform: Platform) -> ProcedureVersion | None:
    """The newest version of a package whose clause on platforms names this one."""
    for version in ProcedureVersion.objects.filter(city=platform.city).order_by("-pk"):
        if any(entry.platform == platform.name for entry in version.procedure.platforms):
            return version
    return None


def sample(platform: Platform) -> dict[str, Any]:
    """The fields of an invented case of a package that this platform works on."""
    version = _version(platform)
    procedure = version.procedure if version else None
    item = next((i for i in procedure.items if i.pickable), None) if procedure else None
    region = next((p.region for p in procedure.platforms if p.platform == platform.name), None) if procedure else None
    person = {
        "name": "样例·张三", "id_kind": "resident_id", "id_number": "11010519491231002X", "phone": "13800000000",
        "address": "示例街道 1 号",
    }  # fmt: skip
    digest = "0" * 64
    file = {
        "digest": digest, "size": 50_000, "media_type": "image/jpeg", "filename": "示例.jpg", "source": "scanner",
        "url": f"{settings.PUBLIC_URL}/exchange/{platform.code}/files/{digest}/",
    }  # fmt: skip
    return {
        "number": "SL-20261124-0000000A", "foreign_number": "", "at": AT.astimezone(mapping.HERE).strftime("%Y-%m-%d %H:%M:%S"),
        "step": "", "note": "", "reason": "", "item_orders": [1], "city": platform.city, "region": region or "承办地",
        "package": version.name if version else "套餐", "procedure": version.digest if version else digest,
        "taken_at": AT.isoformat(), "window": {"name": "示例窗口", "phone": "0731-80000000", "officer": "样例·李四"},
        "items": [{"code": (item.code or item.name) if item else "000000000000", "name": item.name if item else "事项"}],
        "applicant": person, "phone_of": "self", "email": "", "agent": None, "guardian": None,
        "delivery": {"way": "collect", "name": "", "phone": "", "address": ""},
        "materials": [
            {
                "index": place, "state": "conforms", "defects": [], "original_shown": True, "tolerated": False,
                "valid_until": None, "name": material.name, "files": [file],
            }
            for place, material in enumerate(procedure.materials if procedure else ())
        ],
    }  # fmt: skip


def drafts(platform: Platform) -> list[Draft]:
    """Each request the mapping knows, as it would leave for the sample case."""
    found = []
    ours = sample(platform)
    for kind, request in foreign.of(platform).send.items():
        body, fault = "", ""
        try:
            body = json.dumps(mapping.written(request.body, ours | {"step": kind}), ensure_ascii=False, indent=2)
        except mapping.Unmapped as error:
            fault = str(error)
        found.append(Draft(CALLED[kind], f"{platform.address or '（还没有地址）'}{request.path}", body, fault))
    return found


def answer(platform: Platform, content: Any) -> Read:
    """What their answer to a push would mean."""
    try:
        number = mapping.taken(foreign.of(platform).answer, content)
    except mapping.Unmapped as error:
        return Read(False, f"不算收下，会再发：{error}")
    return Read(True, f"算收下，对方的编号是 {number}。" if number else "算收下，没有给编号。")


def callback(platform: Platform, content: Any) -> Read:
    """What their callback would do."""
    try:
        found = mapping.read(foreign.of(platform).callback, content, timezone.now())
    except mapping.Unmapped as error:
        return Read(False, f"看不懂，会作为来件留给督办：{error}")
    if not found.kind:
        return Read(True, "按对照不用理会。")
    facts = "，".join(f"{name}＝{value}" for name, value in found.facts.items())
    on = f"事项 {'、'.join(found.items)}" if found.items else "全部事项"
    when = timezone.localtime(found.at)
    return Read(
        True,
        f"办件 {found.number or '（没有编号）'} 的{on}：{CALLED.get(found.kind) or label(found.kind)}，{when:%Y-%m-%d %H:%M}{'，' + facts if facts else ''}。",
    )


def recorded(platform: Platform, what: str) -> str:
    """The ``answer`` or ``callback`` recorded with the mapping, as text; empty where there is none."""
    example = platform.mapping.get("example", {}).get(what)
    return json.dumps(example, ensure_ascii=False, indent=2) if example else ""
