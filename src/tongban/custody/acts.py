"""Paper changes hands: one gives, another takes (八（四）, 八（六）, 九); what does not agree is named and looked for."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from tongban.cases.actions.department import reason_given
from tongban.cases.actions.door import Change, Conflict, NotFound, Refused, act
from tongban.cases.models import CaseItem, CaseMaterial
from tongban.cases.queries import of_visible
from tongban.cases.states import ItemState
from tongban.custody.codes import new_code
from tongban.custody.models import Consignment, Handover, Missing, Thing
from tongban.people.models import Role, Staff, Unit
from tongban.procedure.model import Topic

Kind, Place = Thing.Kind, Thing.Place
DIFFERENCES = {"missing": "少了", "damaged": "坏了", "extra": "多了"}
Differences = Iterable[Mapping[str, str]]


@dataclass(frozen=True)
class Leg:
    """One leg of a thing's way: who gives it to which place, who takes it there, under which clause."""

    giver: Role
    given: str  # kind of event
    gives: Topic
    target: Thing.Place
    taker: Role
    taken: str
    takes: Topic


WAY = {
    (Kind.MATERIALS, Place.WINDOW): Leg(
        Role.WINDOW, "list_sent", Topic.PAPER_LISTS, Place.POST, Role.POST, "list_received", Topic.DISTRIBUTION
    ),
    (Kind.MATERIALS, Place.POST): Leg(
        Role.POST, "list_carried", Topic.DISTRIBUTION, Place.UNIT, Role.DEPARTMENT, "list_delivered", Topic.DISTRIBUTION
    ),
}
ROLE_AT = {Place.WINDOW: Role.WINDOW, Place.POST: Role.POST, Place.UNIT: Role.DEPARTMENT}


def things_visible_to(staff: Staff, *roles: str) -> QuerySet[Thing]:
    """Things of cases ``staff`` may see, oldest first."""
    return of_visible(Thing.objects.select_related("case", "unit").order_by("id"), staff, *roles)


def paper_by_unit(change: Change) -> dict[int, list[dict[str, Any]]]:
    """Unit → the forwarded materials its items ask for, as the list names them."""
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    forwarded = CaseMaterial.objects.filter(case=change.case, forwarded=True, tolerated=False)
    for row in forwarded:
        material = change.procedure.materials[row.index]
        units = {item.unit_id for item in change.items if _asks(material.applies_to, item)}
        for unit in units:
            found[unit].append({"name": row.name, "original": material.original, "copies": material.copies})
    return dict(found)


def _asks(applies_to: tuple[str, ...], item: CaseItem) -> bool:
    return not applies_to or (item.code or item.name) in applies_to


def follow(unit: Unit) -> int:
    """Paper for a closed unit, or with it, is its successor's; where that has a thing of the case already, it stays as
    it is. Returns how many. Follows ``cases.actions.transfer``, which leaves the event.
    """
    heir = unit.successor
    if not unit.closed_at or heir is None:
        return 0
    taken = Thing.objects.filter(unit=heir).values("case_id")
    return Thing.objects.filter(unit=unit).exclude(case__in=taken).update(unit=heir)


@act("list_made", Role.WINDOW)
def make_lists(change: Change) -> None:
    """Sort the required paper by unit and make one list a unit; a case without forwarded paper has none."""
    paper = paper_by_unit(change)
    if not paper:
        raise Refused("这个办件没有需要寄送的纸质材料，不需要制作目录。")
    if Thing.objects.filter(case=change.case, kind=Kind.MATERIALS).exists():
        raise Conflict("单位材料目录已经制作过。")
    assert change.staff is not None
    Thing.objects.bulk_create(
        Thing(
            code=new_code(Kind.MATERIALS),
            case=change.case,
            unit_id=unit,
            materials=materials,
            place_since=change.now,
            holder=change.staff,
        )
        for unit, materials in paper.items()
    )
    change.note("list_made", change.cite(Topic.PAPER_LISTS), units=sorted(paper))


def _thing(change: Change, thing_id: int) -> Thing:
    row = Thing.objects.filter(case=change.case, pk=thing_id).select_related("unit").first()
    if row is None:
        raise NotFound
    return row


def elsewhere(thing: Thing) -> Conflict:
    """The refusal that says where a thing is and who answers for it."""
    held = f"，由{thing.holder.name}负责" if thing.place != Place.GONE else ""
    return Conflict(
        f"{thing.get_kind_display()} {thing.code} 现在在“{thing.get_place_display()}”{held}，不能进行这一步。"
    )


def _said(thing: Thing, **more: Any) -> dict[str, Any]:
    """What an event says of a thing."""
    return {"code": thing.code, "unit": thing.unit.name if thing.unit else "", **more}


def _give(change: Change, thing: Thing, target: Thing.Place) -> Handover:
    assert change.staff is not None
    handover = Handover.objects.create(
        thing=thing, origin=thing.place, target=target, given_by=change.staff, given_at=change.now
    )
    thing.place, thing.place_since, thing.holder = Place.SENT, change.now, change.staff
    return handover


