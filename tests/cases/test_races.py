"""Several at once, for real: one wins, the others are told who did it and when; nothing twice, nothing lost."""

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction

from tests.world import World, build, key
from tongban.cases.actions import department
from tongban.cases.actions.door import Conflict
from tongban.cases.actions.intake import take_in
from tongban.cases.events import verify_all
from tongban.cases.models import Case, Event

pytestmark = pytest.mark.django_db(transaction=True)


def together(calls: list[Callable[[], Any]]) -> list[Any]:
    """Run every call in a thread of its own, all let go at the same moment; results or exceptions in order."""
    gate = threading.Barrier(len(calls))
    answers: list[Any] = [None] * len(calls)

    def one(place: int) -> None:
        gate.wait()
        try:
            answers[place] = calls[place]()
        except Exception as error:
            answers[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=one, args=(place,)) for place in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.fixture
def world() -> World:
    return build()


def test_sixteen_accept_the_same_case_and_one_wins(world: World) -> None:
    case = world.case()
    answers = together([lambda: department.accept(world.department, case.number, key=key())] * 16)
    won = [answer for answer in answers if isinstance(answer, Case)]
    lost = [answer for answer in answers if isinstance(answer, Conflict)]
    assert (len(won), len(lost)) == (1, 15), answers
    assert all(error.by == world.department.name and error.at and world.department.name in str(error) for error in lost)
    assert Event.objects.filter(case=case, kind="accepted").count() == 1
    assert [broken for _, broken in verify_all() if broken] == []


def test_the_same_submission_from_sixteen_browsers_is_one_case(world: World) -> None:
    application, once = world.application(), key()
    answers = together([lambda: take_in(world.window_clerk, application, key=once)] * 16)
    assert {answer.number for answer in answers} == {Case.objects.get().number}


def test_thirty_two_intakes_at_once_have_thirty_two_numbers(world: World) -> None:
    application = world.application()
    answers = together([lambda: take_in(world.window_clerk, application, key=key())] * 32)
    assert len({answer.number for answer in answers}) == 32
    assert Case.objects.count() == 32
    assert [broken for _, broken in verify_all() if broken] == []


def test_who_waits_for_a_case_holds_none_of_its_items(world: World) -> None:
    """What an outside platform says locks the case, then acts on its items; the officer's own act must not hold them."""
    case = world.case()
    said: list[Any] = []

    def officer() -> None:
        try:
            said.append(department.accept(world.department, case.number, key=key()))
        finally:
            connection.close()

    thread = threading.Thread(target=officer)
    with transaction.atomic():
        Case.objects.select_for_update().get(pk=case.pk)
        thread.start()
        thread.join(0.5)  # it is waiting by now
        assert list(case.items.select_for_update(nowait=True))
    thread.join()
    assert [one.state for one in said] == ["in_progress"]
