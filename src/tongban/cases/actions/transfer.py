"""Open work moves on when an office closes: the cases and drafts of a window, the items of a unit.

That an office closes, and in whose favour, is an administrator's act (``people.places``). Here the work is carried over,
case by case, each in a transaction of its own with an event of its own, so that it can be interrupted and taken up again.
The administrator sees no case: only how many are left.
"""

from collections.abc import Callable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tongban.cases.actions.door import Change, NotFound
from tongban.cases.models import Case, CaseItem, Draft
from tongban.cases.states import CaseState, ItemState
from tongban.people import places
from tongban.people.models import Region, Role, Staff, Unit, Window
from tongban.people.refused import Refused

AT_ONCE = 100  # cases carried in one request
OVER = (CaseState.ARCHIVED, CaseState.DESTROYED, CaseState.DECLINED)
AT_UNIT = (ItemState.HELD, ItemState.PUSHED, ItemState.ACCEPTED, ItemState.PAUSED, ItemState.DECIDED)


def left_at_window(*windows: Window) -> QuerySet[Case]:
    """Cases of ``windows`` that are not over."""
    return Case.objects.filter(window__in=windows).exclude(state__in=OVER)


def left_at_unit(*units: Unit) -> QuerySet[Case]:
    """Cases with an item that one of ``units`` has still to work on."""
    return Case.objects.filter(pk__in=CaseItem.objects.filter(unit__in=units, state__in=AT_UNIT).values("case_id"))


def drafts_at(window: Window) -> QuerySet[Draft]:
    """Intakes begun at a window and not submitted."""
    return Draft.objects.filter(window=window)


def left_in_region(region: Region) -> QuerySet[Case]:
    """Cases of a region that are not over: its departments, its counters or its archive have work to do."""
    return Case.objects.filter(region=region).exclude(state__in=OVER)


@transaction.atomic
def end_unit(by: Staff, unit: Unit, *, key: str) -> None:
    """Close a unit that nobody takes over. Raises :class:`Refused` where it has open work: then somebody must."""
    places.close_unit(by, key=key, unit_id=unit.pk, successor_id=None, work="")
    if left := left_at_unit(unit).count():  # counted behind the lock of its row: an intake under way is seen
        raise Refused(f"{unit.name}还有 {left} 件在办，请选择接手的部门。", {"successor": "请选择接手的部门。"})


@transaction.atomic
def end_region(by: Staff, region: Region, *, key: str) -> None:
    """Close a region. Raises :class:`Refused` while windows or units stand there, or cases are open."""
    places.close_region(by, key=key, region_id=region.pk)
    if left := left_in_region(region).count():
        raise Refused(f"{region.name}还有 {left} 件没有归档，办完以后再撤销承办地。")


def _carry(by: Staff, cases: QuerySet[Case], key: str, body: Callable[[Change], None]) -> int:
    if not by.holds(Role.ADMINISTRATOR):
        raise NotFound
    done = 0
    for pk in list(cases.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]):
        with transaction.atomic():
            case = cases.select_for_update(of=("self",)).filter(pk=pk).first()
            if case is None:
                continue  # somebody finished or carried it meanwhile
            change = Change(case, list(case.items.select_for_update().order_by("pk")), by, (), timezone.now())
            body(change)
            change.write(f"{key[:40]}-{pk}")
            done += 1
    return done


def carry_window(by: Staff, window: Window, *, key: str) -> int:
    """Carry up to ``AT_ONCE`` cases, and every draft, of a closed window to its successor. Returns how many cases."""
    heir = window.successor
    if not window.closed_at or heir is None:
        raise NotFound
    drafts_at(window).update(window=heir)

    def body(change: Change) -> None:
        change.case.window = heir
        change.note("window_transferred", (), old=window.name, to=heir.name)

    return _carry(by, left_at_window(window), key, body)


def carry_unit(by: Staff, unit: Unit, *, key: str) -> int:
    """Carry up to ``AT_ONCE`` cases' items of a closed unit to its successor. Returns how many cases."""
    heir = unit.successor
    if not unit.closed_at or heir is None:
        raise NotFound

    def body(change: Change) -> None:
        moved = [item for item in change.items if item.unit_id == unit.pk and item.state in AT_UNIT]
        for item in moved:
            item.unit = heir
        change.note("unit_transferred", (), old=unit.name, to=heir.name, items=[item.order for item in moved])

    return _carry(by, left_at_unit(unit), key, body)
