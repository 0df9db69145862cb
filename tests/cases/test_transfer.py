"""An office closes: its open work goes to another, with an event each; who lost it and who has it now are told."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from tests.world import World, key
from tongban.archive.acts import archive
from tongban.cases import events
from tongban.cases.actions import department, papers, release, transfer
from tongban.cases.actions.department import accept
from tongban.cases.actions.door import NotFound
from tongban.cases.actions.intake import take_in
from tongban.cases.models import Case, CaseItem, Draft, Event
from tongban.cases.queries import drafts_visible_to, visible_to
from tongban.custody.models import Thing
from tongban.people import places
from tongban.people.models import Change, Notice, Region, Role, Staff, Unit, Window
from tongban.people.refused import Refused

pytestmark = pytest.mark.django_db


def again(staff: Staff) -> Staff:
    return Staff.objects.get(pk=staff.pk)


@pytest.fixture
def heir(world: World) -> Staff:
    """A clerk of another window of the city."""
    window = Window.objects.create(region=world.region, township="邻镇", name="邻镇窗口")
    return world.staff(Role.WINDOW, "样例·邻", window=window)


def close(client: Client, world: World, heir: Staff) -> str:
    client.force_login(world.administrator)
    url = f"/admin/windows/{world.window.pk}/"
    answer = client.post(f"{url}close/", {"key": key(), "successor": heir.duties.get().window_id})
    assert answer.headers["Location"] == url
    return url


def test_a_window_closes_and_its_work_goes_on_elsewhere(client: Client, world: World, heir: Staff) -> None:
    open_cases = [world.case().number, world.case("accepted").number, world.case("handed").number]
    over = world.case("archived").number
    Draft.objects.create(staff=world.window_clerk, window=world.window, version=world.version, body={})
    url = close(client, world, heir)
    assert "都已移交" in client.get(url).content.decode()
    heir = again(heir)
    assert sorted(visible_to(heir).values_list("number", flat=True)) == sorted(open_cases)
    assert drafts_visible_to(heir).count() == 1
    assert Case.objects.get(number=over).window == world.window
    clerk = again(world.window_clerk)
    assert not clerk.holds(Role.WINDOW)
    assert not visible_to(clerk).exists()
    for number in open_cases:
        case = Case.objects.get(number=number)
        assert events.verify(case.events.order_by("sequence"), case) is None
        newest = case.events.order_by("-sequence")[0]
        assert (newest.kind, newest.by_name) == ("window_transferred", world.administrator.name)
        assert newest.data == {"old": world.window.name, "to": "邻镇窗口"}
    assert "在办 3 件、草稿 1 份移交给邻镇窗口" in Notice.objects.filter(staff=clerk).order_by("id")[0].text
    assert "移交给您所在的邻镇窗口" in Notice.objects.get(staff=heir).text
    assert (clerk.unread, heir.unread) == (2, 1)
    client.force_login(clerk)
    assert "移交给邻镇窗口" in client.get("/notices/").content.decode()
    client.post("/notices/seen/")
    assert again(clerk).unread == 0


def test_nothing_new_comes_to_a_closed_window(client: Client, world: World, heir: Staff) -> None:
    close(client, world, heir)
    assert world.window.name not in client.get("/windows/").content.decode()
    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the act says: the clerk has no window any more
        take_in(again(world.window_clerk), world.application(), key=key())
    assert Case.objects.count() == 0


def test_what_was_not_carried_is_taken_up_again(
    client: Client, world: World, heir: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [world.case().number for _ in range(5)]
    monkeypatch.setattr(transfer, "AT_ONCE", 2)
    url = close(client, world, heir)
    assert "还有 3 件没有移交" in client.get(url).content.decode()
    assert "还有 3 件没有移交" in client.get("/admin/places/").content.decode()
    sent = key()
    for left in (1, 0):
        client.post(f"{url}carry/", {"key": sent})
        assert transfer.left_at_window(world.window).count() == left
    assert visible_to(again(heir)).count() == len(made)
    assert Event.objects.filter(kind="window_transferred").count() == len(made)


def test_sent_twice_it_closes_once(client: Client, world: World, heir: Staff) -> None:
    world.case()
    client.force_login(world.administrator)
    data = {"key": key(), "successor": heir.duties.get().window_id}
    for _ in range(2):
        client.post(f"/admin/windows/{world.window.pk}/close/", data)
    assert Event.objects.filter(kind="window_transferred").count() == 1
    assert again(heir).unread == 1


@pytest.mark.parametrize("which", ["itself", "none", "closed", "another city"])
def test_a_window_needs_an_heir_that_can_take_over(world: World, heir: Staff, which: str) -> None:
    from tongban.people.models import Region

    other = heir.duties.get().window
    assert other is not None
    if which == "closed":
        Window.objects.filter(pk=other.pk).update(closed_at=timezone.now())
    if which == "another city":
        far = Region.objects.create(city="别市", name="别县", abbreviation="BX", short="别")
        other = Window.objects.create(region=far, township="别镇", name="别镇窗口")
    wanted = {"itself": world.window.pk, "none": 0}.get(which, other.pk)
    with pytest.raises(Refused, match="接手"):
        places.close_window(
            world.administrator, key=key(), window_id=world.window.pk, successor_id=wanted, work="在办 0 件"
        )
    assert Window.objects.get(pk=world.window.pk).closed_at is None


def test_a_unit_closes_and_another_decides_its_items(client: Client, world: World) -> None:
    waiting, running, done = world.case().number, world.case("accepted").number, world.case("sent").number
    other = Unit.objects.create(region=world.region, name="邻局（示例）", items=["别的"])
    officer = world.staff(Role.DEPARTMENT, unit=other)
    Thing.objects.create(
        code="L-TEST", case=Case.objects.get(number=waiting), unit=world.unit, materials=[], place_since=timezone.now(),
        holder=world.window_clerk,
    )  # fmt: skip
    due = CaseItem.objects.get(case__number=running).due
    client.force_login(world.administrator)
    client.post(f"/admin/units/{world.unit.pk}/close/", {"key": key(), "successor": other.pk})
    officer = again(officer)
    assert set(visible_to(officer).values_list("number", flat=True)) == {waiting, running}
    assert CaseItem.objects.get(case__number=done).unit == world.unit  # its part was over
    assert CaseItem.objects.get(case__number=running).due == due  # the limit runs on
    assert Thing.objects.get().unit == other
    accept(officer, waiting, key=key())
    assert set(Unit.objects.get(pk=other.pk).items) == {"别的", *world.unit.items}
    taken = take_in(world.window_clerk, world.application(), key=key())
    assert {item.unit_id for item in taken.items.all()} == {other.pk}
    assert not again(world.department).holds(Role.DEPARTMENT)
    assert "在办 2 件移交给邻局" in Notice.objects.filter(staff=world.department).order_by("id")[0].text


def test_only_an_administrator_carries_work_and_only_of_a_closed_office(world: World, heir: Staff) -> None:
    world.case()
    with pytest.raises(NotFound):
        transfer.carry_window(world.administrator, world.window, key=key())
    Window.objects.filter(pk=world.window.pk).update(
        closed_at=timezone.now() - timedelta(hours=1), successor=heir.duties.get().window
    )
    window = Window.objects.get(pk=world.window.pk)
    for role, staff in world.people.items():
        if role != "administrator":
            with pytest.raises(NotFound):
                transfer.carry_window(staff, window, key=key())
    assert transfer.carry_window(world.administrator, window, key=key()) == 1


def test_a_region_closes_when_nothing_stands_and_nothing_is_open_there(
    client: Client, world: World, heir: Staff
) -> None:
    case = world.case("accepted")
    unit, region, window = world.unit, world.region, Window.objects.get(name="邻镇窗口")
    elsewhere = Region.objects.create(city=region.city, name="别县", abbreviation="BX", short="别")
    Window.objects.filter(pk=window.pk).update(region=elsewhere)
    client.force_login(world.administrator)
    shut = f"/admin/regions/{region.pk}/close/"

    def said(url: str, **given: object) -> str:
        return client.post(url, {"key": key(), **given}, follow=True).content.decode()

    assert "还有1 个窗口、1 个部门" in said(shut).replace("还有 ", "还有")
    said(f"/admin/windows/{world.window.pk}/close/", successor=window.pk)
    assert "还有 1 件在办，请选择接手的部门" in said(f"/admin/units/{unit.pk}/close/", successor="nobody")
    unit.refresh_from_db()
    assert unit.closed_at is None, "what was refused left nothing"
    assert again(world.department).holds(Role.DEPARTMENT)
    department.decide(world.department, case.number, key=key(), granted=True)
    department.send_result(world.department, case.number, key=key())
    release.hand_over(world.issuing, case.number, key=key(), shown=world.shown())
    papers.papers_to_archive(world.issuing, case.number, key=key())
    assert "部门已撤销" in said(f"/admin/units/{unit.pk}/close/", successor="nobody")
    assert "没有人接手" in client.get(f"/admin/units/{unit.pk}/").content.decode()
    assert "还有 1 件没有归档" in said(shut)
    assert again(world.archive).holds(Role.ARCHIVE)
    archive(world.archive, case.number, key=key())
    assert f"承办地{region.name}已撤销" in said(shut)
    for person in (world.archive, world.post, world.issuing):
        assert not again(person).duties_now
        assert Notice.objects.filter(staff=person, text=f"承办地{region.name}撤销。").exists()
    assert Change.objects.filter(kind="region_closed").exists()
    with pytest.raises(Refused, match="请选择承办地"):
        take_in(heir, world.application(window_id=window.pk), key=key())
    for what in ("window", "unit", "hall"):
        assert "已经撤销" in said(f"/admin/regions/{region.pk}/{what}/", name="新", township="新镇")
    client.force_login(heir)
    client.post("/window/start/", {"version": world.version.pk})
    page = client.get(f"/window/intake/{Draft.objects.get().pk}/").content.decode()
    assert ">别县</option>" in page
    assert f">{region.name}</option>" not in page


def test_a_case_taken_in_while_a_unit_ends_is_seen(world: World, heir: Staff) -> None:
    world.case()
    with pytest.raises(Refused, match="还有 1 件在办"):
        transfer.end_unit(world.administrator, world.unit, key=key())
    assert not Unit.objects.get(pk=world.unit.pk).closed_at
    assert not Notice.objects.filter(text__contains="撤销").exists()


@pytest.mark.django_db(transaction=True)
def test_nothing_is_taken_in_for_a_unit_that_is_closing(world: World, heir: Staff) -> None:
    """The intake begins while the closing is not yet written: it waits, and is refused."""
    taken: list[object] = []

    def clerk() -> None:
        try:
            taken.append(take_in(world.window_clerk, world.application(), key=key()))
        except Refused as error:
            taken.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=clerk)
    with transaction.atomic():
        transfer.end_unit(world.administrator, world.unit, key=key())
        thread.start()
        thread.join(0.5)  # far more than an intake takes: it must not have ended
        assert not taken
    thread.join()
    assert [type(one) for one in taken] == [Refused]
    assert not Case.objects.exists()
