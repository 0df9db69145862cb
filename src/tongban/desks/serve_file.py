"""Stored bytes to a browser: never sniffed, never cached by others, shown only where that is safe."""

import logging
from urllib.parse import quote

from django.http import HttpResponse

from tongban.vault import store

logger = logging.getLogger(__name__)
SHOWN = ("image/jpeg", "image/png", "application/pdf")


def file_response(digest: str, filename: str, media_type: str, *, download: bool = False) -> HttpResponse:
    """The stored file ``digest`` as a response, inline where the kind is safe to show; a damaged one is said (410)."""
    try:
        return shown(store.read(digest), filename, media_type, download=download)
    except store.Damaged as error:
        return gone(error)


def shown(content: bytes, filename: str, media_type: str, *, download: bool = False) -> HttpResponse:
    """``content`` as a response that no browser sniffs, keeps or lets act."""
    response = HttpResponse(content, content_type=media_type)
    how = "inline" if media_type in SHOWN and not download else "attachment"
    response["Content-Disposition"] = f"{how}; filename*=UTF-8''{quote(filename, safe='')}"
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    policy = "default-src 'none'; img-src 'self'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    # A browser's own PDF viewer does not run in a sandbox; what acts in a PDF was refused on its way in.
    response["Content-Security-Policy"] = policy if media_type == "application/pdf" else f"{policy}; sandbox"
    return response


def gone(error: store.Damaged) -> HttpResponse:
    """What is said when stored bytes are missing or altered; the log names the file for the administrator."""
    logger.error("stored file: %s", error)
    return HttpResponse(str(error), status=410, content_type="text/plain; charset=utf-8")
