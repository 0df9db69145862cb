"""The next visit: what was asked at the first, what has come, and the review again (八（三）, 八（四）)."""

from typing import Any

from django.contrib import messages
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from tongban.cases import readings
from tongban.cases.actions.door import Refused
from tongban.cases.actions.forms import issue_form
from tongban.cases.actions.supplement import supplement, supply, verdict_of
from tongban.cases.application import FileGiven, MaterialGiven
from tongban.cases.models import Case, CaseMaterial
from tongban.cases.sheets import supplied_sheet
from tongban.cases.states import CaseState
from tongban.checks.looking import ask
from tongban.desks.doors import case_or_404, desk, key_of, new_key, perform, staff_of
from tongban.desks.uploads import taken
from tongban.desks.window import draft as form
from tongban.desks.window.intake import issue_first_forms
from tongban.desks.window.rail import rail, tolerated_rows
from tongban.desks.window.seen import MaterialSeen, judged, looks
from tongban.people.models import Role
from tongban.procedure.model import Topic
from tongban.rules.review import MaterialState
from tongban.vault import store, uploads
from tongban.vault.kinds import NotAccepted


def stored(request: HttpRequest, name: str, errors: dict[str, str]) -> tuple[FileGiven, ...]:
    """The files posted under ``name``, in the vault, behind those kept from a submission that had to be mended.

    What cannot be taken becomes an error of the field.
    """
    found = [_kept(token, request.path) for token in request.POST.getlist(f"kept_{name}")]
    for upload in request.FILES.getlist(name):
        title = uploads.tidy(upload.name or "")
        try:
            found.append(FileGiven(taken(upload), title))
        except NotAccepted as error:
            errors[name] = f"“{title}”：{error}"
    return tuple(found)


def _kept(token: str, path: str) -> FileGiven:
    """A file that came with an earlier submission of the same page; 404 for a token that is not ours."""
    try:
        digest, size, media_type, filename = signing.loads(token, salt=path)
    except signing.BadSignature as error:
        raise Http404 from error
    return FileGiven(store.Stored(digest, size, media_type), filename)


def _keep(files: tuple[FileGiven, ...], path: str) -> list[dict[str, str]]:
    """What the page carries of files it has already: a browser does not send a chosen file twice."""
    return [
        {
            "token": signing.dumps([f.stored.digest, f.stored.size, f.stored.media_type, f.filename], salt=path),
            "filename": f.filename,
        }
        for f in files
    ]


def _looked(row: CaseMaterial, files: tuple[FileGiven, ...], fields: form.Fields) -> MaterialSeen:
    """What the machine says of files that have just come, as far as it is quick."""
    material = row.case.procedure.materials[row.index]
    kept = [{"digest": f.stored.digest, "media_type": f.stored.media_type, "source": f.source} for f in files]
    wanted = [look for look in looks(material, kept, form.limits(row.case.procedure, row.case.region)) if look.quick]
    return judged(material, row.index, kept, list(ask(wanted).values()), fields, fill=False)


def _given(
    request: HttpRequest, rows: list[CaseMaterial], errors: dict[str, str], machine: dict[int, MaterialSeen]
) -> tuple[MaterialGiven, ...]:
    """Every asked material: with the verdict posted for it, else with the one it has. ``machine`` is filled in."""
    fields = form.fields_of(request.POST)
    given = []
    for row in rows:
        files = stored(request, f"file_{row.index}", errors)
        machine[row.index] = _looked(row, files, fields)
        standing = machine[row.index].standing
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
        given.append(MaterialGiven(verdict, original, files, machine[row.index].kept, row.valid_until))
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
    rows = list(case.materials.prefetch_related("files"))
    for row in rows:
        row.case = case
    errors: dict[str, str] = {}
    came: dict[int, tuple[FileGiven, ...]] = {}
    machine: dict[int, MaterialSeen] = {}
    if request.method == "POST":
        given = _given(request, rows, errors, machine)
        came = {one.verdict.material: one.files for one in given}
        answer = None if errors else _submit(request, case, rows, given, errors)
        if answer:
            return answer
    fields = form.fields_of(request.POST)
    asked = {defect["material"]: defect for defect in case.defects}
    materials = [
        {
            "row": row,
            "material": case.procedure.materials[row.index],
            "asked": asked.get(row.index),
            "state": form.one(fields, f"state_{row.index}") or ("" if row.index in asked else row.state),
            "ticked": fields.get(f"defect_{row.index}", []),
            "other": form.one(fields, f"other_{row.index}"),
            "error": errors.get(f"file_{row.index}", ""),
            "kept": _keep(came.get(row.index, ()), request.path),
            "seen": machine.get(row.index),
        }
        for row in rows
    ]
    context = {
        "case": case,
        "procedure": case.procedure,
        "clauses_now": case.procedure.cite(Topic.SUPPLEMENT),
        "materials": materials,
        "errors": errors,
        "late_reason": form.one(fields, "late_reason"),
        "key": request.POST.get("key") or new_key(),
        "rail": rail(staff, "window-supplements"),
    }
    return render(request, "window/supplement.html", context, status=422 if errors else 200)


def _submit(
    request: HttpRequest,
    case: Case,
    rows: list[CaseMaterial],
    given: tuple[MaterialGiven, ...],
    errors: dict[str, str],
) -> HttpResponse | None:
    """Do the act of a POST; None when something has to be put right first."""
    staff = staff_of(request)
    fields = form.fields_of(request.POST)
    wants = frozenset(row.index for row in rows if form.one(fields, f"tolerate_{row.index}"))
    late_reason = form.one(fields, "late_reason")
    try:
        supplement(
            staff, case.number, key=key_of(request), materials=given, wants_tolerance=wants, late_reason=late_reason
        )
    except Refused as error:
        errors.update(error.fields or {"": str(error)})
        return None
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
    errors: dict[str, str] = {}
    if request.method == "POST":
        files = stored(request, "file", errors)
        if not files and not errors:
            errors["file"] = "请选择补来的材料文件。"
        if not errors:

            def act() -> Case:
                done = supply(staff, number, key=key_of(request), material=place, files=files)
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
        "case": case,
        "row": row,
        "material": case.procedure.materials[place],
        "errors": errors,
        "key": new_key(),
        "procedure": case.procedure,
        "clauses_now": case.procedure.cite(Topic.TOLERANCE),
        "rail": rail(staff, "window-tolerated"),
    }
    return render(request, "window/supply.html", context, status=422 if errors else 200)
