"""安化县：0737-7225161。"""

from django.test import Client

from tests.clauses.walk import contact
from tests.world import World


def test_the_phone_stands_in_the_guide(client: Client, world: World) -> None:
    contact(client, world, "安化县", "0737-7225161")
