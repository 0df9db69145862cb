"""Accounts and duties: who may work where, from when, until when. Every act is recorded (``people.record``).

Four eyes: nobody changes the duties, the state or the second factor of their own account here. There is always one
active administrator whose duty has no end.
"""

import re
import secrets
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from tongban.identity import names
from tongban.people import login
from tongban.people.models import City, Duty, LoginTry, Region, Role, Staff, Unit, Window
from tongban.people.record import Noting, act, tell
from tongban.people.refused import Refused

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,59}")
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is taken for another


def one_time_password() -> str:
    """Three groups of four: 60 bits."""
    return "-".join("".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(3))


def account(staff: Staff) -> str:
    """How the record names an account."""
    return f"账号 {staff.username}（{staff.name}）"


def _facts(staff: Staff) -> dict[str, Any]:
    return {"姓名": staff.name, "可以登录": staff.is_active, "统一身份": staff.single_sign_on or ""}


def facts_of_duty(duty: Duty) -> dict[str, Any]:
    """A duty in words, for the record."""
    return {
        "岗位": duty.get_role_display(),
        "范围": named(duty),
        "起": _moment(duty.starts_at),
        "止": _moment(duty.ends_at),
    }


def named(duty: Duty) -> str:
    """The scope of a duty in words."""
    scope = duty.scope
    if scope is None:
        return "全部" if duty.role in EVERYWHERE else ""
    return scope.name if isinstance(scope, Region | City) else f"{scope.region.name} {scope.name}"


def _moment(at: datetime | None) -> str:
    return f"{timezone.localtime(at):%Y-%m-%d %H:%M}" if at else ""


def _staff(staff_id: int) -> Staff:
    staff = Staff.objects.select_for_update().filter(pk=staff_id).first()
    if staff is None:
        raise Refused("没有这个账号，请刷新后再看。")
    if staff.stands_for:
        raise Refused("这个账号代表一个外部平台，没有人用它登录，不在这里改。")
    return staff


def _person(staff_id: int) -> Staff:
    staff = _staff(staff_id)
    if staff.machine:
        raise Refused("这是接入系统的账号，不能登录，也不能代班。请到“接入系统”里管理。")
    return staff


def _duty(duty_id: int) -> Duty:
    found = (
        Duty.objects.select_related("staff", "region", "unit__region", "window__region", "city")
        .filter(pk=duty_id)
        .first()
    )
    if found is None:
        raise Refused("没有这个岗位，请刷新后再看。")
    return found


def in_force(now: datetime) -> Q:
    """Duties in force at ``now``."""
    return Q(starts_at__lte=now) & (Q(ends_at=None) | Q(ends_at__gt=now))


def _administrator_left(now: datetime) -> None:
    """Raise :class:`Refused` when nobody is left who can administer for good."""
    left = Duty.objects.filter(role=Role.ADMINISTRATOR, starts_at__lte=now, ends_at=None, staff__is_active=True)
    if not settings.DEMO:
        left = left.filter(staff__demo=False)
    if not left.exists():
        raise Refused("这是最后一位长期的系统管理员。请先让另一位同志担任系统管理（不设截止日），再做这一步。")


def _name(given: str) -> str:
    if error := names.check(given):
        raise Refused(error, {"name": error})
    return names.normalise(given)


def clean(text: str, longest: int) -> str:
    """A typed line without outer spaces and invisible characters, at most ``longest`` long."""
    return "".join(char for char in text.strip() if char.isprintable())[:longest]


@act()
def create_account(change: Noting, *, username: str, name: str) -> str:
    """A new account without duties. Returns its first password, which holds for one log-in and is kept nowhere."""
    wanted = username.strip().lower()
    if not USERNAME.fullmatch(wanted):
        error = "账号用小写字母、数字、点和横线，2 到 60 个字符，以字母或数字开头。"
        raise Refused(error, {"username": error})
    if Staff.objects.filter(username__iexact=wanted).exists():
        error = f"账号 {wanted} 已经有人用了，请换一个。"
        raise Refused(error, {"username": error})
    staff = Staff(username=wanted, name=_name(name), password_once=True)
    password = one_time_password()
    staff.set_password(password)
    staff.save()
    change.note("account_created", account(staff), after=_facts(staff), staff=staff)
    return password


