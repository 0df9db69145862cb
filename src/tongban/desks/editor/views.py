"""A procedure from the official document to a published version."""

import hashlib
from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongban.cases import publish as acts
from tongban.cases.actions.door import Refused
from tongban.cases.models import ProcedureDraft, ProcedureVersion
from tongban.desks.doors import desk, key_of, new_key, staff_of
from tongban.people.models import Role, Staff
from tongban.procedure import yaml
from tongban.procedure.diff import diff
from tongban.procedure.document import LARGEST, Unreadable
from tongban.procedure.files import read_bytes
from tongban.procedure.model import Procedure

LONGEST = 2_000_000  # characters of a YAML
MARKS = {"error": ("错误", "late"), "warning": ("注意", "soon"), "info": ("提示", "plain")}


def rail(staff: Staff, here: str = "-") -> list[dict[str, Any]]:
    """Published versions and what is being prepared."""
    drafts = [
        {
            "label": draft.source[:16],
            "url": reverse("editor-draft", args=[draft.pk]),
            "count": f"{timezone.localtime(draft.saved_at):%m-%d}",
            "on": str(draft.pk) == here,
        }
        for draft in ProcedureDraft.objects.defer("text")[:12]
    ]
    published = {"label": "已发布的版本", "url": reverse("editor"), "count": None, "on": here == "editor"}
    errors = {"label": "常出的错", "url": reverse("errors"), "count": None, "on": here == "errors"}
    return [{"label": "规程管理", "entries": [published, errors]}, {"label": "正在编辑", "entries": drafts}]


