"""Whatever is done to the events behind the program's back, verify names the first one that does not hold."""

import pytest

from tests.world import World, build
from tongban.cases.events import verify_all
from tongban.cases.models import Case, Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def case() -> Case:
    return build().case("archived")


def first_break() -> tuple[int, str] | None:
    found = [broken for _, broken in verify_all(batch=1) if broken]
    return (found[0].sequence, found[0].what) if found else None


def test_untouched_chain_holds(case: Case) -> None:
    assert first_break() is None


@pytest.mark.parametrize("sequence", range(1, 9))
@pytest.mark.parametrize(
    "change",
    [
        {"kind": "granted!"},
        {"by_name": "别人"},
        {"data": {"reason": "改过"}},
        {"clauses": []},
        {"outgoing": [{"message": "x"}]},
        {"digest": "0" * 64},
    ],
)
def test_an_altered_event_is_named(case: Case, sequence: int, change: dict[str, object]) -> None:
    changed = Event.objects.filter(case=case, sequence=sequence).update(**change)
    assert changed == 1
    broken = first_break()
    assert broken is not None
    assert broken[0] == sequence


@pytest.mark.parametrize("sequence", range(1, 9))
def test_a_removed_event_is_named(case: Case, sequence: int) -> None:
    Event.objects.filter(case=case, sequence=sequence).delete()
    assert first_break() == (sequence, f"第 {sequence} 条经过被删去")


def test_an_event_put_in_at_the_end_is_named(case: Case) -> None:
    newest = Event.objects.filter(case=case).order_by("-sequence").first()
    assert newest is not None
    Event.objects.create(
        case=case, sequence=newest.sequence + 1, kind="rated", at=newest.at, by_name="别人", previous=newest.digest,
        digest="1" * 64,
    )  # fmt: skip
    broken = first_break()
    assert broken is not None
    assert broken[0] == newest.sequence + 1


def test_a_chain_rewritten_from_the_middle_is_found_by_the_head(case: Case) -> None:
    """Who recomputes every digest after an alteration still leaves the head on the case behind."""
    from tongban.cases.events import digest_of

    previous = ""
    for event in Event.objects.filter(case=case).order_by("sequence"):
        if event.kind == "granted":
            event.kind = "refused"
        event.previous = previous
        event.digest = previous = digest_of(event, case.number)
        event.save()
    assert first_break() is not None


def test_relaying_does_not_break_the_chain(world: World) -> None:
    from tongban.messages.relay import relay
    from tongban.messages.sending import send

    world.case("handed")
    assert relay() > 0
    assert relay() == 0
    assert send() > 0
    assert first_break() is None


@pytest.fixture
def world() -> World:
    return build()
