"""A demo account opens nothing once the demo is off."""

from typing import Any

import pytest
from django.test import Client

from tests.world import World
from tongban.people.models import Staff

pytestmark = pytest.mark.django_db


def test_a_demo_account_is_for_the_demo(client: Client, world: World, settings: Any) -> None:
    staff = world.oversight
    staff.set_password("通办-2026")
    staff.demo = True
    staff.save()
    assert client.login(username=staff.username, password="通办-2026")
    assert client.get("/oversight/").status_code == 200
    settings.DEMO = False
    assert client.get("/oversight/").status_code == 302
    assert not client.login(username=staff.username, password="通办-2026")
    Staff.objects.filter(pk=staff.pk).update(demo=False)
    assert client.login(username=staff.username, password="通办-2026")
