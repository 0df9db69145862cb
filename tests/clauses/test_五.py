"""自受理之日起60个工作日内作出决定。"""

from django.test import Client
from django.utils import timezone

from tests.clauses.walk import event, guide, in_force, item, messages, page
from tests.world import World, key
from tongban.cases.actions import department
from tongban.cases.due import ledger_of
from tongban.cases.sheets import promise
from tongban.procedure.model import TimeLimit
from tongban.rules.clock import ONE_DAY, PUBLISHED, clock


def test_the_limit_starts_at_the_departments_acceptance_not_at_intake(world: World) -> None:
    case = world.case()
    assert item(case).due is None
    department.accept(world.department, case.number, key=key())
    row = item(case)
    assert row.accepted_at is not None
    limit = TimeLimit(days=60, unit="working_day")
    assert row.due == clock(timezone.localdate(row.accepted_at), limit).due
    assert event(case, "accepted")[0] == ("五",)


def test_day_one_is_the_day_after_and_a_due_day_is_worked(world: World) -> None:
    case = world.case(until="accepted")
    ledger = ledger_of(world.procedure, item(case), PUBLISHED)
    assert ledger is not None
    assert ledger.days[0].day == ledger.accepted + ONE_DAY
    assert sum(day.counted for day in ledger.days) == 60
    assert PUBLISHED.kind(item(case).due).works  # type: ignore[arg-type]


def test_a_pause_stops_it_and_the_applicant_is_told(world: World) -> None:
    case = world.case(until="accepted")
    department.pause(world.department, case.number, key=key(), ground="hearing")
    assert item(case).due is None
    assert "因听证暂停计时" in messages(case)["paused"]
    department.resume(world.department, case.number, key=key())
    assert item(case).due is not None


def test_the_department_sees_the_clause_in_force(client: Client, world: World) -> None:
    case = world.case(until="accepted")
    assert "五" in in_force(page(client, world.department, f"/cases/{case.number}/"))


def test_the_guide_and_the_receipt_promise_the_same(client: Client, world: World) -> None:
    assert promise(world.procedure) in guide(client, world)
    assert "60 个工作日" in promise(world.procedure)
