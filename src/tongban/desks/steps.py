"""What stands between a right password and the desk: the second factor, a password of one's own.

Until every step is done nothing but the steps can be reached, whatever the route (:func:`whole`); a duty that asks for a
second factor asks for it in a session that is already open, too.
"""

from collections.abc import Callable
from urllib.parse import quote

import segno
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.forms import SetPasswordForm
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRedirect

from tongban.desks.doors import inside, key_of, new_key, signed_in, staff_of
from tongban.people import factor
from tongban.people.accounts import note_password
from tongban.people.login import Way, came, failed, right, succeeded, tried
from tongban.people.models import Staff
from tongban.people.refused import Refused

Answer = Callable[[HttpRequest], HttpResponse]
STEPS = ("step-code", "step-factor", "step-password", "step-codes", "logout")


def step(request: HttpRequest) -> str | None:
    """The route the logged-in person must go to first, or None."""
    staff = staff_of(request)
    if staff.factor_secret and not request.session.get("factor"):
        return "step-code"
    if not staff.factor_secret and factor.required(staff):
        return "step-factor"
    return "step-password" if staff.password_once else None


def whole(get_response: Answer) -> Answer:
    """Middleware: lead who has not finished logging in to the next step."""

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated or request.path in {reverse(name) for name in STEPS}:
            return get_response(request)
        wanted = step(request)
        if wanted is None:
            return get_response(request)
        page = request.htmx.current_url_abs_path if request.htmx else request.get_full_path()  # type: ignore[attr-defined]
        url = reverse(wanted)
        if page and (request.method == "GET" or request.htmx):  # type: ignore[attr-defined]
            url += f"?next={quote(page)}"
        return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]

    return answer


def onward(request: HttpRequest) -> str:
    """Where the person wanted to go: a page of this server, else their desk."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    return inside(request, wanted, reverse("home"))


def _wait(request: HttpRequest, staff: Staff) -> str:
    minutes = tried(staff.username, request.META.get("REMOTE_ADDR", ""))
    return f"输错次数太多，请 {minutes} 分钟后再试。" if minutes else ""


@signed_in
@never_cache
def code(request: HttpRequest) -> HttpResponse:
    """Ask for a code of the telephone, or a recovery code."""
    staff = staff_of(request)
    if step(request) != "step-code":
        return redirect(onward(request))
    said, status = "", 200
    if request.method == "POST":
        now, address, typed = timezone.now(), request.META.get("REMOTE_ADDR", ""), request.POST.get("code", "")[:60]
        way = Way.CODE if len("".join(typed.split())) == 6 else Way.RECOVERY
        if said := _wait(request, staff):
            status = 429
        elif factor.check(staff, typed, now):
            request.session.cycle_key()
            request.session["factor"] = True
            right(staff.username, address)
            succeeded(staff.username)
            came(staff, address, now, way)
            return redirect(onward(request))
        else:
            failed(staff.username, address, now, way)
            said, status = "验证码不对，或者已经用过。请等手机上换出下一个再输。", 422
    context = {"said": said, "next": onward(request), "here": "login"}
    return render(request, "desks/step_code.html", context, status=status)


@signed_in
@never_cache
def set_factor(request: HttpRequest) -> HttpResponse:
    """Set up a telephone: scan, then prove it with a code."""
    staff = staff_of(request)
    if staff.factor_secret and not request.session.get("factor_replace"):
        raise Http404
    secret = request.session.setdefault("factor_new", factor.new_secret())
    error = ""
    if request.method == "POST":
        try:
            typed = request.POST.get("code", "")[:20]
            codes = factor.set_up(staff, key=key_of(request), secret=secret, code=typed)
        except Refused as refused:
            error = str(refused)
        else:
            for name in ("factor_new", "factor_replace"):
                request.session.pop(name, None)
            request.session.cycle_key()
            request.session["factor"], request.session["recovery"] = True, codes
            succeeded(staff.username)
            return redirect(f"{reverse('step-codes')}?next={quote(onward(request))}")
    drawn = segno.make(factor.uri(staff, secret), error="m").svg_inline(scale=5, border=2)
    context = {
        "qr": mark_safe(drawn),
        "secret": " ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
        "error": error,
        "must": factor.required(staff),
        "next": onward(request),
        "key": new_key(),
        "here": "login",
    }
    return render(request, "desks/step_factor.html", context, status=422 if error else 200)


@signed_in
@never_cache
def codes(request: HttpRequest) -> HttpResponse:
    """New recovery codes, shown once."""
    made = request.session.pop("recovery", None)
    if made is None:
        return redirect(onward(request))
    return render(request, "desks/step_codes.html", {"codes": made, "next": onward(request), "here": "login"})


FIELDS = {"new_password1": "新密码（至少 10 位）", "new_password2": "再输一次新密码"}


@signed_in
@never_cache
def password(request: HttpRequest) -> HttpResponse:
    """A password of one's own in place of the one an administrator gave."""
    staff = staff_of(request)
    if not staff.password_once:
        return redirect(onward(request))
    form = SetPasswordForm(staff, request.POST or None)
    if request.method == "POST" and form.is_valid():
        if staff.check_password(form.cleaned_data["new_password1"]):
            form.add_error("new_password1", "请换一个和首次密码不同的密码。")
        else:
            staff.password_once = False
            form.save()
            update_session_auth_hash(request, staff)
            note_password(staff, key=None)
            return redirect(onward(request))
    fields = [(form[name], label) for name, label in FIELDS.items()]
    context = {"fields": fields, "next": onward(request), "here": "login"}
    return render(request, "desks/step_password.html", context, status=422 if form.errors else 200)
