"""A case on one page: state and light, the strip of days, what to do next, people, materials, papers, history."""

import json
import tempfile
import zipfile
from datetime import datetime
from typing import Any
from urllib.parse import quote

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongban.cases import readings, unmasking
from tongban.cases.actions.collecting import vouch
from tongban.cases.actions.department import overdue
from tongban.cases.actions.door import Refused
from tongban.cases.actions.forms import SIGNED, count_print, keep_signed, sign_drawn, withdraw_form
from tongban.cases.actions.release import WRONG_TRIES
from tongban.cases.calendars import NEWEST_NOTICE, calendar_of
from tongban.cases.due import GROUNDS
from tongban.cases.models import Case, CaseItem, Delivery, Event, Papers, Permit, Purpose
from tongban.cases.queries import PAGE, documents_visible_to, events_shown, file_visible_to, form_visible_to
from tongban.cases.queries import search as search_cases
from tongban.cases.states import CaseState, ItemState
from tongban.custody.acts import DIFFERENCES
from tongban.custody.models import Missing, Thing
from tongban.desks.days import clock_view
from tongban.desks.department.around import around
from tongban.desks.doors import case_or_404, desk, inside, key_of, new_key, perform, staff_of
from tongban.desks.rails import rail_of
from tongban.desks.serve_file import file_response, gone, shown
from tongban.desks.uploads import taken
from tongban.messages.models import Message
from tongban.paperwork.batch import one_pdf
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic
from tongban.rules.review import Outcome
from tongban.vault import store
from tongban.vault.kinds import NotAccepted


@desk()
def search(request: HttpRequest) -> HttpResponse:
    """Visible cases by whole number, id number, phone or serial; a single find opens at once.

    What is looked for comes in the body: an id number in an address would stay in histories and in every proxy's log.
    """
    staff = staff_of(request)
    typed = request.POST.get("q", "")[:300]
    found = list(search_cases(staff, typed)[:PAGE]) if typed.strip() else []
    if len(found) == 1:
        return redirect("case", found[0].number)
    return render(request, "case/search.html", {"q": typed, "rows": found, "rail": rail_of(staff)})


NOW = {
    CaseState.DECLINED: (Topic.DECLINE,),
    CaseState.SUPPLEMENTING: (Topic.SUPPLEMENT,),
    CaseState.PUSHED: (Topic.DIGITISE, Topic.TIME_LIMIT),
    CaseState.IN_PROGRESS: (Topic.TIME_LIMIT,),
    CaseState.DELIVERING: (Topic.RELEASE, Topic.RELEASE_ON_SITE),
    CaseState.NOT_ACCEPTED: (Topic.TIME_LIMIT,),
    CaseState.RELEASED: (Topic.ARCHIVING,),
    CaseState.ARCHIVING: (Topic.ARCHIVING,),
    CaseState.ARCHIVED: (Topic.ARCHIVING,),
    CaseState.DESTROYED: (Topic.ARCHIVING,),
}


