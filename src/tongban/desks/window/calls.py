"""电话告知: what did not reach the applicant by SMS is told by telephone."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.cases import readings
from tongban.cases.queries import after
from tongban.desks.doors import desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.law import standing
from tongban.desks.window.rail import rail
from tongban.messages.calls import tell, to_call
from tongban.messages.models import Message
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic


@desk(Role.WINDOW)
def calls(request: HttpRequest) -> HttpResponse:
    """What is to be told by telephone, oldest first; phones masked."""
    staff = staff_of(request)
    page, more = after(to_call(staff).select_related("case__version"), page_key(request))
    procedure = standing(staff)
    context = {
        "rows": page,
        "more": more,
        "rail": rail(staff, "window-calls"),
        "procedure": procedure,
        "clauses_now": procedure.cite(Topic.RECEIPT) if procedure else (),
    }
    return render(request, "window/calls.html", context)


def _message(staff: Staff, message_id: int) -> Message:
    found = to_call(staff).select_related("case__version").filter(pk=message_id).first()
    if found is None:
        raise Http404
    return found


@desk(Role.WINDOW)
def call(request: HttpRequest, message_id: int) -> HttpResponse:
    """The number to call and what to say; that the number was shown is recorded."""
    staff = staff_of(request)
    message = _message(staff, message_id)
    readings.note(staff, message.case.number, "电话号码（电话告知）")
    context = {
        "message": message,
        "case": message.case,
        "key": new_key(),
        "rail": rail(staff, "window-calls"),
        "procedure": message.case.procedure,
        "clauses_now": message.case.procedure.cite(Topic.RECEIPT),
    }
    return render(request, "window/call.html", context)


@desk(Role.WINDOW)
@require_POST
def told(request: HttpRequest, message_id: int) -> HttpResponse:
    """The applicant was told."""
    staff = staff_of(request)
    number, note = _message(staff, message_id).case.number, request.POST.get("note", "")
    act = lambda: tell(staff, number, key=key_of(request), message=message_id, note=note)  # noqa: E731
    return perform(request, act, "已记录电话告知。", reverse("window-calls"))
