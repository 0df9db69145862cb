"""Paper changes hands: window → post window of the right hall → the unit's window (clauses 八（六）, 九)."""

from collections import defaultdict
from typing import Any

from django.db.models import QuerySet

from tongban.cases.actions.department import reason_given
from tongban.cases.actions.door import Change, Conflict, NotFound, Refused, act
from tongban.cases.models import CaseItem, CaseMaterial
from tongban.cases.queries import visible_to
from tongban.custody.models import MaterialList
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic

Place = MaterialList.Place


def lists_visible_to(staff: Staff, *roles: str) -> QuerySet[MaterialList]:
    """Lists of cases ``staff`` may see, oldest first."""
    return MaterialList.objects.filter(case__in=visible_to(staff, *roles)).select_related("case", "unit").order_by("id")


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


@act("list_made", Role.WINDOW)
def make_lists(change: Change) -> None:
    """Sort the required paper by unit and make one list a unit; a case without forwarded paper has none."""
    paper = paper_by_unit(change)
    if not paper:
        raise Refused("这个办件没有需要寄送的纸质材料，不需要制作目录。")
    if MaterialList.objects.filter(case=change.case).exists():
        raise Conflict("单位材料目录已经制作过。")
    assert change.staff is not None
    MaterialList.objects.bulk_create(
        MaterialList(case=change.case, unit_id=unit, materials=materials, place_since=change.now, holder=change.staff)
        for unit, materials in paper.items()
    )
    change.note("list_made", change.cite(Topic.PAPER_LISTS), units=sorted(paper))


def _hand(change: Change, list_id: int, given: MaterialList.Place, taken: MaterialList.Place) -> MaterialList:
    """Move one list from one place to the next. Raises :class:`Conflict` when it is not where it should be."""
    row = MaterialList.objects.filter(case=change.case, pk=list_id).select_related("unit").first()
    if row is None:
        raise NotFound
    if row.place != given:
        raise Conflict(f"“{row.unit.name}”的材料现在在“{row.get_place_display()}”，不能进行这一步。")
    assert change.staff is not None
    row.place, row.place_since, row.holder = taken, change.now, change.staff
    return row


@act("list_sent", Role.WINDOW)
def send_list(change: Change, *, list_id: int) -> None:
    """The window sends a unit's paper to the post window of the handling region's hall."""
    row = _hand(change, list_id, Place.WINDOW, Place.SENT)
    row.save()
    change.note("list_sent", change.cite(Topic.PAPER_LISTS), unit=row.unit.name)


@act("list_received", Role.POST)
def receive_list(change: Change, *, list_id: int, difference: str = "") -> None:
    """The post window takes paper over, checked against the list; ``difference`` names what does not agree."""
    row = _hand(change, list_id, Place.SENT, Place.POST)
    row.difference = reason_given(difference, "差异说明", needed=False, name="difference")
    row.save()
    change.note("list_received", change.cite(Topic.DISTRIBUTION), unit=row.unit.name, difference=row.difference)


@act("list_delivered", Role.POST)
def deliver_list(change: Change, *, list_id: int, signed_by: str) -> None:
    """The post window carries paper to the unit's window, where ``signed_by`` signs for it."""
    row = _hand(change, list_id, Place.POST, Place.UNIT)
    row.signed_by = reason_given(signed_by, "签收人", name="signed_by")[:100]
    row.save()
    change.note("list_delivered", change.cite(Topic.DISTRIBUTION), unit=row.unit.name, signed_by=row.signed_by)
