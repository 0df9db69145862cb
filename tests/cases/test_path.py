"""The whole path of a case: what it costs in queries, what it leaves in the chain, what a repeat changes."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.world import ADULT, World, build, jpeg, key
from tongban.archive.acts import archive
from tongban.cases.actions import department, papers, release
from tongban.cases.actions.intake import take_in
from tongban.cases.application import FileGiven
from tongban.cases.events import verify_all
from tongban.cases.models import Case, Event, MaterialFile
from tongban.vault import store

pytestmark = pytest.mark.django_db
BUDGET = 30
CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@pytest.fixture
def world() -> World:
    return build()


def path(world: World) -> Case:
    """Create, two files of 50 KB, six steps to closed."""
    files = [FileGiven(store.store(jpeg(50_000, seed), f"{seed}.jpg"), f"{seed}.jpg") for seed in (1, 2)]
    materials = world.materials()
    given = tuple(
        type(material)(material.verdict, True, (file,)) for material, file in zip(materials, files, strict=True)
    )
    number = take_in(world.window_clerk, world.application(materials=given), key=key()).number
    department.accept(world.department, number, key=key())
    department.decide(world.department, number, key=key(), granted=True)
    department.send_result(world.department, number, key=key())
    release.hand_over(world.issuing, number, key=key(), shown=release.Shown("样例·张㛃", card_number=ADULT))
    papers.papers_to_archive(world.issuing, number, key=key())
    return archive(world.archive, number, key=key())


def test_whole_path_stays_within_its_query_budget(world: World) -> None:
    for person in world.people.values():
        person.duties_now  # noqa: B018 - read once a request, by the log-in of that request
    world.procedure  # noqa: B018 - read once a process
    with CaptureQueriesContext(
        connection,
    ) as captured:
        case = path(world)
    spent = [query["sql"] for query in captured if not query["sql"].startswith(CONTROL)]
    assert case.state == "archived"
    assert len(spent) <= BUDGET, "\n".join(sql[:110] for sql in spent)


def test_path_leaves_a_whole_chain_that_cites_clauses(world: World) -> None:
    case = path(world)
    events = list(case.events.order_by("sequence"))
    assert [event.kind for event in events] == [
        "taken_in", "pushed", "accepted", "granted", "result_sent", "handed_over", "papers_to_archive", "archived",
    ]  # fmt: skip
    assert all(event.clauses for event in events)
    assert [broken for _, broken in verify_all() if broken] == []
    assert MaterialFile.objects.filter(material__case=case).count() == 2


def test_the_same_submission_twenty_times_is_one_case(world: World) -> None:
    application, once = world.application(), key()
    numbers = {take_in(world.window_clerk, application, key=once).number for _ in range(20)}
    assert len(numbers) == 1
    assert Case.objects.count() == 1


def test_a_repeated_step_changes_nothing_and_returns_the_case(world: World) -> None:
    case, once = world.case(), key()
    department.accept(world.department, case.number, key=once)
    before = Event.objects.count()
    again = department.accept(world.department, case.number, key=once)
    assert again.number == case.number
    assert Event.objects.count() == before
