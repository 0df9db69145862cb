"""Rating without a log-in: by a case's signed link (QR code, SMS), and on the tablet beside a window."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tongban.cases.actions.door import Conflict, Refused
from tongban.cases.links import case_of, rating_path, signed
from tongban.cases.models import Case
from tongban.desks.doors import key_of, new_key
from tongban.desks.public import TOO_OFTEN, _frame, too_often
from tongban.desks.rating_form import given, levels_of
from tongban.people.models import Window
from tongban.ratings.acts import rate_held, to_rate
from tongban.ratings.models import Channel, Invitation


def _rated(request: HttpRequest, case: Case, channel: str) -> dict[str, str]:
    """Rate as posted; what is wrong, by field, empty when it was done."""
    try:
        rate_held(case.pk, key=key_of(request), channel=channel, **given(request))
    except Conflict as error:
        return {"level": str(error)}
    except Refused as error:
        return error.fields or {"level": str(error)}
    return {}


def _form(request: HttpRequest, case: Case, errors: dict[str, str], action: str, **more: Any) -> dict[str, Any]:
    rating = case.ratings.last()
    return _frame(
        request, "rate", case=case, rating=rating, service=to_rate(case), levels=levels_of(case),
        errors=errors, comment=request.POST.get("comment", ""), key=new_key(), action=action, **more,
    )  # fmt: skip


def by_link(request: HttpRequest, number: str, signature: str) -> HttpResponse:
    """The page behind the QR code and the SMS: the package and the window, nothing of the person."""
    if too_often(request):
        return render(request, "public/rate.html", _frame(request, "rate", said=TOO_OFTEN), status=429)
    case = case_of(number, signature)
    if case is None:
        raise Http404
    errors = _rated(request, case, Channel.LINK) if request.method == "POST" else {}
    thanks = request.method == "POST" and not errors
    context = _form(request, case, errors, rating_path(case.number), thanks=thanks)
    return render(request, "public/rate.html", context, status=422 if errors else 200)


def tablet(request: HttpRequest, window_id: int, signature: str) -> HttpResponse:
    """The tablet of a window: waits, shows the form to the applicant the clerk invited, waits again."""
    window = Window.objects.select_related("region").filter(pk=window_id).first()
    if window is None or not signed("tablet", str(window_id), signature):
        raise Http404
    invited = Invitation.objects.filter(window=window, until__gt=timezone.now()).select_related("case__version").first()
    if request.method == "POST":
        if invited is None or request.POST.get("number") != invited.case.number:
            said = "这次评价的时间已经过了。还想评价的，请告诉窗口，或者用回执上的二维码。"
            return render(request, "public/tablet.html", _frame(request, "rate", window=window, said=said), status=409)
        errors = _rated(request, invited.case, Channel.TABLET)
        if not errors:
            return render(request, "public/tablet.html", _frame(request, "rate", window=window, thanks=True))
        context = _form(request, invited.case, errors, request.path, window=window, invited=True)
        return render(request, "public/tablet.html", context, status=422)
    if invited is None:
        return render(request, "public/tablet.html", _frame(request, "rate", window=window))
    context = _form(request, invited.case, {}, request.path, window=window, invited=True)
    return render(request, "public/tablet.html", context)
