"""The end of the day at a desk: what should be here, what is; and what is looked for."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.cases.actions.department import reason_given
from tongban.cases.actions.door import Refused
from tongban.custody import acts, holdings
from tongban.custody.holdings import DESKS, Held
from tongban.custody.stocktaking import close_day, last_closing
from tongban.desks.doors import desk, key_of, perform, staff_of
from tongban.desks.paper.views import Answer, duty_of, each, frame


def _back(request: HttpRequest, name: str) -> str:
    return f"{reverse(name)}?at={duty_of(request).pk}"


@desk(*DESKS)
def page(request: HttpRequest) -> HttpResponse:
    """Scan or tick what is here; what is not becomes something to look for."""
    staff, duty = staff_of(request), duty_of(request)
    here = holdings.held(staff, duty)
    context = {"here": here, "last": last_closing(duty)}
    if request.method != "POST":
        return render(request, "paper/closing.html", frame(request, duty, **context))
    lines = [line.strip() for line in request.POST.get("codes", "").splitlines() if line.strip()]
    there = set(holdings.as_codes(lines).values())
    ticked = set(request.POST.getlist("ref"))
    absent = [row for row in here if row.ref not in ticked and row.code not in there]
    strange = sorted(there - {row.code for row in here})
    if request.POST.get("sure") != "1" and (absent or strange):
        more = context | {"absent": absent, "strange": _strange(request, strange), "ticked": ticked, "typed": there}
        return render(request, "paper/closing.html", frame(request, duty, **more))
    try:
        key = key_of(request)
        note = reason_given(request.POST.get("note", ""), "差异说明", needed=bool(absent), name="note")
        found = each(
            [Answer(row.code, row) for row in absent], key, lambda held, own: _report(request, held, own, note)
        )
        close_day(staff, duty, key=key, expected=len(here), found=len(here) - len(absent))
    except Refused as error:
        more = context | {"absent": absent, "strange": _strange(request, strange), "ticked": ticked, "typed": there}
        return render(request, "paper/closing.html", frame(request, duty, error=str(error), **more), status=422)
    refused = [answer for answer in found if answer.refused]
    for answer in refused:
        messages.error(request, f"{answer.code}：{answer.refused}")
    said = f"，{len(absent)} 件不在，已列入查找" if absent else "，全部在"
    messages.success(request, f"已清点：应有 {len(here)} 件{said}。")
    return redirect(_back(request, "paper-missing" if absent else "paper-closing"))


def _strange(request: HttpRequest, codes: list[str]) -> list[Answer]:
    """What was scanned and does not belong here, with where it should be."""
    staff, duty = staff_of(request), duty_of(request)
    known = holdings.find(staff, duty, codes) if codes else {}
    found = []
    for code in codes:
        found += [
            Answer(code, row, f"系统里在“{row.where}”，由{row.holder}负责；请先签收。") for row in known[code]
        ] or [Answer(code, None, holdings.why_not(code))]
    return found


def _report(request: HttpRequest, held: Held, key: str, note: str) -> Any:
    duty = duty_of(request)
    return acts.report_missing(staff_of(request), held.number, key=key, ref=held.ref, role=duty.role, note=note)


@desk(*DESKS)
def missing(request: HttpRequest) -> HttpResponse:
    """What this desk is looking for."""
    staff, duty = staff_of(request), duty_of(request)
    rows = list(holdings.missing(staff, duty)[: holdings.LIMIT])
    return render(request, "paper/missing.html", frame(request, duty, rows=rows))


@desk(*DESKS)
@require_POST
def report(request: HttpRequest) -> HttpResponse:
    """Report one piece as missing, at once."""
    staff, duty = staff_of(request), duty_of(request)
    ref = request.POST.get("ref", "")
    rows = [*holdings.coming(staff, duty), *holdings.held(staff, duty)]
    row = next((row for row in rows if row.ref == ref), None)
    if row is None:
        raise Http404
    note = request.POST.get("note", "")
    return perform(
        request,
        lambda: _report(request, row, key_of(request), note),
        "已报失，列入查找。",
        _back(request, "paper-missing"),
    )


@desk(*DESKS)
@require_POST
def end(request: HttpRequest, missing_id: int) -> HttpResponse:
    """It was found, or it was made anew."""
    staff, duty = staff_of(request), duty_of(request)
    row = holdings.missing(staff, duty).filter(pk=missing_id).first()
    if row is None:
        raise Http404
    act = acts.replaced if request.POST.get("outcome") == "replaced" else acts.found
    note = request.POST.get("note", "")
    return perform(
        request,
        lambda: act(staff, row.case.number, key=key_of(request), missing_id=missing_id, note=note),
        "已记下，查找了结。",
        _back(request, "paper-missing"),
    )
