"""Logging in, going to one's desk; in a demo, switching between its accounts."""

from itertools import groupby

from django.conf import settings
from django.contrib.auth import login as log_in
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST

from tongban.desks.context import DESKS
from tongban.desks.doors import desk, staff_of
from tongban.people.models import Duty, Staff


class Login(LoginView):
    """The log-in page of staff."""

    template_name = "public/login.html"
    redirect_authenticated_user = True
    extra_context = {"here": "login"}


@desk()
def home(request: HttpRequest) -> HttpResponse:
    """To the first desk of the person's duties."""
    staff = staff_of(request)
    name = next((name for role, _, name in DESKS if staff.holds(role)), None)
    if name is None:
        return render(request, "desks/no_desk.html", {"rail": []})
    return redirect(name)


def demo(request: HttpRequest) -> HttpResponse:
    """The demo's accounts by city; only where the demo is on."""
    if not settings.DEMO:
        raise Http404
    duties = Duty.objects.filter(staff__demo=True).select_related("staff", "region", "unit__region", "window__region")
    rows = sorted(duties, key=lambda duty: (duty.staff.username.split("-")[0], duty.pk))
    groups = [(name, list(found)) for name, found in groupby(rows, key=lambda duty: duty.staff.username.split("-")[0])]
    return render(request, "public/demo.html", {"groups": groups})


@require_POST
def switch(request: HttpRequest, username: str) -> HttpResponse:
    """Become a demo account; only where the demo is on, and only a demo account."""
    if not settings.DEMO:
        raise Http404
    staff = get_object_or_404(Staff, username=username, demo=True, is_active=True)
    log_in(request, staff, backend="tongban.people.login.StaffBackend")
    return redirect("home")
