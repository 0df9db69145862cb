"""Logging in, going to one's desk; in a demo, switching between its accounts."""

from itertools import groupby
from typing import Any

from django.conf import settings
from django.contrib.auth import login as log_in
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import LoginView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongban.desks.context import DESKS
from tongban.desks.doors import inside, signed_in, staff_of
from tongban.desks.steps import step
from tongban.people import single_sign_on
from tongban.people.login import Way, came, failed, right, succeeded, tried
from tongban.people.models import Duty, Staff


class Login(LoginView):
    """The log-in page of staff."""

    template_name = "public/login.html"
    redirect_authenticated_user = True

    def get_redirect_url(self, request: HttpRequest | None = None) -> str:
        """Back to the page that was open, where it is one of ours."""
        return inside(self.request, super().get_redirect_url(), "")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """With the ways there are to log in."""
        sso = single_sign_on.configured()
        ways = {"here": "login", "sso": sso, "passwords": settings.PASSWORD_LOGIN}
        return super().get_context_data(**kwargs) | ways

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Try a password, where passwords are taken, unless account or address must wait: then the same answer whether the account exists."""
        if not settings.PASSWORD_LOGIN:
            raise Http404
        typed, address, now = request.POST.get("username", ""), request.META.get("REMOTE_ADDR", ""), timezone.now()
        if minutes := tried(typed, address):
            said = f"输错次数太多，请 {minutes} 分钟后再试；忘记密码的，请联系系统管理员。"
            context = self.get_context_data(form=AuthenticationForm(initial={"username": typed}), said=said)
            return self.render_to_response(context, status=429)
        form = self.get_form()
        if form.is_valid():
            right(typed, address)
            answer = self.form_valid(form)
            came(staff_of(request), address, now, Way.PASSWORD)
            if step(request) is None:  # else the last step forgets the wrong tries, not the password alone
                succeeded(typed)
            return answer
        failed(typed, address, now)
        return self.form_invalid(form)


@signed_in
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
    came(staff, request.META.get("REMOTE_ADDR", ""), timezone.now(), Way.DEMO)
    return redirect("home")
