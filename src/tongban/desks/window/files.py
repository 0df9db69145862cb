"""Files of a draft: stored as soon as they are chosen, shown only at the draft's own window."""

from typing import Any
from uuid import UUID

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tongban.capture import licences
from tongban.capture.drafts import MOST, entry, put
from tongban.cases.looks import limits as limits_of
from tongban.cases.models import Draft, MaterialFile
from tongban.cases.queries import drafts_visible_to, earlier_materials, of_licence_service
from tongban.checks.eyes import fixed
from tongban.desks.doors import desk, staff_of
from tongban.desks.serve_file import file_response
from tongban.desks.uploads import FULL, taken
from tongban.desks.window import arrivals
from tongban.desks.window import draft as form
from tongban.desks.window.intake import TAKES, draft_or_404, live, material_rows
from tongban.desks.window.seen import seen
from tongban.people.models import Role
from tongban.vault import store, uploads
from tongban.vault.kinds import NotAccepted


def rows_of(draft: Draft, place: int) -> list[dict[str, Any]]:
    """The files a draft holds for the material at ``place``, to be read or changed; 404 where there is none such."""
    if not 0 <= place < len(draft.version.procedure.materials):
        raise Http404
    rows: list[dict[str, Any]] = draft.body.setdefault("files", {}).setdefault(str(place), [])
    return rows


def answer(request: HttpRequest, draft: Draft, place: int, error: str = "", **came: bool) -> HttpResponse:
    """The files of a material as the page shows them; ``came``: ``phone`` whose code, ``licence`` whose list is taken off the
    page.
    """
    return _material(request, draft, place, "window/files.html", error=error, came=came, brought=True)


def _material(request: HttpRequest, draft: Draft, place: int, template: str, **more: Any) -> HttpResponse:
    procedure = draft.version.procedure
    asks = request.method == "POST"
    if draft.case_id:
        row = next((row for row in arrivals.rows(draft, asks=asks) if row["place"] == place), None)
        if row is None:
            raise Http404
        offered = licences.there() and staff_of(request).holds(Role.WINDOW)
        context = {"draft": draft, "procedure": procedure, "row": row, "licences": offered}
        return render(request, template, context | more)
    found = live(draft, procedure, staff_of(request), asks=asks)
    rows = material_rows(draft, procedure, {}, found["earlier"], found["machine"])
    row = next((row for row in rows if row["place"] == place), None)
    if row is None:
        raise Http404
    return render(request, template, {"draft": draft, "procedure": procedure, "row": row, **found, **more})


@desk(*TAKES)
@require_http_methods(["GET", "POST"])
def look(request: HttpRequest, draft_id: UUID, place: int) -> HttpResponse:
    """What the machine has seen of a material by now; asked again and again until it has looked. A POST asks for a look
    that is not there: of a draft opened again, whose findings are forgotten or of an older check.
    """
    draft = draft_or_404(staff_of(request), draft_id)
    rows_of(draft, place)
    return _material(request, draft, place, "window/look.html")


KEPT_LICENCE = "历史资料里的电子证照"
BY_BROWSER = (MaterialFile.Source.FILE, MaterialFile.Source.CAMERA)  # what a page may say of a file it sends


@desk(*TAKES)
@require_POST
def add(request: HttpRequest, draft_id: UUID, place: int) -> HttpResponse:
    """Store the files posted for a material; one that cannot be taken is named, the others stay."""
    rows_of(draft_or_404(staff_of(request), draft_id), place)
    said = request.POST.get("source", "")
    source = said if said in BY_BROWSER else MaterialFile.Source.FILE.value
    errors = []
    entries = []
    for upload in request.FILES.getlist("file")[:MOST]:
        name = uploads.tidy(upload.name or "")
        try:
            entries.append(entry(taken(upload), name, source))
        except NotAccepted as error:
            errors.append(f"“{name}”：{error}")
    errors.append(put(drafts_visible_to(staff_of(request)), draft_id, place, entries))
    return answer(request, draft_or_404(staff_of(request), draft_id), place, "".join(errors))


