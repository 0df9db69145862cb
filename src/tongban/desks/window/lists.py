"""The window's home, its waiting lists, and the acts around a case that was taken in."""

from typing import Any

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_POST

from tongban.cases import readings
from tongban.cases.actions.forms import SIGNED, hand_form, issue_form
from tongban.cases.actions.papers import HELP, help_register, papers_to_issuing
from tongban.cases.links import rating_url, sign
from tongban.cases.models import Delivery, MaterialFile, Purpose
from tongban.cases.queries import after, visible_to
from tongban.cases.sheets import first_forms, list_sheet, window_sheet
from tongban.cases.states import CaseState
from tongban.custody import acts
from tongban.custody.acts import things_visible_to
from tongban.custody.bags import still_missing
from tongban.custody.models import PostalAddress, Thing
from tongban.desks.doors import case_or_404, desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.law import standing
from tongban.desks.window.intake import versions_here
from tongban.desks.window.rail import papers_here, rail, recent, tolerated_rows
from tongban.people.models import City, Role, Staff
from tongban.procedure.model import Topic
from tongban.ratings.acts import invite as invite_rating
from tongban.rules.review import Outcome


@desk(Role.WINDOW)
def home(request: HttpRequest) -> HttpResponse:
    """Pick a package; what was taken in last."""
    staff = staff_of(request)
    return render(
        request,
        "window/home.html",
        {
            "versions": versions_here(staff),
            "recent": recent(staff),
            "rail": rail(staff, "window"),
            **_law(staff, Topic.PACKAGE, Topic.INTAKE),
        },
    )


def _law(staff: Staff, *topics: Topic) -> dict[str, Any]:
    procedure = standing(staff)
    return {"procedure": procedure, "clauses_now": procedure.cite(*topics) if procedure else ()}


def _list(request: HttpRequest, name: str, rows: Any, template: str, title: str, topic: Topic) -> HttpResponse:
    staff = staff_of(request)
    page, next_key = after(rows, page_key(request))
    context = {"title": title, "rows": page, "more": next_key, "rail": rail(staff, name), "key": new_key()}
    return render(request, template, context | _law(staff, topic))


@desk(Role.WINDOW)
def supplements(request: HttpRequest) -> HttpResponse:
    """Cases waiting for the applicant's supplement, oldest first."""
    rows = visible_to(staff_of(request), Role.WINDOW).filter(state=CaseState.SUPPLEMENTING)
    return _list(
        request,
        "window-supplements",
        rows.select_related("version", "region"),
        "window/supplements.html",
        "待补正",
        Topic.SUPPLEMENT,
    )


@desk(Role.WINDOW)
def tolerated(request: HttpRequest) -> HttpResponse:
    """Tolerated materials still to come."""
    rows = tolerated_rows(staff_of(request)).select_related("case__version")
    return _list(request, "window-tolerated", rows, "window/tolerated.html", "容缺待补", Topic.TOLERANCE)


@desk(Role.WINDOW)
def papers(request: HttpRequest) -> HttpResponse:
    """Working papers on paper here, to be passed to the issuing desk."""
    rows = papers_here(staff_of(request)).select_related("version", "region")
    return _list(request, "window-papers", rows, "window/papers.html", "待移交资料", Topic.HAND_ON)


NEXT = {
    Outcome.DECLINE: "当场把理由告诉申请人，把《不予收件告知单》交给他。",
    Outcome.SUPPLEMENT: "把《补正材料告知单》交给申请人：需要补正的内容一次说清。",
    Outcome.TOLERANCE: "把《容缺告知书》《容缺承诺书》和回执交给申请人，承诺书填好后扫描进来。",
    Outcome.CONFORM: "把回执交给申请人，请他保持手机畅通：受理、办理、缴费都发短信。",
}


