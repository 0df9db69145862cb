"""Accounts: who there is, one account with its duties, and what may be done with it."""

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tongban.cases.queries import after
from tongban.desks.admin.rail import rail
from tongban.desks.doors import desk, key_of, new_key, page_key, perform, staff_of
from tongban.people import accounts as acts
from tongban.people.models import Change, City, Duty, Region, Role, Staff, Unit, Window
from tongban.people.refused import Refused


def _with_places(duties: Any) -> Any:
    return duties.select_related("region", "unit__region", "window__region", "city", "stands_in_for__staff")


@desk(Role.ADMINISTRATOR)
@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts by a part of account or name, with the duties in force now."""
    staff = staff_of(request)
    typed = request.GET.get("q", "")[:60]
    now = timezone.now()
    current = _with_places(Duty.objects.filter(acts.in_force(now)))
    found = acts.accounts(typed).prefetch_related(Prefetch("duties", queryset=current))
    rows, more = after(found, page_key(request))
    context = {"rows": rows, "more": more, "typed": typed, "keep": {"q": typed} if typed else {}, "key": new_key()}
    return render(request, "admin/accounts.html", context | {"rail": rail(staff, "admin")})


def _account(staff_id: int) -> Staff:
    found = Staff.objects.filter(pk=staff_id).first()
    if found is None:
        raise Http404
    return found


@desk(Role.ADMINISTRATOR)
@never_cache
@require_GET
def account(request: HttpRequest, staff_id: int) -> HttpResponse:
    """One account: its duties, what may be done, what was changed. A first password is shown once."""
    shown = _account(staff_id)
    now = timezone.now()
    duties = list(_with_places(shown.duties.order_by("-starts_at", "-id")))
    told = request.session.pop("first_password", None)
    windows = Window.objects.filter(closed_at=None).select_related("region")
    units = Unit.objects.filter(closed_at=None).select_related("region")
    context = {
        "shown": shown,
        "duties": [{"duty": duty, "named": acts.named(duty), "when": _when(duty)} for duty in duties],
        "password": told[1] if told and told[0] == staff_id else "",
        "roles": [(r.value, r.label) for r in acts.OF_MACHINES] if shown.machine else Role.choices,
        "regional": [role for role, (column, _) in acts.SCOPES.items() if column == "region"],
        "windows": windows.order_by("region__city", "region__order", "id"),
        "units": units.order_by("region__city", "region__order", "id"),
        "regions": Region.objects.filter(closed_at=None).order_by("city", "order", "id"),
        "cities": City.objects.order_by("id"),
        "tries": shown.tries.order_by("-id")[:8],
        "others": Staff.objects.filter(is_active=True, machine=False).exclude(pk=staff_id).order_by("name", "id"),
        "changes": Change.objects.filter(about_staff=shown)[:10],
        "client": getattr(shown, "client", None),
        "self": shown.pk == staff_of(request).pk,
        "today": timezone.localtime(now).date(),
        "key": new_key(),
        "rail": rail(staff_of(request), "admin"),
    }
    return render(request, "admin/account.html", context)


def _when(duty: Duty) -> str:
    now = timezone.now()
    if duty.starts_at > now:
        return "未开始"
    return "已结束" if duty.ends_at and duty.ends_at <= now else "在岗"


def day_of(request: HttpRequest, name: str, *, needed: bool = False) -> date | None:
    """The day posted as ``name``. Raises :class:`Refused` when it is none."""
    given = request.POST.get(name, "").strip()
    if not given and not needed:
        return None
    try:
        return date.fromisoformat(given)
    except ValueError as error:
        said = "请填写日期，如 2026-12-01。"
        raise Refused(said, {name: said}) from error


def id_of(request: HttpRequest, name: str) -> int | None:
    """The row posted as ``name``, or None."""
    given = request.POST.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 18 else None


def _do(request: HttpRequest, staff_id: int, act: Callable[[], object], done: str) -> HttpResponse:
    return perform(request, act, done, reverse("admin-account", args=[_account(staff_id).pk]))


@desk(Role.ADMINISTRATOR)
@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """A new account; its first password stands on its page, once."""
    username = request.POST.get("username", "")[:200]

    def act() -> None:
        name = request.POST.get("name", "")[:400]
        password = acts.create_account(staff_of(request), key=key_of(request), username=username, name=name)
        request.session["first_password"] = [Staff.objects.get(username=username.strip().lower()).pk, password]

    answer = perform(request, act, "账号已建立。请在下面安排岗位，并把首次密码当面告诉本人。", reverse("admin"))
    made = Staff.objects.filter(username=username.strip().lower()).first()
    if made and request.session.get("first_password", [0])[0] == made.pk:
        answer["Location"] = reverse("admin-account", args=[made.pk])
    return answer


@desk(Role.ADMINISTRATOR)
@require_POST
def edit(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Name, state, single sign-on."""

    def act() -> None:
        acts.edit_account(
            staff_of(request),
            key=key_of(request),
            staff_id=staff_id,
            name=request.POST.get("name", "")[:400],
            active=request.POST.get("active") == "1",
            single_sign_on=request.POST.get("single_sign_on", "")[:400],
        )

    return _do(request, staff_id, act, "已保存。")


