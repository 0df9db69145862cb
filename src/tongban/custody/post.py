"""Post: results to applicants under a waybill (十.1), what becomes of them, and what comes back."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from tongban.cases.actions.department import Orders
from tongban.cases.actions.door import Change, Conflict, NotFound, Refused, act
from tongban.cases.actions.outside import outside_act
from tongban.cases.actions.wording import written
from tongban.cases.application import LONGEST
from tongban.cases.models import CaseItem, Delivery
from tongban.cases.queries import of_visible
from tongban.cases.states import ItemState
from tongban.custody import carrier
from tongban.custody.acts import report_loss
from tongban.custody.models import Consignment, PostalAddress, Waybill
from tongban.identity import names, phones
from tongban.identity.areas import area_of
from tongban.people.models import Region, Role, Staff
from tongban.procedure.model import Topic

State, Kind, Payer = Consignment.State, Consignment.Kind, Consignment.Payer
MOST_NUMBERS = 5000  # added to a pool in one go


def consignments_visible_to(staff: Staff, *roles: str) -> QuerySet[Consignment]:
    """Consignments of cases ``staff`` may see, oldest first."""
    rows = Consignment.objects.select_related("case__version", "case__region").order_by("id")
    return of_visible(rows, staff, *roles)


def add_numbers(staff: Staff, region: Region, typed: str) -> tuple[int, int]:
    """Numbers got from the carrier, one a line, into the pool of a hall. Returns how many are new, how many were known.

    Raises :class:`Refused` naming the first line that is no number; nothing is kept then.
    """
    if region.pk not in [duty.region_id for duty in staff.duties_as(Role.POST)]:
        raise NotFound
    lines = list(dict.fromkeys(line.strip().upper() for line in typed.splitlines() if line.strip()))
    wrong = next((line for line in lines if not carrier.well_formed(line)), None)
    if not lines or len(lines) > MOST_NUMBERS or wrong:
        said = f"“{wrong[:40]}”不是邮件号" if wrong else f"请填 1 到 {MOST_NUMBERS} 个邮件号，一行一个"
        raise Refused(f"{said}，应为 8 到 30 位字母和数字。", {"numbers": f"{said}。"})
    with transaction.atomic():
        used = Consignment.objects.filter(carrier=carrier.name(), waybill__in=lines).values_list("waybill", flat=True)
        known = {*Waybill.objects.filter(number__in=lines).values_list("number", flat=True), *used}
        new = [Waybill(region=region, number=line) for line in lines if line not in known]
        Waybill.objects.bulk_create(new, ignore_conflicts=True)
    return len(new), len(known)


def numbers_left(region: Region) -> int:
    """How many numbers the pool of a hall still has."""
    return Waybill.objects.filter(region=region, used_at=None).count()


def draw(region: Region) -> str:
    """The next number of the pool, used up with the caller's transaction. Raises :class:`Refused` when there is none."""
    row = Waybill.objects.select_for_update(skip_locked=True).filter(region=region, used_at=None).first()
    if row is None:
        said = "号码池里没有号码了，请填邮件号，或者先补充号码。"
        raise Refused(said, {"waybill": said})
    row.used_at = timezone.now()
    row.save(update_fields=["used_at"])
    return row.number


def checked(waybill: str) -> str:
    """A waybill number as typed, in capitals. Raises :class:`Refused`."""
    number = waybill.strip().upper()
    if not carrier.well_formed(number):
        raise Refused("邮件号有误。", {"waybill": "请填写 8 到 30 位的邮件号，只有字母和数字。"})
    if Consignment.objects.filter(carrier=carrier.name(), waybill=number).exists():
        raise Refused("邮件号用过了。", {"waybill": f"邮件号 {number} 已经用过，请核对面单。"})
    return number


