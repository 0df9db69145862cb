"""For a department whose own system has no interface: field after field onto the clipboard, or the whole case as a folder."""

import tempfile
import zipfile
from collections.abc import Iterator
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from openpyxl import Workbook

from tongban.archive.package import safe
from tongban.cases import readings
from tongban.cases.fields import fields
from tongban.cases.models import Case, CaseItem, Purpose
from tongban.cases.queries import items_visible_to
from tongban.cases.tables import saved, write
from tongban.desks.doors import case_or_404, desk, staff_of
from tongban.desks.rails import rail_of
from tongban.desks.serve_file import gone
from tongban.people.models import Role, Staff
from tongban.vault import store


def _items(staff: Staff, case: Case) -> list[CaseItem]:
    return list(items_visible_to(staff, Role.DEPARTMENT).filter(case=case).order_by("order"))


@desk(Role.DEPARTMENT)
@never_cache
@require_GET
def copy(request: HttpRequest, number: str) -> HttpResponse:
    """Every field with a button; one key copies the next. Shown whole, and recorded so."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.DEPARTMENT)
    readings.note(staff, number, "逐项复制", Purpose.ENTER)
    context = {"case": case, "fields": fields(case, _items(staff, case)), "rail": rail_of(staff, Role.DEPARTMENT)}
    return render(request, "department/copy.html", context)


@desk(Role.DEPARTMENT)
@never_cache
@require_GET
def export(request: HttpRequest, number: str) -> HttpResponseBase:
    """The case as a folder in a zip: a workbook of its fields, its files, and a list of what is in it with SHA-256."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.DEPARTMENT)
    items = _items(staff, case)
    readings.note(staff, number, "导出办件", Purpose.ENTER)
    spooled = tempfile.SpooledTemporaryFile(max_size=8 * 2**20)  # noqa: SIM115 - the response closes it
    sums: list[tuple[str, str, int]] = []  # path, digest, bytes
    try:
        with zipfile.ZipFile(spooled, "w", zipfile.ZIP_STORED) as archive:
            for path, digest in _files(case, items):
                data = store.read(digest)
                archive.writestr(f"{number}/{path}", data)
                sums.append((path, digest, len(data)))
            book = _book(case, items, sums)
            archive.writestr(f"{number}/办件.xlsx", book)
            sums.append(("办件.xlsx", store.digest_of(book), len(book)))
            archive.writestr(f"{number}/SHA256.txt", "".join(f"{digest}  {path}\n" for path, digest, _ in sums))
    except store.Damaged as error:
        spooled.close()
        return gone(error)
    spooled.seek(0)
    response = FileResponse(spooled, content_type="application/zip")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(number)}-export.zip"
    response["Cache-Control"] = "private, no-store"
    return response


def _files(case: Case, items: list[CaseItem]) -> Iterator[tuple[str, str]]:
    """(path, digest) of what counts: materials, sheets, documents of decisions."""
    for material in case.materials.prefetch_related("files"):
        kept = [file for file in material.files.all() if not file.withdrawn]
        for place, file in enumerate(kept, 1):
            folder = f"材料/{material.index + 1:02d}-{safe(material.name)}"
            yield f"{folder}/{place}-{safe(file.filename)}", file.digest
    for form in case.forms.filter(withdrawn_at=None).order_by("id"):
        yield f"文书/{safe(form.serial)}.pdf", form.digest
    for item in items:
        for document in item.documents.filter(withdrawn_at=None):
            yield f"决定文书/{item.order:02d}-{safe(document.filename)}", document.digest


def _book(case: Case, items: list[CaseItem], sums: list[tuple[str, str, int]]) -> bytes:
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "字段"
    write(sheet, ("字段", "内容"), fields(case, items), (20, 60))
    rows = [(path, str(size), digest) for path, digest, size in sums]
    write(book.create_sheet("文件清单"), ("文件", "字节", "SHA-256"), rows, (60, 12, 70))
    return saved(book)