@act()
def edit_account(change: Noting, *, staff_id: int, name: str, active: bool, single_sign_on: str = "") -> None:
    """Name, whether the account may log in (ending it ends its sessions), and who it is for single sign-on."""
    staff = _person(staff_id)
    before = _facts(staff)
    claim = clean(single_sign_on, 200) or None
    if (active, claim) != (staff.is_active, staff.single_sign_on):
        change.not_oneself(staff, "账号状态和统一身份")
    if claim and Staff.objects.filter(single_sign_on=claim).exclude(pk=staff.pk).exists():
        error = "这个统一身份已经绑定了另一个账号。"
        raise Refused(error, {"single_sign_on": error})
    ended = staff.is_active and not active
    staff.name, staff.is_active, staff.single_sign_on = _name(name), active, claim
    if ended:
        staff.sessions_salt = secrets.token_hex(16)
    staff.save()
    _administrator_left(change.now)
    if _facts(staff) == before:
        raise Refused("没有改动。")
    change.note("account_changed", account(staff), before=before, after=_facts(staff), staff=staff)


@act(own=True)
def note_password(change: Noting) -> None:
    """Record that somebody changed their own password."""
    assert change.by is not None
    change.note("password_changed", account(change.by), staff=change.by)


@act()
def reset_password(change: Noting, *, staff_id: int) -> str:
    """A new password for one log-in, for who forgot theirs; every session ends. Returns it."""
    staff = _person(staff_id)
    change.not_oneself(staff, "密码（在“我的账号”里改）")
    password = one_time_password()
    staff.set_password(password)
    staff.password_once = True
    staff.save(update_fields=["password", "password_once"])
    login.succeeded(staff.username)
    change.note("password_reset", account(staff), staff=staff)
    return password


@act()
def reset_factor(change: Noting, *, staff_id: int) -> None:
    """Take the second factor away, for who lost the telephone; every session ends, a new one is set up at the log-in."""
    staff = _person(staff_id)
    change.not_oneself(staff, "第二验证")
    if not staff.factor_secret:
        raise Refused(f"{staff.name}没有设置第二验证。")
    staff.factor_secret, staff.factor_step = "", 0
    staff.save(update_fields=["factor_secret", "factor_step"])
    staff.recovery_codes.all().delete()
    staff.end_sessions()
    change.note("factor_reset", account(staff), staff=staff)


@act()
def end_sessions(change: Noting, *, staff_id: int) -> None:
    """End every session of a person."""
    staff = _person(staff_id)
    staff.end_sessions()
    change.note("sessions_ended", account(staff), staff=staff)


@act()
def unlock(change: Noting, *, staff_id: int) -> None:
    """Forget an account's wrong tries."""
    staff = _person(staff_id)
    login.succeeded(staff.username)
    change.note("unlocked", account(staff), staff=staff)


OF_MACHINES = (Role.WINDOW, Role.DEPARTMENT)  # what another system may do through the API
SCOPES: dict[str, tuple[str, Any]] = {
    Role.WINDOW: ("window", Window),
    Role.DEPARTMENT: ("unit", Unit),
    Role.POST: ("region", Region),
    Role.ISSUING: ("region", Region),
    Role.ARCHIVE: ("region", Region),
    Role.OVERSIGHT: ("region", Region),
    Role.EDITOR: ("city", City),
}
EVERYWHERE = (Role.OVERSIGHT, Role.EDITOR)  # without a scope they hold everywhere


