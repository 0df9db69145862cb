"""高新区: 0737-650101。"""

from django.test import Client

from tests.clauses.walk import contact
from tests.world import World


def test_the_phone_stands_in_the_guide(client: Client, world: World) -> None:
    contact(client, world, "高新区", "0737-650101", valid=False)


def test_a_digit_is_missing_and_nobody_guesses_it(world: World) -> None:
    (odd,) = [a for a in world.procedure.anomalies if a.code == "phone-malformed"]
    assert (odd.clause, "0737-650101" in odd.text) == ("四.8", True)