@act("posted", Role.POST)
def post(
    change: Change, *, waybill: str, payer: str = Payer.SENDER, from_pool: bool = False, orders: Orders = None
) -> None:
    """Send results off under a waybill number, typed or the next ``from_pool``."""
    if payer not in Payer.values:
        raise Refused("请选择谁付邮费。", {"payer": "请选择谁付邮费。"})
    case, staff = change.case, change.staff
    assert staff is not None
    number = draw(case.region) if from_pool and not waybill.strip() else checked(waybill)
    moved = change.move("post", orders)
    sent = [item.order for item in moved]
    area = area_of(case.delivery_address)
    Consignment.objects.create(
        kind=Kind.RESULT,
        case=case,
        region_id=case.region_id,
        orders=sent,
        carrier=carrier.name(),
        waybill=number,
        payer=payer,
        area=area.code if area else "",
        state_since=change.now,
        sent_by=staff,
        sent_at=change.now,
        key=f"{case.number}/{case.events_count}",
    )
    out = ({"message": "posted", "waybill": number},)
    change.note("posted", change.cite(Topic.RELEASE_POST), outgoing=out, items=sent, waybill=number, payer=payer)
    change.settle()


def _under_way(change: Change, consignment_id: int | None, orders: Orders) -> tuple[list[Consignment], Orders]:
    """The consignments of the case an act is about, and the items in them."""
    rows = Consignment.objects.filter(case=change.case, kind=Kind.RESULT, state=State.SENT)
    if consignment_id is None:
        return list(rows), orders
    row = Consignment.objects.filter(case=change.case, pk=consignment_id).first()
    if row is None:
        raise NotFound
    if row.state != State.SENT:
        raise Conflict(f"邮件 {row.waybill} {row.get_state_display()}，不能进行这一步。")
    return [row], row.orders


def _became(change: Change, rows: Iterable[Consignment], state: Consignment.State, reason: str = "") -> str:
    for row in rows:
        row.state, row.state_since, row.reason = state, change.now, reason
        row.save(update_fields=["state", "state_since", "reason"])
    return "、".join(row.waybill for row in rows)


def _signed(change: Change, rows: list[Consignment], orders: Orders) -> None:
    moved = change.move("confirm_posted", orders)
    for item in moved:
        item.delivered_at = change.now
    waybill = _became(change, rows, State.SIGNED)
    out = ({"message": "rating_asked"},)
    items = [item.order for item in moved]
    change.note("post_received", change.cite(Topic.RELEASE_POST), outgoing=out, items=items, waybill=waybill)
    change.settle()


@act("post_received", Role.POST)
def confirm_posted(change: Change, *, consignment_id: int | None = None, orders: Orders = None) -> None:
    """The consignment was signed for."""
    _signed(change, *_under_way(change, consignment_id, orders))


@outside_act("系统")
def signed_says_the_carrier(change: Change, *, consignment_id: int) -> None:
    """The carrier's interface says that the consignment was signed for."""
    _signed(change, *_under_way(change, consignment_id, None))


@act("post_returned", Role.POST)
def return_from_post(change: Change, *, reason: str, consignment_id: int | None = None, orders: Orders = None) -> None:
    """A consignment came back: the results go to the issuing desk again, where the applicant is asked what now."""
    text = written(reason, "退回原因", name="reason")
    rows, orders = _under_way(change, consignment_id, orders)
    moved = change.move("return_from_post", orders)
    change.case.delivery = Delivery.COLLECT
    waybill = _became(change, rows, State.RETURNED, text)
    items = [item.order for item in moved]
    out = ({"message": "result_ready"},)
    cited = change.cite(Topic.RELEASE_POST)
    change.note("post_returned", cited, outgoing=out, items=items, reason=text, waybill=waybill)
    change.settle()


@act("post_lost", Role.POST)
def lost(change: Change, *, consignment_id: int, reason: str) -> None:
    """A consignment is lost: its results are looked for, and made again if they do not turn up."""
    text = written(reason, "查询的结果", name="reason")
    rows, orders = _under_way(change, consignment_id, None)
    waybill = _became(change, rows, State.LOST, text)
    change.note("post_lost", change.cite(Topic.RELEASE_POST), waybill=waybill, reason=text)
    for item in change.items:
        if item.order in set(orders or ()) and item.state == ItemState.POSTED:
            report_loss(change, item, Role.POST, f"邮件 {waybill}：{text}")


