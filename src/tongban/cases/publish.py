"""Publishing a procedure: a version, written once, numbered within a city and a package."""

import hashlib
import json
from datetime import date
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tongban.cases.models import ProcedureDraft, ProcedureVersion
from tongban.people.models import Staff
from tongban.procedure.diff import Change, diff
from tongban.procedure.model import Procedure
from tongban.procedure.yaml import Malformed, load


class NotPublishable(ValueError):
    """The procedure cannot be published; the message (Chinese) says why."""


def digest_of(procedure: Procedure) -> str:
    """SHA-256 (hex) of what a procedure says."""
    body = json.dumps(procedure.model_dump(mode="json"), ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(body.encode()).hexdigest()


def publish(
    procedure: Procedure,
    *,
    city: str = "",
    effective: date,
    by: Staff | None = None,
    accept_anomalies: bool = False,
    **about: str,
) -> ProcedureVersion:
    """Publish ``procedure`` from the Asia/Shanghai day ``effective`` and return its version.

    ``about`` is what the text itself does not say: ``issuer``, ``legal_basis``, ``source``, ``source_digest``.

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
        raise NotPublishable(
            f"规程里有 {len(errors)} 处错误：{errors[0]}核对无误后，确认已核对（命令行加 --accept-anomalies）再发布。"
        )
    digest = digest_of(procedure)
    with transaction.atomic():
        newest = (
            ProcedureVersion.objects.select_for_update()
            .filter(city=city, name=procedure.name)
            .order_by("-version")
            .first()
        )
        if newest and (newest.digest == digest or newest.procedure == procedure):  # a later program may say more
            return newest
        return ProcedureVersion.objects.create(
            city=city,
            name=procedure.name,
            version=newest.version + 1 if newest else 1,
            effective=effective,
            body=procedure.model_dump(mode="json"),
            digest=digest,
            published_by=by,
            **about,
        )


def in_force(city: str, day: date) -> list[ProcedureVersion]:
    """The versions of a city in force on an Asia/Shanghai day, one a package, by name; bodies are not read."""
    found: dict[str, ProcedureVersion] = {}
    versions = ProcedureVersion.objects.filter(city=city, effective__lte=day).defer("body").order_by("name", "version")
    for version in versions:
        found[version.name] = version
    return list(found.values())


def diff_to_force(procedure: Procedure, city: str, day: date) -> tuple[ProcedureVersion | None, list[Change]]:
    """The version of the same package in force in ``city`` on ``day``, or None, and what would change for people."""
    current = next((version for version in in_force(city, day) if version.name == procedure.name), None)
    return current, list(diff(current.procedure, procedure)) if current else []


def start_draft(staff: Staff, draft_id: UUID, text: str, source: str, source_digest: str) -> ProcedureDraft:
    """A text to be prepared; the same ``draft_id`` again is the same draft."""
    draft, _ = ProcedureDraft.objects.get_or_create(
        pk=draft_id,
        defaults={"text": text, "source": source[:200], "source_digest": source_digest, "saved_by": staff},
    )
    return draft


def save_draft(staff: Staff, draft_id: UUID, text: str, seen: int) -> None:
    """Keep ``text`` when nobody saved since the save number ``seen``. Raises :class:`NotPublishable` otherwise."""
    mine = ProcedureDraft.objects.filter(pk=draft_id, saves=seen)
    if not mine.update(text=text, saves=seen + 1, saved_by=staff, saved_at=timezone.now()):
        other = ProcedureDraft.objects.select_related("saved_by").filter(pk=draft_id).first()
        if other is None:
            raise NotPublishable("草稿已经发布或删除。")
        if other.text != text:
            when = timezone.localtime(other.saved_at)
            raise NotPublishable(
                f"{other.saved_by} 在 {when:%H:%M} 保存过，您的改动没有存。请先复制下来，再打开草稿合并。"
            )


@transaction.atomic
def publish_draft(
    staff: Staff, draft_id: UUID, *, effective: date, issuer: str, legal_basis: str, accept_anomalies: bool
) -> ProcedureVersion:
    """Publish a draft as the next version, and let the draft go. Raises :class:`NotPublishable`."""
    draft = ProcedureDraft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None:
        raise NotPublishable("草稿已经发布或删除。")
    issuer, legal_basis = issuer.strip(), legal_basis.strip()
    if not issuer or not legal_basis:
        raise NotPublishable("请填写发文机关和依据：文件里没有写，以后要查得到。")
    if len(issuer) > 120 or len(legal_basis) > 500:
        raise NotPublishable("发文机关最多 120 个字，依据最多 500 个字。")
    if effective < timezone.localdate():
        raise NotPublishable("施行日不能早于今天：已经收的件按收件时的版本办。")
    try:
        procedure = load(draft.text)
    except Malformed as error:
        raise NotPublishable(f"YAML 有误：{error}") from error
    version = publish(
        procedure,
        effective=effective,
        by=staff,
        accept_anomalies=accept_anomalies,
        issuer=issuer,
        legal_basis=legal_basis,
        source=draft.source,
        source_digest=draft.source_digest,
    )
    if version.published_by_id != staff.pk or version.effective != effective:
        raise NotPublishable(f"内容和第 {version.version} 版（{version.effective} 起施行）完全一样，没有再发布。")
    draft.delete()
    return version