def day_begins(day: date) -> datetime:
    """Midnight in Asia/Shanghai at which ``day`` begins."""
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def _term(change: Noting, first: date | None, last: date | None) -> tuple[datetime, datetime | None]:
    """From the beginning of ``first`` (now when it is today or none) to the end of ``last``."""
    today = timezone.localtime(change.now).date()
    starts = change.now if first is None or first <= today else day_begins(first)
    ends = day_begins(last + timedelta(days=1)) if last else None
    if ends and (ends <= starts or ends <= change.now):
        error = "截止日要在今天或以后，并且不早于起始日。"
        raise Refused(error, {"last": error})
    return starts, ends


@act()
def give_duty(
    change: Noting,
    *,
    staff_id: int,
    role: str,
    scope_id: int | None,
    first: date | None = None,
    last: date | None = None,
) -> None:
    """Give a duty from the day ``first`` to the day ``last`` (Asia/Shanghai, both counted; none: at once, for good)."""
    give(change, _staff(staff_id), role, scope_id, first, last)


def give(
    change: Noting, staff: Staff, role: str, scope_id: int | None, first: date | None = None, last: date | None = None
) -> None:
    """The same within an act."""
    change.not_oneself(staff, "岗位")
    if role not in Role.values:
        raise Refused("请选择岗位。", {"role": "请选择岗位。"})
    if staff.machine and role not in OF_MACHINES:
        raise Refused("接入系统只能担任收件或者承办岗位。", {"role": "接入系统只能担任收件或者承办岗位。"})
    scope: dict[str, Any] = {}
    if role in SCOPES:
        column, model = SCOPES[role]
        place = model.objects.filter(pk=scope_id).first() if scope_id else None
        if place is None and role not in EVERYWHERE:
            error = {"window": "请选择窗口。", "unit": "请选择承办部门。", "region": "请选择承办地。"}[column]
            raise Refused(error, {"scope": error})
        if getattr(place, "closed_at", None):
            raise Refused(f"{place}已经撤销，不能再安排人。")
        scope = {column: place}
    starts, ends = _term(change, first, last)
    same = Duty.objects.filter(staff=staff, role=role, **scope)
    if (
        same.filter(Q(ends_at=None) | Q(ends_at__gt=starts), starts_at__lte=starts)
        .filter(Q(ends_at=None) | (Q(ends_at__gte=ends) if ends else Q(pk__in=())))
        .exists()
    ):
        raise Refused(f"{staff.name}已经有这个岗位了。")
    duty = Duty.objects.create(staff=staff, role=role, starts_at=starts, ends_at=ends, **scope)
    duty = _duty(duty.pk)
    change.note("duty_given", account(staff), after=facts_of_duty(duty), staff=staff)
    until = f"，到 {last} 为止" if last else ""
    tell(
        [staff],
        f"安排您担任{duty.get_role_display()}岗位：{named(duty) or '全部'}{until}。",
        f"duty-{duty.pk}",
        change.now,
    )


@act()
def end_duty(change: Noting, *, duty_id: int, last: date | None = None) -> None:
    """End a duty with the day ``last``, or at once; who stands in for it ends no later."""
    duty = _duty(duty_id)
    change.not_oneself(duty.staff, "岗位")
    ends = change.now if last is None else _term(change, None, last)[1]
    assert ends is not None
    if duty.ends_at and duty.ends_at <= change.now:
        raise Refused("这个岗位已经结束了。")
    end(change, [duty], ends)
    _administrator_left(change.now)


def end(change: Noting, duties: list[Duty], ends: datetime) -> None:
    """End ``duties`` and those derived from them at ``ends``; noted and told."""
    for duty in duties:
        before = facts_of_duty(duty)
        duty.ends_at = ends
        duty.save(update_fields=["ends_at"])
        change.note("duty_ended", account(duty.staff), before=before, after=facts_of_duty(duty), staff=duty.staff)
        text = f"您的{duty.get_role_display()}岗位（{named(duty) or '全部'}）到 {_moment(ends)} 结束。"
        tell([duty.staff], text, f"duty-end-{duty.pk}-{int(ends.timestamp())}", change.now)
        later = duty.stand_ins.filter(Q(ends_at=None) | Q(ends_at__gt=ends))
        end(change, list(later.select_related("staff", "region", "unit__region", "window__region")), ends)


