"""The tray of every desk that prints for people: what is printed and not yet in the applicant's hand."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.cases import readings
from tongban.cases.actions.forms import WAYS, hand_form
from tongban.cases.models import Purpose
from tongban.cases.queries import after, forms_to_hand
from tongban.desks.doors import desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.law import standing
from tongban.desks.rails import rail_of
from tongban.people.models import Role
from tongban.procedure.model import Topic

TOPICS = {Role.WINDOW: Topic.RECEIPT, Role.DEPARTMENT: Topic.TIME_LIMIT, Role.ISSUING: Topic.RELEASE_ON_SITE}


def _tray(request: HttpRequest, role: Role) -> HttpResponse:
    staff = staff_of(request)
    page, more = after(forms_to_hand(staff, role).select_related("case"), page_key(request))
    # names are whole, so that a sheet comes into the right hand
    readings.shown(staff, [form.case.number for form in page if form.case], "申请人：姓名", Purpose.HAND)
    procedure = standing(staff)
    context: dict[str, Any] = {
        "title": "待交文书",
        "rows": page,
        "more": more,
        "role": role,
        "ways": WAYS.items() if role == Role.DEPARTMENT else (),
        "rail": rail_of(staff, role, f"{role}-forms"),
        "key": new_key(),
        "procedure": procedure,
        "clauses_now": procedure.cite(TOPICS[role]) if procedure else (),
    }
    return render(request, "desks/tray.html", context)


@desk(Role.WINDOW)
def of_window(request: HttpRequest) -> HttpResponse:
    """What was printed at the window."""
    return _tray(request, Role.WINDOW)


@desk(Role.DEPARTMENT)
def of_department(request: HttpRequest) -> HttpResponse:
    """Notices of the department: pause, resume, fee, late tolerance."""
    return _tray(request, Role.DEPARTMENT)


@desk(Role.ISSUING)
def of_issuing(request: HttpRequest) -> HttpResponse:
    """Receipts and refusals of the issuing desk."""
    return _tray(request, Role.ISSUING)


@desk(*TOPICS)
@require_POST
def handed(request: HttpRequest, number: str, form_id: int) -> HttpResponse:
    """The sheet is in the applicant's hand, or on its way there."""
    staff, role = staff_of(request), request.POST.get("role", "")
    own = role if role in TOPICS and staff.holds(role) else next(one for one in TOPICS if staff.holds(one))
    act = lambda: hand_form(  # noqa: E731
        staff, number, key=key_of(request), form_id=form_id, way=request.POST.get("way", "")
    )
    return perform(request, act, "已登记交给申请人。", reverse(f"{own}-forms"))
