"""Around a case at the department: pass it on, ask a colleague, its decision's document, a correction."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongban.cases.actions import colleagues as acts
from tongban.cases.actions.colleagues import PASSABLE, colleagues, officers
from tongban.cases.actions.decision import WITH_DOCUMENT, attach_document, correct_decision
from tongban.cases.actions.door import Refused
from tongban.cases.models import Case, CaseItem, DecisionDocument, Event
from tongban.cases.opinions import offered
from tongban.cases.queries import documents_visible_to, items_visible_to, questions_to
from tongban.cases.states import ItemState
from tongban.desks.department.lists import rail
from tongban.desks.doors import case_or_404, desk, key_of, perform, staff_of
from tongban.desks.uploads import taken
from tongban.people.models import Role, Staff, Unit
from tongban.vault.kinds import NotAccepted
from tongban.vault.uploads import tidy

CORRECTABLE = (ItemState.DECIDED, ItemState.AT_ISSUING)


def around(staff: Staff, case: Case, mine: list[CaseItem], events: list[Event]) -> dict[str, Any]:
    """What the case page offers a department beside its steps; asked for only where there is something of it."""
    kinds = {event.kind for event in events}
    documents: dict[int, list[DecisionDocument]] = {}
    if "document_attached" in kinds:
        for row in documents_visible_to(staff).filter(item__case=case).select_related("added_by"):
            documents.setdefault(row.item_id, []).append(row)
    asked = list(case.questions.select_related("asked", "asked_by")) if "colleague_asked" in kinds else []
    there: dict[str, Any] = {
        "documents": documents,
        "questions": asked,
        "my_question": next((one for one in asked if one.ended_at is None and one.asked_id == staff.pk), None),
    }
    if not mine:
        return there
    now = timezone.now()
    passable = [item for item in mine if item.state in PASSABLE]
    everybody = colleagues(staff, case.region_id, now)
    units = Unit.objects.filter(region_id=case.region_id, closed_at=None).exclude(pk__in=[i.unit_id for i in passable])
    return there | {
        "passable": passable,
        "officers": officers(now, {item.unit_id for item in passable}) if passable else [],
        "other_units": list(units) if passable else [],
        "colleagues": everybody,
        "opinions": offered(staff, case, mine),
        "with_document": [item for item in mine if item.state in WITH_DOCUMENT],
        "correctable": [i for i in mine if i.decision and i.state in CORRECTABLE],
    }


def _order(request: HttpRequest) -> int:
    order = request.POST.get("order", "")
    return int(order) if order.isdecimal() and len(order) < 5 else -1


def _id(request: HttpRequest, name: str) -> int:
    given = request.POST.get(name, "")
    return int(given) if given.isdecimal() and len(given) < 19 else 0


@desk(Role.DEPARTMENT)
@require_POST
def pass_on(request: HttpRequest, number: str) -> HttpResponse:
    """An item goes to another officer, or to another unit; who can no longer see the case goes back to the list."""
    staff = staff_of(request)
    case_or_404(staff, number, Role.DEPARTMENT)
    reason, unit_id = request.POST.get("reason", ""), _id(request, "unit")

    def act() -> Case:
        facts = {"key": key_of(request), "order": _order(request), "reason": reason}
        if unit_id:
            return acts.pass_to_unit_of_region(staff, number, unit_id=unit_id, **facts)
        return acts.pass_to_officer(staff, number, officer_id=_id(request, "officer"), **facts)

    answer = perform(request, act, "已转出，对方已收到通知。", reverse("case", args=[number]))
    if unit_id and not items_visible_to(staff, Role.DEPARTMENT).filter(case__number=number).exists():
        answer["Location"] = reverse("department")
    return answer


@desk(Role.DEPARTMENT)
@require_POST
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """Ask a colleague."""
    facts = {"officer_id": _id(request, "officer"), "text": request.POST.get("text", "")}
    act = lambda: acts.ask_colleague(staff_of(request), number, key=key_of(request), **facts)  # noqa: E731
    return perform(request, act, "已请教，答复后会通知你。", reverse("case", args=[number]))


@desk(Role.DEPARTMENT)
@require_POST
def answer(request: HttpRequest, number: str, question_id: int) -> HttpResponse:
    """Answer a question one was asked, or take one's own back."""
    staff = staff_of(request)
    if request.POST.get("back"):
        back = lambda: acts.take_back(staff, number, key=key_of(request), question_id=question_id)  # noqa: E731
        return perform(request, back, "已收回，对方不再看得到这个办件。", reverse("case", args=[number]))
    text = request.POST.get("text", "")
    act = lambda: acts.answer(staff, number, key=key_of(request), question_id=question_id, text=text)  # noqa: E731
    return perform(request, act, "已答复。", reverse("department-questions"))


@desk(Role.DEPARTMENT)
def questions(request: HttpRequest) -> HttpResponse:
    """What one is asked about, oldest first."""
    staff = staff_of(request)
    rows = list(questions_to(staff).select_related("case__version", "asked_by").order_by("pk")[:100])
    return render(request, "department/questions.html", {"rows": rows, "rail": rail(staff, "questions")})


@desk(Role.DEPARTMENT)
@require_POST
def document(request: HttpRequest, number: str) -> HttpResponse:
    """Keep the decision as a PDF."""
    staff, upload = staff_of(request), request.FILES.get("file")
    case_or_404(staff, number, Role.DEPARTMENT)

    def act() -> Case:
        key = key_of(request)
        if upload is None:
            raise Refused("请选择决定文书的 PDF 文件。")
        try:
            kept = taken(upload)
        except NotAccepted as error:
            raise Refused(f"“{upload.name}”：{error}") from error
        name = tidy(upload.name or "")
        done: Case = attach_document(staff, number, key=key, order=_order(request), document=kept, filename=name)
        return done

    return perform(request, act, "决定文书已存入。", reverse("case", args=[number]))


@desk(Role.DEPARTMENT)
@require_POST
def correct(request: HttpRequest, number: str) -> HttpResponse:
    """Correct a decision."""
    staff, granted = staff_of(request), request.POST.get("granted", "")
    case_or_404(staff, number, Role.DEPARTMENT)
    facts = {name: request.POST.get(name, "") for name in ("why", "reason")}

    def act() -> Case:
        key = key_of(request)
        if granted not in ("0", "1"):
            raise Refused("请选择更正为什么决定。")
        done: Case = correct_decision(staff, number, key=key, order=_order(request), granted=granted == "1", **facts)
        return done

    return perform(
        request, act, "决定已更正，短信告知申请人。请重新制作结果后送发证岗位。", reverse("case", args=[number])
    )
