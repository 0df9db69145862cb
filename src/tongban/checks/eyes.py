"""Each kind of look: files and what was given in, a plain result out (pages also leave a file in the vault). The imaging room is imported at the first look."""

import base64
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from tongban.procedure.photo import PhotoLimits
from tongban.vault import store

Result = dict[str, Any]


def photo(files: Sequence[bytes], given: dict[str, Any]) -> Result:
    """A portrait against limits; only the first file."""
    from tongban.imaging.photo import check

    return check(files[0], PhotoLimits(**given.get("limits", {}))).json()


def idcard(files: Sequence[bytes], given: dict[str, Any]) -> Result:
    """The card on one or two files, with the name's cut-out as base64 of a PNG."""
    from tongban.imaging.idcard import read

    reading = read(files[0], files[1] if len(files) > 1 else None, date.fromisoformat(given["today"]))
    cutout = base64.b64encode(reading.name_cutout).decode() if reading.name_cutout else ""
    return reading.json() | {"name_cutout": cutout}


def fixed(data: bytes, limits: dict[str, Any], *, whiten: bool) -> tuple[bytes, tuple[str, ...]]:
    """A conforming photo cut from a good larger one, and what was done. Raises :class:`ValueError` (Chinese): it cannot be."""
    from tongban.imaging.photo_fix import fix

    made = fix(data, PhotoLimits(**limits), whiten=whiten)
    return made.data, made.steps


def scan(files: Sequence[bytes], given: dict[str, Any]) -> Result:
    """Any other scan; only the first file."""
    from tongban.imaging.scan import check

    return check(files[0]).json()


def pages(files: Sequence[bytes], given: dict[str, Any]) -> Result:
    """All files bound into one PDF/A, in the vault; ``fault`` says why they could not be bound."""
    from tongban.imaging.pages import NotBound, bind

    try:
        bound = bind(files, timezone.now())
    except NotBound as error:
        return {"findings": [], "fault": str(error)}
    kept = store.store(bound.pdf, "pages.pdf")
    return {"findings": [], "digest": kept.digest, "size": kept.size, "pages": bound.pages}


def ready() -> None:
    """Load the models that read text: in the worker at its start, so that nobody waits for them at the first card."""
    from tongban.imaging.text import load

    load()


EYES: dict[str, Callable[[Sequence[bytes], dict[str, Any]], Result]] = {
    "photo": photo,
    "idcard": idcard,
    "scan": scan,
    "pages": pages,
}

# Raised with a check that sees otherwise than before: what it said of a file is not taken for what it would say now.
VERSIONS = {"photo": 1, "idcard": 1, "scan": 1, "pages": 1}
