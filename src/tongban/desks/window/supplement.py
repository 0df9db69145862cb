"""The next visit: what was asked at the first, what has come, and the review again (八（三）, 八（四）)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tongban.cases import readings
from tongban.cases.actions.door import Refused
from tongban.cases.actions.forms import issue_form
from tongban.cases.actions.supplement import supplement, supply, verdict_of
from tongban.cases.application import FileGiven, MaterialGiven
from tongban.cases.models import Case, Draft
from tongban.cases.sheets import supplied_sheet
from tongban.cases.states import CaseState
from tongban.desks.doors import case_or_404, desk, key_of, new_key, perform, staff_of
from tongban.desks.headers import and_the_reader
from tongban.desks.uploads import taken
from tongban.desks.window import arrivals
from tongban.desks.window import draft as form
from tongban.desks.window.intake import history, issue_first_forms
from tongban.desks.window.rail import rail, tolerated_rows
from tongban.people.models import Role
from tongban.procedure.model import Topic
from tongban.rules.review import MaterialState
from tongban.vault import store, uploads
from tongban.vault.kinds import NotAccepted


def stored(request: HttpRequest, name: str, errors: dict[str, str]) -> tuple[FileGiven, ...]:
    """The files posted under ``name``, in the vault. What cannot be taken becomes an error of the field."""
    found = []
    for upload in request.FILES.getlist(name):
        title = uploads.tidy(upload.name or "")
        try:
            found.append(FileGiven(taken(upload), title))
        except NotAccepted as error:
            errors[name] = f"“{title}”：{error}"
    return tuple(found)


def _given(draft: Draft, errors: dict[str, str]) -> tuple[MaterialGiven, ...]:
    """Every material of the case: with the verdict typed for it, else with the one it has."""
    fields: form.Fields = draft.body["fields"]
    given = []
    for one in arrivals.rows(draft, asks=True):
        row, machine = one["row"], one["seen"]
        files = form.files(draft.body, row.index, machine.bound_file, row.name)
        standing = machine.standing
        verdict = form.verdict(fields, row.index, standing) or verdict_of(row)
        if standing and form.one(fields, f"state_{row.index}") == MaterialState.CONFORMS:
            errors[f"file_{row.index}"] = "机器看到了问题：按“不符合”提交，或者逐条写明理由改判。"
        conforms = verdict.state is MaterialState.CONFORMS
        kept = (
            row.state in (MaterialState.CONFORMS, MaterialState.DEFECTIVE)
            and row.files.filter(withdrawn=False).exists()
        )
        if conforms and not files and not kept and not row.forwarded:
            errors[f"file_{row.index}"] = f"请扫描或上传补来的“{row.name}”。"
        elif conforms and row.state == MaterialState.DEFECTIVE and not files and not row.forwarded:
            errors[f"file_{row.index}"] = f"上次的“{row.name}”有问题，请上传补正后的。"
        original = bool(form.one(fields, f"original_{row.index}")) or row.original_shown
        until = (form.runs_out(draft.body, row.index) if files else None) or row.valid_until
        given.append(MaterialGiven(verdict, original, files, machine.kept, until))
    return tuple(given)


@desk(Role.WINDOW)
def page(request: HttpRequest, number: str) -> HttpResponse:
    """What was asked; the verdicts now; the act."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.WINDOW)
    if case.state != CaseState.SUPPLEMENTING:
        messages.info(request, f"这个办件现在是“{case.get_state_display()}”。")
        return redirect("case", number)
    readings.note(staff, number)
    draft = arrivals.draft_of(case, staff)
    errors: dict[str, str] = {}
    if request.method == "POST":
        draft = arrivals.save(request, draft.pk)
        given = _given(draft, errors)
        answer = None if errors else _submit(request, case, draft, given, errors)
        if answer:
            return answer
    asked = {defect["material"]: defect for defect in case.defects}
    earlier = history(draft, staff)
    materials = [
        row
        | {
            "asked": asked.get(row["place"]),
            "state": row["state"] or ("" if row["place"] in asked else row["row"].state),
            "judged": True,
            "earlier": earlier.get(row["place"], []),
        }
        for row in arrivals.rows(draft, asks=False, errors=errors)
    ]
    context = {
        **arrivals.context(draft, staff),
        "case": case,
        "procedure": case.procedure,
        "clauses_now": case.procedure.cite(Topic.SUPPLEMENT),
        "materials": materials,
        "errors": errors,
        "late_reason": form.one(draft.body.get("fields", {}), "late_reason"),
        "key": request.POST.get("key") or new_key(),
        "rail": rail(staff, "window-supplements"),
    }
    return and_the_reader(render(request, "window/supplement.html", context, status=422 if errors else 200))


def _submit(
    request: HttpRequest,
    case: Case,
    draft: Draft,
    given: tuple[MaterialGiven, ...],
    errors: dict[str, str],
) -> HttpResponse | None:
    """Do the act of a POST; None when something has to be put right first."""
    staff = staff_of(request)
    fields: form.Fields = draft.body["fields"]
    places = range(len(case.procedure.materials))
    wants = frozenset(place for place in places if form.one(fields, f"tolerate_{place}"))
    late_reason = form.one(fields, "late_reason")
    try:
        supplement(
            staff, case.number, key=key_of(request), materials=given, wants_tolerance=wants, late_reason=late_reason
        )
    except Refused as error:
        errors.update(error.fields or {"": str(error)})
        return None
    arrivals.taken_over(draft, places)
    issue_first_forms(request, staff, case.number, key_of(request))
    return redirect("window-done", case.number)


@desk(Role.WINDOW)
def supply_page(request: HttpRequest, number: str, place: int) -> HttpResponse:
    """A tolerated material arrives at the counter."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.WINDOW)
    row = tolerated_rows(staff).filter(case=case, index=place).first()
    if row is None:
        raise Http404
    readings.note(staff, number)
    draft = arrivals.draft_of(case, staff)
    errors: dict[str, str] = {}
    if request.method == "POST":
        draft = arrivals.save(request, draft.pk)
        files, findings = arrivals.given(draft, place)
        if not files:
            errors[f"file_{place}"] = "请选择补来的材料文件。"
        elif any(one.standing for one in findings):
            errors[f"file_{place}"] = arrivals.OVERRULE
        else:

            def act() -> Case:
                done = supply(staff, number, key=key_of(request), material=place, files=files, findings=findings)
                arrivals.taken_over(draft, [place])
                data = supplied_sheet(case, staff, row, "窗口提交", len(files))
                try:
                    issue_form(staff, number, key=new_key(), kind="tolerance_receipt", data=data)
                except (Refused, OSError, store.Damaged) as error:  # the material is in; the sheet can wait
                    messages.error(request, f"补齐回执没有打印成功：{error}")
                return done

            return perform(
                request, act, f"“{row.name}”已补齐。请把回执交给申请人。", reverse("window-done", args=[number])
            )
    context: dict[str, Any] = {
        **arrivals.context(draft, staff),
        "case": case,
        "row": next(one for one in arrivals.rows(draft, asks=False, errors=errors) if one["place"] == place)
        | {"earlier": history(draft, staff).get(place, [])},
        "errors": errors,
        "key": new_key(),
        "procedure": case.procedure,
        "clauses_now": case.procedure.cite(Topic.TOLERANCE),
        "rail": rail(staff, "window-tolerated"),
    }
    return and_the_reader(render(request, "window/supply.html", context, status=422 if errors else 200))
