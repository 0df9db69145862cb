"""One's own account: the duties one has, a new password, the end of every session."""

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from tongban.desks.doors import desk, staff_of
from tongban.desks.rails import rail_of


@desk()
def page(request: HttpRequest) -> HttpResponse:
    """Duties and their ends; a new password ends every other session."""
    staff = staff_of(request)
    form = PasswordChangeForm(staff, request.POST or None)
    if request.method == "POST" and form.is_valid():
        form.save()
        update_session_auth_hash(request, staff)
        messages.success(request, "密码已更改，其他地方的登录都已结束。")
        return redirect("account")
    fields = [(form[name], label) for name, label in FIELDS.items()]
    context = {"fields": fields, "rail": rail_of(staff), "duties": staff.duties_now}
    return render(request, "desks/account.html", context, status=422 if form.errors else 200)


FIELDS = {"old_password": "现在的密码", "new_password1": "新密码（至少 10 位）", "new_password2": "再输一次新密码"}


@desk()
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End every session of this account, this one too."""
    staff_of(request).end_sessions()
    logout(request)
    return redirect("login")
