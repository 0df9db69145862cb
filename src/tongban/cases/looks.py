"""What the machine is asked to look at of a material, and what its answers come to: the same at the window and by the API."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils import timezone

from tongban.cases.application import FileGiven, FindingGiven
from tongban.checks.looking import Look
from tongban.checks.models import Check
from tongban.people.models import Region
from tongban.procedure.model import Material, Procedure
from tongban.procedure.photo import PhotoLimits
from tongban.rules.card import Card, differences
from tongban.rules.machine import Matched, Seen, of_differences
from tongban.vault.store import Stored


@dataclass(frozen=True)
class Bound:
    """The one PDF/A made of several files of a material."""

    stored: Stored
    pages: int


def limits(procedure: Procedure, region: Region | None = None) -> dict[str, Any]:
    """What the procedure, and above it the region that handles the case, asks of a photo otherwise than the standard."""
    asked_here = PhotoLimits(**(region.photo if region else {})).over(procedure.policy.photo)
    return asked_here.model_dump(exclude_defaults=True)


def looks(
    material: Material, files: Sequence[Stored], photo: Mapping[str, Any], scanned: Sequence[Stored] = ()
) -> list[Look]:
    """What is to be looked at of a material's files: a card's sides together, anything else one by one. ``photo``: limits.

    ``scanned``: those the scanner made, which are looked at as scans whatever they show; several are bound.
    """
    if not files or material.check is None:
        return []
    if material.check == "idcard":
        card = Look("idcard", *_named(files[:2]), {"today": timezone.localdate().isoformat()})
        together = [Look("pages", *_named(files))] if len(scanned) == len(files) > 1 else []
        return [card, *(Look("scan", *_named([file])) for file in scanned), *together]
    limited = {"limits": dict(photo)} if material.check == "photo" else {}
    each = [Look(material.check, *_named([file]), limited) for file in files]
    if material.check == "scan" and len(files) > 1:
        each.append(Look("pages", *_named(files)))
    return each


def _named(files: Sequence[Stored]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return tuple(file.digest for file in files), tuple(file.media_type for file in files)


def results_of(checks: Iterable[Check]) -> list[tuple[str, dict[str, Any]]]:
    """Kind and result of each look that is done."""
    return [(one.kind, one.result) for one in checks if one.state == Check.State.DONE and one.result]


def findings_in(results: Iterable[tuple[str, dict[str, Any]]]) -> dict[str, Seen]:
    """Code → the first finding of that code."""
    said: dict[str, Seen] = {}
    for one in (finding for _, result in results for finding in result["findings"]):
        numbers = ("" if one[name] is None else str(one[name]) for name in ("measured", "required"))
        said.setdefault(one["code"], Seen(one["code"], one["level"], one["message"], *numbers))
    return said


def card_in(results: Iterable[tuple[str, dict[str, Any]]]) -> Card | None:
    """The identity card that was read; its number only where it is a right one."""
    read = next((result for kind, result in results if kind == "idcard"), None)
    if read is None:
        return None
    until = read["valid_until"]
    return Card(
        name=read["name"] or "",
        number=(read["number"] or "") if read["number_valid"] else "",
        address=read["address"] or "",
        valid_until=date.fromisoformat(until) if until else None,
        long_term=bool(read["long_term"]),
    )


def differing(read: Card | None, typed: Card, *, masked: bool) -> dict[str, Seen]:
    """Code → what a card that was read says otherwise than what was ``typed``; ``masked``: without the values."""
    found = of_differences(differences(read, typed), masked=masked) if read else ()
    return {one.code: one for one in found}


def bound_in(results: Iterable[tuple[str, dict[str, Any]]]) -> Bound | None:
    """The one file made of several; None where there is none, or it could not be made."""
    made = next((result for kind, result in results if kind == "pages"), None)
    if not made or "digest" not in made:
        return None
    return Bound(Stored(made["digest"], made["size"], "application/pdf"), made["pages"])


def with_bound(given: Sequence[FileGiven], bound: Stored | None, name: str) -> tuple[FileGiven, ...]:
    """The files of a material called ``name``; where its scans were ``bound`` into one, that one first and the originals behind.

    A licence of the licence service stays the file it is: what it is signed with would be lost.
    """
    if bound is None:
        return tuple(given)
    licences = [one for one in given if one.licence]
    pages = [one for one in given if not one.licence]
    originals = [
        replace(one, filename=f"原页 {number}-{one.filename}", merged_into=bound.digest)
        for number, one in enumerate(pages, 1)
    ]
    return (FileGiven(bound, f"{name}.pdf", pages[0].source), *originals, *licences)


def kept(matched: Iterable[Matched], reasons: Mapping[str, str]) -> tuple[FindingGiven, ...]:
    """What a case keeps of findings; ``reasons``: code → why a person overruled the tick."""
    return tuple(
        FindingGiven(
            error=one.error,
            said=one.seen.message,
            code=one.seen.code,
            level=one.seen.level,
            standing=one.ticks and not reasons.get(one.seen.code),
            reason=reasons.get(one.seen.code, "") if one.ticks else "",
        )
        for one in matched
    )
