"""What a desk should have and what is on its way there, whatever it is: things, results, working papers, in one shape."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from tongban.cases import tokens
from tongban.cases.actions.door import NotFound
from tongban.cases.actions.papers import take_papers, take_result
from tongban.cases.models import Case, CaseItem, IssuedForm, Papers
from tongban.cases.queries import items_visible_to, of_visible, visible_to
from tongban.cases.states import CaseState, ItemState
from tongban.custody import acts
from tongban.custody.bags import take_bag
from tongban.custody.codes import mistyped, normalise
from tongban.custody.models import Missing, Thing
from tongban.people.models import Duty, Role, Staff

Place = Thing.Place
DESKS = (Role.WINDOW, Role.POST, Role.DEPARTMENT, Role.ISSUING, Role.ARCHIVE)
LIMIT = 500  # of each sort on one page; the oldest come first
THINGS_AT = {Role.WINDOW: Place.WINDOW, Role.POST: Place.POST, Role.DEPARTMENT: Place.UNIT}
RESULTS_AT = {
    Role.DEPARTMENT: ItemState.DECIDED,
    Role.ISSUING: ItemState.AT_ISSUING,
    Role.POST: ItemState.WITH_POST,
}
PAPERS_AT = {Role.WINDOW: Papers.WINDOW, Role.ISSUING: Papers.ISSUING, Role.ARCHIVE: Papers.ARCHIVE}
TAKEN = Q(holder_since__gt=F("state_since"))
UNDECIDED = (ItemState.PUSHED, ItemState.ACCEPTED, ItemState.PAUSED)


@dataclass(frozen=True)
class Held:
    """One piece of paper and who answers for it. ``ref`` names it in a form: thing-, result- or papers- and its key."""

    ref: str
    kind: str
    name: str
    code: str  # what its label says; a result and working papers go by the number of their case
    number: str  # of its case
    case_pk: int
    where: str
    since: datetime
    holder: str
    materials: tuple[Mapping[str, Any], ...] = ()
    bag: bool = False

    @property
    def pk(self) -> int:
        """The key of the row it stands for."""
        return int(self.ref.rpartition("-")[2])


def _thing(row: Thing) -> Held:
    name = row.unit.name if row.unit else row.case.version.name
    return Held(
        f"thing-{row.pk}", row.get_kind_display(), name, row.code, row.case.number, row.case_id,
        row.get_place_display(), row.place_since, row.holder.name, tuple(row.materials), row.kind == Thing.Kind.BAG,
    )  # fmt: skip


def _result(row: CaseItem) -> Held:
    assert row.holder is not None
    assert row.holder_since is not None
    return Held(
        f"result-{row.pk}", "办理结果", row.name, row.case.number, row.case.number, row.case_id,
        ItemState(row.state).label, row.holder_since, row.holder.name,
    )  # fmt: skip


def _papers(case: Case) -> Held:
    assert case.papers_holder is not None
    assert case.papers_since is not None
    return Held(
        f"papers-{case.pk}", "工作资料", case.version.name, case.number, case.number, case.pk,
        case.get_papers_display(), case.papers_since, case.papers_holder.name,
    )  # fmt: skip


def _things(staff: Staff, duty: Duty) -> "QuerySet[Thing]":
    scope = {
        Role.WINDOW: Q(case__window=duty.window_id),
        Role.POST: Q(case__region=duty.region_id),
        Role.DEPARTMENT: Q(unit=duty.unit_id),
    }.get(Role(duty.role), Q(pk__in=()))
    return acts.things_visible_to(staff, duty.role).filter(scope).select_related("case__version", "unit", "holder")


def _results(staff: Staff, duty: Duty) -> "QuerySet[CaseItem]":
    scope = Q(unit=duty.unit_id) if duty.role == Role.DEPARTMENT else Q(case__region=duty.region_id)
    rows = items_visible_to(staff, duty.role).filter(scope, state=RESULTS_AT.get(Role(duty.role), ""))
    return rows.select_related("case", "holder").order_by("holder_since", "id")


def _cases(staff: Staff, duty: Duty) -> "QuerySet[Case]":
    scope = Q(window=duty.window_id) if duty.role == Role.WINDOW else Q(region=duty.region_id)
    rows = visible_to(staff, duty.role).filter(scope, papers_holder__isnull=False)
    return rows.select_related("version", "papers_holder").order_by("papers_since", "id")


def coming(staff: Staff, duty: Duty) -> list[Held]:
    """What was given to this desk and not yet taken there, oldest first."""
    role = Role(duty.role)
    found: list[Held] = []
    if target := THINGS_AT.get(role):
        on_the_way = _things(staff, duty).filter(place=Place.SENT, handovers__taken_at=None, handovers__target=target)
        found += map(_thing, on_the_way[:LIMIT])
    if role == Role.POST:  # bags that applicants say are in the mail
        mailed = _things(staff, duty).filter(kind=Thing.Kind.BAG, place=Place.APPLICANT, consignment__isnull=False)
        found += map(_thing, mailed[:LIMIT])
    if role in (Role.ISSUING, Role.POST):
        found += map(_result, _results(staff, duty).exclude(TAKEN)[:LIMIT])
    if role == Role.ISSUING:
        found += map(_papers, _cases(staff, duty).filter(papers=Papers.TO_ISSUING)[:LIMIT])
    return found


def held(staff: Staff, duty: Duty) -> list[Held]:
    """What this desk should have: what it took and has not given on. Results count from when they were given here."""
    role = Role(duty.role)
    found: list[Held] = []
    if place := THINGS_AT.get(role):
        here = _things(staff, duty).filter(place=place)
        if role is Role.DEPARTMENT:  # once decided, the paper belongs to the department's own file
            running = CaseItem.objects.filter(case=OuterRef("case"), unit=OuterRef("unit"), state__in=UNDECIDED)
            here = here.filter(Exists(running))
        found += map(_thing, here[:LIMIT])
    if role in RESULTS_AT:
        rows = _results(staff, duty)
        found += map(_result, (rows if role is Role.DEPARTMENT else rows.filter(TAKEN))[:LIMIT])
    if papers := PAPERS_AT.get(role):
        rows_of_papers = _cases(staff, duty).filter(papers=papers).exclude(state=CaseState.ARCHIVED)
        found += map(_papers, rows_of_papers[:LIMIT])
    return found


def find(staff: Staff, duty: Duty, scanned: Iterable[str]) -> dict[str, list[Held]]:
    """What each scanned text stands for, wherever it is now, as far as this desk may see it: four queries.

    The QR code of a printed list or label holds the token of the sheet: it stands for the thing named on it. The keys of
    the answer are the texts as :func:`as_codes` reads them.
    """
    codes = set(as_codes(scanned).values())
    found: dict[str, list[Held]] = {code: [] for code in codes}
    named = Q(code__in=codes) | Q(consignment__waybill__in=codes - {""}, place=Place.SENT)
    things = acts.things_visible_to(staff, duty.role).filter(named)
    by_mail: dict[str, str] = {}
    rows = []
    for row in things.select_related("case__version", "unit", "holder", "consignment"):
        rows.append(_thing(row))
        by_mail[row.code] = row.consignment.waybill if row.consignment else ""
    numbers = {code for code in codes if "-" in code}
    if numbers:
        rows += map(_result, _results(staff, duty).filter(case__number__in=numbers))
        rows += map(_papers, _cases(staff, duty).filter(number__in=numbers))
        rows += [_thing(row) for row in _things(staff, duty).filter(case__number__in=numbers).exclude(place=Place.GONE)]
    for held in rows:
        scanned_as = next(code for code in (held.code, by_mail.get(held.code, ""), held.number) if code in found)
        found[scanned_as].append(held)
    return found


def as_codes(scanned: Iterable[str]) -> dict[str, str]:
    """Each scanned text → the code it stands for: that of the sheet's thing or case, where it is a sheet's token."""
    texts = list(scanned)
    read = {text: tokens.read(text) for text in texts}
    sheets = IssuedForm.objects.filter(token__in=[token for token in read.values() if token]).select_related("case")
    named = {form.token: form.data.get("bag") or (form.case.number if form.case else "") for form in sheets}
    return {text: normalise(named.get(read[text]) or text) for text in texts}


def why_not(code: str) -> str:
    """What to say of a code that stands for nothing here."""
    if mistyped(code):
        return "号码有误，扫错或输错了一位，请再扫一次。"
    return "没有找到：不归本岗位，或者输错了。请核对标签。"


def take(staff: Staff, duty: Duty, held: Held, *, key: str, differences: acts.Differences = ()) -> None:
    """Take one piece over at the desk of ``duty``. Raises what the acts raise."""
    kind, _, pk = held.ref.partition("-")
    said = acts.in_words(acts.differences_given(differences))
    if held.bag:
        take_bag(staff, held.number, key=key, thing_id=int(pk), role=duty.role)
    elif kind == "thing":
        acts.take(staff, held.number, key=key, thing_id=int(pk), differences=differences)
    elif kind == "result":
        item = CaseItem.objects.filter(pk=int(pk), case__in=visible_to(staff)).first()
        if item is None:
            raise NotFound
        take_result(staff, held.number, key=key, orders=[item.order], difference=said)
    else:
        take_papers(staff, held.number, key=key, difference=said)


def missing(staff: Staff, duty: Duty) -> "QuerySet[Missing]":
    """What this desk is looking for, oldest first."""
    rows = Missing.objects.filter(outcome="", role=duty.role).select_related("case", "thing", "reported_by")
    return of_visible(rows, staff, duty.role).order_by("id")
