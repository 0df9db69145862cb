"""Publishing a procedure: a version, written once, numbered within a city and a package."""

import hashlib
import json
from datetime import date

from django.db import transaction

from tongban.cases.models import ProcedureVersion
from tongban.people.models import Staff
from tongban.procedure.model import Procedure


class NotPublishable(ValueError):
    """The procedure cannot be published; the message (Chinese) says why."""


def digest_of(procedure: Procedure) -> str:
    """SHA-256 (hex) of what a procedure says."""
    body = json.dumps(procedure.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def publish(
    procedure: Procedure, *, city: str = "", effective: date, by: Staff | None = None, accept_anomalies: bool = False
) -> ProcedureVersion:
    """Publish ``procedure`` from the Asia/Shanghai day ``effective`` and return its version.

    The same content as the newest version is not published again: that version is returned. Raises
    :class:`NotPublishable` when the text lacks what a case needs; anomalies of severity ``error`` stop it too, unless
    ``accept_anomalies``.
    """
    city = city or procedure.city or ""
    lacking = [
        what
        for what, there in (
            ("城市", city),
            ("套餐名称", procedure.name),
            ("可选的事项", any(item.pickable for item in procedure.items)),
            ("申报材料", procedure.materials),
            ("收件办理平台", procedure.platforms),
        )
        if not there
    ]
    if lacking:
        raise NotPublishable(f"规程里没有{'、'.join(lacking)}，不能发布。请在 YAML 里补上。")
    errors = [anomaly.message for anomaly in procedure.anomalies if anomaly.severity == "error"]
    if errors and not accept_anomalies:
        raise NotPublishable(f"规程里有 {len(errors)} 处错误：{errors[0]}核对无误后加 --accept-anomalies 发布。")
    digest = digest_of(procedure)
    with transaction.atomic():
        newest = (
            ProcedureVersion.objects.select_for_update()
            .filter(city=city, name=procedure.name)
            .order_by("-version")
            .first()
        )
        if newest and newest.digest == digest:
            return newest
        return ProcedureVersion.objects.create(
            city=city,
            name=procedure.name,
            version=newest.version + 1 if newest else 1,
            effective=effective,
            body=procedure.model_dump(mode="json"),
            digest=digest,
            published_by=by,
        )


def in_force(city: str, day: date) -> list[ProcedureVersion]:
    """The versions of a city in force on an Asia/Shanghai day, one a package, by name; bodies are not read."""
    found: dict[str, ProcedureVersion] = {}
    versions = ProcedureVersion.objects.filter(city=city, effective__lte=day).defer("body").order_by("name", "version")
    for version in versions:
        found[version.name] = version
    return list(found.values())
