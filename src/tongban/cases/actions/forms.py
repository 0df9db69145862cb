"""Issuing printed forms: data frozen, numbered once without gaps, the same bytes at every reprint."""

from collections.abc import Mapping
from typing import Any

from django.db.models import F
from django.utils import timezone

from tongban.cases.actions.door import Change, Conflict, Refused, act
from tongban.cases.models import IssuedForm, SerialCounter
from tongban.paperwork.form import FormIncomplete, form
from tongban.people.models import Role
from tongban.procedure.model import Topic
from tongban.vault import store
from tongban.vault.store import Stored

# The word of a kind in its serials (no two alike), and the clause it rests on.
SERIES = {
    "supplement_notice": ("补", Topic.SUPPLEMENT),
    "decline_notice": ("拒", Topic.DECLINE),
    "tolerance_notice": ("容", Topic.TOLERANCE),
    "tolerance_pledge": ("诺", Topic.TOLERANCE),
    "intake_receipt": ("收", Topic.RECEIPT),
    "material_list": ("目", Topic.PAPER_LISTS),
    "release_receipt": ("领", Topic.RELEASE_ON_SITE),
    "pause_notice": ("中", Topic.TIME_LIMIT),
    "resume_notice": ("恢", Topic.TIME_LIMIT),
    "fee_notice": ("缴", Topic.RECEIPT),
}

# Sheets whose signed copy belongs into the file: the pledge, and the receipt a collector or voucher signs.
SIGNED = ("tolerance_pledge", "release_receipt")


def serial(change: Change, kind: str) -> str:
    """The next serial 地区简称〔年〕号 of a kind in the case's region and year; the counter's row lock leaves no gap."""
    year = change.today.year
    key: dict[str, Any] = {"region_id": change.case.region_id, "kind": kind, "year": year}
    SerialCounter.objects.get_or_create(**key)
    counter = SerialCounter.objects.select_for_update().get(**key)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{change.case.region.short}{SERIES[kind][0]}〔{year}〕{counter.last:06d}号"


@act("form_issued", Role.WINDOW, Role.DEPARTMENT, Role.POST, Role.ISSUING, Role.ARCHIVE)
def issue_form(change: Change, *, kind: str, data: Mapping[str, Any]) -> None:
    """Number and print a form from ``data`` (``paperwork.model``), and keep its bytes.

    What is missing is said before anything is numbered. Raises :class:`Refused` with the field and the form.
    """
    if kind not in SERIES:
        raise Refused("没有这种文书。")
    number = serial(change, kind)
    frozen = {**data, "serial": number, "case_number": change.case.number, "issued_at": change.now.isoformat()}
    try:
        pdf = form(kind, frozen)
    except FormIncomplete as error:
        raise Refused(str(error)) from error
    kept = store.store(pdf, f"{kind}.pdf")
    assert change.staff is not None
    issued = IssuedForm.objects.create(
        case=change.case,
        kind=kind,
        serial=number,
        data=frozen,
        digest=kept.digest,
        issued_by=change.staff,
        issued_at=change.now,
    )
    if kind == "supplement_notice":
        change.case.notices += 1
    change.note("form_issued", change.cite(SERIES[kind][1]), form=kind, serial=number, digest=issued.digest)


@act("form_handed", Role.WINDOW, Role.DEPARTMENT, Role.ISSUING)
def hand_form(change: Change, *, form_id: int) -> None:
    """The sheet is in the applicant's hand: out of the tray of what is printed but not yet handed over."""
    issued = IssuedForm.objects.filter(case=change.case, pk=form_id).first()
    if issued is None:
        raise Refused("没有找到这份文书，请刷新后再看。")
    if issued.handed_at:
        raise Refused(f"这份文书已于 {timezone.localtime(issued.handed_at):%m-%d %H:%M} 交给申请人。")
    issued.handed_at = change.now
    issued.save(update_fields=["handed_at"])
    change.note("form_handed", change.cite(SERIES[issued.kind][1]), serial=issued.serial)


@act("form_signed", Role.WINDOW, Role.ISSUING)
def keep_signed(change: Change, *, form_id: int, scan: Stored) -> None:
    """The signed sheet came back and was scanned: ``scan`` is kept beside the form. Once; a second is a conflict."""
    issued = IssuedForm.objects.filter(case=change.case, pk=form_id, kind__in=SIGNED).first()
    if issued is None:
        raise Refused("没有找到要签字的这份文书，请刷新后再看。")
    if issued.signed_at:
        raise Conflict(f"这份文书的签字件已于 {timezone.localtime(issued.signed_at):%m-%d %H:%M} 存入。")
    issued.signed_digest, issued.signed_media_type, issued.signed_at = scan.digest, scan.media_type, change.now
    issued.save(update_fields=["signed_digest", "signed_media_type", "signed_at"])
    change.note("form_signed", change.cite(SERIES[issued.kind][1]), serial=issued.serial, digest=scan.digest)


def count_print(form: IssuedForm) -> None:
    """One more print of an issued form; the sheet itself never changes."""
    IssuedForm.objects.filter(pk=form.pk).update(prints=F("prints") + 1)