def whither(name: str, phone: str, address: str, *, sure: bool) -> dict[str, str]:
    """A postal address, checked. Raises :class:`Refused` by field; ``sure``: the county could not be found and is right."""
    name, phone, address = names.normalise(name), phones.normalise(phone), address.strip()
    found = {
        "delivery_name": ("请填写收件人。" if not name else None) or names.check(name),
        "delivery_phone": phones.check(phone),
        "delivery_address": "请填写邮寄地址。"
        if not address
        else f"邮寄地址最多 {LONGEST['address']} 个字。"
        if len(address) > LONGEST["address"]
        else None
        if sure or area_of(address)
        else "看不出是哪个省、市、县，请从省写起；确实没有写错的，勾上“地址就是这样”。",
    }
    if errors := {field: message for field, message in found.items() if message}:
        raise Refused("邮寄地址要改一下。", errors)
    return {"name": name, "phone": phone, "address": address}


@act("delivery_changed", Role.ISSUING, Role.WINDOW)
def post_instead(
    change: Change, *, name: str, phone: str, address: str, sure: bool = False, keep_address: bool = False
) -> None:
    """The applicant wants the result by post (after all, or again, elsewhere); ``keep_address`` with their consent."""
    waiting = [item for item in change.items if item.state not in (ItemState.DELIVERED, ItemState.POSTED)]
    if not waiting:
        raise Conflict("结果已经交付或寄出，不能再改。")
    to = whither(name, phone, address, sure=sure)
    case = change.case
    case.delivery = Delivery.POST
    case.delivery_name, case.delivery_phone, case.delivery_address = to["name"], to["phone"], to["address"]
    settle_returned(change)
    if keep_address:
        keep_for_next_time(change)
    area = area_of(to["address"])
    change.note("delivery_changed", change.cite(Topic.DELIVERY), delivery="post", area=area.code if area else "")


@act("delivery_kept", Role.ISSUING)
def collect_instead(change: Change) -> None:
    """The applicant comes to collect what came back."""
    change.case.delivery = Delivery.COLLECT
    settle_returned(change)
    change.note("delivery_changed", change.cite(Topic.DELIVERY), delivery="collect")


def settle_returned(change: Change) -> None:
    """What the applicant wants with what came back is known."""
    rows = Consignment.objects.filter(case=change.case, state=State.RETURNED, settled_at=None)
    rows.update(settled_at=change.now)


def keep_for_next_time(change: Change) -> None:
    """Keep the postal address of the case for the applicant's next case: they agreed."""
    case = change.case
    facts = {
        "name": case.delivery_name, "phone": case.delivery_phone, "address": case.delivery_address,
        "case": case, "agreed_at": change.now,
    }  # fmt: skip
    PostalAddress.objects.update_or_create(person_digest=case.applicant_id_digest, defaults=facts)
    change.note("address_kept", change.cite(Topic.DELIVERY))


@act("address_consent", Role.WINDOW)
def agree_to_keep(change: Change, *, agreed: bool) -> None:
    """The applicant agrees that the postal address is kept for the next time, or takes that back."""
    if agreed and change.case.delivery != Delivery.POST:
        raise Refused("这个办件不邮寄，没有可以留存的地址。")
    if agreed:
        keep_for_next_time(change)
        return
    PostalAddress.objects.filter(person_digest=change.case.applicant_id_digest).delete()
    change.note("address_forgotten", change.cite(Topic.DELIVERY))


def items_of(consignment: Consignment) -> list[CaseItem]:
    """The items whose results are in it."""
    return list(CaseItem.objects.filter(case=consignment.case, order__in=consignment.orders).order_by("order"))
