"""Accounts, duties, places: who may change what, for how long, and the record that is left of it."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from tests.world import World, key
from tongban.people import accounts, places, record
from tongban.people.city import WindowData
from tongban.people.models import Change, ChangeHead, Duty, Notice, Role, Staff, Window
from tongban.people.record import DoneBefore, Forbidden
from tongban.people.refused import Refused

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def again(staff: Staff) -> Staff:
    """As the next request sees the person."""
    return Staff.objects.get(pk=staff.pk)


@pytest.fixture
def second(world: World) -> Staff:
    """Another administrator."""
    return world.staff(Role.ADMINISTRATOR)


def test_a_new_account_gets_one_password_for_one_log_in(world: World) -> None:
    sent = key()
    password = accounts.create_account(world.administrator, key=sent, username=" Zhang.San ", name="样例·张三")
    made = Staff.objects.get(username="zhang.san")
    assert made.check_password(password)
    assert made.password_once
    assert not made.duties.exists()
    with pytest.raises(DoneBefore):
        accounts.create_account(world.administrator, key=sent, username="zhang.san", name="样例·张三")
    with pytest.raises(Refused, match="有人用"):
        accounts.create_account(world.administrator, key=key(), username="zhang.SAN", name="样例·李四")
    assert password not in str(Change.objects.values())


@pytest.mark.parametrize("username", ["", "a", "张三", "a b", "-a", "a" * 61, "a/b", "a\x00b"])
def test_an_account_has_a_plain_name(world: World, username: str) -> None:
    with pytest.raises(Refused):
        accounts.create_account(world.administrator, key=key(), username=username, name="样例·张三")


ACTS: dict[str, Callable[[Staff | None, World], Any]] = {
    "create": lambda by, world: accounts.create_account(by, key=key(), username="new", name="样例·新"),
    "edit": lambda by, world: accounts.edit_account(by, key=key(), staff_id=world.post.pk, name="样例·改", active=True),
    "password": lambda by, world: accounts.reset_password(by, key=key(), staff_id=world.post.pk),
    "sessions": lambda by, world: accounts.end_sessions(by, key=key(), staff_id=world.post.pk),
    "unlock": lambda by, world: accounts.unlock(by, key=key(), staff_id=world.post.pk),
    "give": lambda by, world: accounts.give_duty(
        by, key=key(), staff_id=world.post.pk, role=Role.WINDOW, scope_id=world.window.pk
    ),
    "end": lambda by, world: accounts.end_duty(by, key=key(), duty_id=world.post.duties.get().pk),
    "stand in": lambda by, world: accounts.stand_in(
        by, key=key(), absent_id=world.window_clerk.pk, substitute_id=world.post.pk, first=TODAY(), last=TODAY()
    ),
    "window": lambda by, world: places.save_window(
        by, key=key(), window_id=None, region_id=world.region.pk, given={"name": "新窗口", "township": "新镇"}
    ),
    "hall": lambda by, world: places.save_hall(by, key=key(), region_id=world.region.pk, name="示例大厅", address="新路", phone=""),
    "import": lambda by, world: places.import_windows(
        by, key=key(), city=world.region.city, windows=[WindowData(region=world.region.name, township="新镇", name="新")]
    ),
}  # fmt: skip


def everything() -> list[Any]:
    return [list(model.objects.order_by("pk").values_list()) for model in (Staff, Duty, Window, Change, Notice)]


@pytest.mark.parametrize("name", ACTS)
def test_only_administrators_and_the_command_line_change_anything(world: World, name: str) -> None:
    before = everything()
    for role, staff in world.people.items():
        if role != "administrator":
            with pytest.raises(Forbidden):
                ACTS[name](staff, world)
    assert everything() == before
    ACTS[name](world.administrator, world)
    newest = Change.objects.first()
    assert newest is not None
    assert world.administrator.username in newest.by_name
    assert list(record.verify()) == []


@pytest.mark.parametrize("name", ACTS)
def test_the_command_line_is_named_as_such(world: World, name: str) -> None:
    ACTS[name](None, world)
    assert set(Change.objects.values_list("by_name", flat=True)) == {"命令行"}


def test_an_administrator_whose_duty_ended_meanwhile_changes_nothing(world: World, second: Staff) -> None:
    assert second.holds(Role.ADMINISTRATOR)  # as a request that began before
    accounts.end_duty(world.administrator, key=key(), duty_id=second.duties.get().pk)
    with pytest.raises(Forbidden):
        ACTS["create"](second, world)


def test_four_eyes(world: World, second: Staff) -> None:
    me = world.administrator
    own = me.duties.get().pk
    tries: list[Callable[[Staff], Any]] = [
        lambda by: accounts.give_duty(by, key=key(), staff_id=me.pk, role=Role.OVERSIGHT, scope_id=None),
        lambda by: accounts.edit_account(by, key=key(), staff_id=me.pk, name=me.name, active=True, single_sign_on="x"),
        lambda by: accounts.reset_password(by, key=key(), staff_id=me.pk),
        lambda by: accounts.stand_in(
            by, key=key(), absent_id=world.post.pk, substitute_id=me.pk, first=TODAY(), last=TODAY()
        ),
        lambda by: accounts.end_duty(by, key=key(), duty_id=own),
    ]
    for act in tries:
        with pytest.raises(Refused, match="另一位"):
            act(me)
    for act in tries:
        act(second)


def test_the_last_administrator_stays(world: World, second: Staff) -> None:
    accounts.end_duty(world.administrator, key=key(), duty_id=second.duties.get().pk, last=TODAY())
    second = again(second)
    assert second.holds(Role.ADMINISTRATOR)  # until tonight
    for act in (
        lambda: accounts.end_duty(second, key=key(), duty_id=world.administrator.duties.get().pk),
        lambda: accounts.end_duty(None, key=key(), duty_id=world.administrator.duties.get().pk),
        lambda: accounts.edit_account(
            second, key=key(), staff_id=world.administrator.pk, name="样例·管", active=False
        ),
    ):  # fmt: skip
        with pytest.raises(Refused, match="最后一位"):
            act()
    assert again(world.administrator).holds(Role.ADMINISTRATOR)


@pytest.mark.parametrize("role", Role.values)
def test_a_duty_needs_its_scope(world: World, role: str) -> None:
    wanted = role in (Role.WINDOW, Role.DEPARTMENT, Role.POST, Role.ISSUING, Role.ARCHIVE)
    person = world.staff(Role.EDITOR if role != Role.EDITOR else Role.POST)
    for scope in (None, 0, 10**12):
        if wanted:
            with pytest.raises(Refused, match="请选择"):
                accounts.give_duty(world.administrator, key=key(), staff_id=person.pk, role=role, scope_id=scope)
    scope = {"window": world.window.pk, "department": world.unit.pk}.get(role, world.region.pk)
    accounts.give_duty(world.administrator, key=key(), staff_id=person.pk, role=role, scope_id=scope)
    assert again(person).holds(role)
    with pytest.raises(Refused, match="已经有"):
        accounts.give_duty(world.administrator, key=key(), staff_id=person.pk, role=role, scope_id=scope)
    assert again(person).unread == 1


def test_a_duty_begins_and_ends_with_its_days(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    person, today = world.staff(Role.EDITOR), TODAY()
    first, last = today + timedelta(days=2), today + timedelta(days=3)
    accounts.give_duty(
        world.administrator, key=key(), staff_id=person.pk, role=Role.POST, scope_id=world.region.pk,
        first=first, last=last,
    )  # fmt: skip
    duty = person.duties.get(role=Role.POST)
    for day, holds in ((0, False), (1, False), (2, True), (3, True), (4, False)):
        at = accounts.day_begins(today + timedelta(days=day)) + timedelta(hours=12)
        assert Duty.objects.filter(accounts.in_force(at), pk=duty.pk).exists() == holds, day
    for wrong in ((first, today), (None, today - timedelta(days=1))):
        with pytest.raises(Refused, match="截止日"):
            accounts.give_duty(
                world.administrator, key=key(), staff_id=person.pk, role=Role.ISSUING, scope_id=world.region.pk,
                first=wrong[0], last=wrong[1],
            )  # fmt: skip


def test_standing_in_gives_what_the_absent_person_has_for_just_as_long(world: World) -> None:
    absent, other, today = world.window_clerk, world.staff(Role.EDITOR), TODAY()
    ends = timezone.now() + timedelta(days=1)
    short = Duty.objects.create(staff=absent, role=Role.ARCHIVE, region=world.region, ends_at=ends)
    Duty.objects.create(staff=absent, role=Role.ADMINISTRATOR)
    given = accounts.stand_in(
        world.administrator, key=key(), absent_id=absent.pk, substitute_id=other.pk,
        first=today, last=today + timedelta(days=5),
    )  # fmt: skip
    assert given == 2
    duties = {duty.role: duty for duty in other.duties.exclude(stands_in_for=None)}
    assert set(duties) == {Role.WINDOW, Role.ARCHIVE}
    assert duties[Role.ARCHIVE].ends_at == ends
    assert duties[Role.WINDOW].ends_at == accounts.day_begins(today + timedelta(days=6))
    assert again(other).holds(Role.WINDOW)
    assert not again(other).holds(Role.ADMINISTRATOR)
    assert (again(other).unread, again(absent).unread) == (2, 1)
    with pytest.raises(Refused, match="已经都有"):
        accounts.stand_in(
            world.administrator, key=key(), absent_id=absent.pk, substitute_id=other.pk, first=today, last=today
        )
    accounts.end_duty(world.administrator, key=key(), duty_id=short.pk)
    assert not again(other).holds(Role.ARCHIVE)  # what was derived ends with what it came from
    assert again(other).holds(Role.WINDOW)


def test_a_closed_account_ends_and_keeps_its_record(world: World, client: Any) -> None:
    client.force_login(world.post)
    assert client.get("/post/").status_code == 200
    accounts.edit_account(world.administrator, key=key(), staff_id=world.post.pk, name=world.post.name, active=False)
    assert client.get("/post/").status_code == 302
    change = Change.objects.get(about_staff=world.post)
    assert (change.before, change.after) == ({"可以登录": True}, {"可以登录": False})


def test_a_changed_removed_or_added_entry_of_the_record_is_found(world: World) -> None:
    for name in ("create", "edit", "give", "window"):
        ACTS[name](world.administrator, world)
    assert list(record.verify()) == []
    rows = list(Change.objects.order_by("sequence"))
    table = Change._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"update {table} set about = 'x' where id = %s", [rows[1].pk])
        assert list(record.verify()) == ["变更记录第 2 条（x）内容被改动"]
        cursor.execute(f"update {table} set about = %s where id = %s", [rows[1].about, rows[1].pk])
        assert list(record.verify()) == []
        cursor.execute(f"delete from {table} where id = %s", [rows[-1].pk])
    assert list(record.verify()) == [f"变更记录第 {len(rows)} 条被删去"]
    ChangeHead.objects.update(sequence=len(rows) - 2, digest=rows[-3].digest)
    assert list(record.verify()) == [f"变更记录第 {len(rows) - 1} 条是后来加入的"]


def test_a_window_list_is_shown_before_it_is_taken_and_all_or_none(world: World) -> None:
    here = world.region.name
    rows = [
        WindowData(region=here, township="示例镇", name=world.window.name, phone=world.window.phone),
        WindowData(region=here, township="新镇", name="新窗口"),
        WindowData(region="别处", township="镇", name="x"),
    ]
    assert [row.status for row in places.preview(world.region.city, rows)] == ["不变", "新增", "有误"]
    with pytest.raises(Refused, match="别处"):
        places.import_windows(world.administrator, key=key(), city=world.region.city, windows=rows)
    assert not Window.objects.filter(name="新窗口").exists()
    changed = [rows[0].model_copy(update={"phone": "1"}), rows[1], rows[1]]
    assert [row.status for row in places.preview(world.region.city, changed)] == ["更新", "新增", "有误"]
    assert places.import_windows(world.administrator, key=key(), city=world.region.city, windows=changed[:2]) == (1, 1)
    assert Window.objects.get(pk=world.window.pk).phone == "1"


def test_what_was_changed_on_a_page_survives_the_next_setup(world: World) -> None:
    from tongban.people.load import load_windows

    places.save_window(
        world.administrator, key=key(), window_id=world.window.pk, region_id=world.region.pk,
        given={"name": world.window.name, "township": "示例镇", "address": "新路 9 号", "phone": ""},
    )  # fmt: skip
    row = WindowData(region=world.region.name, township="示例镇", name=world.window.name, address="旧路 1 号")
    load_windows((row,), {world.region.name: world.region})
    assert Window.objects.get(pk=world.window.pk).address == "新路 9 号"


def test_days_are_shanghai_days() -> None:
    assert accounts.day_begins(date(2026, 12, 1)).utcoffset() == timedelta(hours=8)
