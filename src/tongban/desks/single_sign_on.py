"""Going to the province's log-in and coming back; leaving both."""

import logging

from django.conf import settings
from django.contrib.auth import login as log_in
from django.contrib.auth import logout as log_out
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tongban.desks.steps import onward
from tongban.people import single_sign_on as sso
from tongban.people.login import StaffBackend, Way, came

log = logging.getLogger(__name__)
SILENT = "统一身份认证平台现在连不上，请过几分钟再试。"


def _back(request: HttpRequest) -> str:
    return request.build_absolute_uri(reverse("sso-back"))


def _page(request: HttpRequest, said: str, status: int) -> HttpResponse:
    hint = "也可以用账号和密码登录。" if settings.PASSWORD_LOGIN else "急需办理的，请联系系统管理员。"
    context = {"said": f"{said}{hint}", "here": "login", "sso": True, "passwords": settings.PASSWORD_LOGIN}
    return render(request, "public/login.html", context, status=status)


@never_cache
@require_GET
def start(request: HttpRequest) -> HttpResponse:
    """To the provider's log-in."""
    if not sso.configured():
        raise Http404
    try:
        url, begun = sso.begin(_back(request))
    except sso.Unavailable as error:
        log.warning("single sign-on: %s", error)
        return _page(request, SILENT, 503)
    request.session["sso"] = {"begun": begun.kept(), "next": onward(request)}
    return redirect(url)


@never_cache
@require_GET
def back(request: HttpRequest) -> HttpResponse:
    """Back from the provider: the account that is bound to the person is logged in."""
    kept = request.session.pop("sso", None)
    if not sso.configured():
        raise Http404
    if not kept:
        return _page(request, "这次登录已经过期，请重新登录。", 400)
    try:
        answer = {name: request.GET.get(name, "") for name in ("state", "code", "error") if name in request.GET}
        claims, identity = sso.finish(_back(request), sso.Begun(**kept["begun"]), answer)
    except sso.Denied as error:
        log.warning("single sign-on denied: %s (%s)", error, error.__cause__)
        return _page(request, str(error), 403)
    except sso.Unavailable as error:
        log.warning("single sign-on: %s", error)
        return _page(request, SILENT, 503)
    staff = sso.who(claims)
    if staff is None or not StaffBackend().user_can_authenticate(staff):
        return _page(request, "您的统一身份没有绑定可以登录的账号，请联系系统管理员。", 403)
    log_in(request, staff, backend="tongban.people.login.StaffBackend")
    request.session["identity"] = identity
    came(staff, request.META.get("REMOTE_ADDR", ""), timezone.now(), Way.SSO)
    return redirect(kept["next"])


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Log out here, and at the provider where one came from there."""
    identity = request.session.get("identity", "")
    log_out(request)
    home = request.build_absolute_uri(reverse("public-home"))
    url = sso.farewell(home, identity) if identity and sso.configured() else ""
    response = redirect(url or "public-home")
    response["Clear-Site-Data"] = '"storage"'  # of a shared counter's browser; of pages it keeps no copy anyway
    return response