@desk()
def page(request: HttpRequest, number: str) -> HttpResponse:
    """The case page."""
    staff = staff_of(request)
    case = case_or_404(staff, number)
    readings.note(staff, number)
    procedure = case.procedure
    today = timezone.localdate()
    items: list[Any] = list(
        case.items.select_related("unit", "holder").prefetch_related("pauses").annotate(notice=NEWEST_NOTICE)
    )
    calendar = calendar_of(items[0].notice if items else 0)
    for item in items:
        item.case = case
    elsewhere = case.outside and not case.mirrored  # our own department only looks
    mine = [] if elsewhere else _own(staff, items)
    parties = list(case.parties.all())
    events = list(events_shown(staff, case).reverse())
    permit = _open_permit(staff, case, events)
    ratings = list(case.ratings.all()) if staff.holds(Role.OVERSIGHT) else []  # anonymous towards the window
    return render(
        request,
        "case/destroyed.html" if case.state == CaseState.DESTROYED else "case/case.html",
        {
            "case": case,
            "procedure": procedure,
            "clauses_now": procedure.cite(*NOW[CaseState(case.state)]),
            "items": [{"item": item, "clock": clock_view(item, procedure, today, calendar)} for item in items],
            "parties": parties,
            "materials": list(case.materials.prefetch_related("files", "findings")),
            "forms": list(case.forms.all()),
            "messages_sent": list(Message.objects.filter(case=case)[:30]),
            "lists": _things(case),
            "searches": _searches(case, events),
            "differences": DIFFERENCES,
            "readings": readings.of(staff, case),
            "persons": unmasking.persons(case, parties),
            "purposes": unmasking.CHOSEN,
            "events": events,
            "ratings": ratings,
            "paper_told": _paper_told(events) if case.mirrored else [],
            "came": next((event.data for event in events if event.kind == "taken_over"), {}),
            "acts": _acts(staff, case, mine, items, permit),
            "permit": permit,
            "signed_kinds": SIGNED if staff.holds(Role.WINDOW, Role.ISSUING) else (),
            **around(staff, case, mine, events),
            "mine": mine,
            "grounds": GROUNDS,
            "key": new_key(),
            "rail": rail_of(staff),
        },
    )


def _paper_told(events: list[Event]) -> list[dict[str, Any]]:
    """Where the paper of a case that came from another platform is, as that told last."""
    lists: list[dict[str, Any]] = next((event.data["lists"] for event in events if event.kind == "paper_told"), [])
    return [{**row, "since": datetime.fromisoformat(row["since"])} for row in lists]


def _things(case: Case) -> list[Thing]:
    """The things of paper there are of a case; asked for only where there can be any."""
    if not (case.paper or case.outcome == Outcome.TOLERANCE):
        return []
    things = Thing.objects.filter(case=case).select_related("unit", "holder")
    return list(things.prefetch_related("handovers"))


def _searches(case: Case, events: list[Event]) -> list[Missing]:
    """What is looked for; asked for only where something was ever reported."""
    reported = any(event.kind == "thing_missing" for event in events)
    return list(Missing.objects.filter(case=case, outcome="")) if reported else []


def _open_permit(staff: Staff, case: Case, events: list[Event]) -> Permit | None:
    """What a supervisor is asked to decide; asked for only where something was ever put to one."""
    if not staff.holds(Role.OVERSIGHT) or not any(event.kind == "permit_asked" for event in events):
        return None
    return case.permits.filter(decision="").select_related("asked_by").first()


@desk()
@require_POST
def vouch_for(request: HttpRequest, number: str) -> HttpResponse:
    """A colleague collects or vouches under their own log-in."""
    name = request.POST.get("collector", "")
    act = lambda: vouch(staff_of(request), number, key=key_of(request), collector=name)  # noqa: E731
    return perform(request, act, "已记下，发证岗位可以发放了。", reverse("case", args=[number]))


@desk()
@require_GET
def permit_scan(request: HttpRequest, number: str, permit_id: int) -> HttpResponse:
    """The written authority behind a request to a supervisor."""
    case = case_or_404(staff_of(request), number, Role.OVERSIGHT, Role.ISSUING)
    found = case.permits.filter(pk=permit_id).first()
    if found is None:
        raise Http404
    readings.note(staff_of(request), number, "授权材料")
    return file_response(found.scan_digest, f"{number}-授权材料", found.scan_media_type)


def _own(staff: Staff, items: list[CaseItem]) -> list[CaseItem]:
    units = {duty.unit_id for duty in staff.duties_as(Role.DEPARTMENT)}
    return [item for item in items if item.unit_id in units]


