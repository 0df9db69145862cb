"""“先检查照片再来”: for anybody, by the same code, nothing stored, bounded."""

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.desks.test_seen import blue
from tests.pictures import portrait
from tests.world import World
from tongban.checks.models import Check
from tongban.desks import photo
from tongban.vault import store

pytestmark = pytest.mark.django_db


def send(client: Client, world: World, body: bytes | SimpleUploadedFile, place: int = 1) -> tuple[int, str]:
    file = body if isinstance(body, SimpleUploadedFile) else SimpleUploadedFile("寸照.jpg", body)
    answer = client.post(f"/guide/{world.version.pk}/photo/{place}/", {"file": file})
    return answer.status_code, answer.content.decode()


def test_the_guide_leads_there_for_a_photo_alone(client: Client, world: World) -> None:
    guide = client.get(f"/guide/{world.version.pk}/").content.decode()
    assert f"/guide/{world.version.pk}/photo/1/" in guide
    assert f"/guide/{world.version.pk}/photo/0/" not in guide
    assert client.get(f"/guide/{world.version.pk}/photo/1/").status_code == 200
    for place in (0, 2, 99):
        assert client.get(f"/guide/{world.version.pk}/photo/{place}/").status_code == 404


def test_it_says_what_the_window_would_and_keeps_nothing(client: Client, world: World) -> None:
    before = set(store.digests())
    assert "没有看到问题" in send(client, world, portrait())[1]
    said = send(client, world, blue())[1]
    assert "这张照片还不行" in said
    assert "非白底彩色寸照" in said
    assert set(store.digests()) == before
    assert Check.objects.count() == 0


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"", 422, "请先选一张照片"),
        (b"<html>", 200, "不是图片"),
        (b"\x00\x00\x00\x18ftypheic" + bytes(90), 200, "HEIC"),
        (b"\x1aE\xdf\xa3" + bytes(90), 200, "视频"),
        (b"\xff\xd8\xff\xe0" + bytes(90), 200, "还不行"),
    ],
)
def test_what_is_no_photo_is_said(client: Client, world: World, body: bytes, status: int, said: str) -> None:
    found, html = send(client, world, body)
    assert found == status
    assert said in html


def test_a_large_one_and_a_cut_one(client: Client, world: World) -> None:
    assert "超过 20 MB" in send(client, world, b"\xff\xd8\xff" + bytes(settings.UPLOAD_LIMIT))[1]
    assert "不完整" in send(client, world, portrait()[:-2000])[1]


def test_an_address_that_asks_too_often_waits(client: Client, world: World) -> None:
    for _ in range(photo.TRIES):
        assert send(client, world, b"<html>")[0] == 200
    status, html = send(client, world, portrait())
    assert status == 429
    assert "过一会儿再试" in html


def test_one_photo_at_a_time(client: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(photo, "PATIENCE", 0.01)
    with photo._turn:
        assert send(client, world, portrait())[0] == 503
    assert send(client, world, portrait())[0] == 200