def _take(change: Change, thing: Thing, handover: Handover, differences: Differences, signed_by: str = "") -> None:
    assert change.staff is not None
    handover.taken_by, handover.taken_at, handover.signed_by = change.staff, change.now, signed_by
    handover.differences = differences_given(differences)
    handover.save()
    thing.place, thing.place_since, thing.holder = handover.target, change.now, change.staff
    thing.save()
    lost = [entry for entry in handover.differences if entry["what"] in ("missing", "damaged")]
    if lost:
        part = [entry["text"] for entry in lost]
        row = Missing(thing=thing, part=part, where=handover.target, role=ROLE_AT[Place(handover.origin)])
        _look_for(change, row, in_words(lost))


def differences_given(differences: Differences) -> list[dict[str, str]]:
    """What did not agree, checked: ``what`` is a key of ``DIFFERENCES``, ``text`` names it. Raises :class:`Refused`."""
    found = []
    for entry in differences:
        if entry["what"] not in DIFFERENCES:
            raise Refused("请选择是少了、坏了还是多了。", {"difference": "请选择是少了、坏了还是多了。"})
        text = reason_given(entry["text"], "和目录不符的东西", name="difference")
        found.append({"what": entry["what"], "text": text})
    return found


def in_words(differences: Differences) -> str:
    """Differences as a sentence: 少了“营业执照复印件”；坏了“公章”."""
    return "；".join(f"{DIFFERENCES.get(entry['what'], '')}“{entry['text']}”" for entry in differences)


@act("thing_given", Role.WINDOW, Role.POST)
def give(change: Change, *, thing_id: int, consignment: Consignment | None = None) -> None:
    """Give a thing on its way to the next place, in a ``consignment`` if it goes by mail; the giver answers for it until
    it is taken there.
    """
    thing = _thing(change, thing_id)
    leg = WAY.get((Kind(thing.kind), Place(thing.place)))
    if leg is None or change.staff is None or not change.staff.holds(leg.giver):
        raise elsewhere(thing)
    _give(change, thing, leg.target)
    thing.consignment = consignment or thing.consignment
    thing.save()
    more = {"waybill": consignment.waybill} if consignment and consignment.waybill else {}
    change.note(leg.given, change.cite(leg.gives), **_said(thing, **more))


@act("thing_taken", Role.POST, Role.DEPARTMENT)
def take(change: Change, *, thing_id: int, differences: Differences = ()) -> None:
    """Take a thing over where it was sent, checked against its list; ``differences`` name what does not agree."""
    thing = _thing(change, thing_id)
    handover = Handover.objects.filter(thing=thing, taken_at=None).first()
    if handover is None or change.staff is None:
        raise elsewhere(thing)
    leg = WAY[Kind(thing.kind), Place(handover.origin)]
    own = [duty.unit_id for duty in change.staff.duties_as(Role.DEPARTMENT)]
    if not change.staff.holds(leg.taker) or (leg.taker is Role.DEPARTMENT and thing.unit_id not in own):
        raise elsewhere(thing)
    _take(change, thing, handover, differences)
    said = in_words(handover.differences)
    change.note(leg.taken, change.cite(leg.takes), **_said(thing, difference=said))


@act("thing_delivered", Role.POST)
def deliver(change: Change, *, thing_id: int, signed_by: str, differences: Differences = ()) -> None:
    """The post window carried paper to the unit's window, where ``signed_by`` signed for it on the list."""
    thing = _thing(change, thing_id)
    if thing.place == Place.POST:
        handover = _give(change, thing, Place.UNIT)
    else:  # given already, and signed for on paper instead of at the unit's own desk
        open_one = Handover.objects.filter(thing=thing, taken_at=None, target=Place.UNIT).first()
        if open_one is None:
            raise elsewhere(thing)
        handover = open_one
    name = reason_given(signed_by, "签收人", name="signed_by")[:100]
    _take(change, thing, handover, differences, name)
    said = in_words(handover.differences)
    change.note("list_delivered", change.cite(Topic.DISTRIBUTION), **_said(thing, signed_by=name, difference=said))


def _look_for(change: Change, row: Missing, note: str) -> None:
    """Open a search; a thing that is looked for already is not looked for twice."""
    assert change.staff is not None
    row.case, row.reported_by, row.reported_at, row.note = change.case, change.staff, change.now, note
    row.what = row.what or (f"{row.thing.get_kind_display()} {row.thing.code}" if row.thing else "工作资料")
    if Missing.objects.filter(case=change.case, thing=row.thing, item=row.item, outcome="").exists():
        raise Conflict(f"“{row.what}”已经报失，正在查找。")
    row.save()
    change.note("thing_missing", change.cite(_topic(row)), what=row.what, where=row.where, note=note)


