"""Keyed digests for finding a person by number or phone without keeping a plain index of them."""

import hashlib
import hmac

from django.conf import settings


def digest(value: str) -> str:
    """HMAC-SHA-256 (hex) of a normalised id number or phone under this instance's key; empty for an empty value."""
    if not value:
        return ""
    key = hashlib.sha256(b"tongban lookup\0" + settings.SECRET_KEY.encode()).digest()
    return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()
