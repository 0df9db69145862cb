"""Links that open one thing of one case to who holds them: signed, so that none can be made up or counted through."""

import base64
import hashlib
import hmac

from django.conf import settings

from tongban.cases import numbers
from tongban.cases.models import Case
from tongban.vault.keys import from_master

LENGTH = 20  # characters of the signature: 100 bits


def sign(use: str, what: str) -> str:
    """The signature of ``what`` for one ``use``, in lower-case letters and digits; the same for ever."""
    made = hmac.new(from_master(f"link {use}"), what.encode(), hashlib.sha256).digest()
    return base64.b32encode(made).decode().lower()[:LENGTH]


def signed(use: str, what: str, signature: str) -> bool:
    """Whether ``signature`` is ours."""
    return hmac.compare_digest(sign(use, what), signature.lower()) if signature.isascii() else False


def rating_path(number: str) -> str:
    """The page on which who holds the link may rate the case ``number``."""
    return f"/rate/{number}/{sign('rating', number)}/"


def rating_url(number: str) -> str:
    """The same with the instance's public address; empty where none is set."""
    return f"{settings.PUBLIC_URL}{rating_path(number)}" if settings.PUBLIC_URL else ""


def case_of(number: str, signature: str) -> Case | None:
    """The case a rating link opens, or None: the same for a wrong number and a wrong signature."""
    wanted = numbers.normalise(number)
    if not signed("rating", wanted, signature):
        return None
    return Case.objects.select_related("version", "window", "region").filter(number=wanted).first()