@desk(*TAKES)
@require_POST
@transaction.atomic
def reuse(request: HttpRequest, draft_id: UUID, place: int) -> HttpResponse:
    """Use an earlier material of the same applicant after 核对; the act that takes the case in records it."""
    staff = staff_of(request)
    draft = draft_or_404(staff, draft_id, to_change=True)
    rows = rows_of(draft, place)
    if not request.POST.get("checked"):
        return answer(request, draft, place, "请先核对历史资料和申请人一致，勾选“已核对”再用。")
    number = form.person(form.whole(draft), "applicant").id_number
    name = draft.version.procedure.materials[place].name
    wanted = request.POST.get("material", "")
    known = earlier_materials(staff, number, [name]).exclude(case=draft.case_id)
    earlier = known.filter(pk=int(wanted)).first() if wanted.isdecimal() and len(wanted) < 18 else None
    if earlier is None:
        return answer(request, draft, place, "没有找到这份历史资料，请刷新后再看。")
    if earlier.valid_until and earlier.valid_until < timezone.localdate():
        return answer(request, draft, place, f"这份历史资料 {earlier.valid_until} 已到期，请提供有效的。")
    until = {"valid_until": earlier.valid_until.isoformat()} if earlier.valid_until else {}
    files = [file for file in earlier.files.all() if not file.withdrawn and not file.merged_into]
    documents = of_licence_service(file.digest for file in files)
    for file in files:
        kept = store.Stored(file.digest, file.size, file.media_type)
        if all(row["digest"] != file.digest for row in rows):
            own = {"licence": KEPT_LICENCE} if file.digest in documents else {}
            rows.append(entry(kept, file.filename, MaterialFile.Source.EARLIER, earlier.case_id) | until | own)
    draft.save(update_fields=["body", "updated_at"])
    return answer(request, draft, place)


@desk(*TAKES)
@require_POST
@transaction.atomic
def remove(request: HttpRequest, draft_id: UUID, place: int, file_id: str) -> HttpResponse:
    """Take a file out of the draft."""
    draft = draft_or_404(staff_of(request), draft_id, to_change=True)
    rows = rows_of(draft, place)
    rows[:] = [row for row in rows if row["id"] != file_id]
    draft.save(update_fields=["body", "updated_at"])
    return answer(request, draft, place)


@desk(*TAKES)
@require_POST
def fix(request: HttpRequest, draft_id: UUID, place: int, file_id: str) -> HttpResponse:
    """Put a conforming photo, cut from the one that is there, in its place; the original stays behind it."""
    staff = staff_of(request)
    draft = draft_or_404(staff, draft_id)
    procedure = draft.version.procedure
    old = next((row for row in rows_of(draft, place) if row["id"] == file_id), None)
    if old is None or procedure.materials[place].check != "photo":
        raise Http404
    limits = limits_of(procedure, form.region_of(form.whole(draft)))
    try:
        data, steps = fixed(store.read(old["digest"]), limits, whiten=bool(request.POST.get("whiten")))
    except (ValueError, store.Damaged) as error:
        return answer(request, draft, place, str(error))
    try:
        kept = uploads.take(data, "photo.jpg")
    except OSError:
        return answer(request, draft, place, FULL)
    new = entry(kept, f"{old['filename'].rpartition('.')[0] or '寸照'}-裁切.jpg", old["source"])
    with transaction.atomic():
        draft = draft_or_404(staff, draft_id, to_change=True)
        rows = rows_of(draft, place)
        rows[:] = [new | {"steps": list(steps), "original": old} if row["id"] == file_id else row for row in rows]
        draft.save(update_fields=["body", "updated_at"])
    return answer(request, draft, place)


@desk(*TAKES)
@require_GET
def bound(request: HttpRequest, draft_id: UUID, place: int) -> HttpResponse:
    """The one PDF made of the files of a material."""
    draft = draft_or_404(staff_of(request), draft_id)
    rows_of(draft, place)
    made = seen(draft, [place], asks=False)[place].bound
    if made is None:
        raise Http404
    return file_response(made.stored.digest, f"{draft.version.procedure.materials[place].name}.pdf", "application/pdf")


@desk(*TAKES)
def show(request: HttpRequest, draft_id: UUID, place: int, file_id: str) -> HttpResponse:
    """A file of the draft."""
    draft = draft_or_404(staff_of(request), draft_id)
    row = next((row for row in rows_of(draft, place) if row["id"] == file_id), None)
    if row is None:
        raise Http404
    return file_response(row["digest"], row["filename"], row["media_type"])
