"""The archive desk: working papers taken over, checked against what must be there, closed (十一)."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.archive.acts import archive, check
from tongban.cases import readings
from tongban.cases.queries import after, visible_to
from tongban.cases.states import CaseState
from tongban.desks.doors import case_or_404, desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.law import standing
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic

LISTS = {"waiting": ("待归档", CaseState.ARCHIVING), "archived": ("已归档", CaseState.ARCHIVED)}


def rail(staff: Staff, here: str = "-") -> list[dict[str, Any]]:
    """The desk's lists; what is archived is never counted: it grows."""
    counts = {"waiting": visible_to(staff, Role.ARCHIVE).filter(state=CaseState.ARCHIVING).count()}
    entries = [
        {"label": label, "url": reverse("archive-list", args=[name]), "count": counts.get(name), "on": name == here}
        for name, (label, _) in LISTS.items()
    ]
    return [{"label": "归档", "entries": entries}]


@desk(Role.ARCHIVE)
def waiting(request: HttpRequest, which: str) -> HttpResponse:
    """Cases to be archived, or archived, oldest first."""
    if which not in LISTS:
        raise Http404
    staff = staff_of(request)
    label, state = LISTS[which]
    rows = visible_to(staff, Role.ARCHIVE).filter(state=state).select_related("version", "region")
    page, more = after(rows, page_key(request))
    procedure = page[0].procedure if page else standing(staff)
    context = {
        "title": label,
        "which": which,
        "rows": page,
        "more": more,
        "procedure": procedure,
        "clauses_now": procedure.cite(Topic.ARCHIVING) if procedure else (),
        "rail": rail(staff, which),
    }
    return render(request, "archive/list.html", context)


@desk(Role.ARCHIVE)
def check_page(request: HttpRequest, number: str) -> HttpResponse:
    """What the package holds and what is missing from it."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.ARCHIVE)
    readings.note(staff, number)
    context = {
        "case": case,
        "found": check(case, list(case.items.all())),
        "forms": list(case.forms.all()),
        "events": list(case.events.order_by("sequence")),
        "procedure": case.procedure,
        "clauses_now": case.procedure.cite(Topic.ARCHIVING),
        "key": new_key(),
        "rail": rail(staff, "waiting"),
    }
    return render(request, "archive/check.html", context)


@desk(Role.ARCHIVE)
@require_POST
def close(request: HttpRequest, number: str) -> HttpResponse:
    """Archive and close."""
    note = request.POST.get("note", "")
    act = lambda: archive(staff_of(request), number, key=key_of(request), note=note)  # noqa: E731
    return perform(request, act, "已归档，办件关闭。", reverse("archive-check", args=[number]))
