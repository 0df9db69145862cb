"""Ways into a draft beside the file chooser: a phone, the scanner's tray, the card reader."""

from dataclasses import asdict
from typing import Any
from uuid import UUID

import segno
from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongban.capture import phone as phones
from tongban.capture import reader
from tongban.capture.drafts import entry, put
from tongban.capture.models import PhoneTicket, Scan
from tongban.cases.models import Draft, MaterialFile
from tongban.cases.queries import drafts_visible_to
from tongban.desks.doors import desk, staff_of
from tongban.desks.serve_file import file_response
from tongban.desks.uploads import FULL
from tongban.desks.window import draft as form
from tongban.desks.window.files import answer, rows_of
from tongban.desks.window.intake import TAKES, brought_up_to_date, draft_or_404, save
from tongban.identity import citizen_id
from tongban.people.models import Role, Staff
from tongban.rules.card import values
from tongban.vault.store import Stored

# A phone as camera


@desk(*TAKES)
@require_POST
def phone(request: HttpRequest, draft_id: UUID, place: int) -> HttpResponse:
    """A QR code that lets one phone send pictures of this material once."""
    draft = draft_or_404(staff_of(request), draft_id)
    rows_of(draft, place)
    return _ticket(request, phones.issue(staff_of(request), draft, place), draft)


@desk(*TAKES)
@require_GET
def phone_state(request: HttpRequest, draft_id: UUID, ticket_id: UUID) -> HttpResponse:
    """Asked again and again while the code is on the screen: the code, or the pictures that have come."""
    draft = draft_or_404(staff_of(request), draft_id)
    ticket = PhoneTicket.objects.filter(pk=ticket_id, draft=draft).first()
    if ticket is None:
        raise Http404
    if ticket.used_at:
        return into_files(answer(request, draft, ticket.place, phone=True), ticket.place)
    return _ticket(request, ticket, draft)


def into_files(response: HttpResponse, place: int) -> HttpResponse:
    """``response`` goes where the files of a material stand, whatever asked for it."""
    response["HX-Retarget"], response["HX-Reswap"] = f"#files-{place}", "innerHTML"
    return response


