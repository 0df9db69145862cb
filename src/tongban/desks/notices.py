"""What one must know: duties given and ended, work moved away. It stands on every page until it is acknowledged."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from tongban.desks.doors import signed_in, staff_of
from tongban.desks.rails import rail_of
from tongban.people.models import Staff

SHOWN = 50


@signed_in
def page(request: HttpRequest) -> HttpResponse:
    """The newest notices of the person."""
    staff = staff_of(request)
    return render(request, "desks/notices.html", {"rows": staff.notices.all()[:SHOWN], "rail": rail_of(staff)})


@signed_in
@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """All of them are known; doing it again changes nothing."""
    Staff.objects.filter(pk=staff_of(request).pk).update(unread=0)
    return redirect("home")