@desk(Role.EDITOR)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Every version, newest first within a package."""
    rows = ProcedureVersion.objects.defer("body").select_related("published_by")
    today = timezone.localdate()
    cities = set(rows.order_by().values_list("city", flat=True))
    current = {version.pk for city in cities for version in acts.in_force(city, today)}
    shown = list(rows)
    for row in shown:
        row.key = new_key()  # type: ignore[attr-defined]
    context = {"rows": shown, "current": current, "today": today, "key": new_key()}
    return render(request, "editor/home.html", context | {"rail": rail(staff_of(request), "editor")})


@desk(Role.EDITOR)
@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    """Read a document (or a YAML made from one) into a draft."""
    given = request.FILES.get("file")
    try:
        key = UUID(key_of(request))
        if given is None:
            raise Unreadable("请选择工作规程文件（.docx、.doc、.txt 或 .yaml）。")
        if (given.size or 0) > LARGEST:
            raise Unreadable("文件超过 20 MB，工作规程不会这么大，请核对是否选错了文件。")
        data = given.read()
        text = yaml.dump(read_bytes(data, given.name or ""))
    except (Unreadable, Refused) as error:
        messages.error(request, str(error))
        return redirect("editor")
    except ValueError:
        messages.error(request, "页面已过期，请刷新后重新提交。")
        return redirect("editor")
    digest = hashlib.sha256(data).hexdigest()
    made = acts.start_draft(staff_of(request), key, text, given.name or "工作规程", digest)
    messages.success(request, "已读出来。请对照原文看右边的提示，改好后发布。")
    return redirect("editor-draft", made.pk)


def _version(version_id: int) -> ProcedureVersion:
    found = ProcedureVersion.objects.select_related("published_by", "confirmed_by").filter(pk=version_id).first()
    if found is None:
        raise Http404
    return found


@desk(Role.EDITOR)
@require_GET
def version(request: HttpRequest, version_id: int) -> HttpResponse:
    """One version as it was published, and what it changed."""
    found = _version(version_id)
    before = ProcedureVersion.objects.filter(city=found.city, name=found.name, version=found.version - 1).first()
    context = {
        "version": found,
        "before": before,
        "changes": diff(before.procedure, found.procedure) if before else [],
        "text": yaml.dump(found.procedure),
        "key": new_key(),
        "rail": rail(staff_of(request)),
    }
    return render(request, "editor/version.html", context | _read(found.procedure))


@desk(Role.EDITOR)
@require_POST
def edit(request: HttpRequest, version_id: int) -> HttpResponse:
    """A draft that begins as a published version."""
    found = _version(version_id)
    try:
        key = UUID(key_of(request))
    except ValueError as error:
        messages.error(request, str(error) if isinstance(error, Refused) else "页面已过期，请刷新后重新提交。")
        return redirect("editor")
    source = found.source or f"{found.name} 第 {found.version} 版"
    text = yaml.dump(found.procedure)
    made = acts.start_draft(staff_of(request), key, text, source, found.source_digest)
    return redirect("editor-draft", made.pk)


def _read(procedure: Procedure | None) -> dict[str, Any]:
    """The official text for the side of the page, what is odd about it beside."""
    if procedure is None:
        return {"procedure": None, "anomalies": []}
    anomalies = [{"anomaly": one, "said": MARKS[one.severity]} for one in procedure.anomalies]
    clauses = tuple(dict.fromkeys(one.clause for one in procedure.anomalies if one.clause))
    return {"procedure": procedure, "anomalies": anomalies, "clauses_now": clauses}


def _draft(text_id: UUID) -> ProcedureDraft:
    found = ProcedureDraft.objects.select_related("saved_by", "proposed_by").filter(pk=text_id).first()
    if found is None:
        raise Http404
    return found


def _page(request: HttpRequest, found: ProcedureDraft, said: str = "", text: str | None = None) -> HttpResponse:
    fault, procedure = "", None
    try:
        procedure = yaml.load(found.text)
    except yaml.Malformed as error:
        fault = str(error)
    today = timezone.localdate()
    city = procedure.city or "" if procedure else ""
    current, changes = acts.diff_to_force(procedure, city, today) if procedure else (None, [])
    context = {
        "draft": found,
        "text": found.text if text is None else text,
        "fault": fault,
        "said": said,
        "current": current,
        "changes": changes,
        "errors": [one for one in procedure.anomalies if one.severity == "error"] if procedure else [],
        "today": today,
        "given": request.POST or found.proposal,
        "outside": bool(procedure) and not acts.edits(staff_of(request), city),
        "own": found.proposed_by == staff_of(request),
        "others": acts.other_editors(staff_of(request), city),
        "key": new_key(),
        "rail": rail(staff_of(request), str(found.pk)),
    }
    return render(request, "editor/draft.html", context | _read(procedure), status=422 if said else 200)


@desk(Role.EDITOR)
@require_GET
def draft(request: HttpRequest, text_id: UUID) -> HttpResponse:
    """The draft: what is odd, its YAML, what would change, publishing."""
    return _page(request, _draft(text_id))


@desk(Role.EDITOR)
@require_POST
def save(request: HttpRequest, text_id: UUID) -> HttpResponse:
    """Keep the YAML as typed, right or wrong; what is wrong is said."""
    found = _draft(text_id)
    text = request.POST.get("text", "").replace("\r\n", "\n")
    seen = request.POST.get("saves", "")
    try:
        key_of(request)
        if len(text) > LONGEST:
            raise acts.NotPublishable("内容太长，规程不会这么长，请核对。")
        acts.save_draft(staff_of(request), text_id, text, int(seen) if seen.isdecimal() and len(seen) < 9 else -1)
    except (Refused, acts.NotPublishable) as error:
        return _page(request, _draft(text_id), str(error), text)
    messages.success(request, "草稿已保存。")
    return redirect("editor-draft", found.pk)


@desk(Role.EDITOR)
@require_POST
def publish(request: HttpRequest, text_id: UUID) -> HttpResponse:
    """Publish the saved draft."""
    found = _draft(text_id)
    try:
        key_of(request)
        made = acts.publish_draft(
            staff_of(request),
            text_id,
            effective=date.fromisoformat(request.POST.get("effective", "")),
            issuer=request.POST.get("issuer", ""),
            legal_basis=request.POST.get("legal_basis", ""),
            accept_anomalies=request.POST.get("accept") == "1",
        )
    except (Refused, acts.NotPublishable) as error:
        return _page(request, found, str(error))
    except ValueError:
        return _page(request, found, "请填写施行日，如 2026-12-01。")
    if made is None:
        messages.success(request, "已经提请发布，并告知了其他规程管理人员；有一位确认后就发布。")
        return redirect("editor-draft", text_id)
    messages.success(request, f"{made.city}“{made.name}”第 {made.version} 版已发布，{made.effective} 起施行。")
    return redirect("editor-version", made.pk)


@desk(Role.EDITOR)
@require_POST
def confirm(request: HttpRequest, text_id: UUID) -> HttpResponse:
    """Publish what another editor put forward."""
    found, seen = _draft(text_id), request.POST.get("saves", "")
    try:
        key_of(request)
        made = acts.confirm_draft(staff_of(request), text_id, int(seen) if seen.isdecimal() and len(seen) < 9 else -1)
    except (Refused, acts.NotPublishable) as error:
        return _page(request, found, str(error))
    messages.success(request, f"{made.city}“{made.name}”第 {made.version} 版已确认发布，{made.effective} 起施行。")
    return redirect("editor-version", made.pk)


@desk(Role.EDITOR)
@require_POST
def discard(request: HttpRequest, text_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    try:
        key_of(request)
        acts.discard_draft(staff_of(request), text_id)
    except (Refused, acts.NotPublishable) as error:
        messages.error(request, str(error))
        return redirect("editor-draft", text_id)
    messages.success(request, "草稿已删除。")
    return redirect("editor")
