"""Seeing personal data whole: an act with a purpose, recorded before anything is shown, and listed for oversight."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from tongban.cases.actions.door import NotFound, Refused
from tongban.cases.application import has_control
from tongban.cases.models import Case, Delivery, Party, Purpose, Reading
from tongban.cases.queries import visible_to
from tongban.people.accounts import in_force
from tongban.people.models import Duty, Role, Staff
from tongban.people.record import tell

OF_WORK = (Purpose.POST, Purpose.HAND, Purpose.ENTER)  # a desk's own work brings them with it
CHOSEN = [(value, label) for value, label in Purpose.choices if value not in OF_WORK]
NOTE = 200
UNUSUAL = 20  # looks by one person within the hour after which oversight is told, once a day
FIELDS = {"name": "姓名", "id_number": "证件号码", "phone": "手机", "address": "地址"}


@dataclass(frozen=True)
class Person:
    """Somebody of a case, and which data there are."""

    which: str  # applicant, agent, guardian, delivery
    label: str
    values: dict[str, str]

    @property
    def fields(self) -> list[tuple[str, str]]:
        """The data that may be asked for: name and label."""
        return [(name, FIELDS[name]) for name in self.values]


def persons(case: Case, parties: Iterable[Party]) -> list[Person]:
    """The people of a case, and beside it, with their whole data; for :func:`unmask`, and for what there is to ask for."""
    found = [("applicant", "申请人", case, "applicant_")]
    found += [(party.role, party.get_role_display(), party, "") for party in parties]  # type: ignore[misc]
    if case.delivery == Delivery.POST:
        found.append(("delivery", "收件人", case, "delivery_"))
    return [
        Person(which, label, {name: value for name in FIELDS if (value := getattr(row, prefix + name, ""))})
        for which, label, row, prefix in found
    ]


def unmask(
    staff: Staff, number: str, *, key: str, person: str, fields: list[str], purpose: str, note: str
) -> tuple[str, list[tuple[str, str]]]:
    """Whole data of one person of a visible case: who, and each field with its value. Recorded first.

    Raises :class:`NotFound`; :class:`Refused` without a purpose, for data that are not there, or for a ``key`` that was
    used: what was shown is shown once.
    """
    case = visible_to(staff).filter(number=number).prefetch_related("parties").first()
    if case is None:
        raise NotFound
    who = next((one for one in persons(case, case.parties.all()) if one.which == person), None)
    if who is None:
        raise NotFound
    asked = [name for name in who.values if name in fields]
    if not asked:
        raise Refused("请选择要看哪一项。", {"fields": "请选择要看哪一项。"})
    if purpose not in dict(CHOSEN):
        raise Refused("请选择用途。", {"purpose": "请选择用途。"})
    text = note.strip()
    if has_control(text) or len(text) > NOTE:
        raise Refused(f"说明最多 {NOTE} 个字，不要换行。", {"note": f"说明最多 {NOTE} 个字，不要换行。"})
    if purpose == Purpose.OTHER and not text:
        raise Refused("请写明用途。", {"note": "请写明用途。"})
    now = timezone.now()
    what = f"{who.label}：{'、'.join(FIELDS[name] for name in asked)}"
    try:
        with transaction.atomic():
            Reading.objects.create(
                case_number=number, staff=staff, what=what, at=now, purpose=purpose, note=text, key=key
            )
    except IntegrityError as error:
        raise Refused("已经显示过一次。要再看的，请重新填写用途。") from error
    _alarm(staff, case, now)
    return who.label, [(FIELDS[name], who.values[name]) for name in asked]


def _asked_for() -> QuerySet[Reading]:
    """Looks somebody asked for, not those a desk's work brings with it."""
    return Reading.objects.filter(purpose__in=[value for value, _ in CHOSEN])


def _alarm(staff: Staff, case: Case, now: datetime) -> None:
    """Tell oversight when one person looks unusually often: once a day."""
    if _asked_for().filter(staff=staff, at__gt=now - timedelta(hours=1)).count() <= UNUSUAL:
        return
    duties = Duty.objects.filter(in_force(now), Q(region=None) | Q(region=case.region_id), role=Role.OVERSIGHT)
    watching = Staff.objects.filter(pk__in=duties.values("staff_id"), is_active=True)
    day = timezone.localtime(now).date()
    said = f"{staff.name}（{staff.username}）一小时内查看完整个人信息超过 {UNUSUAL} 次，请核实。"
    tell(watching, said, f"unmask-{staff.pk}-{day}", now)


def listed(staff: Staff) -> QuerySet[Reading]:
    """Looks at whole data that oversight may know of, newest first: of its region's cases, or all, also of cases gone."""
    found = Reading.objects.exclude(purpose="").select_related("staff")
    duties = staff.duties_as(Role.OVERSIGHT)
    if not any(duty.region_id is None for duty in duties):
        found = found.filter(case_number__in=visible_to(staff, Role.OVERSIGHT).values("number"))
    return found


def by_person(staff: Staff) -> list[dict[str, Any]]:
    """How often each person looked of the last 30 days: today, 7 days, 30 days; the most today first."""
    now = timezone.now()
    today = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    asked = ~Q(purpose__in=OF_WORK)
    rows = (
        listed(staff)
        .filter(at__gt=now - timedelta(days=30))
        .order_by()
        .values("staff__name", "staff__username")
        .annotate(
            today=Count("id", filter=asked & Q(at__gte=today)),
            hour=Count("id", filter=asked & Q(at__gt=now - timedelta(hours=1))),
            week=Count("id", filter=asked & Q(at__gt=now - timedelta(days=7))),
            month=Count("id", filter=asked),
            work=Count("id", filter=~asked),
        )
        .order_by("-today", "-month", "staff__username")
    )
    return [row | {"unusual": row["hour"] > UNUSUAL} for row in rows]
