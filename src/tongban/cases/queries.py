"""The only way to see cases. Every list, detail, search, export, file and PDF begins at :func:`visible_to`."""

import hmac
from collections.abc import Iterable
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from tongban.cases import numbers, tokens
from tongban.cases.labels import FOR_OVERSIGHT
from tongban.cases.models import (
    Case,
    CaseItem,
    CaseMaterial,
    DecisionDocument,
    Delivery,
    Draft,
    Event,
    IssuedForm,
    MaterialFile,
    Papers,
    Question,
)
from tongban.cases.states import CaseState
from tongban.identity import citizen_id, phones
from tongban.people.models import Role, Staff
from tongban.rules.review import Outcome
from tongban.vault.keys import digest
from tongban.vault.sealed import Sealed

PAGE = 50
Row = TypeVar("Row", bound=Model)


def visible_to(staff: Staff, *roles: str) -> QuerySet[Case]:
    """The cases ``staff`` may see by the duties in force now; with ``roles``, by duties in these roles alone.

    A window sees what it took in; a department what has an item of its unit that was pushed; post, issuing and archive
    what has reached them in their region; oversight its region, or all; editor and administrator no case at all. Who stands
    for an outside platform sees only what is shared with it; a mirrored case is for our department and oversight alone. A
    colleague of a department who is asked about a case of the region sees it, to read it, until that is answered.
    """
    seen = Q(pk__in=())
    units: set[int] = set()
    for duty in staff.duties_now:
        if roles and duty.role not in roles:
            continue
        match duty.role:
            case Role.WINDOW:
                seen |= Q(window_id=duty.window_id)
            case Role.DEPARTMENT:
                units.add(duty.unit_id or 0)
            case Role.POST:
                seen |= Q(region_id=duty.region_id, mirrored=False) & GOES_BY_POST & ~BEFORE_DEPARTMENTS
            case Role.ISSUING:
                seen |= Q(region_id=duty.region_id, mirrored=False) & AT_ISSUING
            case Role.ARCHIVE:
                seen |= Q(
                    region_id=duty.region_id, state__in=(CaseState.ARCHIVING, CaseState.ARCHIVED, CaseState.DESTROYED)
                )
            case Role.OVERSIGHT:
                seen |= Q(region_id=duty.region_id) if duty.region_id else ~Q(pk__in=())
    if units and not roles:  # to see it; no act of the department is opened
        regions = {duty.region_of for duty in staff.duties_as(Role.DEPARTMENT)}
        seen |= Q(pk__in=questions_to(staff).values("case_id"), region_id__in=regions)
    if units:
        pushed = CaseItem.objects.filter(case=OuterRef("pk"), unit_id__in=units)
        seen |= Q(Exists(pushed)) & ~BEFORE_DEPARTMENTS
    return Case.objects.filter(seen, outside=staff.stands_for) if staff.stands_for else Case.objects.filter(seen)


def of_visible(rows: "QuerySet[Row]", staff: Staff, *roles: str, case: str = "case") -> "QuerySet[Row]":
    """Those ``rows`` whose case ``staff`` may see; ``case`` is the way from a row to its case.

    Asked row by row: what is looked for decides how much is read, not how many cases a place has ever had.
    """
    return rows.filter(Exists(visible_to(staff, *roles).filter(pk=OuterRef(case))))


def questions_to(staff: Staff) -> QuerySet[Question]:
    """What ``staff`` is asked about and has not answered."""
    return Question.objects.filter(asked=staff, ended_at=None)


BEFORE_DEPARTMENTS = Q(state__in=(CaseState.SUPPLEMENTING, CaseState.DECLINED))
GOES_BY_POST = Q(paper=True) | Q(delivery=Delivery.POST) | Q(outcome=Outcome.TOLERANCE)  # a bag may come back
AT_ISSUING = (
    Q(papers=Papers.TO_ISSUING)
    | Q(papers=Papers.ISSUING, papers_holder__isnull=False)
    | Q(
        state__in=(
            CaseState.IN_PROGRESS,  # one item's result may be there while another is still being decided
            CaseState.DELIVERING,
            CaseState.NOT_ACCEPTED,
            CaseState.RELEASED,
            CaseState.ARCHIVING,
            CaseState.ARCHIVED,
        )
    )
)


def visible_to_applicant(number: str, phone_end: str) -> Case | None:
    """The case a member of the public asks for by number and the last four digits of the phone, or None.

    The same work is done whether the number is wrong or the phone is, so that neither can be told from answer or time: one
    query, one phone unsealed (a stand-in's where there is none), two keyed digests compared. Only then the case is read.
    """
    text = number.strip()
    named = Q(number=numbers.normalise(text)) | Q(forms__serial=text, forms__kind="intake_receipt")
    found = Case.objects.filter(named, mirrored=False).order_by("pk").values_list("pk", "applicant_phone").first()
    stand_in = _PHONE.close("19900000000")
    pk, phone = found if found and found[1] else (None, _PHONE.open(stand_in))  # destroyed: no phone, no end is right
    right = hmac.compare_digest(digest(f"end {phones.last_four(phone)}"), digest(f"end {phone_end}"))
    if not right or pk is None:
        return None
    return Case.objects.select_related("region__hall", "window", "version").get(pk=pk)


_PHONE: Sealed = Case._meta.get_field("applicant_phone")


def items_visible_to(staff: Staff, *roles: str) -> QuerySet[CaseItem]:
    """Items of visible cases; for a department only those of its own unit."""
    items = of_visible(CaseItem.objects.all(), staff, *roles)
    if roles == (Role.DEPARTMENT,):
        items = items.filter(unit_id__in=[duty.unit_id for duty in staff.duties_as(Role.DEPARTMENT)])
    return items


