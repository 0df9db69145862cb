"""Files of a draft: stored as soon as they are chosen, shown only at the draft's own window."""

import uuid
from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from tongban.cases.models import Draft, MaterialFile
from tongban.cases.queries import earlier_materials
from tongban.desks.doors import desk, staff_of
from tongban.desks.serve_file import file_response
from tongban.desks.window import draft as form
from tongban.desks.window.intake import draft_or_404, history, material_rows
from tongban.people.models import Role
from tongban.vault import store, uploads
from tongban.vault.kinds import NotAccepted

MOST = 30  # files of one material


def _rows(draft: Draft, place: int) -> list[dict[str, Any]]:
    if not 0 <= place < len(draft.version.procedure.materials):
        raise Http404
    rows: list[dict[str, Any]] = draft.body.setdefault("files", {}).setdefault(str(place), [])
    return rows


def _answer(request: HttpRequest, draft: Draft, place: int, error: str = "") -> HttpResponse:
    procedure = draft.version.procedure
    earlier = history(draft, procedure, staff_of(request))
    rows = material_rows(draft, procedure, {f"material_{place}": error}, earlier)
    row = next((row for row in rows if row["place"] == place), None)
    if row is None:
        raise Http404
    return render(request, "window/files.html", {"draft": draft, "row": row, "error": error})


@desk(Role.WINDOW)
@require_POST
def add(request: HttpRequest, draft_id: UUID, place: int) -> HttpResponse:
    """Store the files posted for a material; one that cannot be taken is named, the others stay."""
    _rows(draft_or_404(staff_of(request), draft_id), place)
    errors = []
    entries = []
    for upload in request.FILES.getlist("file")[:MOST]:
        name = uploads.tidy(upload.name or "")
        if upload.size and upload.size > store.limit():
            errors.append(f"“{name}”超过 {store.limit() // 2**20} MB，请压缩后再上传。")
            continue
        try:
            kept = uploads.take(upload.read(), name)
        except NotAccepted as error:
            errors.append(f"“{name}”：{error}")
            continue
        except OSError:
            errors.append(f"“{name}”没有存下，磁盘可能已满，请联系系统管理员。已填内容不受影响。")
            continue
        entries.append(_entry(kept, name, MaterialFile.Source.FILE))
    with transaction.atomic():  # only now: the bytes were read and stored outside the lock
        draft = draft_or_404(staff_of(request), draft_id, to_change=True)
        rows = _rows(draft, place)
        rows += entries
        if len(rows) > MOST:
            del rows[MOST:]
            errors.append(f"一份材料最多 {MOST} 个文件。")
        draft.save(update_fields=["body", "updated_at"])
    return _answer(request, draft, place, "".join(errors))


def _entry(kept: store.Stored, name: str, source: str, reused_from: int | None = None) -> dict[str, Any]:
    return {
        "id": uuid.uuid4().hex[:12],
        "digest": kept.digest,
        "size": kept.size,
        "media_type": kept.media_type,
        "filename": name,
        "source": source,
        "reused_from": reused_from,
    }


@desk(Role.WINDOW)
@require_POST
@transaction.atomic
def reuse(request: HttpRequest, draft_id: UUID, place: int) -> HttpResponse:
    """Use an earlier material of the same applicant after 核对; the act that takes the case in records it."""
    staff = staff_of(request)
    draft = draft_or_404(staff, draft_id, to_change=True)
    rows = _rows(draft, place)
    if not request.POST.get("checked"):
        return _answer(request, draft, place, "请先核对历史资料和申请人一致，勾选“已核对”再用。")
    number = form.person(draft.body.get("fields", {}), "applicant").id_number
    name = draft.version.procedure.materials[place].name
    wanted = request.POST.get("material", "")
    earlier = earlier_materials(staff, number, [name]).filter(pk=int(wanted)).first() if wanted.isdecimal() else None
    if earlier is None:
        return _answer(request, draft, place, "没有找到这份历史资料，请刷新后再看。")
    for file in earlier.files.filter(withdrawn=False):
        kept = store.Stored(file.digest, file.size, file.media_type)
        if all(row["digest"] != file.digest for row in rows):
            rows.append(_entry(kept, file.filename, MaterialFile.Source.EARLIER, earlier.case_id))
    draft.save(update_fields=["body", "updated_at"])
    return _answer(request, draft, place)


@desk(Role.WINDOW)
@require_POST
@transaction.atomic
def remove(request: HttpRequest, draft_id: UUID, place: int, file_id: str) -> HttpResponse:
    """Take a file out of the draft."""
    draft = draft_or_404(staff_of(request), draft_id, to_change=True)
    rows = _rows(draft, place)
    rows[:] = [row for row in rows if row["id"] != file_id]
    draft.save(update_fields=["body", "updated_at"])
    return _answer(request, draft, place)


@desk(Role.WINDOW)
def show(request: HttpRequest, draft_id: UUID, place: int, file_id: str) -> HttpResponse:
    """A file of the draft."""
    draft = draft_or_404(staff_of(request), draft_id)
    row = next((row for row in _rows(draft, place) if row["id"] == file_id), None)
    if row is None:
        raise Http404
    return file_response(row["digest"], row["filename"], row["media_type"])