@act()
def stand_in(change: Noting, *, absent_id: int, substitute_id: int, first: date, last: date) -> int:
    """Somebody does the work of somebody on leave from ``first`` to ``last`` (days, both counted).

    Each duty of the absent person in force within these days is given to the substitute for just as long. Duties of
    editors and administrators are not handed on so: those are given by name. Returns how many were given.
    """
    absent, substitute = _person(absent_id), _person(substitute_id)
    if absent.pk == substitute.pk:
        raise Refused("请选择另一个人代班。", {"substitute": "请选择另一个人代班。"})
    change.not_oneself(substitute, "岗位")
    if not substitute.is_active:
        raise Refused(f"{substitute.name}的账号已停用，不能代班。")
    starts, ends = _term(change, first, last)
    assert ends is not None
    theirs = (
        Duty.objects.filter(staff=absent, starts_at__lt=ends)
        .filter(Q(ends_at=None) | Q(ends_at__gt=starts))
        .exclude(role__in=(Role.EDITOR, Role.ADMINISTRATOR))
        .select_related("region", "unit__region", "window__region")
    )
    given = 0
    for duty in theirs:
        begin, stop = max(duty.starts_at, starts), min(duty.ends_at or ends, ends)
        scope = {"role": duty.role, "region": duty.region, "unit": duty.unit, "window": duty.window}
        held = Duty.objects.filter(staff=substitute, starts_at__lte=begin, **scope)
        if held.filter(Q(ends_at=None) | Q(ends_at__gte=stop)).exists():
            continue
        made = Duty.objects.create(staff=substitute, starts_at=begin, ends_at=stop, stands_in_for=duty, **scope)
        made = _duty(made.pk)
        after = facts_of_duty(made) | {"代谁": account(absent)}
        change.note("stand_in", account(substitute), after=after, staff=substitute)
        text = f"请代{absent.name}的{duty.get_role_display()}岗位（{named(duty) or '全部'}），{first} 到 {last}。"
        tell([substitute], text, f"stand-in-{made.pk}", change.now)
        given += 1
    if not given:
        raise Refused(f"{absent.name}在这段时间没有可以代的岗位，或者{substitute.name}已经都有了。")
    tell(
        [absent],
        f"{first} 到 {last}，您的岗位由{substitute.name}代。",
        f"absent-{absent.pk}-{first}-{last}-{substitute.pk}",
        change.now,
    )
    return given


def accounts(typed: str = "") -> QuerySet[Staff]:
    """Accounts by a part of account or name; duties in force prefetched."""
    found = Staff.objects.all()
    if text := typed.strip()[:60]:
        found = found.filter(Q(username__icontains=text) | Q(name__icontains=text))
    return found


def wrong_tries(now: datetime) -> list[dict[str, Any]]:
    """Wrong tries of the last day by what was typed and where from, newest first; an account is named where it exists."""
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    day = LoginTry.objects.filter(right=False, at__gt=now - timedelta(days=1)).select_related("staff")
    for one in day.order_by("-at")[:2000]:
        row = rows.setdefault((one.account, one.address), {"address": one.address, "n": 0, "last": one.at})
        row["staff_id"], row["username"] = one.staff_id, one.staff.username if one.staff else ""
        row["n"] += 1
    found = list(rows.values())
    locked = login.locked_minutes({row["username"] for row in found if row["username"]})
    for row in found:
        row["locked"] = locked.get(row["username"], 0)
    return found


def log_ins(typed: str = "") -> QuerySet[LoginTry]:
    """Who showed, rightly or wrongly, who they are: newest first, by a part of account, name or address."""
    found = LoginTry.objects.select_related("staff").order_by("-id")
    if text := typed.strip()[:60]:
        found = found.filter(
            Q(staff__username__icontains=text) | Q(staff__name__icontains=text) | Q(address__startswith=text)
        )
    return found
