"""Looking: the same look once, by one worker, again when the worker died, never for ever."""

import threading
from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from tests.world import jpeg
from tongban.checks import looking
from tongban.checks.looking import Look, ask, do, forget, found, look, stalled, take
from tongban.checks.models import Check
from tongban.vault import store
from tongban.vault.store import Stored

pytestmark = pytest.mark.django_db


def kept(seed: int = 0) -> Stored:
    return store.store(jpeg(3000, seed))


def slow(stored: Stored, **given: object) -> Look:
    """A look that waits for the worker: at a photo said to be a PDF."""
    return Look("photo", (stored.digest,), ("application/pdf",), dict(given))


def test_a_quick_look_is_done_at_once_and_never_again() -> None:
    wanted = Look("photo", (kept().digest,), ("image/jpeg",))
    first = ask([wanted, wanted])[wanted.key]
    assert first.state == "done"
    assert first.result["accepted"] is False
    again = ask([wanted])[wanted.key]
    assert (again.pk, again.done_at) == (first.pk, first.done_at)
    assert Check.objects.count() == 1


def test_other_files_or_other_limits_are_another_look() -> None:
    one, two = kept(1), kept(2)
    ask([slow(one), slow(two), slow(one, limits={"width": 295})])
    assert Check.objects.count() == 3


def test_what_waits_is_done_by_the_worker_oldest_first() -> None:
    looks = [slow(kept(seed)) for seed in range(3)]
    for one in looks:
        assert ask([one])[one.key].state == "waiting"
    assert look() == 1
    assert [found([one])[one.key].state for one in looks] == ["done", "waiting", "waiting"]
    assert (look(), look(), look()) == (1, 1, 0)


def test_the_result_is_sealed() -> None:
    wanted = slow(kept())
    ask([wanted])
    look()
    with connection.cursor() as cursor:
        cursor.execute("SELECT result FROM checks_check")
        assert "findings" not in cursor.fetchone()[0]


def test_a_look_whose_worker_died_is_taken_again_three_times_at_most() -> None:
    wanted = slow(kept())
    check = ask([wanted])[wanted.key]
    for tries in range(1, looking.TRIES + 1):
        assert take(check)
        assert not take(check), "有人在看"
        assert look() == 0, "还在看"
        Check.objects.update(started_at=timezone.now() - looking.DIED - timedelta(seconds=1))
        check.refresh_from_db()
        assert check.tries == tries
    assert look() == 1
    check.refresh_from_db()
    assert check.state == "failed"
    assert look() == 0


def test_a_look_that_fails_is_its_own_failure() -> None:
    gone = slow(Stored("0" * 64, 1, "image/jpeg"))
    good = slow(kept())
    ask([gone])
    ask([good])
    assert (look(), look()) == (1, 1)
    assert (found([gone])[gone.key].state, found([good])[good.key].state) == ("failed", "done")


@pytest.mark.django_db(transaction=True)
def test_four_workers_take_each_look_once() -> None:
    looks = [slow(kept(seed)) for seed in range(6)]
    ask(looks)
    ready, taken = threading.Barrier(4), []

    def work() -> None:
        ready.wait()
        for check in Check.objects.order_by("id"):
            if take(check):
                taken.append(check.pk)
                do(check)
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(taken) == sorted(Check.objects.values_list("pk", flat=True))
    assert set(Check.objects.values_list("state", "tries")) == {("done", 1)}


def test_it_is_said_when_nobody_looks_and_old_results_are_forgotten() -> None:
    wanted = slow(kept())
    check = ask([wanted])[wanted.key]
    assert not stalled(check)
    check.asked_at -= looking.STALLED + timedelta(seconds=1)
    assert stalled(check)
    look()
    assert forget() == 0
    Check.objects.update(done_at=timezone.now() - looking.KEPT - timedelta(hours=1))
    assert forget() == 1


def test_known_looks_cost_one_query(django_assert_num_queries: object) -> None:
    looks = [slow(kept(seed)) for seed in range(5)]
    ask(looks)
    with django_assert_num_queries(1):  # type: ignore[operator]
        ask(looks)
    assert settings.UPLOAD_LIMIT
