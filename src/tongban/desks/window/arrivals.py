"""What comes in later for a case, at a supplement or where a material was tolerated: by the same ways as at intake, looked at by
the same machine. Files wait in a draft of the case until the act takes them over.
"""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongban.capture import licences
from tongban.cases.application import FileGiven, FindingGiven
from tongban.cases.models import Case, CaseMaterial, Draft
from tongban.desks.doors import desk, staff_of
from tongban.desks.window import draft as form
from tongban.desks.window.intake import TAKES, draft_or_404
from tongban.desks.window.seen import MaterialSeen, seen
from tongban.people.models import Role, Staff
from tongban.vault import store

OVERRULE = "机器看到了问题：请换一份，或者逐条写明理由改判。"


def draft_of(case: Case, staff: Staff) -> Draft:
    """The draft in which files for ``case`` wait; begun by whoever opens the page first."""
    begun = {"staff": staff, "window": case.window, "version": case.version, "body": {"fields": {}, "files": {}}}
    return Draft.objects.select_related("version", "case").get_or_create(case=case, defaults=begun)[0]


def rows(draft: Draft, *, asks: bool, errors: Mapping[str, str] | None = None) -> list[dict[str, Any]]:
    """One row of the page for each material the draft may take in."""
    wanted = form.wanted_of(draft)
    machine = seen(draft, [row.index for row in wanted], asks=asks)
    return [_row(draft, row, machine[row.index], (errors or {}).get(f"file_{row.index}", "")) for row in wanted]


def _row(draft: Draft, row: CaseMaterial, machine: MaterialSeen, error: str) -> dict[str, Any]:
    fields = draft.body.get("fields", {})
    return {
        "place": row.index,
        "row": row,
        "material": draft.version.procedure.materials[row.index],
        "files": draft.body.get("files", {}).get(str(row.index), []),
        "seen": machine,
        "most": store.limit(),
        "state": form.one(fields, f"state_{row.index}"),
        "ticked": fields.get(f"defect_{row.index}", []),
        "other": form.one(fields, f"other_{row.index}"),
        "tolerate": form.one(fields, f"tolerate_{row.index}"),
        "judged": not row.tolerated,  # a clerk ticks errors of it
        "error": error,
    }


def context(draft: Draft, staff: Staff) -> dict[str, Any]:
    """What the ways in need on a page beside the rows."""
    cards = [place for place, _ in form.asked_of(draft) if draft.version.procedure.materials[place].check == "idcard"]
    here = any(duty.window_id == draft.window_id for duty in staff.duties_as(Role.WINDOW))
    return {
        "draft": draft,
        "reader": settings.CARD_READER if cards else "",
        "cards": str(cards[0]) if cards else "",
        "tray": bool(settings.SCANS) and here,
        "licences": licences.there() and staff.holds(Role.WINDOW),
        "today": timezone.localdate(),
    }


def given(draft: Draft, place: int) -> tuple[tuple[FileGiven, ...], tuple[FindingGiven, ...]]:
    """The files that wait for a material, and what the machine and the clerk say of them."""
    row = next((one for one in rows(draft, asks=True) if one["place"] == place), None)
    if row is None:
        return (), ()
    machine: MaterialSeen = row["seen"]
    return form.files(draft.body, place, machine.bound_file, row["row"].name), machine.kept


@transaction.atomic
def save(request: HttpRequest, draft_id: UUID) -> Draft:
    """The draft with the fields posted; its files stay."""
    draft = draft_or_404(staff_of(request), draft_id, to_change=True)
    if draft.case_id is None:  # an intake being typed is saved by its own page
        raise Http404
    draft.body = {**draft.body, "fields": form.fields_of(request.POST)}
    draft.save(update_fields=["body", "updated_at"])
    return draft


@desk(*TAKES)
@require_POST
def check(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Save what is typed; the answer is which ticks of the machine stand now."""
    draft = save(request, draft_id)
    return render(request, "window/arrived.html", {"materials": rows(draft, asks=True)})


@transaction.atomic
def taken_over(draft: Draft, places: Iterable[int]) -> None:
    """Let go of the files the act took over, and of the draft when nothing waits in it any more. One that came meanwhile stays."""
    now = Draft.objects.select_for_update().filter(pk=draft.pk).first()
    if now is None:
        return
    for place in places:
        used = {file["id"] for file in draft.body["files"].get(str(place), [])}
        files = [file for file in now.body["files"].get(str(place), []) if file["id"] not in used]
        now.body["files"][str(place)] = files
    if any(now.body["files"].values()):
        now.save(update_fields=["body", "updated_at"])
    else:
        now.delete()