def _topic(row: Missing) -> Topic:
    if row.thing:
        return Topic.TOLERANCE if row.thing.kind == Kind.BAG else Topic.DISTRIBUTION
    return Topic.RELEASE if row.item else Topic.HAND_ON


@act("missing_reported", Role.WINDOW, Role.DEPARTMENT, Role.POST, Role.ISSUING, Role.ARCHIVE)
def report_missing(change: Change, *, ref: str, role: str, note: str) -> None:
    """Something that should be at a desk is not: ``ref`` as in :class:`holdings.Held`; ``role`` is the desk that looks.

    Place and holder stay as they are: who had it last answers for it until it is found or replaced.
    """
    text = reason_given(note, "什么时候、怎么发现的", name="note")
    kind, _, pk = ref.partition("-")
    if change.staff is None or not change.staff.holds(role) or not (pk.isdecimal() and len(pk) < 19):
        raise NotFound
    if kind == "thing":
        thing = _thing(change, int(pk))
        _look_for(change, Missing(thing=thing, where=thing.place, role=role), text)
    elif kind == "result":
        item = next((item for item in change.items if item.pk == int(pk)), None)
        if item is None:
            raise NotFound
        report_loss(change, item, role, text)
    elif kind == "papers":
        _look_for(change, Missing(where=change.case.papers, role=role), text)
    else:
        raise NotFound


def report_loss(change: Change, item: CaseItem, role: str, note: str) -> None:
    """Within an act: the result of an item is lost, and the desk of ``role`` looks for it."""
    _look_for(change, Missing(item=item, what=f"办理结果 {item.name}"[:200], where=item.state, role=role), note)


def _search(change: Change, missing_id: int) -> Missing:
    row = Missing.objects.filter(case=change.case, pk=missing_id).select_related("thing__unit", "item").first()
    if row is None or change.staff is None or not change.staff.holds(row.role):
        raise NotFound
    if row.outcome:
        raise Conflict(f"“{row.what}”的查找已了结：{row.get_outcome_display()}。")
    return row


def _close(change: Change, row: Missing, outcome: Missing.Outcome, note: str) -> None:
    assert change.staff is not None
    row.outcome, row.closed_by, row.closed_at, row.closed_note = outcome, change.staff, change.now, note
    row.save()


LOOKERS = (Role.WINDOW, Role.DEPARTMENT, Role.POST, Role.ISSUING, Role.ARCHIVE)


@act("missing_found", *LOOKERS)
def found(change: Change, *, missing_id: int, note: str) -> None:
    """It was found: where and how stands in ``note``."""
    row = _search(change, missing_id)
    _close(change, row, Missing.Outcome.FOUND, reason_given(note, "在哪里找到的", name="note"))
    if row.item:  # found in the mail: it goes on
        lost = Consignment.objects.filter(case=change.case, state=Consignment.State.LOST)
        lost.update(state=Consignment.State.SENT, state_since=change.now)
    change.note("thing_found", change.cite(_topic(row)), what=row.what, note=row.closed_note)


@act("missing_replaced", *LOOKERS)
def replaced(change: Change, *, missing_id: int, note: str) -> None:
    """It will not be found and was made anew: paper gets a new label and begins at the desk that looked for it; a lost
    result goes back to its department to be made again; working papers were put together anew.
    """
    row = _search(change, missing_id)
    _close(change, row, Missing.Outcome.REPLACED, reason_given(note, "怎样补做的", name="note"))
    assert change.staff is not None
    new, again = "", []
    if row.item and row.item.state != ItemState.DECIDED:
        again = [item.order for item in change.move("make_again", [row.item.order])]
        change.settle()
    elif row.thing and row.thing.place != Place.GONE:
        new = _anew(change, row.thing, row.role, row.part).code
    said = {"what": row.what, "code": new, "note": row.closed_note, "items": again}
    change.note("thing_replaced", change.cite(_topic(row)), **said)


def _anew(change: Change, old: Thing, role: str, part: list[str]) -> Thing:
    """A new thing for ``old``, or for the ``part`` of it that is missing, at the desk of ``role``."""
    assert change.staff is not None
    place = next((place for place, at in ROLE_AT.items() if at == role), Place.WINDOW)
    if not part:
        _done_with(change, old)
    return Thing.objects.create(
        code=new_code(old.kind),
        kind=old.kind,
        case=change.case,
        unit=old.unit,
        materials=[{"name": name, "original": False, "copies": 0} for name in part] or old.materials,
        place=place,
        place_since=change.now,
        holder=change.staff,
        replaces=old,
    )


def _done_with(change: Change, old: Thing) -> None:
    Handover.objects.filter(thing=old, taken_at=None).update(
        taken_by=change.staff, taken_at=change.now, target=Place.GONE
    )
    assert change.staff is not None
    old.place, old.place_since, old.holder = Place.GONE, change.now, change.staff
    old.save()