def _acts(staff: Staff, case: Case, mine: list[CaseItem], all_items: list[CaseItem], permit: Permit | None) -> set[str]:
    """Which acts to offer; whether one may be done is decided by the act itself."""
    states = {item.state for item in mine}
    fee = any(i.fee_asked is None and i.state in (ItemState.ACCEPTED, ItemState.PAUSED) for i in mine)
    offered = {
        "accept": ItemState.PUSHED in states,
        "running": ItemState.ACCEPTED in states,
        "resume": ItemState.PAUSED in states,
        "send": ItemState.DECIDED in states,
        "fee": case.procedure.policy.fee and fee,
        "late": bool(states & {ItemState.PUSHED, ItemState.ACCEPTED}) and bool(overdue(case, timezone.localdate())),
        "fee_paid": any(i.fee_asked is not None and not i.fee_paid_at for i in mine),
        "supplement": staff.holds(Role.WINDOW) and case.state == CaseState.SUPPLEMENTING,
        "release": staff.holds(Role.ISSUING) and case.state in (CaseState.DELIVERING, CaseState.IN_PROGRESS),
        "vouch": staff.holds(Role.WINDOW, Role.DEPARTMENT)
        and not case.mirrored
        and case.delivery == Delivery.COLLECT
        and case.state in (CaseState.DELIVERING, CaseState.IN_PROGRESS)
        and any(item.state == ItemState.AT_ISSUING for item in all_items),
        "permit": permit is not None,
        "pass": staff.holds(Role.ISSUING)
        and case.state in (CaseState.RELEASED, CaseState.NOT_ACCEPTED)
        and case.papers not in (Papers.WINDOW, Papers.TO_ISSUING),
        "archive": staff.holds(Role.ARCHIVE) and case.state == CaseState.ARCHIVING,
        "verify": staff.holds(Role.OVERSIGHT),
        "unlock": staff.holds(Role.OVERSIGHT) and case.failed_releases >= WRONG_TRIES,
        "window": staff.holds(Role.WINDOW) and case.state != CaseState.SUPPLEMENTING,
    }
    return {name for name, there in offered.items() if there}


@desk()
@require_GET
def file(request: HttpRequest, number: str, file_id: int) -> HttpResponse:
    """One stored file of a visible case; ``?download=1`` for saving it."""
    found = file_visible_to(staff_of(request), number, file_id)
    if found is None:
        raise Http404
    readings.note(staff_of(request), number, f"材料 {found.pk}")
    return file_response(found.digest, found.filename, found.media_type, download="download" in request.GET)


@desk()
@require_GET
def document(request: HttpRequest, number: str, document_id: int) -> HttpResponse:
    """The document of a decision of a visible case."""
    found = documents_visible_to(staff_of(request)).filter(pk=document_id, item__case__number=number).first()
    if found is None:
        raise Http404
    readings.note(staff_of(request), number, f"决定文书 {found.pk}")
    return file_response(found.digest, found.filename, "application/pdf", download="download" in request.GET)


@desk()
@require_GET
def materials_zip(request: HttpRequest, number: str) -> HttpResponseBase:
    """All materials of a case as one zip, a folder a material."""
    case = case_or_404(staff_of(request), number)
    readings.note(staff_of(request), number, "全部材料")
    spooled = tempfile.SpooledTemporaryFile(max_size=8 * 2**20)  # noqa: SIM115 - the response closes it
    try:
        with zipfile.ZipFile(spooled, "w", zipfile.ZIP_STORED) as archive:
            for material in case.materials.prefetch_related("files"):
                kept = [f for f in material.files.all() if not f.withdrawn]
                for place, kept_file in enumerate(kept, 1):
                    name = kept_file.filename.replace("/", "_").replace("\\", "_").lstrip(".")
                    entry = f"{material.index + 1}-{material.name}/{place}-{name}"
                    archive.writestr(entry, store.read(kept_file.digest))
    except store.Damaged as error:
        spooled.close()
        return gone(error)
    spooled.seek(0)
    response = FileResponse(spooled, content_type="application/zip")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(case.number)}.zip"
    response["Cache-Control"] = "private, no-store"
    return response


