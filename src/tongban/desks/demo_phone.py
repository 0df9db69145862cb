"""The demo's phone: what applicants got, as they see it. There only while the demo is on."""

from itertools import groupby

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from tongban.identity.masking import mask_phone
from tongban.messages.models import Message
from tongban.messages.sending import whole


def phone(request: HttpRequest) -> HttpResponse:
    """The newest messages that were sent, a phone after the other."""
    if not settings.DEMO:
        raise Http404
    sent = Message.objects.exclude(state__in=(Message.State.WAITING, Message.State.FAILED))
    rows = sorted(sent.select_related("case", "event")[:60], key=lambda row: (row.to, -row.pk))
    phones = [
        (mask_phone(to), [(message, whole(message)) for message in messages])
        for to, messages in groupby(rows, key=lambda row: row.to)
    ]
    return render(request, "public/phone.html", {"here": "phone", "phones": phones})
