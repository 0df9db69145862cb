"""Bags (邮件袋): one given along with a tolerance notice and mailed back (八（四）); one with the paper of many cases (八（六）)."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongban.cases.actions.door import Change, Conflict, NotFound, Refused, act, done_before
from tongban.cases.models import Case, CaseMaterial
from tongban.custody import acts, carrier
from tongban.custody.codes import new_code
from tongban.custody.models import Consignment, Handover, Thing
from tongban.custody.post import checked
from tongban.people.models import Region, Role, Staff, Window
from tongban.procedure.model import Topic
from tongban.rules.review import Outcome

Kind, Place = Thing.Kind, Thing.Place


def still_missing(case: Case) -> list[CaseMaterial]:
    """Tolerated materials of a case that have not come, in the order of the text."""
    return list(CaseMaterial.objects.filter(case=case, tolerated=True, supplied_at=None).order_by("index"))


@act("bag_given", Role.WINDOW)
def give_bag(change: Change) -> None:
    """Give the applicant a bag to mail the tolerated materials in. The window may offer it; one is out at a time."""
    if change.case.outcome != Outcome.TOLERANCE or not still_missing(change.case):
        raise Refused("这个办件没有等补齐的容缺材料，不需要回寄袋。")
    if Thing.objects.filter(case=change.case, kind=Kind.BAG).exclude(place=Place.GONE).exists():
        raise Conflict("回寄袋已经给过申请人。")
    assert change.staff is not None
    bag = Thing.objects.create(
        code=new_code(Kind.BAG),
        kind=Kind.BAG,
        case=change.case,
        place=Place.APPLICANT,
        place_since=change.now,
        holder=change.staff,
    )
    change.note("bag_given", change.cite(Topic.TOLERANCE), code=bag.code)


def bag_by_code(code: str) -> Thing | None:
    """The bag a label's code stands for, for whoever holds it in the hand; None when it is not out with an applicant."""
    rows = Thing.objects.filter(code=code, kind=Kind.BAG, place=Place.APPLICANT)
    return rows.select_related("case__version", "case__window", "case__region__hall").first()


def mailed(code: str, *, waybill: str, key: str) -> Case:
    """The applicant says that the bag is in the mail, under its number if they know it. Raises :class:`Refused`."""
    try:
        with transaction.atomic():
            bag = bag_by_code(code)
            if bag is None:
                raise NotFound
            case = Case.objects.select_for_update().get(pk=bag.case_id)
            number = checked(waybill) if waybill.strip() else ""
            if bag.consignment_id:
                raise Conflict("这个回寄袋已经登记寄出。")
            change = Change(case, list(case.items.all()), None, (), timezone.now())
            bag.consignment = Consignment.objects.create(
                kind=Consignment.Kind.BAG,
                case=case,
                region_id=case.region_id,
                window_id=case.window_id,
                carrier=carrier.name(),
                waybill=number,
                state_since=change.now,
                sent_by=bag.holder,
                sent_at=change.now,
                key=f"bag:{bag.code}",
            )
            bag.save()
            change.note("bag_mailed", change.cite(Topic.TOLERANCE), code=bag.code, waybill=number)
            change.write(key)
            return case
    except (Refused, IntegrityError) as error:
        return done_before(key, error)


@act("bag_taken", Role.POST, Role.WINDOW)
def take_bag(change: Change, *, thing_id: int, role: str) -> None:
    """A bag came back and is taken at the post window or at the window: what counts is the day it arrives."""
    bag = Thing.objects.filter(case=change.case, pk=thing_id, kind=Kind.BAG).first()
    if bag is None or change.staff is None or not change.staff.holds(role):
        raise NotFound
    if bag.place != Place.APPLICANT:
        raise acts.elsewhere(bag)
    place = Place.POST if role == Role.POST else Place.WINDOW
    Handover.objects.create(
        thing=bag,
        origin=Place.APPLICANT,
        target=place,
        given_by=bag.holder,
        given_at=bag.place_since,
        taken_by=change.staff,
        taken_at=change.now,
    )
    bag.place, bag.place_since, bag.holder = place, change.now, change.staff
    bag.save()
    Consignment.objects.filter(things=bag, state=Consignment.State.SENT).update(
        state=Consignment.State.SIGNED, state_since=change.now
    )
    late = [row.name for row in still_missing(change.case) if row.tolerance_due and row.tolerance_due < change.today]
    arrived = change.today.isoformat()
    change.note("bag_taken", change.cite(Topic.TOLERANCE), code=bag.code, arrived=arrived, late=late)


@act("bag_emptied", Role.POST, Role.WINDOW)
def empty_bag(change: Change, *, thing_id: int, note: str = "") -> None:
    """The bag was opened and what was in it is in the file; the bag itself is done with. ``note`` names what was not in it."""
    bag = Thing.objects.filter(case=change.case, pk=thing_id, kind=Kind.BAG).first()
    if bag is None:
        raise NotFound
    if bag.place not in (Place.POST, Place.WINDOW) or bag.holder_id != getattr(change.staff, "pk", None):
        raise acts.elsewhere(bag)
    bag.place, bag.place_since = Place.GONE, change.now
    bag.save()
    open_still = [row.name for row in still_missing(change.case)]
    change.note("bag_emptied", change.cite(Topic.TOLERANCE), code=bag.code, missing=open_still, note=note)


def send_materials(
    staff: Staff, window: Window, region: Region, things: Iterable[Thing], *, waybill: str, key: str
) -> tuple[Consignment, list[str]]:
    """Put the paper of many cases for one hall into one bag and send it, by mail or (no ``waybill``) by one's own car.

    Returns the consignment and what was refused (Chinese, one line each); the same ``key`` again sends nothing twice.
    Raises :class:`Refused` when nothing could be put in.
    """
    refused: list[str] = []
    with transaction.atomic():
        Region.objects.select_for_update().get(pk=region.pk)  # the same submission twice at once: one after the other
        row = Consignment.objects.filter(key=key).first()
        if row:
            return row, refused
        now: datetime = timezone.now()
        row = Consignment.objects.create(
            kind=Consignment.Kind.MATERIALS,
            region=region,
            window=window,
            carrier=carrier.name(),
            waybill=checked(waybill) if waybill.strip() else "",
            state_since=now,
            sent_by=staff,
            sent_at=now,
            key=key,
        )
        for thing in sorted(things, key=lambda thing: (thing.case_id, thing.pk)):
            try:
                acts.give(staff, thing.case.number, key=f"{key}{thing.pk}", thing_id=thing.pk, consignment=row)
            except Refused as error:
                refused.append(f"{thing.code}：{error}")
        if not Thing.objects.filter(consignment=row).exists():
            raise Refused("没有可以寄送的材料。" + "".join(refused))
    return row, refused