@desk(Role.ADMINISTRATOR)
@require_POST
def password(request: HttpRequest, staff_id: int) -> HttpResponse:
    """A new first password."""

    def act() -> None:
        made = acts.reset_password(staff_of(request), key=key_of(request), staff_id=staff_id)
        request.session["first_password"] = [staff_id, made]

    return _do(request, staff_id, act, "密码已重设，原来的登录都已结束。请把新的首次密码当面告诉本人。")


@desk(Role.ADMINISTRATOR)
@require_POST
def factor(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Take the second factor away."""
    act = lambda: acts.reset_factor(staff_of(request), key=key_of(request), staff_id=staff_id)  # noqa: E731
    return _do(request, staff_id, act, "第二验证已清除，本人下次登录时重新设置。")


@desk(Role.ADMINISTRATOR)
@require_POST
def sessions(request: HttpRequest, staff_id: int) -> HttpResponse:
    """End every session of a person."""
    act = lambda: acts.end_sessions(staff_of(request), key=key_of(request), staff_id=staff_id)  # noqa: E731
    return _do(request, staff_id, act, "全部登录已结束。")


@desk(Role.ADMINISTRATOR)
@require_POST
def unlock(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Forget an account's wrong tries."""
    act = lambda: acts.unlock(staff_of(request), key=key_of(request), staff_id=staff_id)  # noqa: E731
    return _do(request, staff_id, act, "锁定已解除。")


@desk(Role.ADMINISTRATOR)
@require_POST
def give_duty(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Give a duty."""
    role = request.POST.get("role", "")
    scope = acts.SCOPES.get(role, ("", None))[0]
    if scope == "region":
        scope = f"region-{role}"
    act = lambda: acts.give_duty(  # noqa: E731
        staff_of(request),
        key=key_of(request),
        staff_id=staff_id,
        role=role,
        scope_id=id_of(request, scope),
        first=day_of(request, "first"),
        last=day_of(request, "last"),
    )
    return _do(request, staff_id, act, "岗位已安排，已通知本人。")


@desk(Role.ADMINISTRATOR)
@require_POST
def stand_in(request: HttpRequest, staff_id: int) -> HttpResponse:
    """Somebody stands in for this person."""

    def act() -> None:
        first, last = day_of(request, "first", needed=True), day_of(request, "last", needed=True)
        assert first is not None
        assert last is not None
        acts.stand_in(
            staff_of(request),
            key=key_of(request),
            absent_id=staff_id,
            substitute_id=id_of(request, "substitute") or 0,
            first=first,
            last=last,
        )

    return _do(request, staff_id, act, "代班已安排，已通知两个人。")


@desk(Role.ADMINISTRATOR)
@require_POST
def end_duty(request: HttpRequest, duty_id: int) -> HttpResponse:
    """End a duty at once or with a day."""
    duty = Duty.objects.filter(pk=duty_id).first()
    if duty is None:
        raise Http404
    act = lambda: acts.end_duty(  # noqa: E731
        staff_of(request), key=key_of(request), duty_id=duty_id, last=day_of(request, "last")
    )
    return _do(request, duty.staff_id, act, "已登记，已通知本人。")