@desk()
@require_GET
def form(request: HttpRequest, number: str, form_id: int) -> HttpResponse:
    """The PDF of an issued form: the same bytes at every print; prints are counted."""
    found = form_visible_to(staff_of(request), number, form_id)
    if found is None:
        raise Http404
    count_print(found)
    again = f"，补打第 {found.prints} 次" if found.prints else ""
    readings.note(staff_of(request), number, f"文书 {found.serial}{again}")
    return file_response(found.digest, f"{found.serial}.pdf", "application/pdf")


@desk()
@require_GET
def print_waiting(request: HttpRequest, number: str) -> HttpResponse:
    """Every sheet of the case that is not handed over yet as one PDF: one key prints what belongs together."""
    staff = staff_of(request)
    case = case_or_404(staff, number)
    waiting = [form for form in case.forms.order_by("id") if not form.handed_at and not form.withdrawn_at]
    if not waiting:
        raise Http404
    try:
        pdf = one_pdf(store.read(form.digest) for form in waiting)
    except store.Damaged as error:
        return gone(error)
    for form in waiting:
        count_print(form)
    readings.note(staff, number, f"文书 {'、'.join(form.serial for form in waiting)}")
    return shown(pdf, f"{number}.pdf", "application/pdf")


@desk()
@require_POST
def withdraw(request: HttpRequest, number: str, form_id: int) -> HttpResponse:
    """A sheet no longer holds."""
    staff, reason = staff_of(request), request.POST.get("reason", "")
    act = lambda: withdraw_form(staff, number, key=key_of(request), form_id=form_id, reason=reason)  # noqa: E731
    return perform(request, act, "文书已作废，原件留存。", reverse("case", args=[number]))


@desk(Role.WINDOW, Role.ISSUING)
def sign(request: HttpRequest, number: str, form_id: int) -> HttpResponse:
    """Signing on the screen: the sheet to read, the name in large letters, a field to draw in."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.WINDOW, Role.ISSUING)
    found = form_visible_to(staff, number, form_id)
    if found is None or found.kind not in SIGNED or found.signed_at or found.withdrawn_at:
        raise Http404
    if request.method != "POST":
        whole = Purpose.HAND if found.kind != "release_receipt" else ""  # the name in large letters
        readings.note(staff, number, f"签名 {found.serial}", whole)
        return render(
            request, "case/sign.html", {"case": case, "form": found, "key": new_key(), "rail": rail_of(staff)}
        )
    try:
        strokes = json.loads(request.POST.get("strokes", "")[:200_000])
    except ValueError:
        strokes = []
    act = lambda: sign_drawn(staff, number, key=key_of(request), form_id=form_id, strokes=strokes)  # noqa: E731
    return perform(request, act, "签名已存入。", reverse("case", args=[number]))


@desk()
def signed(request: HttpRequest, number: str, form_id: int) -> HttpResponse:
    """The scan of a signed sheet: shown to who may see the case, kept when a window or issuing desk posts it."""
    staff = staff_of(request)
    found = form_visible_to(staff, number, form_id)
    if found is None or (request.method != "POST" and not found.signed_at):
        raise Http404
    if request.method != "POST":
        readings.note(staff, number, f"签字件 {found.serial}")
        return file_response(found.signed_digest, f"{found.serial}-签字件", found.signed_media_type)
    upload = request.FILES.get("file")
    back = inside(request, request.POST.get("back", ""), reverse("case", args=[number]))

    def keep() -> Case:
        if upload is None:
            raise Refused("请选择签字后的扫描件。")
        try:
            scan = taken(upload)
        except NotAccepted as error:
            raise Refused(f"“{upload.name}”：{error}") from error
        return keep_signed(staff, number, key=key_of(request), form_id=form_id, scan=scan)

    return perform(request, keep, "签字件已存入。", back)
