"""从电子证照调取: what the region's licence service holds of the applicant for a material, and one of them used after 核对."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongban.capture import licences
from tongban.capture.drafts import entry, put
from tongban.capture.licences import Licence, Unavailable
from tongban.cases.models import Draft, MaterialFile
from tongban.cases.queries import drafts_visible_to
from tongban.desks.doors import desk, staff_of
from tongban.desks.window import draft as form
from tongban.desks.window.files import answer, rows_of
from tongban.desks.window.intake import draft_or_404
from tongban.desks.window.ways import into_files
from tongban.identity import citizen_id, names
from tongban.people.models import Role, Staff

SUFFIXES = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/tiff": "tif"}
WHO_FIRST = "请先填好申请人的姓名和证件号码，再调取。"
AGAIN = "申请人的证件号码改过，请重新调取。"


def _draft(request: HttpRequest, draft_id: UUID, place: int) -> Draft:
    """The draft, where a licence may be a file of the material at ``place``; else 404."""
    draft = draft_or_404(staff_of(request), draft_id)
    rows_of(draft, place)
    if not licences.there() or draft.version.procedure.materials[place].check == "photo":
        raise Http404
    return draft


def _why(draft: Draft, staff: Staff) -> dict[str, str]:
    return {"purpose": draft.version.name, "window": draft.window.name, "officer": staff.name}


def _shown(request: HttpRequest, draft: Draft, place: int, found: list[Licence], said: str = "") -> HttpResponse:
    """The licences found, each with what keeps it from being used."""
    name, today = form.person(form.whole(draft), "applicant").name, timezone.localdate()
    context: dict[str, Any] = {
        "draft": draft,
        "row": {"place": place},
        "service": settings.LICENCE_NAME,
        "said": said,
        "found": [
            one.model_dump()
            | {
                "number_shown": one.number_shown,
                "over": one.expired(today),
                "other_name": names.normalise(one.holder) != name,
            }
            for one in found
        ],
    }
    return render(request, "window/licences.html", context)


@desk(Role.WINDOW)
@require_POST
def find(request: HttpRequest, draft_id: UUID, place: int) -> HttpResponse:
    """Ask the service, which has some seconds to answer; what it holds is kept with the draft."""
    staff, draft = staff_of(request), _draft(request, draft_id, place)
    who = form.person(form.whole(draft), "applicant")
    if not who.name or citizen_id.check(who.id_number, who.id_kind):
        return _shown(request, draft, place, [], WHO_FIRST)
    material = draft.version.procedure.materials[place].name
    try:
        found = licences.find(who.id_number, who.name, material, _why(draft, staff))
    except Unavailable as error:
        return _shown(request, draft, place, [], str(error))
    with transaction.atomic():
        draft = draft_or_404(staff, draft_id, to_change=True)
        kept = {"number": who.id_number, "found": [one.model_dump(mode="json") for one in found]}
        draft.body.setdefault("licences", {})[str(place)] = kept
        draft.save(update_fields=["body", "updated_at"])
    return _shown(request, draft, place, found)


@desk(Role.WINDOW)
@require_POST
def use(request: HttpRequest, draft_id: UUID, place: int) -> HttpResponse:
    """Fetch the document of a licence that was found and put it to the material; the act that takes it over records it."""
    staff, draft = staff_of(request), _draft(request, draft_id, place)
    kept = draft.body.get("licences", {}).get(str(place), {})
    if kept.get("number") != form.person(form.whole(draft), "applicant").id_number:
        return _shown(request, draft, place, [], AGAIN)
    found = [Licence(**one) for one in kept["found"]]
    wanted = request.POST.get("licence", "")
    number = int(wanted) if wanted.isdecimal() and len(wanted) < 4 else 0
    if not 1 <= number <= len(found):
        return _shown(request, draft, place, found, "没有这一份，请重新调取。")
    licence = found[number - 1]
    if not request.POST.get("checked"):
        return _shown(request, draft, place, found, "请先核对是申请人的证照，勾选“已核对”再用。")
    if licence.expired(timezone.localdate()):
        return _shown(request, draft, place, found, f"这份证照 {licence.valid_until} 已到期，请提供有效的。")
    try:
        document = licences.fetch(licence, _why(draft, staff))
    except Unavailable as error:
        return _shown(request, draft, place, found, str(error))
    until = licence.valid_until.isoformat() if licence.valid_until else ""
    new = entry(document, f"{licence.name}.{SUFFIXES[document.media_type]}", MaterialFile.Source.LICENCE.value)
    here = [row["digest"] for row in rows_of(draft, place)]
    said = (
        "这份证照已经在材料里了。"
        if document.digest in here
        else put(drafts_visible_to(staff), draft_id, place, [new | {"licence": licence.said, "valid_until": until}])
    )
    shown = answer(request, draft_or_404(staff, draft_id), place, said, licence=True)
    return into_files(shown, place)
