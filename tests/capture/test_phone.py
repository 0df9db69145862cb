"""A phone as camera: one material, ten minutes, one use, nobody else."""

import threading
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.utils import timezone

from tests.world import World, jpeg
from tongban.capture import phone
from tongban.capture.drafts import entry
from tongban.capture.models import PhoneTicket
from tongban.cases.models import Draft
from tongban.vault import store

pytestmark = pytest.mark.django_db


def ticket(world: World, place: int = 1) -> PhoneTicket:
    draft = Draft.objects.create(staff=world.window_clerk, window=world.window, version=world.version)
    return phone.issue(world.window_clerk, draft, place)


def files(given: PhoneTicket) -> list[dict[str, object]]:
    found: list[dict[str, object]] = Draft.objects.get(pk=given.draft_id).body.get("files", {}).get("1", [])
    return found


def picture(seed: int = 0) -> SimpleUploadedFile:
    return SimpleUploadedFile("p.jpg", jpeg(seed=seed))


def test_a_phone_sends_once(client: Client, world: World) -> None:
    given = ticket(world)
    url = f"/phone/{phone.token(given)}/"
    assert "寸照" in client.get(url).content.decode()
    assert "已经送到窗口" in client.post(url, {"file": [picture(), picture(1)]}).content.decode()
    assert [row["source"] for row in files(given)] == ["camera", "camera"]
    assert client.get(url).status_code == 410
    assert client.post(url, {"file": picture(2)}).status_code == 410
    assert len(files(given)) == 2


def test_a_wrong_file_does_not_use_the_code_up_but_many_do(client: Client, world: World) -> None:
    given = ticket(world)
    url = f"/phone/{phone.token(given)}/"
    for wrong in (b"", b"<html>", b"\x00\x00\x00\x18ftypheic" + bytes(60)):
        answer = client.post(url, {"file": [picture(), SimpleUploadedFile("x.jpg", wrong)]})
        assert answer.status_code == 422
        assert "x.jpg" in answer.content.decode()
    assert files(given) == []
    for _ in range(phone.TRIES):
        client.post(url, {})
    assert client.post(url, {"file": picture()}).status_code == 410
    assert files(given) == []


@pytest.mark.parametrize("wrong", ["x", "a" * 300, "eyJ.x.y"])
def test_no_other_token_opens_anything(client: Client, world: World, wrong: str) -> None:
    given = ticket(world)
    for text in (wrong, phone.token(given)[:-2] + "xx"):
        assert client.get(f"/phone/{text}/").status_code == 410
        assert client.post(f"/phone/{text}/", {"file": picture()}).status_code == 410
    assert files(given) == []


def test_it_ends_after_ten_minutes_with_the_draft_and_with_a_newer_one(client: Client, world: World) -> None:
    given = ticket(world)
    newer = phone.issue(world.window_clerk, given.draft, 1)
    assert client.get(f"/phone/{phone.token(given)}/").status_code == 410
    url = f"/phone/{phone.token(newer)}/"
    assert client.get(url).status_code == 200
    PhoneTicket.objects.filter(pk=newer.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    assert client.post(url, {"file": picture()}).status_code == 410
    last = phone.issue(world.window_clerk, given.draft, 1)
    given.draft.delete()
    assert client.post(f"/phone/{phone.token(last)}/", {"file": picture()}).status_code == 410


@pytest.mark.django_db(transaction=True)
def test_two_phones_at_once_one_wins(world: World) -> None:
    given = ticket(world)
    kept = store.store(jpeg())
    ready, won = threading.Barrier(4), []

    def send() -> None:
        ready.wait()
        if phone.use(given, [entry(kept, "p.jpg", "camera")]):
            won.append(1)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won == [1]
    assert len(files(given)) == 1


def test_the_clerk_sees_the_code_then_the_pictures(client: Client, world: World) -> None:
    client.force_login(world.window_clerk)
    given = ticket(world)
    base = f"/window/intake/{given.draft_id}/"
    shown = client.post(f"{base}files/1/phone/").content.decode()
    newest = PhoneTicket.objects.latest("expires_at")
    assert phone.token(newest)[:20] in shown
    state = f"{base}phone/{newest.pk}/"
    assert "HX-Retarget" not in client.get(state).headers
    Client().post(f"/phone/{phone.token(newest)}/", {"file": picture()})
    came = client.get(state)
    assert came.headers["HX-Retarget"] == "#files-1"
    assert "拍摄" in came.content.decode()
    client.force_login(world.issuing)
    assert client.get(state).status_code == 404
