"""Issuing printed forms: data frozen, numbered once without gaps, the same bytes at every reprint."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tongban.cases import tokens
from tongban.cases.actions.door import Change, Conflict, NoRoom, NotFound, Refused, act
from tongban.cases.models import Case, IssuedForm, SerialCounter
from tongban.paperwork.form import MODELS, FormIncomplete, form
from tongban.paperwork.office_seal import NoSeal, sealed
from tongban.people.models import City, Region, Role, Staff
from tongban.procedure.model import Topic
from tongban.vault import store
from tongban.vault.store import Stored

# The word of a kind in its serials (no two alike), and the clause it rests on.
SERIES = {
    "supplement_notice": ("补", Topic.SUPPLEMENT),
    "decline_notice": ("拒", Topic.DECLINE),
    "tolerance_notice": ("容", Topic.TOLERANCE),
    "tolerance_pledge": ("诺", Topic.TOLERANCE),
    "tolerance_receipt": ("齐", Topic.TOLERANCE),
    "late_notice": ("逾", Topic.TOLERANCE),
    "intake_receipt": ("收", Topic.RECEIPT),
    "material_list": ("目", Topic.PAPER_LISTS),
    "release_refusal": ("未", Topic.RELEASE_REFUSED),
    "release_receipt": ("领", Topic.RELEASE_ON_SITE),
    "pause_notice": ("中", Topic.TIME_LIMIT),
    "resume_notice": ("恢", Topic.TIME_LIMIT),
    "fee_notice": ("缴", Topic.RECEIPT),
    "bag_label": ("袋", Topic.PAPER_LISTS),
    "post_label": ("邮", Topic.RELEASE_POST),
    "post_list": ("寄", Topic.RELEASE_POST),
    "archive_cover": ("档", Topic.ARCHIVING),
    "archive_list": ("卷", Topic.ARCHIVING),
}

# Sheets whose signed copy belongs into the file: the pledge, the receipt a collector or voucher signs, and what was told.
SIGNED = ("tolerance_pledge", "release_receipt", "supplement_notice", "decline_notice")
# Sheets that stay at the desk, go to the carrier, onto a bag or into the file, not into an applicant's hand.
NOT_HANDED = (
    "release_receipt",
    "material_list",
    "bag_label",
    "post_label",
    "post_list",
    "archive_cover",
    "archive_list",
)
# How a sheet came to the applicant, where it was not across the counter.
WAYS = {"": "当面交给", "post": "邮寄", "window": "由收件窗口转交"}
ROLES = (Role.WINDOW, Role.DEPARTMENT, Role.POST, Role.ISSUING, Role.ARCHIVE)


def serial(region: Region, kind: str, year: int) -> str:
    """The next serial 地区简称〔年〕号 of a kind in a region and year; the counter's row lock leaves no gap."""
    key: dict[str, Any] = {"region_id": region.pk, "kind": kind, "year": year}
    SerialCounter.objects.get_or_create(**key)
    counter = SerialCounter.objects.select_for_update().get(**key)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{region.short}{SERIES[kind][0]}〔{year}〕{counter.last:06d}号"


def _issue(
    kind: str,
    data: Mapping[str, Any],
    *,
    region: Region,
    staff: Staff,
    at: datetime,
    case: Case | None,
    key: str | None,
) -> IssuedForm:
    """Number, draw and keep a sheet, within the caller's transaction. Raises :class:`Refused`."""
    if kind not in SERIES:
        raise Refused("没有这种文书。")
    token = tokens.new()
    check_at = f"{settings.PUBLIC_URL}/check/" if settings.PUBLIC_URL else ""
    number = serial(region, kind, timezone.localtime(at).year)
    frozen = {**data, "serial": number, "token": token, "check_at": check_at, "issued_at": at.isoformat()}
    if case and "case_number" in MODELS[kind].model_fields:
        frozen["case_number"] = case.number
    try:
        kept = _drawn(kind, frozen, region)
    except (FormIncomplete, NoSeal) as error:
        raise Refused(str(error)) from error
    return IssuedForm.objects.create(
        case=case,
        region=None if case else region,
        kind=kind,
        serial=number,
        token=token,
        data=frozen,
        digest=kept.digest,
        issued_by=staff,
        issued_at=at,
        handed_at=at if kind in NOT_HANDED else None,
        key=key,
    )


def _drawn(kind: str, data: Mapping[str, Any], region: Region) -> Stored:
    """The PDF of a form in the vault: by the city's template where it has one, signed where the office has a certificate."""
    city = City.objects.filter(name=region.city).first()
    pdf = form(kind, data, city.templates.get(kind) if city else None)
    if settings.OFFICE_SEAL:
        pdf = sealed(pdf, Path(settings.OFFICE_SEAL), settings.OFFICE_SEAL_PASSWORD)
    try:
        return store.store(pdf, f"{kind}.pdf")
    except OSError as error:
        raise NoRoom(store.NO_ROOM) from error


@act("form_issued", *ROLES)
def issue_form(change: Change, *, kind: str, data: Mapping[str, Any]) -> None:
    """Number and print a form of a case from ``data`` (``paperwork.model``), and keep its bytes.

    What is missing is said and nothing is numbered: raises :class:`Refused` with the field and the form.
    """
    assert change.staff is not None
    issued = _issue(
        kind, data, region=change.case.region, staff=change.staff, at=change.now, case=change.case, key=None
    )
    if kind == "supplement_notice":
        change.case.notices += 1
    clauses = change.cite(SERIES[kind][1])
    change.note("form_issued", clauses, form=kind, serial=issued.serial, digest=issued.digest)


