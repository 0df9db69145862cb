"""What could not be done is read by oversight and done again on its word; keys and addresses by the administrator's page."""

import re

import pytest
from django.test import Client
from django.utils import timezone

from tests.exchange.conftest import Sender, sent
from tests.world import World, key
from tongban.cases.models import Case
from tongban.exchange import wire
from tongban.exchange.models import Letter, Platform, PlatformKey, Shared
from tongban.people.models import Change

pytestmark = pytest.mark.django_db


def test_oversight_reads_and_retries(client: Client, world: World, department: Sender) -> None:
    number = world.case().number
    Case.objects.filter(number=number).update(outside="")
    assert department.tell(wire.RECEIVED, number, {"number": "TJ-1"}, 1)[0] == 422
    oversight = world.staff("oversight", region=None)
    client.force_login(oversight)
    page = client.get("/oversight/letters/").content.decode()
    assert number in page
    assert "没有对方所说的办件" in page
    letter = Letter.objects.get()
    retry = f"/oversight/letters/{letter.pk}/retry/"
    assert "还是没有办成" in client.post(retry, {"key": key()}, follow=True).content.decode()
    Case.objects.filter(number=number).update(outside="town")
    once = key()
    for _ in range(2):
        client.post(retry, {"key": once})
    letter.refresh_from_db()
    assert letter.state == "done"
    assert Case.objects.get(number=number).foreign_number == "TJ-1"
    assert Change.objects.filter(kind="letter_retried").count() == 2


def test_personal_data_is_not_shown(client: Client, world: World, origin: Sender) -> None:
    origin.tell(wire.SUBMITTED, "BX-1", sent(world) | {"procedure": "0" * 64}, 1)
    client.force_login(world.staff("oversight", region=None))
    page = client.get("/oversight/letters/").content.decode()
    assert "BX-1" in page
    for secret in ("张㛃", "11010519491231002X", "13800000000"):
        assert secret not in page


def test_what_is_let_lie_does_not_hold_up_what_follows(client: Client, world: World, department: Sender) -> None:
    number = world.case().number
    department.tell(wire.RECEIVED, number, {"number": "TJ-1"}, 1)
    assert department.tell("resumed", number, {"items": [1]}, 2)[0] == 422
    assert department.tell("accepted", number, {"items": [1]}, 3)[0] == 425
    client.force_login(world.staff("oversight", region=None))
    letter = Letter.objects.get(state="failed")
    drop = f"/oversight/letters/{letter.pk}/drop/"
    client.post(drop, {"key": key(), "reason": " "})
    assert Letter.objects.filter(state="failed").exists()
    client.post(drop, {"key": key(), "reason": "对方误发"})
    assert Shared.objects.get().taken == 2
    assert department.tell("accepted", number, {"items": [1]}, 3)[0] == 200


def test_a_letter_under_a_key_we_did_not_know_yet_is_done_once_we_do(
    client: Client, world: World, department: Sender
) -> None:
    number = world.case().number
    later = "whsec_" + "QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo0NTY3ODk="
    assert department.tell(wire.RECEIVED, number, {"number": "TJ-1"}, 1, secret=later)[0] == 401
    letter = Letter.objects.get()
    client.force_login(world.staff("oversight", region=None))
    retry = f"/oversight/letters/{letter.pk}/retry/"
    assert "签名还是不对" in client.post(retry, {"key": key()}, follow=True).content.decode()
    client.force_login(world.administrator)
    client.post("/admin/platforms/town/take-key/", {"key": key(), "secret": later, "days": "7"})
    client.force_login(world.staff("oversight", region=None))
    client.post(retry, {"key": key()})
    assert Case.objects.get(number=number).foreign_number == "TJ-1"
    assert not Letter.objects.exclude(state="done").exists()


def test_the_administrator_changes_address_and_key(client: Client, world: World, department: Sender) -> None:
    client.force_login(world.administrator)
    for wrong in ("ftp://x", "https://", "https://u:p@x/", "x"):
        client.post("/admin/platforms/town/address/", {"key": key(), "address": wrong})
        assert Platform.objects.get(code="town").address == ""
    client.post("/admin/platforms/town/address/", {"key": key(), "address": "https://tb.example.invalid/exchange/us"})
    assert Platform.objects.get(code="town").address == "https://tb.example.invalid/exchange/us/"
    client.post("/admin/platforms/town/key/", {"key": key(), "days": "3"})
    page = client.get("/admin/platforms/town/").content.decode()
    made = re.search(r"whsec_[A-Za-z0-9+/=]+", page)
    assert made
    assert made[0] not in client.get("/admin/platforms/town/").content.decode()  # once
    assert made[0] in Platform.objects.get(code="town").secrets()
    old = PlatformKey.objects.order_by("pk").first()
    assert old
    assert old.until
    assert 2.9 < (old.until - timezone.now()).total_seconds() / 86400 < 3.1
    assert client.get("/admin/platforms/").status_code == 200
