"""From a closed case to the parts of its package: metadata, what happened, materials, sheets, one nested package an item.

The elements follow what receiving archives are known to take; the texts of GB/T 42727 and DA/T 85 were not seen. A city names
elements otherwise by ``archive: elements:`` in its ``city.yaml``.
"""

import io
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils import timezone

from tongban.archive.models import ArchivePackage
from tongban.archive.package import BASE, EVENTS, Part, safe, write, xml
from tongban.cases.labels import label
from tongban.cases.models import Case, CaseItem, CaseMaterial, DecisionDocument, Event, IssuedForm
from tongban.paperwork.form import KINDS
from tongban.people.city import ArchiveProfile
from tongban.vault import store
from tongban.vault.kinds import SUFFIXES

LABELS = {
    "number": "电子文件号", "fonds": "全宗号", "category": "类别", "year": "年度", "retention": "保管期限", "title": "题名",
    "case_number": "办件编号", "package": "一件事（套餐）", "task_version": "规程版本", "task_digest": "规程摘要（SHA-256）",
    "region": "承办地", "region_code": "区划代码", "applicant": "申请人", "party": "相关人", "role": "身份", "name": "姓名",
    "id_kind": "证件类型", "id_number": "证件号码", "phone": "联系电话", "address": "地址", "window": "收件窗口",
    "taken_at": "收件时间", "taken_by": "收件人员", "platform": "收件办理平台", "outcome": "形式审查结论", "clause": "依据条款",
    "item": "审批事项", "task_code": "事项编码", "item_name": "事项名称", "unit": "承办部门", "accepted_at": "受理时间",
    "due": "应办结日", "decision": "办理结果", "reason": "理由", "decided_at": "办结时间", "delivered_at": "交付时间",
    "delivery": "交付方式", "note": "归档说明", "archived_at": "归档时间", "material": "所用材料", "path": "在信息包里",
    "sha256": "SHA-256",
}  # fmt: skip


def _when(at: datetime | None) -> str:
    return timezone.localtime(at).isoformat(timespec="seconds") if at else ""


def make(package: ArchivePackage, profile: ArchiveProfile) -> bytes:
    """The bytes of a numbered package: the same for the same case. Raises :class:`store.Damaged`."""
    case = package.case
    assert package.number
    out = io.BytesIO()
    city = case.version.city
    write(
        out,
        package.number,
        _parts(package, profile),
        info={"Source-Organization": city, "Internal-Sender-Identifier": case.number},
        transfer=transfer_facts(package),
        made=timezone.localtime(package.archived_at).date(),
    )
    return out.getvalue()


def transfer_facts(package: ArchivePackage) -> dict[str, str]:
    """What a receiving archive asks about a package beside its digest."""
    case = package.case
    return {
        "number": package.number or "",
        "fonds": package.fonds,
        "category": package.category,
        "year": str(package.year),
        "retention": package.retention,
        "task_code": " ".join(item.code for item in case.items.all() if item.code),
        "task_version": f"{case.version.name} 第 {case.version.version} 版",
        "region": case.region.name,
        "region_code": case.region.code or "",
        "case_number": case.number,
    }


def _parts(package: ArchivePackage, profile: ArchiveProfile) -> Iterator[Part]:
    case = package.case
    items = list(case.items.select_related("unit"))
    last = case.events.filter(kind="archived").latest("sequence").sequence
    events = list(case.events.filter(sequence__lte=last).order_by("sequence"))
    yield Part(BASE, "基本信息元数据", "application/xml", _xml("base_info", base_info(package, items), profile))
    yield Part(EVENTS, "办理过程", "application/xml", xml("events", {"event": [_event(event) for event in events]}))
    yield Part("工作规程.txt", "收件时的工作规程", "text/plain; charset=utf-8", _text(case))
    used: dict[int, list[tuple[str, str]]] = {}
    for row in case.materials.prefetch_related("files").order_by("index"):
        used[row.index] = []
        for part in _material(row, package.archived_at):
            used[row.index].append((part.path, store.digest_of(part.data)))
            yield part
    for place, form in enumerate(case.forms.order_by("id"), 1):
        yield from _form(place, form)
    for place, item in enumerate(items, 1):
        for document in item.documents.all():
            yield _document(document, item)
        yield _item(package, place, item, profile, used, events)


def _xml(root: str, facts: dict[str, Any], profile: ArchiveProfile) -> bytes:
    return xml(root, facts, LABELS, profile.elements)


def base_info(package: ArchivePackage, items: list[CaseItem]) -> dict[str, Any]:
    """The metadata of a case: who, what, where, when, by which text, kept how long."""
    case = package.case
    people = [
        {"role": party.get_role_display(), "name": party.name, "id_kind": party.get_id_kind_display(),
         "id_number": party.id_number, "phone": party.phone}
        for party in case.parties.order_by("role")
    ]  # fmt: skip
    return {
        "number": package.number,
        "fonds": package.fonds,
        "category": package.category,
        "year": package.year,
        "retention": package.retention,
        "title": f"{case.applicant_name}　{case.version.name}",
        "case_number": case.number,
        "package": case.version.name,
        "task_version": case.version.version,
        "task_digest": case.version.digest,
        "region": case.region.name,
        "region_code": case.region.code,
        "applicant": {
            "name": case.applicant_name,
            "id_kind": case.get_applicant_id_kind_display(),
            "id_number": case.applicant_id_number,
            "phone": case.applicant_phone,
            "address": case.applicant_address,
        },
        "party": people,
        "window": case.window.name,
        "taken_at": _when(case.taken_at),
        "taken_by": case.taken_by.name,
        "platform": case.platform,
        "outcome": case.outcome,
        "clause": case.outcome_clauses,
        "item": [_item_facts(item) for item in items],
        "delivery": case.get_delivery_display(),
        "archived_at": _when(package.archived_at),
        "note": package.note,
    }


