"""Several processes at once, as several servers are: one wins, nothing twice, nothing lost."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.faults.killing import this_instance
from tests.world import World, build, key
from tongban.cases.events import verify_all
from tongban.cases.models import Case, Event, IssuedForm

Record = Callable[[str, object], None]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(tmp_path: Path, settings: object) -> World:
    settings.VAULT = tmp_path / "vault"  # type: ignore[attr-defined]
    return build()


def together(processes: int, work: str, *given: object) -> list[Any]:
    """What each process said."""
    connection.close()
    words = [sys.executable, "-m", "tests.faults.racing", work, str(processes), *map(str, given)]
    done = subprocess.run(words, env=this_instance(), capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(said) == processes, done.stderr
    return said


def test_sixteen_processes_do_the_same_step_and_one_wins(world: World, record_property: Record) -> None:
    record_property("tried", "16 个进程同时做同一步")
    case = world.case()
    said = together(16, "accept_race", world.department.pk, case.number)
    lost = [answer for answer in said if answer[0] == "lost"]
    assert len(lost) == 15
    for _, by, at, text in lost:
        assert by == world.department.name
        assert at != "None"
        assert by in text
    assert Event.objects.filter(case=case, kind="accepted").count() == 1
    assert [broken for _, broken in verify_all() if broken] == []


def test_two_hundred_intakes_have_two_hundred_numbers(world: World, record_property: Record) -> None:
    record_property("tried", "10 个进程各收 20 件")
    said = together(10, "intake_race", 20)
    numbers = [number for numbers in said for number in numbers]
    assert len(set(numbers)) == len(numbers) == Case.objects.count() == 200
    assert [broken for _, broken in verify_all() if broken] == []


def test_twenty_times_the_same_submission_is_one_case(world: World, record_property: Record) -> None:
    record_property("tried", "10 个进程各把同一次提交发 2 遍")
    said = together(10, "intake_race", 2, key())
    assert {number for numbers in said for number in numbers} == {Case.objects.get().number}


def test_fifty_issuers_in_ten_processes_leave_no_gap_in_the_serials(world: World, record_property: Record) -> None:
    record_property("tried", "10 个进程各 5 人同时出文书")
    case = world.case()
    said = together(10, "issue_race", world.window_clerk.pk, case.number, 5)
    assert [answer for answers in said for answer in answers] == ["issued"] * 50
    serials = sorted(IssuedForm.objects.values_list("serial", flat=True))
    year = IssuedForm.objects.all()[0].issued_at.year
    assert serials == [f"南收〔{year}〕{n:06d}号" for n in range(1, 51)]
    assert [broken for _, broken in verify_all() if broken] == []