def issue_sheet(staff: Staff, region: Region, *, key: str, kind: str, data: Mapping[str, Any]) -> IssuedForm:
    """Number and print a sheet that is of no single case: a bag's label, the list of a day.

    ``region`` is one of the staff member's own. The same ``key`` again returns the sheet that was made. Raises
    :class:`NotFound`, :class:`Refused`.
    """
    if all(duty.region_of != region.pk for duty in staff.duties_as(*ROLES)):
        raise NotFound
    with transaction.atomic():
        region = Region.objects.select_for_update().get(pk=region.pk)
        if done := IssuedForm.objects.filter(key=key, issued_by=staff).first():
            return done
        return _issue(kind, data, region=region, staff=staff, at=timezone.now(), case=None, key=key)


@act("form_handed", Role.WINDOW, Role.DEPARTMENT, Role.ISSUING)
def hand_form(change: Change, *, form_id: int, way: str = "") -> None:
    """The sheet is in the applicant's hand, by a ``way`` of ``WAYS``: out of the tray of what is not yet handed over."""
    if way not in WAYS:
        raise Refused("请选择是怎样交给申请人的。", {"way": "请选择是怎样交给申请人的。"})
    issued = _of(change, form_id)
    if issued.handed_at:
        raise Refused(f"这份文书已于 {timezone.localtime(issued.handed_at):%m-%d %H:%M} 交给申请人。")
    issued.handed_at = change.now
    issued.save(update_fields=["handed_at"])
    how: dict[str, Any] = {"way": WAYS[way]} if way else {}
    change.note("form_handed", change.cite(SERIES[issued.kind][1]), serial=issued.serial, **how)


@act("form_signed", Role.WINDOW, Role.ISSUING)
def keep_signed(change: Change, *, form_id: int, scan: Stored) -> None:
    """The signed sheet came back and was scanned: ``scan`` is kept beside the form. Once; a second is a conflict."""
    _keep_signed(change, _to_sign(change, form_id), scan)


def _to_sign(change: Change, form_id: int) -> IssuedForm:
    """A sheet that waits for its signature. Raises :class:`Refused`."""
    issued = _of(change, form_id)
    if issued.kind not in SIGNED:
        raise Refused("这种文书不需要存签字件。")
    if issued.signed_at:
        raise Conflict(f"这份文书的签字件已于 {timezone.localtime(issued.signed_at):%m-%d %H:%M} 存入。")
    return issued


def _keep_signed(change: Change, issued: IssuedForm, scan: Stored, *, drawn: bool = False) -> None:
    issued.signed_digest, issued.signed_media_type, issued.signed_at = scan.digest, scan.media_type, change.now
    issued.save(update_fields=["signed_digest", "signed_media_type", "signed_at"])
    clauses = change.cite(SERIES[issued.kind][1])
    how: dict[str, Any] = {"drawn": True} if drawn else {}
    change.note("form_signed", clauses, serial=issued.serial, digest=scan.digest, **how)


@act("form_signed", Role.WINDOW, Role.ISSUING)
def sign_drawn(change: Change, *, form_id: int, strokes: Sequence[Sequence[Sequence[int]]]) -> None:
    """Who has to sign drew it on the screen: a signed copy with the drawing and its time is kept beside the sheet.

    ``strokes`` are points in a field of 900 × 300. Once; a second is a conflict. The drawing is in the copy alone.
    """
    issued = _to_sign(change, form_id)
    signature = {"strokes": strokes, "at": change.now.isoformat()}
    try:
        copy = _drawn(issued.kind, {**issued.data, "signature": signature}, change.case.region)
    except (FormIncomplete, NoSeal) as error:
        raise Refused(f"没有收到完整的签名，请在框里重新签名。（{error}）") from error
    _keep_signed(change, issued, copy, drawn=True)


@act("form_withdrawn", *ROLES)
def withdraw_form(change: Change, *, form_id: int, reason: str) -> None:
    """A sheet no longer holds: it is kept, marked, and said to be withdrawn to who scans it. By who issued it."""
    issued = _of(change, form_id)
    if issued.issued_by != change.staff:
        raise Refused(f"这份文书由{issued.issued_by.name}出具，请他作废。")
    text = reason.strip()
    if not text or len(text) > 300:
        raise Refused("请写明作废的理由，最多 300 个字。", {"reason": "请写明作废的理由，最多 300 个字。"})
    issued.withdrawn_at, issued.withdrawn_reason = change.now, text
    issued.handed_at = issued.handed_at or change.now  # out of the tray
    issued.save(update_fields=["withdrawn_at", "withdrawn_reason", "handed_at"])
    change.note("form_withdrawn", change.cite(SERIES[issued.kind][1]), serial=issued.serial)


def _of(change: Change, form_id: int) -> IssuedForm:
    """A form of the case that still holds. Raises :class:`Refused`."""
    issued = IssuedForm.objects.filter(case=change.case, pk=form_id).select_related("issued_by").first()
    if issued is None:
        raise Refused("没有找到这份文书，请刷新后再看。")
    if issued.withdrawn_at:
        raise Refused(f"这份文书已于 {timezone.localtime(issued.withdrawn_at):%m-%d %H:%M} 作废。")
    return issued


def count_print(form: IssuedForm) -> None:
    """One more print of an issued form; the sheet itself never changes."""
    IssuedForm.objects.filter(pk=form.pk).update(prints=F("prints") + 1)
