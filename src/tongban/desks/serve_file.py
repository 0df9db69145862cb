"""Stored bytes to a browser: never sniffed, never cached by others, shown only where that is safe."""

from urllib.parse import quote

from django.http import HttpResponse

from tongban.vault import store

SHOWN = ("image/jpeg", "image/png", "application/pdf")


def file_response(digest: str, filename: str, media_type: str, *, download: bool = False) -> HttpResponse:
    """The stored file ``digest`` as a response, inline where the kind is safe to show. Raises ``Damaged``."""
    response = HttpResponse(store.read(digest), content_type=media_type)
    how = "inline" if media_type in SHOWN and not download else "attachment"
    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(filename, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Content-Security-Policy"] = (
        "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'"
    )
    return response
