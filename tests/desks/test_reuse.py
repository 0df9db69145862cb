"""Earlier materials: which case, whether they have run out, used after 核对, recorded."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.clauses.walk import FORM
from tests.world import World
from tongban.cases.models import CaseMaterial, Draft

pytestmark = pytest.mark.django_db


def start(client: Client, world: World) -> str:
    client.force_login(world.window_clerk)
    url = str(client.post("/window/start/", {"version": world.version.pk}).headers["Location"])
    client.post(f"{url}check/", FORM | {"items": "002014010001", "region": str(world.region.pk)})
    return url


@pytest.mark.parametrize(("days", "usable"), [(-1, False), (0, True), (400, True), (None, True)])
def test_what_has_run_out_is_said_and_not_used(client: Client, world: World, days: int | None, usable: bool) -> None:
    case = world.case("archived")
    until = None if days is None else timezone.localdate() + timedelta(days=days)
    CaseMaterial.objects.filter(case=case, index=0).update(valid_until=until)
    old = case.materials.get(index=0)
    url = start(client, world)
    html = client.get(url).content.decode()
    assert case.number in html
    assert ("已到期，不能再用" in html) is not usable
    answer = client.post(f"{url}files/0/reuse/", {"material": old.pk, "checked": "1"}).content.decode()
    files = Draft.objects.get().body["files"].get("0", [])
    assert bool(files) is usable
    if usable:
        assert (files[0]["source"], files[0]["reused_from"]) == ("earlier", case.pk)
        assert files[0].get("valid_until", "") == (until.isoformat() if until else "")
    else:
        assert "已到期，请提供有效的" in answer
    assert "请先核对" in client.post(f"{url}files/0/reuse/", {"material": old.pk}).content.decode()


def test_until_when_a_card_is_valid_is_kept_with_the_case(client: Client, world: World) -> None:
    from tests.clauses.walk import at_the_window

    case = at_the_window(client, world)
    assert case is not None
    assert case.materials.get(index=1).valid_until is None
