"""Numbers written by the collector on the counter's own tablet or phone: compared by the act, never shown to anybody."""

import secrets
from datetime import timedelta
from typing import Any

import segno
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongban.cases.models import Case, Written
from tongban.desks.doors import case_or_404, desk, staff_of
from tongban.people.models import Role

LIFE = timedelta(minutes=10)
SALT = "numbers written at the counter"


@desk(Role.ISSUING)
@require_POST
def invite(request: HttpRequest, number: str) -> HttpResponse:
    """A QR code for the tablet; it opens the writing page for ten minutes, for this case, once."""
    case = case_or_404(staff_of(request), number, Role.ISSUING)
    nonce = secrets.token_urlsafe(18)
    token = signing.dumps([case.pk, nonce], salt=SALT, compress=True)
    address = request.build_absolute_uri(reverse("public-write", args=[token]))
    context = {
        "case": case,
        "nonce": nonce,
        "address": address,
        "qr": segno.make(address, error="m").svg_data_uri(scale=4),
    }
    return render(request, "issuing/tablet.html", context)


@desk(Role.ISSUING)
def there(request: HttpRequest, number: str) -> HttpResponse:
    """Whether the collector has written yet."""
    case = case_or_404(staff_of(request), number, Role.ISSUING)
    nonce = request.GET.get("nonce", "")[:64]
    done = Written.objects.filter(case=case, nonce=nonce).exists()
    return render(request, "issuing/written.html", {"case": case, "nonce": nonce, "done": done})


def write(request: HttpRequest, token: str) -> HttpResponse:
    """The writing page: two fields, and nothing of the record."""
    try:
        case_pk, nonce = signing.loads(token, salt=SALT, max_age=LIFE)
    except (signing.BadSignature, ValueError) as error:
        raise Http404 from error
    done = Written.objects.filter(nonce=nonce).exists()
    errors: dict[str, str] = {}
    if request.method == "POST" and not done:
        facts: dict[str, Any] = {}
        for name, said in (("id_number", "请写出办理时的身份证号码。"), ("phone", "请写出办理时留的手机号码。")):
            facts[name] = request.POST.get(name, "").strip()[:40]
            if not facts[name]:
                errors[name] = said
        if not errors:  # the token is signed: the case is there
            Written.objects.get_or_create(nonce=nonce, defaults=facts | {"case_id": case_pk, "at": timezone.now()})
            done = True
    return render(
        request, "public/write.html", {"here": "", "done": done, "errors": errors}, status=422 if errors else 200
    )


def written(case: Case, nonce: str) -> tuple[str, str]:
    """What the collector wrote, as (id number, phone); two empty texts where nothing was written in time."""
    row = Written.objects.filter(case=case, nonce=nonce, at__gt=timezone.now() - LIFE).first() if nonce else None
    return (row.id_number, row.phone) if row else ("", "")


def forget(case: Case) -> None:
    """What was written was compared: it is gone, and so is what nobody came back to."""
    Written.objects.filter(case=case).delete()
    Written.objects.filter(at__lt=timezone.now() - LIFE).delete()
