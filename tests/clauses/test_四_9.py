"""东部新区：0737-4617003。"""

from django.test import Client

from tests.clauses.walk import contact
from tests.world import World


def test_the_phone_stands_in_the_guide(client: Client, world: World) -> None:
    contact(client, world, "东部新区", "0737-4617003")
