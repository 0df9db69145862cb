"""Many at once: chosen in a list and done with an answer each; a table of decisions out, in, tried, imported."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from tongban.cases import batches, decision_table, readings
from tongban.cases.actions.door import Refused
from tongban.cases.models import Batch
from tongban.cases.queries import items_visible_to
from tongban.cases.states import ItemState
from tongban.desks.department.lists import LISTS, rail
from tongban.desks.doors import desk, key_of, new_key, staff_of
from tongban.people.models import Role
from tongban.vault import uploads

MOST_CHOSEN = 19  # digits of an id
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BACK = {Batch.Kind.ACCEPT: "pushed", Batch.Kind.GRANT: "accepted", Batch.Kind.REFUSE: "accepted"}


@desk(Role.DEPARTMENT)
@require_POST
def start(request: HttpRequest, kind: str) -> HttpResponse:
    """Do ``kind`` on the items that are ticked, or on all of the list."""
    if kind not in BACK:
        raise Http404
    staff, state = staff_of(request), BACK[Batch.Kind(kind)]
    seen = items_visible_to(staff, Role.DEPARTMENT)
    chosen = [int(pk) for pk in request.POST.getlist("item") if pk.isdecimal() and len(pk) < MOST_CHOSEN]
    whole = bool(request.POST.get("whole"))  # what was ticked is tried even if somebody was first: its line says so
    seen = seen.filter(state__in=LISTS[state][1]) if whole else seen.filter(pk__in=chosen)
    reason = request.POST.get("reason", "").strip() if kind == Batch.Kind.REFUSE else ""
    items = seen.select_related("case__version", "case__region", "case__window").order_by("pk")[: batches.MOST + 1]
    try:
        batch = batches.ask(staff, kind, items, key_of(request), reason)
    except Refused as error:
        messages.error(request, str(error))
        return redirect("department-list", state)
    return redirect("department-batch", batch.pk)


def _batch(request: HttpRequest, batch_id: int) -> Batch:
    batch = batches.batch_of(staff_of(request), batch_id)
    if batch is None:
        raise Http404
    return batch


@desk(Role.DEPARTMENT)
@require_GET
def show(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Each row with its answer; asked again by the page itself until all have one."""
    batch = _batch(request, batch_id)
    lines = [
        {"row": row, "fine": batch.results[place][0], "said": batch.results[place][1]}
        for place, row in enumerate(batch.rows[: batch.done])
    ]
    lines.sort(key=lambda line: bool(line["fine"]))  # what went wrong first; else in their order
    fine = sum(bool(line["fine"]) for line in lines)
    context = {
        "batch": batch,
        "lines": lines,
        "fine": fine,
        "wrong": len(lines) - fine,
        "back": reverse("department-list", args=[BACK.get(Batch.Kind(batch.kind), "accepted")]),
        "key": new_key(),
    }
    if request.headers.get("HX-Request"):
        return render(request, "department/batch_state.html", context)
    return render(request, "department/batch.html", context | {"rail": rail(staff_of(request))})


@desk(Role.DEPARTMENT)
@require_GET
def table(request: HttpRequest) -> HttpResponse:
    """The open items as a table to be filled in."""
    staff = staff_of(request)
    running = items_visible_to(staff, Role.DEPARTMENT).filter(state=ItemState.ACCEPTED).select_related("case")
    items = list(running.order_by("due", "pk")[: decision_table.MOST])
    readings.listed(staff, {item.case.number for item in items}, "决定表")
    response = HttpResponse(decision_table.table(items), content_type=XLSX)
    name = quote(f"决定表-{timezone.localdate()}.xlsx")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    response["Cache-Control"] = "private, no-store"
    return response


@desk(Role.DEPARTMENT)
def decisions(request: HttpRequest) -> HttpResponse:
    """The table of decisions: download, and upload to have every row tried. Nothing is decided yet."""
    staff = staff_of(request)
    if request.method == "POST":
        try:
            key, upload = key_of(request), request.FILES.get("file")
            if upload is None:
                raise Refused("请选择填好的决定表。")
            data = upload.read()
            if not uploads.tidy(upload.name or "").lower().endswith(".xlsx"):
                raise Refused("请上传 .xlsx 文件：先下载模板，填好后再传。")
            return redirect("department-batch", batches.check(staff, decision_table.read(data), data, key).pk)
        except Refused as error:
            messages.error(request, str(error))
    context: dict[str, Any] = {"rail": rail(staff, "decisions"), "key": new_key(), "how": decision_table.HOW}
    return render(request, "department/decisions.html", context)


@desk(Role.DEPARTMENT)
@require_POST
def take(request: HttpRequest, batch_id: int) -> HttpResponse:
    """Import what was tried: the whole table, or the rows without fault."""
    tried = _batch(request, batch_id)
    try:
        key_of(request)
        batch = batches.take(staff_of(request), tried, all_of_them=request.POST.get("which") == "all")
    except Refused as error:
        messages.error(request, str(error))
        return redirect("department-batch", tried.pk)
    return redirect("department-batch", batch.pk)
