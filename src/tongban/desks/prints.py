"""Labels, lists and other sheets of a day as one PDF."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongban.cases import prints
from tongban.cases.actions.door import Refused
from tongban.cases.models import PrintBatch
from tongban.desks.context import PAPER
from tongban.desks.doors import case_or_404, desk, key_of, new_key, staff_of
from tongban.desks.rails import rail_of
from tongban.desks.serve_file import shown


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return timezone.localdate()


@desk(*PAPER)
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """What was issued on a day, by kind."""
    staff, day = staff_of(request), _day(request.GET.get("day", ""))
    context = {"day": day, "kinds": prints.kinds_of_day(staff, day), "key": new_key(), "rail": rail_of(staff)}
    return render(request, "prints/day.html", context)


@desk(*PAPER)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """Ask for one PDF."""
    kind, day = request.POST.get("kind", ""), _day(request.POST.get("day", ""))
    try:
        batch = prints.ask(staff_of(request), kind, day, key_of(request))
    except Refused as error:
        messages.error(request, str(error))
        return redirect("prints")
    return redirect("prints-batch", batch.pk)


def _batch(request: HttpRequest, batch_id: int) -> tuple[PrintBatch, dict[str, Any]]:
    batch = prints.batch_of(staff_of(request), batch_id)
    if batch is None:
        raise Http404
    return batch, {"batch": batch, "title": prints.title(batch)}


@desk()
@require_POST
def materials(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for all materials of a case as one PDF."""
    staff = staff_of(request)
    case = case_or_404(staff, number)
    try:
        return redirect("prints-batch", prints.ask_materials(staff, case, key_of(request)).pk)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("case", number)


@desk()
@require_GET
def show(request: HttpRequest, batch_id: int) -> HttpResponse:
    """How far it is; asked again by the page itself until it is ready."""
    _, context = _batch(request, batch_id)
    if request.headers.get("HX-Request"):
        return render(request, "prints/state.html", context)
    return render(request, "prints/batch.html", context | {"rail": rail_of(staff_of(request))})


@desk()
@require_GET
def pdf(request: HttpRequest, batch_id: int) -> HttpResponse:
    """The PDF."""
    batch, context = _batch(request, batch_id)
    if batch.ready_at is None:
        raise Http404
    try:
        return shown(prints.fetch(staff_of(request), batch), f"{batch.day} {context['title']}.pdf", "application/pdf")
    except Refused as error:
        messages.error(request, str(error))
        return redirect("case", batch.case.number) if batch.case else redirect("prints")
