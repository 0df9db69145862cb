"""A new calendar: what it would move, who is counted again, what stands in the chain; by hand, interrupted, corrected."""

import json
from argparse import Namespace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.rules.reckoner import due_day
from tests.rules.test_notices import NOTICE_2026
from tests.world import World, key
from tongban.cases import command_calendar, recount
from tongban.cases.actions import department
from tongban.cases.calendars import current
from tongban.cases.events import verify_all
from tongban.cases.models import Case, CaseItem, Event, HolidayNotice, Pause
from tongban.rules.clock import PUBLISHED
from tongban.rules.notices import Malformed, Notice

pytestmark = pytest.mark.django_db
# Invented: nobody knows the notice of 2027 yet.
NOTICE_2027: dict[str, Any] = {
    "year": 2027,
    "title": "样例：关于2027年部分节假日安排的通知（虚构）",
    "off": [
        {"name": "元旦", "from": "2027-01-01", "to": "2027-01-03"},
        {"name": "春节", "from": "2027-02-05", "to": "2027-02-12"},
        {"name": "清明节", "from": "2027-04-03", "to": "2027-04-05"},
        {"name": "劳动节", "from": "2027-05-01", "to": "2027-05-05"},
        {"name": "端午节", "from": "2027-06-09", "to": "2027-06-09"},
        {"name": "中秋节", "from": "2027-09-15", "to": "2027-09-15"},
        {"name": "国庆节", "from": "2027-10-01", "to": "2027-10-07"},
    ],
    "work": ["2027-01-30", "2027-02-14", "2027-05-08", "2027-09-26", "2027-10-09"],
}


def notice(**changes: Any) -> Notice:
    return Notice.model_validate({**NOTICE_2027, **changes})


def accepted_on(case: Case, day: str) -> None:
    """As if the case had been accepted on ``day`` of 2026, at eight in the evening, after closing time."""
    at = timezone.make_aware(datetime.fromisoformat(f"2026-{day}T20:00"))
    item = CaseItem.objects.get(case=case)
    CaseItem.objects.filter(pk=item.pk).update(accepted_at=at)
    from tongban.cases.due import count

    item.accepted_at = at
    count(case.procedure, item, list(item.pauses.all()), item.calendar)
    CaseItem.objects.filter(pk=item.pk).update(due=item.due, due_provisional=item.due_provisional)
    Case.objects.filter(pk=case.pk).update(due=item.due, due_provisional=item.due_provisional)


def finish() -> int:
    return sum(recount.steps())


def test_every_running_case_is_counted_again_with_the_reason_on_it(world: World) -> None:
    early, late, pushed, decided = world.case("accepted"), world.case("accepted"), world.case(), world.case("decided")
    accepted_on(early, "03-02")
    accepted_on(late, "11-23")
    was = CaseItem.objects.get(case=late)
    assert (was.due, was.due_provisional) == (date(2027, 2, 18), True)
    row = recount.take(world.administrator, key=key(), notice=notice(), reason="")
    assert finish() == 2
    assert finish() == 0, "done once"
    now = CaseItem.objects.get(case=late)
    works = current().kind
    assert now.due == due_day(date(2026, 11, 23), 60, "working_day", lambda day: works(day).works)
    assert (now.due_provisional, now.calendar) == (False, row.pk)
    assert Case.objects.get(pk=late.pk).due == now.due
    event = Event.objects.get(case=late, kind="recounted")
    assert event.data == {
        "item": 1, "was": "2027-02-18", "due": str(now.due), "provisional": False, "notice": row.title, "reason": "",
    }  # fmt: skip
    assert event.by_name == "系统"
    assert event.clauses
    assert not Event.objects.filter(kind="recounted", case__in=[early, pushed, decided]).exists()
    assert [broken for _, broken in verify_all() if broken] == []


