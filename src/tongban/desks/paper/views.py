"""Paper changes hands at a desk: what is coming, what is here; by scan, by tick, two hundred at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from tongban.cases.actions.door import Refused
from tongban.cases.actions.forms import count_print
from tongban.cases.actions.papers import papers_to_issuing
from tongban.cases.queries import sheets_visible_to
from tongban.custody import acts, holdings
from tongban.custody.holdings import DESKS, Held
from tongban.desks.doors import desk, key_of, new_key, perform, staff_of
from tongban.desks.law import standing
from tongban.desks.rails import rail_of
from tongban.desks.serve_file import file_response
from tongban.people.models import Duty, Role, Staff
from tongban.procedure.model import Topic

TOGETHER = 50  # pieces written in one transaction
MOST = 300  # codes in one go
TOPICS = {
    Role.WINDOW: (Topic.PAPER_LISTS, Topic.HAND_ON),
    Role.POST: (Topic.DISTRIBUTION,),
    Role.DEPARTMENT: (Topic.DISTRIBUTION,),
    Role.ISSUING: (Topic.RELEASE, Topic.HAND_ON),
    Role.ARCHIVE: (Topic.ARCHIVING,),
}


@dataclass(frozen=True)
class Answer:
    """What came of one piece: the code as it was scanned, what it is, and why it was refused (Chinese) or empty."""

    code: str
    held: Held | None
    refused: str = ""


def duty_of(request: HttpRequest) -> Duty:
    """The desk a person works at now: the one chosen (``at``), else the first they hold."""
    duties = staff_of(request).duties_as(*DESKS)
    chosen = request.POST.get("at") or request.GET.get("at") or ""
    return next((duty for duty in duties if str(duty.pk) == chosen), duties[0])


def frame(request: HttpRequest, duty: Duty, **more: Any) -> dict[str, Any]:
    """What every page here needs."""
    staff = staff_of(request)
    procedure = standing(staff)
    return {
        "duty": duty,
        "duties": staff.duties_as(*DESKS),
        "key": new_key(),
        "rail": rail_of(staff),
        "procedure": procedure,
        "clauses_now": procedure.cite(*TOPICS[Role(duty.role)]) if procedure else (),
        "differences": acts.DIFFERENCES,
        **more,
    }


def _page(request: HttpRequest, answers: list[Answer] | None = None, done: str = "") -> HttpResponse:
    staff, duty = staff_of(request), duty_of(request)
    here = holdings.held(staff, duty)
    context = frame(
        request,
        duty,
        coming=holdings.coming(staff, duty),
        here=here,
        may_give={row.ref for row in here if _giver(duty, row)},
        answers=answers,
        done=done,
        well=sum(not answer.refused for answer in answers or ()),
        badly=sum(bool(answer.refused) for answer in answers or ()),
    )
    return render(request, "paper/page.html", context)


@desk(*DESKS)
def page(request: HttpRequest) -> HttpResponse:
    """What is on its way to this desk and what is here."""
    return _page(request)


def _chosen(request: HttpRequest, rows: Iterable[Held]) -> list[Answer]:
    """What was scanned or typed (one a line) and what was ticked, each once."""
    staff, duty = staff_of(request), duty_of(request)
    lines = dict.fromkeys(filter(None, map(str.strip, request.POST.get("codes", "").splitlines())))
    if len(lines) > MOST:
        raise Refused(f"一次最多 {MOST} 件，现在 {len(lines)} 件，请分几次。")
    ticked = set(request.POST.getlist("ref"))
    found = [Answer(row.code, row) for row in rows if row.ref in ticked]
    codes = holdings.as_codes(lines)
    known = holdings.find(staff, duty, lines) if lines else {}
    for line in lines:
        stands_for = known[codes[line]]
        found += [Answer(line, held) for held in stands_for if held.ref not in ticked]
        ticked |= {held.ref for held in stands_for}
        if not stands_for:
            found.append(Answer(line, None, holdings.why_not(codes[line])))
    return found


def each(answers: list[Answer], key: str, act: Callable[[Held, str], object]) -> list[Answer]:
    """Do ``act`` for each piece found, many in one transaction; one that is refused leaves the others be.

    In the order of their cases, so that two desks never wait for each other.
    """
    found = sorted((a for a in answers if a.held and not a.refused), key=lambda a: (a.held.case_pk, a.held.ref))  # type: ignore[union-attr]
    done: dict[str, Answer] = {}
    for start in range(0, len(found), TOGETHER):
        with transaction.atomic():
            for answer in found[start : start + TOGETHER]:
                assert answer.held is not None
                try:
                    act(answer.held, f"{key}{answer.held.ref.replace('-', '')}")
                except Refused as error:
                    answer = Answer(answer.code, answer.held, str(error))
                assert answer.held is not None
                done[answer.held.ref] = answer
    return [done.get(answer.held.ref, answer) if answer.held else answer for answer in answers]


@desk(*DESKS)
@require_POST
def take(request: HttpRequest) -> HttpResponse:
    """Take over what was scanned or ticked: each with its own answer."""
    staff, duty = staff_of(request), duty_of(request)
    try:
        key = key_of(request)
        chosen = _chosen(request, holdings.coming(staff, duty))
    except Refused as error:
        return _page(request, [Answer("", None, str(error))])
    answers = each(chosen, key, lambda held, own: holdings.take(staff, duty, held, key=own))
    return _page(request, answers, "签收")


def _giver(duty: Duty, row: Held) -> Callable[[Staff, str, str], object] | None:
    """How ``row``, held at the desk of ``duty``, is given on; None where that belongs to another page."""
    if row.ref.startswith("thing-") and not row.bag and duty.role in (Role.WINDOW, Role.POST):
        return lambda staff, number, key: acts.give(staff, number, key=key, thing_id=row.pk)
    if row.ref.startswith("papers-") and duty.role == Role.WINDOW:
        return lambda staff, number, key: papers_to_issuing(staff, number, key=key)
    return None


@desk(*DESKS)
@require_POST
def give(request: HttpRequest) -> HttpResponse:
    """Give on what was scanned or ticked: it stays with the giver until it is taken there."""
    staff, duty = staff_of(request), duty_of(request)

    def act(held: Held, key: str) -> object:
        giver = _giver(duty, held)
        if giver is None:
            raise Refused(f"“{held.kind}”不从这里交出，请在办件页面办理。")
        return giver(staff, held.number, key)

    try:
        key = key_of(request)
        chosen = _chosen(request, holdings.held(staff, duty))
    except Refused as error:
        return _page(request, [Answer("", None, str(error))])
    return _page(request, each(chosen, key, act), "交出")


def differences_of(request: HttpRequest, held: Held) -> list[dict[str, str]]:
    """What does not agree with the list, as ticked material by material; what is too much is written."""
    found = [
        {"what": what, "text": str(material["name"])}
        for place, material in enumerate(held.materials)
        if (what := request.POST.get(f"m{place}", ""))
    ]
    what = "extra" if held.materials else request.POST.get("what", "")
    text = request.POST.get("text", "").strip()
    return [*found, {"what": what, "text": text}] if text or (what and not held.materials) else found


@desk(*DESKS)
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Take one piece over, checked line by line against its list."""
    staff, duty = staff_of(request), duty_of(request)
    ref = request.POST.get("ref", "")
    held = next((row for row in holdings.coming(staff, duty) if row.ref == ref), None)
    if held is None:
        raise Http404

    def act() -> Any:
        return holdings.take(staff, duty, held, key=key_of(request), differences=differences_of(request, held))

    return perform(request, act, "已签收，出入已记下。", f"{reverse('paper')}?at={duty.pk}")


@desk(Role.WINDOW, Role.POST)
@require_GET
def sheet(request: HttpRequest, form_id: int) -> HttpResponse:
    """A sheet of no single case: a bag's label, the list for the carrier. Prints are counted."""
    found = sheets_visible_to(staff_of(request), Role.WINDOW, Role.POST).filter(pk=form_id).first()
    if found is None:
        raise Http404
    count_print(found)
    return file_response(found.digest, f"{found.serial}.pdf", "application/pdf")