def events_shown(staff: Staff, case: Case) -> QuerySet[Event]:
    """What happened to a visible case, in order; that it was rated badly is told to oversight alone."""
    shown = case.events.order_by("sequence")
    return shown if staff.holds(Role.OVERSIGHT) else shown.exclude(kind__in=FOR_OVERSIGHT)


def events_visible_to(staff: Staff) -> QuerySet[Event]:
    """What happened to any visible case, by id; that one was rated badly is told to oversight alone."""
    found = of_visible(Event.objects.order_by("id"), staff)
    return found if staff.holds(Role.OVERSIGHT) else found.exclude(kind__in=FOR_OVERSIGHT)


def file_visible_to(staff: Staff, number: str, file_id: int) -> MaterialFile | None:
    """One stored file of a material of a visible case, or None."""
    return (
        MaterialFile.objects.select_related("material")
        .filter(pk=file_id, material__case__in=visible_to(staff).filter(number=number))
        .first()
    )


def documents_visible_to(staff: Staff) -> QuerySet[DecisionDocument]:
    """Documents of decisions of visible cases, also those no longer in force."""
    return of_visible(DecisionDocument.objects.order_by("pk"), staff, case="item__case")


def form_visible_to(staff: Staff, number: str, form_id: int) -> IssuedForm | None:
    """One issued form of a visible case, or None."""
    return IssuedForm.objects.filter(pk=form_id, case__in=visible_to(staff).filter(number=number)).first()


def forms_to_hand(staff: Staff, role: str) -> QuerySet[IssuedForm]:
    """Sheets that ``staff`` printed at the desk of ``role`` and that are not yet in the applicant's hand."""
    return of_visible(IssuedForm.objects.filter(handed_at=None, withdrawn_at=None, issued_by=staff), staff, role)


def form_by_token(scanned: str) -> IssuedForm | None:
    """The sheet whose QR code was scanned, for anybody: what is said of it must name no person."""
    token = tokens.read(scanned)
    issued = IssuedForm.objects.select_related("case__window", "case__version", "region")
    return issued.filter(token=token).first() if token else None


def sheets_visible_to(staff: Staff, *roles: str) -> QuerySet[IssuedForm]:
    """Sheets of no single case, issued in a region where ``staff`` has a duty that issues such sheets."""
    duties = staff.duties_as(*(roles or (Role.WINDOW, Role.POST, Role.ARCHIVE)))
    return IssuedForm.objects.filter(case=None, region_id__in=[duty.region_of for duty in duties])


def drafts_visible_to(staff: Staff) -> QuerySet[Draft]:
    """Intakes begun at the windows ``staff`` serves, and what waits for a case they may take material in for; newest first."""
    windows = [duty.window_id for duty in staff.duties_as(Role.WINDOW) if duty.window_id]
    of_case = Exists(visible_to(staff, Role.WINDOW, Role.POST).filter(pk=OuterRef("case")))
    found = Draft.objects.filter(Q(case=None, window_id__in=windows) | Q(of_case))
    return found.select_related("version", "case")


def search(staff: Staff, typed: str) -> QuerySet[Case]:
    """Visible cases by number, whole id number or whole phone; a part of a number finds nothing (no fishing)."""
    text = typed.strip()
    number = numbers.normalise(text)
    found = Q(number=number) | Q(forms__serial=text) | (Q(foreign_number=number) if number else Q())
    if token := tokens.read(text):  # a scanner at the desk typed the QR code of a sheet
        found |= Q(forms__token=token)
    if identity := digest(citizen_id.normalise(text)):
        found |= Q(applicant_id_digest=identity)
    if phone := digest(phones.normalise(text)):
        found |= Q(applicant_phone_digest=phone)
    return visible_to(staff).filter(found).distinct().select_related("region", "version").order_by("-id")


def earlier_materials(staff: Staff, id_number: str, names: Iterable[str]) -> QuerySet[CaseMaterial]:
    """Conforming materials of the same person from earlier cases anywhere, newest first, files prefetched.

    Open to a window that has the person, and so the whole id number, in front of it (clause 八（五）1 of the official
    text: 已有的历史资料经核对后可直接利用). Using one is recorded by the act that takes the case in.
    """
    if not staff.holds(Role.WINDOW):
        return CaseMaterial.objects.none()
    return (
        CaseMaterial.objects.filter(
            case__applicant_id_digest=digest(citizen_id.normalise(id_number)) or "-",
            name__in=list(names),
            state="conforms",
            files__withdrawn=False,
        )
        .exclude(case__state=CaseState.DECLINED)
        .distinct()
        .select_related("case__version")
        .prefetch_related("files")
        .order_by("-case__taken_at")
    )


def of_licence_service(digests: Iterable[str]) -> frozenset[str]:
    """Which of these files came from the licence service once: they stay its documents, however often they are used."""
    rows = MaterialFile.objects.filter(digest__in=list(digests), source=MaterialFile.Source.LICENCE)
    return frozenset(rows.values_list("digest", flat=True))


def after(rows: "QuerySet[Row]", key: int | None, size: int = PAGE) -> tuple[list[Row], int | None]:
    """One page of ``rows`` by id ascending (oldest first), behind ``key``; and the key of the next page, or None."""
    page = list((rows.filter(pk__gt=key) if key else rows).order_by("pk")[: size + 1])
    return (page[:size], page[size - 1].pk) if len(page) > size else (page, None)
