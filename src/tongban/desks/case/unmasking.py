"""Personal data shown whole, once, to who asked for it with a purpose."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from tongban.cases import unmasking
from tongban.cases.actions.door import NotFound, Refused
from tongban.desks.doors import desk, key_of, staff_of
from tongban.desks.rails import rail_of


@desk()
@never_cache
@require_POST
def unmask(request: HttpRequest, number: str) -> HttpResponse:
    """Show what was asked for; a page that is kept nowhere."""
    staff = staff_of(request)
    try:
        who, values = unmasking.unmask(
            staff,
            number,
            key=key_of(request),
            person=request.POST.get("person", ""),
            fields=request.POST.getlist("fields"),
            purpose=request.POST.get("purpose", ""),
            note=request.POST.get("note", "")[:1000],
        )
    except NotFound as error:
        raise Http404 from error
    except Refused as error:
        messages.error(request, str(error))
        return redirect("case", number)
    context = {"number": number, "who": who, "values": values, "rail": rail_of(staff)}
    return render(request, "case/unmasked.html", context)
