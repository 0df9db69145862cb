"""The collector's identity card on the clerk's reader (docs/devices.md): put into the form, compared by the act, kept nowhere."""

import base64

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongban.capture import reader
from tongban.desks.doors import case_or_404, desk, staff_of
from tongban.identity import citizen_id, names
from tongban.people.models import Role
from tongban.rules.card import Card

JPEG = b"\xff\xd8\xff"


def of(request: HttpRequest) -> Card | None:
    """The card that was read for this hand-over; None where the number was typed."""
    text = request.POST.get("card", "")
    try:
        return reader.chip(text).card if text else None
    except reader.Unreadable:
        return None


@desk(Role.ISSUING)
@require_POST
def read(request: HttpRequest, number: str) -> HttpResponse:
    """What the reader said: name and number go into the form. Whether they are the case's is said by the hand-over alone,
    where a wrong one counts.
    """
    case = case_or_404(staff_of(request), number, Role.ISSUING)
    try:
        found = reader.chip(request.POST.get("card", ""))
    except reader.Unreadable as error:
        return HttpResponse(str(error), status=422, content_type="text/plain; charset=utf-8")
    kept = found.model_copy(update={"photo": b"", "front": b"", "back": b""})
    over = bool(found.valid_until and not found.long_term and found.valid_until < timezone.localdate())
    context = {
        "case": case,
        "chip": found,
        "name": names.normalise(found.name),
        "number": citizen_id.normalise(found.number),
        "over": over,
        "card": kept.model_dump_json(),
        "photo": base64.b64encode(found.photo).decode() if found.photo.startswith(JPEG) else "",
    }
    return render(request, "issuing/card.html", context)
