"""The archive desk: working papers taken over, checked against what must be there, closed (十一); packages found again."""

from typing import Any

from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.archive import acts
from tongban.archive.queries import packages_visible_to
from tongban.archive.sheets import BOTH, sheet
from tongban.cases import readings
from tongban.cases.actions.door import NotFound, Refused
from tongban.cases.actions.forms import issue_form
from tongban.cases.queries import after, documents_visible_to, events_shown, visible_to
from tongban.cases.states import CaseState
from tongban.desks.doors import case_or_404, desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.law import standing
from tongban.desks.serve_file import gone
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic
from tongban.vault import store


def rail(staff: Staff, here: str = "-") -> list[dict[str, Any]]:
    """The desk's lists; what is archived is never counted: it grows."""
    waiting = visible_to(staff, Role.ARCHIVE).filter(state=CaseState.ARCHIVING).count()
    lists = [("waiting", "待归档", reverse("archive-list", args=["waiting"]), waiting),
             ("archived", "已归档", reverse("archive-list", args=["archived"]), None),
             ("loans", "借出", reverse("archive-loans"), None),
             ("transfers", "移交档案馆", reverse("archive-transfers"), None),
             ("disposals", "到期销毁", reverse("archive-disposals"), None)]  # fmt: skip
    entries = [{"label": label, "url": url, "count": count, "on": name == here} for name, label, url, count in lists]
    return [{"label": "归档", "entries": entries}]


@desk(Role.ARCHIVE)
def waiting(request: HttpRequest, which: str) -> HttpResponse:
    """Cases to be archived, oldest first; or what was archived, found again."""
    if which not in ("waiting", "archived"):
        raise Http404
    if which == "archived":
        return packages(request)
    staff = staff_of(request)
    rows = visible_to(staff, Role.ARCHIVE).filter(state=CaseState.ARCHIVING).select_related("version", "region")
    open_asks = models.Count("asks", filter=models.Q(asks__answered_at=None))
    page, more = after(rows.annotate(asked=models.Count("asks"), open_asks=open_asks), page_key(request))
    procedure = page[0].procedure if page else standing(staff)
    context = {
        "rows": page,
        "more": more,
        "procedure": procedure,
        "clauses_now": procedure.cite(Topic.ARCHIVING) if procedure else (),
        "rail": rail(staff, which),
    }
    return render(request, "archive/list.html", context)


def packages(request: HttpRequest) -> HttpResponse:
    """Packages by number, box, case, id number or year; oldest first."""
    staff = staff_of(request)
    typed, year = request.GET.get("for", "")[:60], request.GET.get("year", "")[:4]
    wanted = int(year) if year.isdecimal() and len(year) == 4 else None
    page, more = after(packages_visible_to(staff, typed, wanted), page_key(request))
    procedure = page[0].case.procedure if page else standing(staff)
    context = {
        "rows": page,
        "more": more,
        "typed": typed,
        "year": year,
        "keep": {"for": typed, "year": year},
        "procedure": procedure,
        "clauses_now": procedure.cite(Topic.ARCHIVING) if procedure else (),
        "rail": rail(staff, "archived"),
    }
    return render(request, "archive/packages.html", context)


@desk(Role.ARCHIVE)
def check_page(request: HttpRequest, number: str) -> HttpResponse:
    """What the package holds and what is missing from it; once archived, the package itself."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.ARCHIVE)
    readings.note(staff, number)
    package = packages_visible_to(staff).filter(case=case).first()
    context = {
        "case": case,
        "found": acts.check(case, list(case.items.all())),
        "package": package,
        "loan": package and package.loans.filter(returned_at=None).first(),
        "hold": package and case.holds.filter(lifted_at=None).first(),
        "asks": list(case.asks.select_related("asked_by", "answered_by")),
        "forms": list(case.forms.all()),
        "documents": list(documents_visible_to(staff).filter(item__case=case).select_related("item")),
        "events": list(events_shown(staff, case)),
        "procedure": case.procedure,
        "clauses_now": case.procedure.cite(Topic.ARCHIVING),
        "key": new_key(),
        "rail": rail(staff, "archived" if package else "waiting"),
    }
    return render(request, "archive/check.html", context)


@desk(Role.ARCHIVE)
@require_POST
def close(request: HttpRequest, number: str) -> HttpResponse:
    """Archive and close."""
    note = request.POST.get("note", "")
    act = lambda: acts.archive(staff_of(request), number, key=key_of(request), note=note)  # noqa: E731
    return perform(request, act, "已归档，办件关闭。", reverse("archive-check", args=[number]))


@desk(Role.ARCHIVE)
@require_POST
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Ask for what is missing."""
    act = lambda: acts.ask(staff_of(request), number, key=key_of(request))  # noqa: E731
    return perform(request, act, "已向责任岗位催要，答复会显示在这里。", reverse("archive-check", args=[number]))


@desk(Role.ARCHIVE)
@require_POST
def shelve(request: HttpRequest, number: str) -> HttpResponse:
    """Where the paper stands."""
    box, shelf = request.POST.get("box", ""), request.POST.get("shelf", "")
    act = lambda: acts.shelve(staff_of(request), number, key=key_of(request), box=box, shelf=shelf)  # noqa: E731
    return perform(request, act, "盒号和架位已登记。", reverse("archive-check", args=[number]))


@desk(Role.ARCHIVE)
@require_POST
def sheets(request: HttpRequest, number: str) -> HttpResponse:
    """Issue the cover of the file and the list of what it holds; one that was issued and still holds is not issued again."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.ARCHIVE)

    def act() -> None:
        key = key_of(request)
        package = packages_visible_to(staff).filter(case=case).exclude(packed_at=None).first()
        if package is None:
            raise Refused("归档信息包还没有制成，制成以后才有档号，请过一会儿再来。")
        there = set(case.forms.filter(withdrawn_at=None).values_list("kind", flat=True))
        for kind in BOTH:
            if kind not in there:
                issue_form(staff, number, key=f"{key}{kind[-1]}", kind=kind, data=sheet(package, kind, staff))

    return perform(
        request, act, "归档封面和卷内文件目录已出具，在文书里打印。", reverse("archive-check", args=[number])
    )


@desk(Role.ARCHIVE)
@require_POST
def export(request: HttpRequest, number: str) -> HttpResponse:
    """The package as a plain file, once its purpose is on the record."""
    staff = staff_of(request)
    purpose = request.POST.get("purpose", "")
    try:
        acts.export(staff, number, key=key_of(request), purpose=purpose)
    except NotFound as error:
        raise Http404 from error
    except Refused as error:
        refusal = error
        return perform(request, lambda: _refuse(refusal), "", reverse("archive-check", args=[number]))
    package = packages_visible_to(staff).get(case__number=number)
    readings.note(staff, number, f"导出 {package.number}")
    try:
        response = HttpResponse(store.read(package.digest), content_type="application/zip")
    except store.Damaged as error:
        return gone(error)
    response["Content-Disposition"] = f'attachment; filename="{package.number}.zip"'
    response["Cache-Control"] = "private, no-store"
    return response


def _refuse(error: Refused) -> Any:
    raise error
