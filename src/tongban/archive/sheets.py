"""What lies on and in the box of a closed case on paper: its cover, and the list of what the file holds."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from tongban.archive.models import ArchivePackage
from tongban.cases.sheets import head
from tongban.paperwork.form import KINDS
from tongban.people.models import Staff
from tongban.procedure.model import Topic

BOTH = ("archive_cover", "archive_list")


def sheet(package: ArchivePackage, kind: str, staff: Staff) -> dict[str, Any]:
    """The data of the cover or the list of a numbered package."""
    case = package.case
    rows = _rows(package)
    common = head(case, staff, (Topic.ARCHIVING,)) | {"archive_number": package.number or ""}
    if kind == "archive_list":
        return common | {"rows": rows}
    results = [f"{item.name}：{item.get_decision_display() or item.get_state_display()}" for item in case.items.all()]
    return common | {
        "fonds": package.fonds,
        "category": package.category,
        "year": package.year or package.archived_at.year,
        "retention": package.retention or "未定",
        "result": "；".join(results),
        "taken_on": _day(case.taken_at),
        "closed_on": _day(package.archived_at),
        "files": len(rows),
    }


def _rows(package: ArchivePackage) -> list[dict[str, Any]]:
    """Materials, sheets and documents of decisions that count, in the order of the package; they are kept as files."""
    case = package.case
    rows: list[dict[str, Any]] = []
    for material in case.materials.prefetch_related("files").order_by("index"):
        kept = [file for file in material.files.all() if not file.withdrawn]
        for place, file in enumerate(kept, 1):
            mark = f"{material.index + 1}-{place}"
            rows.append({"name": material.name, "mark": mark, "day": _day(file.added_at), "digest": file.digest})
    for form in case.forms.filter(withdrawn_at=None).exclude(kind__in=BOTH).order_by("id"):
        name, day = KINDS.get(form.kind, form.kind), _day(form.issued_at)
        rows.append({"name": name, "mark": form.serial, "day": day, "digest": form.digest})
    for item in case.items.prefetch_related("documents"):
        for document in item.documents.all():
            if not document.withdrawn_at:
                name = f"决定文书：{item.name}"
                rows.append({"name": name, "day": _day(document.added_at), "digest": document.digest})
    return rows


def _day(at: datetime) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d}"
