"""Headers every page carries: scripts, styles and forms come from and go to this server alone."""

import ipaddress
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse

# Logging out goes on to the province's log-in where there is one: a form may lead there, and nowhere else.
_PROVIDER = urlsplit(settings.OIDC_ISSUER)
_LEAVE = f" {_PROVIDER.scheme}://{_PROVIDER.netloc}" if _PROVIDER.netloc else ""
POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; "
    f"form-action 'self'{_LEAVE}; frame-ancestors 'none'"
)
PERMISSIONS = "camera=(self), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()"


def only_from_here(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a content security policy where the view has not set a stricter one (stored files do), and no copies of pages."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        if "Cookie" in response.headers.get("Vary", ""):  # made for one visitor: a browser or a proxy keeps no copy
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return answer


def address(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: ``REMOTE_ADDR`` is the visitor's, as the outermost of our own ``PROXIES`` proxies saw it.

    What stands further left in ``X-Forwarded-For`` was written by the visitor.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if settings.PROXIES:
            seen = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")[-settings.PROXIES :]
            with suppress(ValueError):
                request.META["REMOTE_ADDR"] = str(ipaddress.ip_address(seen[0].strip()))
        return get_response(request)

    return answer


def and_the_reader(response: HttpResponse) -> HttpResponse:
    """``response``, whose page may also ask the card reader on the clerk's own machine."""
    if settings.CARD_READER:
        response.headers["Content-Security-Policy"] = f"{POLICY}; connect-src 'self' {settings.CARD_READER}"
    return response