@desk(Role.WINDOW)
def done(request: HttpRequest, number: str) -> HttpResponse:
    """What was taken in, what to hand out, and the applicant's name in large letters until it is handed over."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.WINDOW)
    outcome = Outcome(case.outcome)
    issued = list(case.forms.order_by("id"))
    whole = not issued or any(form.handed_at is None for form in issued)  # who to hand it to
    readings.note(staff, number, purpose=Purpose.HAND if whole else "")
    there = {form.kind for form in issued if not form.withdrawn_at}
    city = City.objects.filter(name=case.version.city).first()
    bags = things_visible_to(staff, Role.WINDOW).filter(case=case, kind=Thing.Kind.BAG)
    bag = bags.exclude(place=Thing.Place.GONE).first() if outcome is Outcome.TOLERANCE else None
    return render(
        request,
        "window/done.html",
        {
            "case": case,
            "whole": whole,
            "procedure": case.procedure,
            "clauses_now": tuple(case.outcome_clauses) + case.procedure.cite(Topic.RECEIPT),
            "next": NEXT[outcome],
            "forms": issued,
            "waiting": sum(1 for form in issued if not form.handed_at and not form.withdrawn_at),
            "to_issue": [kind for kind in first_forms(case) if kind not in there],
            "lists": list(things_visible_to(staff, Role.WINDOW).filter(case=case, kind=Thing.Kind.MATERIALS))
            if case.paper
            else [],
            "bag": bag,
            "may_bag": outcome is Outcome.TOLERANCE and bag is None and bool(still_missing(case)),
            "address_kept": case.delivery == Delivery.POST
            and PostalAddress.objects.filter(case=case, person_digest=case.applicant_id_digest).exists(),
            "services": [_service(one) for one in city.registration] if city else [],
            "help": HELP,
            "signed_kinds": SIGNED,
            "tablet": reverse("public-tablet", args=[case.window_id, sign("tablet", str(case.window_id))]),
            "rating_qr": rating_qr(case.number),
            "taken": outcome in (Outcome.CONFORM, Outcome.TOLERANCE),
            "key": new_key(),
            "reused": MaterialFile.objects.filter(material__case=case, source=MaterialFile.Source.EARLIER).exists(),
            "rail": rail(staff),
        },
    )


def _service(entry: str | dict[str, str]) -> dict[str, str]:
    """A service to register for: its name, and the QR code of its address where the city gave one."""
    name, url = (entry, "") if isinstance(entry, str) else (entry.get("name", ""), entry.get("url", ""))
    return {"name": name, "qr": segno.make(url, error="m").svg_data_uri(scale=3) if url else ""}


def rating_qr(number: str) -> str:
    """The rating link as a QR code (SVG) for the screen; empty where the instance has no public address."""
    url = rating_url(number)
    return mark_safe(segno.make(url, error="m").svg_inline(border=2, scale=4)) if url else ""


def _back(number: str) -> str:
    return reverse("window-done", args=[number])


@desk(Role.WINDOW)
@require_POST
def issue(request: HttpRequest, number: str, kind: str) -> HttpResponse:
    """Issue a form that is still to be issued."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.WINDOW)

    def do() -> Any:
        return issue_form(staff, number, key=key_of(request), kind=kind, data=window_sheet(case, kind, staff))

    return perform(request, do, "已出具。", _back(number))


@desk(Role.WINDOW)
@require_POST
def handed(request: HttpRequest, number: str, form_id: int) -> HttpResponse:
    """The sheet is in the applicant's hand."""
    act = lambda: hand_form(staff_of(request), number, key=key_of(request), form_id=form_id)  # noqa: E731
    return perform(request, act, "已交申请人。", _back(number))


@desk(Role.WINDOW)
@require_POST
def hand_on(request: HttpRequest, number: str) -> HttpResponse:
    """Working papers go to the issuing desk (八（九）)."""
    act = lambda: papers_to_issuing(staff_of(request), number, key=key_of(request))  # noqa: E731
    return perform(request, act, "工作资料已移交发证人员。", reverse("window-papers"))


@desk(Role.WINDOW)
@require_POST
def make_lists(request: HttpRequest, number: str) -> HttpResponse:
    """Sort required paper by unit and print one list a unit (八（六）)."""
    staff = staff_of(request)

    def do() -> Any:
        made = acts.make_lists(staff, number, key=key_of(request))
        case = case_or_404(staff, number, Role.WINDOW)
        for row in things_visible_to(staff, Role.WINDOW).filter(case=case):
            data = list_sheet(case, staff, row.unit.name if row.unit else "", row.materials, row.code)
            issue_form(staff, number, key=new_key(), kind="material_list", data=data)
        return made

    return perform(request, do, "单位材料目录已制作，请随材料装袋。", _back(number))


@desk(Role.WINDOW)
@require_POST
def send_list(request: HttpRequest, number: str, list_id: int) -> HttpResponse:
    """A unit's paper goes to the post window."""
    act = lambda: acts.give(staff_of(request), number, key=key_of(request), thing_id=list_id)  # noqa: E731
    return perform(request, act, "已寄往邮政专递窗口。", _back(number))


@desk(Role.WINDOW)
@require_POST
def registration(request: HttpRequest, number: str) -> HttpResponse:
    """Help with registering was offered, done or declined (八（七）)."""
    staff = staff_of(request)
    service, result = request.POST.get("service", ""), request.POST.get("result", "")
    act = lambda: help_register(staff, number, key=key_of(request), service=service, result=result)  # noqa: E731
    return perform(request, act, "已记录。", _back(number))


@desk(Role.WINDOW)
@require_POST
def invite(request: HttpRequest, number: str) -> HttpResponse:
    """The applicant was pointed to the rating (八（八）)."""
    act = lambda: invite_rating(staff_of(request), number, key=key_of(request))  # noqa: E731
    return perform(request, act, "窗口平板已经打开评价，十分钟内有效；评价由申请人自愿进行。", _back(number))
