"""What every desk's view needs: who may enter, one case that may be seen, an act done and its answer shown."""

import logging
import uuid
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme

from tongban.cases.actions.door import NotFound, Refused
from tongban.cases.models import Case
from tongban.cases.queries import visible_to
from tongban.desks.uploads import FULL
from tongban.people.models import Staff
from tongban.people.record import DoneBefore, Forbidden
from tongban.vault import throttle

logger = logging.getLogger(__name__)


def staff_of(request: HttpRequest) -> Staff:
    """The logged-in staff member of a view behind :func:`desk`."""
    assert isinstance(request.user, Staff)
    return request.user


def place_of(request: HttpRequest) -> str:
    """Where a request comes from, as tries are counted."""
    return throttle.place(request.META.get("REMOTE_ADDR", ""))


def inside(request: HttpRequest, wanted: str, otherwise: str) -> str:
    """``wanted`` where it is a page of this server that a header can name, else ``otherwise``."""
    fits = (
        wanted.startswith("/")
        and wanted.isprintable()
        and url_has_allowed_host_and_scheme(wanted, {request.get_host()})
    )
    return wanted if fits else otherwise


View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """A view for whoever is logged in, with a duty or without."""

    @wraps(view)
    def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return view(request, *args, **kwargs)

    return enter


def desk(*roles: str) -> Callable[[View], View]:
    """A view for staff holding one of ``roles`` (any role when none is named).

    Nobody is sent to log in; somebody without the right gets the same 404 as for a page that does not exist.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def enter(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not staff_of(request).holds(*roles) if roles else not staff_of(request).duties_now:
                raise Http404
            return view(request, *args, **kwargs)

        return enter

    return decorate


def case_or_404(staff: Staff, number: str, *roles: str) -> Case:
    """The case by its number when ``staff`` may see it, with version, region and window; else 404."""
    seen = visible_to(staff, *roles).select_related("version", "region", "window", "taken_by")
    case = seen.filter(number=number).first()
    if case is None:
        raise Http404
    return case


def page_key(request: HttpRequest) -> int | None:
    """The key a page of a list begins behind (``?after=``), or None."""
    given = request.GET.get("after", "")
    return int(given) if given.isdecimal() and len(given) < 19 else None


def new_key() -> str:
    """A submission key for a form: rendered as hidden field ``key``, it makes the act happen once."""
    return uuid.uuid4().hex


def key_of(request: HttpRequest) -> str:
    """The submission key posted. Raises :class:`Refused` when it is missing or not one of ours."""
    key = request.POST.get("key", "")
    if not (16 <= len(key) <= 64 and key.replace("-", "").isalnum()):
        raise Refused("页面已过期，请刷新后重新提交。")
    return key


def perform(request: HttpRequest, act: Callable[[], object], done: str, back: str) -> HttpResponse:
    """Do an act of a POST and go ``back`` (a URL) with what came of it as a flash message.

    A refusal's message is shown whole; a case that may not be seen is a 404. What the file store had no room for is said.
    """
    try:
        act()
    except (NotFound, Forbidden) as error:
        raise Http404 from error
    except DoneBefore as error:
        messages.warning(request, str(error))
    except Refused as error:
        detail = "".join(message for message in error.fields.values() if message != str(error))
        messages.error(request, f"{error}{detail}")
    except OSError:
        logger.exception("the file store did not take what was sent to %s", request.path)
        messages.error(request, FULL)
    else:
        messages.success(request, done)
    return redirect(back)
