"""Lights and reminders: what an act writes, what a night makes of it; interrupted, missed, done twice, by two at once."""

from datetime import date, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.cases.test_races import together
from tests.world import World, key
from tongban.cases import sweep as sweeping
from tongban.cases.actions import department
from tongban.cases.events import verify_all
from tongban.cases.models import Case, CaseItem, CaseMaterial, Event, Sweep
from tongban.cases.sweep import due, sweep
from tongban.rules.lights import Cause
from tongban.rules.review import Outcome

pytestmark = pytest.mark.django_db


def night(after: int = 0) -> datetime:
    """Two in the morning, so many days from now."""
    local = timezone.localtime() + timedelta(days=after)
    return local.replace(hour=2, minute=0)


def light(case: Case) -> tuple[str, str]:
    return Case.objects.values_list("light", "light_cause").get(pk=case.pk)


def swept(after: int = 0) -> Sweep:
    *_, last = sweep(night(after))
    return last


def test_a_night_turns_the_lights_of_what_nobody_touched(world: World) -> None:
    pushed, accepted, sent = world.case(), world.case("accepted"), world.case("sent")
    swept()
    assert {light(case) for case in (pushed, accepted, sent)} == {("green", "")}
    swept(20)
    assert light(pushed) == ("red", "unaccepted")
    assert light(accepted) == ("green", "")
    swept(29)
    assert light(sent) == ("yellow", "uncollected")
    swept(150)
    assert (light(accepted), light(sent)) == (("red", "due"), ("red", "uncollected"))
    assert Case.objects.get(pk=accepted.pk).light_day == accepted.due


def test_an_act_brings_the_light_up_to_date_at_once(world: World) -> None:
    case = world.case()
    swept(20)
    assert light(case) == ("red", "unaccepted")
    department.accept(world.department, case.number, key=key())
    assert light(case) == ("green", "")


def test_a_closed_case_has_no_light(world: World) -> None:
    case = world.case("sent")
    swept(150)
    assert light(case) == ("red", "uncollected")
    from tongban.cases.actions import release

    release.hand_over(world.issuing, case.number, key=key(), shown=world.shown())
    assert light(case) == ("green", "")


def test_a_late_case_that_is_paused_stays_late(world: World) -> None:
    case = world.case("accepted")
    CaseItem.objects.filter(case=case).update(accepted_at=timezone.now() - timedelta(days=200))
    department.pause(world.department, case.number, key=key(), ground="hearing")
    item = case.items.get()
    assert item.due is not None
    assert item.due < timezone.localdate()
    assert light(case) == ("red", "due")


def test_a_supplement_that_never_came(world: World) -> None:
    from tongban.rules.review import MaterialState

    case = world.case(materials=world.materials({1: MaterialState.DEFECTIVE}))
    swept(28)
    assert light(case) == ("yellow", "supplement")
    swept(31)
    assert light(case) == ("red", "supplement")


def test_a_sweep_that_was_interrupted_goes_on_where_it_was(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 2)
    cases = [world.case() for _ in range(5)]
    first = next(sweep(night(20)))
    assert first.seen == 2
    assert [light(case)[0] for case in cases] == ["red", "red", "green", "green", "green"]
    last = swept(20)
    assert (last.seen, last.turned) == (5, 5)
    assert last.finished_at is not None
    assert list(sweep(night(20))) == []


def test_when_it_is_due(world: World) -> None:
    world.case()
    midnight = timezone.localtime().replace(hour=0, minute=30)
    assert not due(midnight)
    assert due(night())
    next(sweep(night()))
    assert due(night()), "not finished"
    swept()
    assert not due(night())
    assert due(night(3)), "three nights missed are one sweep"


def test_a_night_costs_the_same_for_two_cases_and_for_twenty(world: World) -> None:
    spent = []
    for made, after in ((2, 1), (18, 2)):
        for _ in range(made):
            world.case("accepted")
        with CaptureQueriesContext(connection) as captured:
            swept(after)
        spent.append(len(captured))
    assert spent[0] == spent[1]


def kinds(case: Case) -> list[str]:
    return list(Event.objects.filter(case=case, kind__endswith="reminded").values_list("kind", flat=True))


def test_a_result_nobody_collects_is_reminded_of_by_the_ladder(world: World) -> None:
    case = world.case("sent")
    for after in (1, 6, 7, 8, 14, 15, 29, 30, 31, 90):
        swept(after)
        assert list(sweep(night(after))) == []
    assert kinds(case) == 3 * ["collection_reminded"]
    events = Event.objects.filter(case=case, kind="collection_reminded").order_by("pk")
    assert [event.data["step"] for event in events] == [1, 2, 3]
    assert all(event.outgoing == [{"message": "collection_reminder"}] and event.clauses for event in events)
    assert [broken for _, broken in verify_all() if broken] == []


def test_reminders_missed_are_one(world: World) -> None:
    case = world.case("sent")
    swept(40)
    assert kinds(case) == ["collection_reminded"]


def test_a_tolerated_material_is_reminded_of_once(world: World) -> None:
    case = world.case()
    Case.objects.filter(pk=case.pk).update(outcome=Outcome.TOLERANCE)
    material = CaseMaterial.objects.filter(case=case)[0]
    material.tolerated, material.tolerance_due = True, timezone.localdate() + timedelta(days=10)
    material.save()
    swept(5)
    assert kinds(case) == []
    for after in (7, 8, 12):
        swept(after)
    assert kinds(case) == ["tolerance_reminded"]
    assert light(case)[0] == "red"


def test_what_another_room_watches(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    case, other = world.case("handed"), world.case("handed")
    days: dict[int, date] = {case.pk: timezone.localdate() + timedelta(days=5)}
    monkeypatch.setitem(sweeping.WATCHES, Cause.RATING, lambda: days)
    swept()
    assert light(case) == ("green", "")
    swept(3)
    assert light(case) == ("yellow", "rating")
    swept(6)
    assert (light(case), light(other)) == (("red", "rating"), ("green", ""))
    days.clear()
    swept(7)
    assert light(case) == ("green", "")


@pytest.mark.django_db(transaction=True)
def test_two_workers_sweep_one_night_together(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "BATCH", 3)
    cases = [world.case("sent") for _ in range(9)]
    swept_by = together(2 * [lambda: list(sweep(night(40)))])
    assert not any(isinstance(answer, Exception) for answer in swept_by), swept_by
    row = Sweep.objects.get()
    assert (row.seen, row.finished_at is not None) == (9, True)
    assert all(kinds(case) == ["collection_reminded"] for case in cases)


def test_a_bad_rating_nobody_answered_is_lit(world: World) -> None:
    from tongban.ratings.models import FollowUp, Rating

    case = world.case("handed")
    rating = Rating.objects.create(case=case, level=5, rated_at=timezone.now())
    due = timezone.localdate() + timedelta(days=5)
    row = FollowUp(case=case, rating=rating, opened_at=timezone.now(), due_on=due)
    row.save()
    swept(6)
    assert light(case) == ("red", "rating")
    row.state = FollowUp.State.TOLD
    row.save()
    swept(7)
    assert light(case) == ("green", "")
