"""How long a log-in lasts: it ends when nobody works, and at the end of a long day."""

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from tongban.vault.sealed import seal, unseal


class SealedSession:
    """How a session is kept: sealed, for what a page says once may name a person."""

    def dumps(self, obj: Any) -> bytes:
        """Sealed bytes of a session's data."""
        return seal(json.dumps(obj).encode(), "session")

    def loads(self, data: bytes) -> Any:
        """A session's data."""
        return json.loads(unseal(data, "session"))


NOTED = 60  # seconds between two notes of somebody at work: not every request writes


def limited(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: end a session idle for ``SESSION_IDLE`` seconds or older than ``SESSION_LONGEST``.

    The answer leads to the log-in and back; within a page that htmx brings up to date, the whole page goes there.
    """

    def answer(request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return get_response(request)
        now = time.time()
        since = request.session.setdefault("since", now)
        seen = request.session.setdefault("seen", now)
        if now - seen > settings.SESSION_IDLE or now - since > settings.SESSION_LONGEST:
            logout(request)
            return ended(request)
        if now - seen > NOTED and "X-Poll" not in request.headers:  # a page that asks by itself is nobody at work
            request.session["seen"] = now
        return get_response(request)

    return answer


def ended(request: HttpRequest) -> HttpResponse:
    """To the log-in, and from there back to the page that was open."""
    page = request.htmx.current_url_abs_path if request.htmx else request.get_full_path()  # type: ignore[attr-defined]
    url = f"{reverse('login')}?ended=1"
    if page and (request.method == "GET" or request.htmx):  # type: ignore[attr-defined]
        url += "&next=" + quote(page)
    return HttpResponseClientRedirect(url) if request.htmx else redirect(url)  # type: ignore[attr-defined]