def _ticket(request: HttpRequest, ticket: PhoneTicket, draft: Draft) -> HttpResponse:
    path = reverse("phone", args=[phones.token(ticket)])
    url = settings.PUBLIC_URL + path if settings.PUBLIC_URL else request.build_absolute_uri(path)
    left = max(0, round((ticket.expires_at - timezone.now()).total_seconds()))
    context = {
        "draft": draft,
        "ticket": ticket,
        "live": phones.live(ticket),
        "url": url,
        "code": segno.make(url, error="m").svg_data_uri(scale=4, border=2),
        "minutes": -(-left // 60),
    }
    return render(request, "window/phone.html", context)


# The scanner's tray


def waiting(staff: Staff) -> Any:
    """Scans waiting at the windows ``staff`` serves, oldest first."""
    windows = [duty.window_id for duty in staff.duties_as(Role.WINDOW) if duty.window_id]
    return Scan.objects.filter(window_id__in=windows, done_at=None)


@desk(*TAKES)
@require_GET
def tray(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The tray as it is now."""
    return _tray(request, draft_or_404(staff_of(request), draft_id))


def _tray(request: HttpRequest, draft: Draft, said: str = "", more: dict[str, Any] | None = None) -> HttpResponse:
    scans = list(waiting(staff_of(request)).filter(window=draft.window_id)[:60])
    asked = form.asked_of(draft)
    return render(
        request, "window/tray.html", {"draft": draft, "scans": scans, "asked": asked, "said": said, **(more or {})}
    )


@desk(*TAKES)
@require_POST
def put_scans(request: HttpRequest, draft_id: UUID, place: int) -> HttpResponse:
    """Put the scans ticked to a material, in the order they came."""
    staff = staff_of(request)
    draft = draft_or_404(staff, draft_id)
    rows_of(draft, place)
    wanted = [int(pk) for pk in request.POST.getlist("scan") if pk.isdecimal() and len(pk) < 18]
    if not wanted:
        return _tray(request, draft, "请先勾选要归入的扫描件。")
    with transaction.atomic():
        scans = list(
            waiting(staff).exclude(digest="").filter(window=draft.window_id, pk__in=wanted).select_for_update()
        )
        Scan.objects.filter(pk__in=[scan.pk for scan in scans]).update(done_at=timezone.now(), done_by=staff)
        entries = [
            entry(Stored(s.digest, s.size, s.media_type), s.filename, MaterialFile.Source.SCANNER.value) for s in scans
        ]
        said = put(drafts_visible_to(staff), draft_id, place, entries)
    response = answer(request, draft_or_404(staff, draft_id), place, said)
    response["HX-Trigger-After-Swap"] = "tray"
    return into_files(response, place)


@desk(*TAKES)
@require_POST
def put_away(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Scans that belong to nothing here leave the tray; their files stay aside in the scanner's folder."""
    staff = staff_of(request)
    draft = draft_or_404(staff, draft_id)
    wanted = [int(pk) for pk in request.POST.getlist("scan") if pk.isdecimal() and len(pk) < 18]
    mine = waiting(staff).filter(window=draft.window_id, pk__in=wanted)
    mine.update(done_at=timezone.now(), done_by=staff)
    return _tray(request, draft)


@desk(*TAKES)
@require_GET
def scan(request: HttpRequest, scan_id: int) -> HttpResponse:
    """A scan of the tray."""
    found = waiting(staff_of(request)).exclude(digest="").filter(pk=scan_id).first()
    if found is None:
        raise Http404
    return file_response(found.digest, found.filename, found.media_type)


# The card reader


@desk(*TAKES)
@require_POST
def card(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """What the reader said: kept with the draft, put into the fields that are empty, compared with the others."""
    staff = staff_of(request)
    before = draft_or_404(staff, draft_id).body.get("fields", {})
    try:
        found = reader.chip(request.POST.get("card", ""))
    except reader.Unreadable as error:
        if not draft_or_404(staff, draft_id).case_id:
            save(request, draft_id)
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    try:
        portrait, sides = reader.keep(found)
    except OSError:
        return HttpResponse(FULL, status=422, content_type="text/plain; charset=utf-8")
    if draft_or_404(staff, draft_id).case_id:
        return _sides(request, draft_or_404(staff, draft_id), found, sides)
    with transaction.atomic():
        draft = save(request, draft_id)
        fields = draft.body["fields"]
        for field, value in values(found.card).items():
            name = f"applicant_{form.CARD_FIELDS[field]}"
            if not form.one(fields, name):
                fields[name] = [value]
        kept = asdict(found.card) | {"valid_until": found.valid_until.isoformat() if found.valid_until else None}
        draft.body["card"] = {"card": kept, "photo": portrait.digest if portrait else ""}
        draft.save(update_fields=["body", "updated_at"])
    for place in _of_cards(draft):
        put(drafts_visible_to(staff), draft_id, place, _entries(sides))
    return brought_up_to_date(request, draft_or_404(staff, draft_id), before, card=True)


def _of_cards(draft: Draft) -> list[int]:
    """Places of the materials that are an identity card."""
    materials = draft.version.procedure.materials
    asked = [place for place, _ in form.asked_of(draft)] if draft.case_id else range(len(materials))
    return [place for place in asked if materials[place].check == "idcard"]


def _entries(sides: list[Stored]) -> list[dict[str, Any]]:
    return [
        entry(side, f"读卡-{name}.jpg", MaterialFile.Source.READER.value)
        for side, name in zip(sides, ("正面", "反面"), strict=False)
    ]


def _sides(request: HttpRequest, draft: Draft, found: reader.Chip, sides: list[Stored]) -> HttpResponse:
    """A card read for a case that is there: its pictures become files; whose it is is said, not what the record holds."""
    assert draft.case is not None
    places = _of_cards(draft)
    said = ""
    if not places:
        said = "这里要的不是身份证，不用读卡。"
    elif citizen_id.normalise(found.number) != draft.case.applicant_id_number:
        said = "这张身份证的号码不是申请人的，没有收。"
    elif not sides:
        said = "读卡器没有拍证件的正反面，请拍摄或扫描。"
    if said:
        return HttpResponse(said, status=422, content_type="text/plain; charset=utf-8")
    error = put(drafts_visible_to(staff_of(request)), draft.pk, places[0], _entries(sides))
    return into_files(answer(request, draft_or_404(staff_of(request), draft.pk), places[0], error), places[0])


@desk(*TAKES)
@require_GET
def portrait(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The portrait of the card's chip, for the clerk's eyes: it is compared with nothing."""
    draft = draft_or_404(staff_of(request), draft_id)
    digest = draft.body.get("card", {}).get("photo", "")
    if not digest:
        raise Http404
    return file_response(digest, "芯片照片.jpg", "image/jpeg")
