"""One's own account: the duties one has, a new password, the end of every session."""

from django.contrib import messages
from django.contrib.auth import logout, update_session_auth_hash
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongban.desks.doors import key_of, new_key, signed_in, staff_of
from tongban.desks.rails import rail_of
from tongban.people import factor
from tongban.people.accounts import note_password
from tongban.people.login import Way, failed, right, tried
from tongban.people.refused import Refused


@signed_in
def page(request: HttpRequest) -> HttpResponse:
    """Duties and their ends; a new password ends every other session."""
    staff = staff_of(request)
    form = PasswordChangeForm(staff, request.POST or None)
    address = request.META.get("REMOTE_ADDR", "")
    if request.method == "POST" and (minutes := tried(staff.username, address)):
        messages.error(request, LOCKED % minutes)
        return redirect("account")
    if request.method == "POST" and form.is_valid():
        right(staff.username, address)
        staff.password_once = False
        form.save()
        note_password(staff, key=None)
        update_session_auth_hash(request, staff)
        messages.success(request, "密码已更改，其他地方的登录都已结束。")
        return redirect("account")
    if "old_password" in form.errors:
        failed(staff.username, address, timezone.now(), Way.AGAIN)
    elif form.is_bound:
        right(staff.username, address)
    fields = [(form[name], label) for name, label in FIELDS.items()]
    context = {
        "fields": fields,
        "rail": rail_of(staff),
        "duties": staff.duties_now,
        "must": factor.required(staff),
        "tries": staff.tries.order_by("-id")[:8],
        "key": new_key(),
    }
    return render(request, "desks/account.html", context, status=422 if form.errors else 200)


LOCKED = "输错次数太多，请 %s 分钟后再试。"
FIELDS = {"old_password": "现在的密码", "new_password1": "新密码（至少 10 位）", "new_password2": "再输一次新密码"}


@signed_in
@require_POST
def end_sessions(request: HttpRequest) -> HttpResponse:
    """End every session of this account, this one too."""
    staff_of(request).end_sessions()
    logout(request)
    return redirect("login")


@signed_in
@require_POST
def second_factor(request: HttpRequest) -> HttpResponse:
    """Another telephone, other recovery codes, or none any more: with the password again."""
    staff = staff_of(request)
    address, wanted = request.META.get("REMOTE_ADDR", ""), request.POST.get("do", "")
    if minutes := tried(staff.username, address):
        messages.error(request, LOCKED % minutes)
        return redirect("account")
    if not staff.check_password(request.POST.get("password", "")[:200]):
        failed(staff.username, address, timezone.now(), Way.AGAIN)
        messages.error(request, "密码不对，没有改动。")
        return redirect("account")
    right(staff.username, address)
    if wanted == "replace":
        request.session["factor_replace"] = True
        request.session.pop("factor_new", None)
        return redirect("step-factor")
    try:
        if wanted == "codes":
            request.session["recovery"] = factor.new_codes(staff, key=key_of(request))
            return redirect("step-codes")
        factor.remove(staff, key=key_of(request))
        messages.success(request, "第二验证已取消，登录只用密码。")
    except Refused as error:
        messages.error(request, str(error))
    return redirect("account")