def test_the_preview_says_what_then_happens(world: World) -> None:
    cases = [world.case("accepted") for _ in range(4)]
    for case, day in zip(cases, ("03-02", "11-20", "11-23", "11-23"), strict=True):
        accepted_on(case, day)
    department.pause(world.department, cases[3].number, key=key(), ground="hearing")
    Pause.objects.update(started_on=date(2026, 11, 25))
    department.resume(world.department, cases[3].number, key=key())
    Pause.objects.update(ended_on=date(2026, 12, 9))
    accepted_on(cases[3], "11-23")
    before = {item.pk: (item.due, item.due_provisional) for item in CaseItem.objects.all()}
    foreseen = recount.preview(notice())
    assert CaseItem.objects.exclude(calendar=0).count() == 0, "a preview changes nothing"
    recount.take(None, key=key(), notice=notice(), reason="")
    finish()
    moved = [item for item in CaseItem.objects.all() if (item.due, item.due_provisional) != before[item.pk]]
    assert sum(foreseen.values()) == len(moved) == 3
    assert {(move.was, move.due) for move in foreseen} == {(before[item.pk][0], item.due) for item in moved}


def test_the_preview_costs_the_same_for_two_cases_and_for_twelve(world: World) -> None:
    spent = []
    for made in (2, 10):
        for _ in range(made):
            world.case("accepted")
        with CaptureQueriesContext(connection) as captured:
            recount.preview(notice())
        spent.append(len(captured))
    assert spent[0] == spent[1]


def test_a_recount_that_was_interrupted_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(5):
        accepted_on(world.case("accepted"), "11-23")
    recount.take(None, key=key(), notice=notice(), reason="")
    assert recount.step(2) == 2
    assert recount.stale().count() == 3
    assert finish() == 3
    assert Event.objects.filter(kind="recounted").count() == 5


def test_what_is_accepted_after_the_notice_is_counted_with_it(world: World) -> None:
    row = recount.take(None, key=key(), notice=notice(), reason="")
    case = world.case("accepted")
    item = case.items.get()
    assert (item.calendar, item.due_provisional) == (row.pk, False)
    assert finish() == 0


def test_a_paused_item_stays_without_a_due_day(world: World) -> None:
    case = world.case("accepted")
    department.pause(world.department, case.number, key=key(), ground="hearing")
    recount.take(None, key=key(), notice=notice(), reason="")
    finish()
    item = case.items.get()
    assert item.due is None
    assert not Event.objects.filter(kind="recounted").exists()
    department.resume(world.department, case.number, key=key())
    item = case.items.get()
    assert item.due is not None
    assert not item.due_provisional


def test_a_correction_in_the_middle_of_a_year_needs_and_records_its_reason(world: World) -> None:
    case = world.case("accepted")
    accepted_on(case, "07-20")
    off = [*NOTICE_2026["off"], {"name": "抗洪", "from": "2026-08-03", "to": "2026-08-04"}]
    changed = Notice.model_validate({**NOTICE_2026, "off": off})
    was = case.items.get().due
    with pytest.raises(Malformed, match="写明理由"):
        recount.take(None, key=key(), notice=changed, reason=" ")
    recount.take(None, key=key(), notice=changed, reason="省里通知全省停工两天")
    finish()
    due = case.items.get().due
    assert was is not None
    assert due is not None
    assert PUBLISHED.working_days(was, due) == 2
    assert Event.objects.get(kind="recounted").data["reason"] == "省里通知全省停工两天"
    with pytest.raises(Malformed, match="已经导入过"):
        recount.take(None, key=key(), notice=changed, reason="再来一次")
    recount.take(None, key=key(), notice=Notice.model_validate(NOTICE_2026), reason="撤回停工通知")
    finish()
    assert case.items.get().due == was


def test_a_recount_and_an_act_at_once_leave_one_truth(world: World) -> None:
    """An item accepted with the old calendar after the recount went by is found by the next round."""
    case = world.case("accepted")
    recount.take(None, key=key(), notice=notice(), reason="")
    finish()
    CaseItem.objects.filter(case=case).update(calendar=0, due=date(2027, 2, 18), due_provisional=True)
    assert finish() == 1
    assert not case.items.get().due_provisional