def _item_facts(item: CaseItem) -> dict[str, Any]:
    return {
        "task_code": item.code,
        "item_name": item.name,
        "unit": item.unit.name,
        "accepted_at": _when(item.accepted_at),
        "due": item.due.isoformat() if item.due else "",
        "decision": item.get_decision_display() or item.get_state_display(),
        "reason": item.reason,
        "decided_at": _when(item.decided_at),
        "delivered_at": _when(item.delivered_at),
    }


def _event(event: Event) -> dict[str, Any]:
    return {
        "sequence": event.sequence,
        "kind": event.kind,
        "name": label(event.kind),
        "at": _when(event.at),
        "by": event.by_name,
        "clause": event.clauses,
        "data": json.dumps(event.data, ensure_ascii=False, sort_keys=True) if event.data else "",
        "previous": event.previous,
        "digest": event.digest,
    }


def _text(case: Case) -> bytes:
    lines = [f"{case.version.name}　第 {case.version.version} 版　SHA-256 {case.version.digest}", ""]
    lines += [f"{c.number} {c.heading} {c.text}".strip() for c in case.procedure.clauses]
    return ("\n".join(lines) + "\n").encode()


def _material(row: CaseMaterial, when: datetime) -> Iterator[Part]:
    """The files that count; one that was replaced stays in the vault and in the history alone. Beside a PDF that was handed in
    lies a PDF/A made of it.
    """
    folder = f"材料/{row.index + 1:02d}-{safe(row.name)}"
    files = [file for file in row.files.all() if not file.withdrawn]
    ours = {file.merged_into for file in files}  # made by us of pages, PDF/A from the beginning
    for place, file in enumerate(files, 1):
        path, data = f"{folder}/{place}-{safe(file.filename)}", store.read(file.digest)
        if file.media_type != "application/pdf" or file.digest in ours:
            yield Part(path, row.name, file.media_type, data)
            continue
        copy, why = _kept_copy(data, when)
        yield Part(path, f"{row.name}（原件{why}）", file.media_type, data)
        if copy:
            title = f"{row.name}（由原件逐页成像转成的 PDF/A，供长期保存；文字以原件为准）"
            yield Part(f"{folder}/{place}-PDFA-{safe(file.filename, 50)}", title, file.media_type, copy)


def _kept_copy(pdf: bytes, when: datetime) -> tuple[bytes, str]:
    """(the PDF/A made of a PDF, "") or (nothing, what the list of contents says of why there is none)."""
    from tongban.imaging.pages import NotBound, copied

    try:
        return copied(pdf, when).pdf, ""
    except NotBound as error:
        return b"", f"；没有转成 PDF/A：{error}"


def _form(place: int, form: IssuedForm) -> Iterator[Part]:
    title = KINDS.get(form.kind, form.kind)
    name = f"文书/{place:02d}-{safe(title)}-{safe(form.serial)}"
    yield Part(f"{name}.pdf", f"{title} {form.serial}", "application/pdf", store.read(form.digest))
    if form.signed_digest:
        suffix = SUFFIXES[form.signed_media_type][0]
        signed = store.read(form.signed_digest)
        yield Part(f"{name}-签字件{suffix}", f"{title} {form.serial} 签字件", form.signed_media_type, signed)


def _document(document: DecisionDocument, item: CaseItem) -> Part:
    """The department's own document of a decision; one that was replaced says so."""
    old = "（已被代替）" if document.withdrawn_at else ""
    name = f"决定文书/{item.order:02d}-{document.pk}-{safe(document.filename)}"
    return Part(name, f"{item.name} 决定文书{old}", "application/pdf", store.read(document.digest))


def _item(
    package: ArchivePackage,
    place: int,
    item: CaseItem,
    profile: ArchiveProfile,
    used: dict[int, list[tuple[str, str]]],
    events: list[Event],
) -> Part:
    """The nested package of one item: its facts, the case's files it rests on by digest, what happened to it."""
    number = f"{package.number}.{place}"
    asked = package.case.procedure.materials
    mine = item.code or item.name
    files = [
        {"path": path, "sha256": digest}
        for index, kept in sorted(used.items())
        if not asked[index].applies_to or mine in asked[index].applies_to
        for path, digest in kept
    ]
    facts = {"number": number, "case_number": package.case.number, "retention": package.retention}
    facts |= _item_facts(item) | {"material": files}
    about = [event for event in events if "items" not in event.data or item.order in event.data["items"]]
    history = [_event(event) | {"data": ""} for event in about]  # the whole record is in the case's own package
    out = io.BytesIO()
    parts = (
        Part(BASE, "基本信息元数据", "application/xml", _xml("base_info", facts, profile)),
        Part(EVENTS, "办理过程", "application/xml", xml("events", {"event": history})),
    )
    write(
        out,
        number,
        parts,
        info={"Source-Organization": item.unit.name, "Internal-Sender-Identifier": package.case.number},
        transfer=transfer_facts(package) | {"task_code": item.code},
        made=timezone.localtime(package.archived_at).date(),
    )
    name = safe(item.code or item.name)
    return Part(f"事项/{place:02d}-{name}.zip", item.name, "application/zip", out.getvalue())
