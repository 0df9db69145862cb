"""Intake on one screen: the draft is saved as it is typed, the review answers at once, one act takes the case in."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongban.capture import licences
from tongban.cases.actions.door import Refused
from tongban.cases.actions.forms import issue_form
from tongban.cases.actions.intake import judge, take_in
from tongban.cases.application import Application, minor
from tongban.cases.models import Case, Draft, IdKind, ProcedureVersion
from tongban.cases.publish import in_force
from tongban.cases.queries import drafts_visible_to, earlier_materials
from tongban.cases.sheets import first_forms, window_sheet
from tongban.desks.doors import case_or_404, desk, staff_of
from tongban.desks.headers import and_the_reader
from tongban.desks.window import draft as form
from tongban.desks.window.rail import rail
from tongban.desks.window.seen import MaterialSeen, seen
from tongban.identity.masking import mask_name
from tongban.paperwork.form import undrawn
from tongban.people.models import Region, Role, Staff
from tongban.procedure.model import Procedure, Topic
from tongban.rules.review import Outcome, asked
from tongban.rules.routing import route
from tongban.vault import store
from tongban.vault.store import Damaged

TAKES = (Role.WINDOW, Role.POST)  # who takes material in: intakes at their window, later what comes for a case


def draft_or_404(staff: Staff, draft_id: UUID, *, to_change: bool = False) -> Draft:
    """A draft of one's own window, with its version; else 404.

    ``to_change`` locks it in the running transaction: a file that arrives while the form is being saved is not lost.
    """
    drafts = drafts_visible_to(staff).filter(pk=draft_id)
    draft = (drafts.select_for_update(of=("self",)) if to_change else drafts).first()
    if draft is None:
        raise Http404
    return draft


@desk(Role.WINDOW)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """A new draft for a package in force."""
    staff = staff_of(request)
    window = staff.duties_as(Role.WINDOW)[0].window
    assert window is not None
    wanted = request.POST.get("version", "")
    versions = in_force(window.region.city, timezone.localdate())
    version = next((v for v in versions if str(v.pk) == wanted), None)
    if version is None:
        messages.error(request, "请选择要办理的套餐。")
        return redirect("window")
    fields = {"region": [str(window.region_id)], "in_scope": ["yes"], "delivery": ["collect"]}
    items = [item.code or item.name for item in version.procedure.items if item.pickable]
    if len(items) == 1:
        fields["items"] = items
    created = Draft.objects.create(staff=staff, window=window, version=version, body={"fields": fields, "files": {}})
    return redirect("window-intake", created.pk)


def live(draft: Draft, procedure: Procedure, staff: Staff, *, asks: bool) -> dict[str, Any]:
    """What follows from what is typed: the verdict, the route, who must be named, what may be reused."""
    fields = draft.body.get("fields", {})
    machine = seen(draft, asked(procedure, form.chosen(fields)), asks=asks)
    application = form.application(draft, procedure, machine)
    card = form.card_seen(draft)
    open_places = form.undecided(fields, procedure, machine)
    review = None
    if (application.in_scope and not open_places) or not application.in_scope:
        review = judge(application, procedure)
    region = Region.objects.filter(pk=application.region_id).first()
    contact = next((c for c in procedure.contacts if region and c.region == region.name), None)
    try:
        way = route(procedure, region.name, region.outside) if region else None
    except LookupError:
        way = None
    return {
        "review": review,
        "undrawn": undrawn(_printed(application, staff)),
        "open_names": [procedure.materials[place].name for place in open_places],
        "way": way,
        "contact": contact,
        "minor": minor(application.applicant, timezone.localdate()),
        "machine": machine,
        "today": timezone.localdate(),
        "card": card,
        "marks": {
            f"applicant_{name}": "读卡" if card and f"applicant_{name}" in card.read else ""
            for name in form.CARD_FIELDS.values()
        },
        "earlier": history(draft, staff),
        "licences": licences.there(),
        "verdict_clauses": review.clauses if review else procedure.cite(Topic.INTAKE),
        "go_label": GO[review.outcome] if review else "收件",
    }


def _printed(application: Application, staff: Staff) -> list[str]:
    """What of an application will stand on its forms as it was typed."""
    people = (application.applicant, application.agent)
    names = [mask_name(person.name) for person in people if person] + [mask_name(application.delivery_name)]
    defects = [defect for given in application.materials for defect in given.verdict.defects]
    return [*names, *defects, application.scope_reason, staff.name]


def history(draft: Draft, staff: Staff) -> dict[int, list[Any]]:
    """Place → earlier materials of the applicant typed so far that may be used again, newest first, three at most."""
    number = form.person(form.whole(draft), "applicant").id_number
    if not number:
        return {}
    names = dict(form.asked_of(draft))
    found = list(earlier_materials(staff, number, names.values()).exclude(case=draft.case_id)[:12])
    return {place: [row for row in found if row.name == name][:3] for place, name in names.items()}


GO = {
    Outcome.DECLINE: "不予收件，出具告知单",
    Outcome.CORRECT_NOW: "请先当场更正",
    Outcome.SUPPLEMENT: "出具《补正材料告知单》",
    Outcome.TOLERANCE: "容缺收件，出具告知书和承诺书",
    Outcome.CONFORM: "收件并打印回执",
}


def material_rows(
    draft: Draft,
    procedure: Procedure,
    errors: dict[str, str],
    earlier: dict[int, list[Any]],
    machine: Mapping[int, MaterialSeen],
) -> list[Any]:
    """One row of the screen for each asked material."""
    fields = draft.body.get("fields", {})
    return [
        {
            "place": place,
            "number": place + 1,
            "material": procedure.materials[place],
            "state": form.one(fields, f"state_{place}"),
            "ticked": fields.get(f"defect_{place}", []),
            "other": form.one(fields, f"other_{place}"),
            "original": form.one(fields, f"original_{place}"),
            "tolerate": form.one(fields, f"tolerate_{place}"),
            "files": draft.body.get("files", {}).get(str(place), []),
            "seen": machine[place],
            "judged": True,
            "earlier": earlier.get(place, []),
            "most": store.limit(),
            "error": errors.get(f"material_{place}", ""),
        }
        for place in asked(procedure, form.chosen(fields))
    ]


def _page(request: HttpRequest, draft: Draft, errors: dict[str, str] | None = None, said: str = "") -> HttpResponse:
    staff = staff_of(request)
    procedure = draft.version.procedure
    errors = defaultdict(str, errors or {})  # a template asking for an absent field gets no dict method
    found = live(draft, procedure, staff, asks=request.method == "POST")
    fields = draft.body.get("fields", {})
    answer = render(
        request,
        "window/intake.html",
        {
            "draft": draft,
            "procedure": procedure,
            "fields": defaultdict(str, {name: values[0] for name, values in fields.items() if values}),
            "chosen": form.chosen(fields),
            "regions": Region.objects.filter(city=draft.version.city, closed_at=None),
            "id_kinds": IdKind.choices,
            "materials": material_rows(draft, procedure, errors, found["earlier"], found["machine"]),
            "errors": errors,
            "said": said,
            "rail": rail(staff, str(draft.pk)),
            "clauses_now": found["verdict_clauses"],
            "cites": {topic.value: " ".join(procedure.cite(topic)) for topic in Topic},
            "reader": settings.CARD_READER,
            "tray": bool(settings.SCANS),
            **found,
        },
        status=422 if errors or said else 200,
    )
    return and_the_reader(answer)


@desk(Role.WINDOW)
def page(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The intake screen of a draft; the case, where it was taken in already and the answer did not arrive."""
    staff = staff_of(request)
    draft = drafts_visible_to(staff).filter(pk=draft_id).first()
    return _taken_in(staff, draft_id) if draft is None else _page(request, draft)