def arguments(file: Path, **more: Any) -> Namespace:
    return Namespace(**{"file": file, "dry_run": False, "reason": "", "quiet": True, **more})


def test_the_command(world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    case = world.case("accepted")
    accepted_on(case, "11-23")
    file = tmp_path / "2027.json"
    file.write_text(json.dumps(NOTICE_2027), encoding="utf-8")
    assert command_calendar.run(arguments(file, dry_run=True)) == 0
    said = capsys.readouterr().out
    assert "2026-11-23 受理，60 个工作日：2027-02-18（暂定） → " in said
    assert "没有导入" in said
    assert not HolidayNotice.objects.exists()
    assert command_calendar.run(arguments(file)) == 0
    assert not case.items.get().due_provisional
    assert command_calendar.run(arguments(file)) == 2
    assert "已经导入过" in capsys.readouterr().err
    file.write_text("{}", encoding="utf-8")
    assert command_calendar.run(arguments(file)) == 2
    assert command_calendar.run(arguments(tmp_path / "none.csv")) == 2
    assert "读不了" in capsys.readouterr().err


def test_an_acceptance_after_closing_time_counts_that_day(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """23:59 in Shanghai is 15:59 the same day in UTC; 00:01 is the day before in UTC."""
    assert world.department.duties_now  # in force today
    for time, day in (("2026-03-02T15:59:00+00:00", date(2026, 3, 2)), ("2026-03-02T16:01:00+00:00", date(2026, 3, 3))):
        case = world.case()
        monkeypatch.setattr(timezone, "now", lambda time=time: datetime.fromisoformat(time))
        department.accept(world.department, case.number, key=key())
        monkeypatch.undo()
        item = case.items.get()
        assert item.due == due_day(day, 60, "working_day", lambda d: PUBLISHED.kind(d).works)


def test_a_case_is_due_when_its_latest_item_is(world: World) -> None:
    case = world.case("accepted")
    item = case.items.get()
    other = CaseItem.objects.get(pk=item.pk)
    other.pk, other.order, other.state, other.due, other.accepted_at = None, 2, "pushed", None, None
    other.save(force_insert=True)
    CaseItem.objects.filter(pk=item.pk).update(accepted_at=timezone.now() - timedelta(days=30))
    department.accept(world.department, case.number, key=key())
    first, second = CaseItem.objects.filter(case=case).order_by("order")
    assert Case.objects.get(pk=case.pk).due == second.due
    department.pause(world.department, case.number, key=key(), ground="hearing", orders=[1])
    assert Case.objects.get(pk=case.pk).due is None, "unknown while one is paused"
    department.resume(world.department, case.number, key=key(), orders=[1])
    department.decide(world.department, case.number, key=key(), granted=True, orders=[2])
    first.refresh_from_db()
    assert Case.objects.get(pk=case.pk).due == first.due, "what is decided is due no more"


def test_each_item_has_its_own_limit_and_the_case_the_latest(db: None) -> None:
    from tests.official import official
    from tests.world import build
    from tongban.procedure.model import TimeLimit

    limits = {1: TimeLimit(days=5, unit="working_day"), 2: TimeLimit(days=10, unit="natural_day")}
    procedure = official()
    items = tuple(
        item.model_copy(update={"time_limit": limits.get(place)}) for place, item in enumerate(procedure.items)
    )
    world = build(procedure.model_copy(update={"items": items}))
    pickable = [item.code or item.name for item in items if item.pickable]
    case = world.case("accepted", items=tuple(pickable[:2]), materials=world.materials())
    today = timezone.localdate()
    wanted = [
        due_day(today, limit.days, limit.unit, lambda day: PUBLISHED.kind(day).works)
        for limit in (limits[1], limits[2])
    ]
    assert [item.due for item in case.items.order_by("order")] == wanted
    assert Case.objects.get(pk=case.pk).due == max(day for day in wanted if day)
