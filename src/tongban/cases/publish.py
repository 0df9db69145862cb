"""Publishing a procedure: a version, written once, numbered within a city and a package."""

import hashlib
import json
from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tongban.cases.models import ProcedureDraft, ProcedureVersion
from tongban.people.accounts import in_force as now_in_force
from tongban.people.models import Duty, Role, Staff
from tongban.people.record import tell
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
    confirmed_by: Staff | None = None,
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
            confirmed_by=confirmed_by,
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
    _may_touch(staff, draft_id)
    mine = ProcedureDraft.objects.filter(pk=draft_id, saves=seen)
    now = timezone.now()
    if not mine.update(text=text, saves=seen + 1, saved_by=staff, saved_at=now, proposed_by=None, proposal={}):
        other = ProcedureDraft.objects.select_related("saved_by").filter(pk=draft_id).first()
        if other is None:
            raise NotPublishable("草稿已经发布或删除。")
        if other.text != text:
            when = timezone.localtime(other.saved_at)
            raise NotPublishable(
                f"{other.saved_by} 在 {when:%H:%M} 保存过，您的改动没有存。请先复制下来，再打开草稿合并。"
            )


def edits(staff: Staff, city: str) -> bool:
    """Whether ``staff`` prepares the procedures of ``city``."""
    return any(duty.city is None or duty.city.name == city for duty in staff.duties_as(Role.EDITOR))


def _edits(staff: Staff, city: str) -> None:
    if not edits(staff, city):
        raise NotPublishable(f"您不负责“{city}”的规程，不能提请、确认或者改动。")


def _may_touch(staff: Staff, draft_id: UUID) -> None:
    """What was put forward for a city is changed or thrown away by its own editors alone."""
    there = ProcedureDraft.objects.filter(pk=draft_id, proposed_by__isnull=False).first()
    if there:
        _edits(staff, load(there.text).city or "")


def discard_draft(staff: Staff, draft_id: UUID) -> None:
    """Throw a draft away. Raises :class:`NotPublishable`."""
    _may_touch(staff, draft_id)
    ProcedureDraft.objects.filter(pk=draft_id).delete()


def other_editors(staff: Staff, city: str) -> list[Staff]:
    """Who else prepares procedures of ``city`` now: any of them may confirm what ``staff`` puts forward."""
    scope = Q(city=None) | Q(city__name=city)
    duties = Duty.objects.filter(now_in_force(timezone.now()), scope, role=Role.EDITOR).values("staff_id")
    found = Staff.objects.filter(pk__in=duties, is_active=True).exclude(pk=staff.pk).order_by("pk")
    return list(found if settings.DEMO else found.filter(demo=False))


@transaction.atomic
def publish_draft(
    staff: Staff, draft_id: UUID, *, effective: date, issuer: str, legal_basis: str, accept_anomalies: bool
) -> ProcedureVersion | None:
    """Put a draft forward: where another editor is there to confirm it, they are told and None is returned.

    Who is the only editor publishes alone; administrators are told, and the version says so. Raises :class:`NotPublishable`.
    """
    draft = _locked(draft_id)
    about: dict[str, Any] = {"issuer": issuer.strip(), "legal_basis": legal_basis.strip(), "accept": accept_anomalies}
    with transaction.atomic():
        made = _publish(draft, by=staff, effective=effective, **about)
        _edits(staff, made.city)
        others = other_editors(staff, made.city)
        if others:
            transaction.set_rollback(True)  # it can be published: that is all that was asked
    if others:
        draft.proposed_by, draft.proposal = staff, about | {"effective": str(effective)}
        draft.save(update_fields=["proposed_by", "proposal"])
        told = f"{staff.name}提请发布“{made.name}”第 {made.version} 版，{effective} 起施行，请到规程管理核对后确认。"
        tell(others, told, f"propose-{draft_id}-{draft.saves}", timezone.now())
        return None
    draft.delete()
    administrators = Duty.objects.filter(now_in_force(timezone.now()), role=Role.ADMINISTRATOR).values("staff_id")
    told = f"{staff.name}一个人发布了“{made.name}”第 {made.version} 版：现在只有一位规程管理人员，没有第二个人核对。"
    tell(Staff.objects.filter(pk__in=administrators, is_active=True), told, f"alone-{made.pk}", timezone.now())
    return made


@transaction.atomic
def confirm_draft(staff: Staff, draft_id: UUID, seen: int) -> ProcedureVersion:
    """Publish what another editor put forward, as ``staff`` saw it (save number ``seen``). Raises :class:`NotPublishable`."""
    draft = _locked(draft_id)
    if draft.proposed_by is None or draft.saves != seen:
        raise NotPublishable("草稿改过了，原来的提请已经作废，请重新核对，需要时重新提请。")
    if draft.proposed_by_id == staff.pk:
        raise NotPublishable("发布要另一位规程管理人员确认，不能确认自己提请的。")
    given = dict(draft.proposal)
    effective = date.fromisoformat(given.pop("effective"))
    made = _publish(draft, by=draft.proposed_by, confirmed_by=staff, effective=effective, **given)
    _edits(staff, made.city)
    tell(
        [draft.proposed_by],
        f"{staff.name}确认发布了“{made.name}”第 {made.version} 版。",
        f"confirmed-{made.pk}",
        timezone.now(),
    )
    draft.delete()
    return made


def _locked(draft_id: UUID) -> ProcedureDraft:
    draft = ProcedureDraft.objects.select_for_update().filter(pk=draft_id).first()
    if draft is None:
        raise NotPublishable("草稿已经发布或删除。")
    return draft


def _publish(
    draft: ProcedureDraft,
    *,
    by: Staff,
    effective: date,
    issuer: str,
    legal_basis: str,
    accept: bool,
    confirmed_by: Staff | None = None,
) -> ProcedureVersion:
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
        by=by,
        confirmed_by=confirmed_by,
        accept_anomalies=accept,
        issuer=issuer,
        legal_basis=legal_basis,
        source=draft.source,
        source_digest=draft.source_digest,
    )
    if version.published_by_id != by.pk or version.effective != effective:
        raise NotPublishable(f"内容和第 {version.version} 版（{version.effective} 起施行）完全一样，没有再发布。")
    return version
