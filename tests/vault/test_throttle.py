"""One count of tries for every process: atomic, keyed, swept, unmoved by a clock set back."""

import threading
import time

import pytest
from django.db import connection
from django.test import Client

from tests.world import World
from tongban.vault import throttle
from tongban.vault.models import Tally

pytestmark = pytest.mark.django_db


def test_so_many_then_a_wait_that_shrinks_then_anew() -> None:
    assert [throttle.count("a", "k", 3, 60, now=1000 + n) for n in range(5)] == [None, None, None, 57, 56]
    assert throttle.count("a", "k", 3, 60, now=1059) == 1
    assert throttle.count("a", "k", 3, 60, now=1060) is None
    assert Tally.objects.get().tries == 1


def test_kinds_and_keys_are_counted_apart() -> None:
    assert [throttle.count(kind, key, 1, 60) for kind in "ab" for key in "xy"] == [None] * 4
    assert throttle.count("a", "x", 1, 60)


def test_a_clock_set_back_locks_nobody_for_longer() -> None:
    throttle.count("a", "k", 1, 60, now=10**9)
    assert throttle.count("a", "k", 1, 60, now=1000) is None
    assert Tally.objects.get().ends_at == 1060


def test_a_right_try_is_taken_back_and_all_can_be_cleared() -> None:
    for _ in range(5):
        assert throttle.count("a", "k", 1, 60) is None
        throttle.take_back("a", "k")
    throttle.count("a", "k", 1, 60)
    assert 0 < throttle.waits("a", ["k", "other"], 1)["k"] <= 60
    assert throttle.waits("a", ["other"], 1) == {}
    throttle.clear("a", "k")
    assert throttle.waits("a", ["k"], 1) == {}


def test_a_count_is_one_statement_and_a_sweep_drops_what_is_over(django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        throttle.count("a", "k", 3, 60)
    throttle.count("a", "old", 3, 60, now=time.time() - 61)
    assert throttle.sweep() == 1
    assert throttle.sweep() == 0
    assert Tally.objects.count() == 1


def test_the_table_holds_neither_address_nor_number(client: Client, world: World) -> None:
    case = world.case()
    client.post("/progress/", {"number": case.number, "phone_end": "9999"}, REMOTE_ADDR="203.0.113.7")
    client.post("/login/", {"username": "zhang-san", "password": "x"}, REMOTE_ADDR="203.0.113.7")
    kept = str(list(Tally.objects.values_list()))
    assert Tally.objects.count() == 4
    for plain in (case.number, "203.0.113.7", "zhang-san", "9999"):
        assert plain not in kept


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("", ""),
    ],
)
def test_one_subscriber_is_one_place(address: str, place: str) -> None:
    assert throttle.place(address) == place


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_all_counted() -> None:
    ready, answers = threading.Barrier(16), []

    def one() -> None:
        ready.wait()
        answers.append(throttle.count("a", "k", 5, 60))
        connection.close()

    threads = [threading.Thread(target=one) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers.count(None) == 5
    assert Tally.objects.get().tries == 16