def _taken_in(staff: Staff, draft_id: UUID) -> HttpResponse:
    """To the case that a draft of one's own window became; else 404."""
    windows = [duty.window_id for duty in staff.duties_as(Role.WINDOW)]
    case = Case.objects.filter(events__key=draft_id.hex, window__in=windows).first()
    if case is None:
        raise Http404
    return redirect("window-done", case.number)


@transaction.atomic
def save(request: HttpRequest, draft_id: UUID) -> Draft:
    """The draft with the fields posted; its files and the card that was read stay."""
    draft = draft_or_404(staff_of(request), draft_id, to_change=True)
    draft.body = {**draft.body, "fields": form.fields_of(request.POST)}
    draft.save(update_fields=["body", "updated_at"])
    return draft


@desk(Role.WINDOW)
@require_POST
def check(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Save what is typed, and answer with the verdict and what follows from it."""
    before = draft_or_404(staff_of(request), draft_id).body.get("fields", {})
    return brought_up_to_date(request, save(request, draft_id), before)


def brought_up_to_date(request: HttpRequest, draft: Draft, before: form.Fields, *, card: bool = False) -> HttpResponse:
    """What follows from a draft that was saved: the parts of the page that differ from ``before``."""
    procedure = draft.version.procedure
    found = live(draft, procedure, staff_of(request), asks=True)
    fields = draft.body["fields"]
    rows = material_rows(draft, procedure, {}, found["earlier"], found["machine"])
    there = asked(procedure, form.chosen(before))
    # What stays on the page stays as it is: a file may be on its way there, a tick not sent yet.
    stayed = [row for row in rows if row["place"] in there]
    return render(
        request,
        "window/check.html",
        {
            "draft": draft,
            "procedure": procedure,
            "gone": sorted(set(there) - {row["place"] for row in rows}),
            "come": [
                (row, next((one["place"] for one in stayed if one["place"] > row["place"]), None))
                for row in rows
                if row not in stayed
            ],
            "stayed": stayed,
            "region_changed": form.one(before, "region")
            != form.one(fields, "region"),  # it may ask otherwise of a photo
            "number_changed": form.one(before, "applicant_id_number") != form.one(fields, "applicant_id_number"),
            "minor_changed": minor(form.person(before, "applicant"), timezone.localdate()) != found["minor"],
            "card_read": card,
            "id_kinds": IdKind.choices,
            "fields": defaultdict(str, {name: values[0] for name, values in fields.items() if values}),
            "errors": defaultdict(str),
            "cites": {topic.value: " ".join(procedure.cite(topic)) for topic in Topic},
            **found,
        },
    )


@desk(Role.WINDOW)
@require_POST
def submit(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Take the case in. A second submission of the same draft finds the case that is there."""
    staff = staff_of(request)
    draft = drafts_visible_to(staff).filter(pk=draft_id).first()
    if draft is None:  # sent twice: the first one took it in and let the draft go
        return _taken_in(staff, draft_id)
    draft = save(request, draft_id)
    procedure = draft.version.procedure
    machine = seen(draft, asked(procedure, form.chosen(draft.body["fields"])), asks=True)
    application = form.application(draft, procedure, machine)
    errors: dict[str, str] = {}
    if application.in_scope and not application.items:
        errors["items"] = "请至少选一个事项。"
    for place in form.undecided(draft.body["fields"], procedure, machine) if application.in_scope else ():
        errors[f"material_{place}"] = f"请核对“{procedure.materials[place].name}”，选一个结论。"
    if errors:
        return _page(request, draft, errors)
    try:
        case = take_in(staff, application, key=draft.pk.hex)
    except Refused as error:
        return _page(request, draft, error.fields or {}, str(error))
    issue_first_forms(request, staff, case.number, draft.pk.hex)
    draft.delete()  # last: cut off before, the clerk sends it again and finds the same case and the same sheets
    return redirect("window-done", case.number)


def issue_first_forms(request: HttpRequest, staff: Staff, number: str, sent: str) -> None:
    """Print what the outcome asks for. The case is safe already: a form that fails can be issued again from its page.

    ``sent`` is the submission key they follow from: sent again, they are the same sheets.
    """
    case = case_or_404(staff, number, Role.WINDOW)
    for kind in first_forms(case):
        try:
            issue_form(
                staff,
                number,
                key=uuid5(NAMESPACE_OID, f"{sent} {kind}").hex,
                kind=kind,
                data=window_sheet(case, kind, staff),
            )
        except (Refused, OSError, Damaged) as error:
            messages.error(request, f"文书没有打印成功：{error} 办件已保存，可在下面再次出具。")


@desk(Role.WINDOW)
@require_POST
def discard(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """Throw a draft away."""
    draft_or_404(staff_of(request), draft_id).delete()
    messages.success(request, "草稿已删除。")
    return redirect("window")


def versions_here(staff: Staff) -> list[ProcedureVersion]:
    """Packages in force in the city of the staff member's window."""
    window = staff.duties_as(Role.WINDOW)[0].window
    return in_force(window.region.city, timezone.localdate()) if window else []
