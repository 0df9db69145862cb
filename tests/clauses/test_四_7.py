"""资阳区：0737-6501011。"""

from django.test import Client

from tests.clauses.walk import contact
from tests.world import World


def test_the_phone_stands_in_the_guide(client: Client, world: World) -> None:
    contact(client, world, "资阳区", "0737-6501011")
