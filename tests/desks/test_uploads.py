"""Uploads of any size: refused before they are read, never whole in memory, never on disk unsealed."""

import io
import tracemalloc

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, RequestFactory

from tests.pictures import portrait
from tests.vault.test_uploads import BAD
from tests.world import World, jpeg
from tongban.cases.models import Draft
from tongban.desks.uploads import bounded

pytestmark = pytest.mark.django_db


def start(client: Client, world: World) -> str:
    client.force_login(world.window_clerk)
    return str(client.post("/window/start/", {"version": world.version.pk}).headers["Location"])


def test_a_gigabyte_is_refused_unread(client: Client) -> None:
    class Never(io.RawIOBase):
        def read(self, *_: object) -> bytes:
            raise AssertionError("不应读取")

    request = RequestFactory().generic("POST", "/window/", CONTENT_LENGTH=str(2**30))
    request._stream = Never()  # type: ignore[attr-defined]
    answer = bounded(lambda _: pytest.fail("不应到这里"))(request)
    assert answer.status_code == 413
    assert "请分几次上传" in answer.content.decode()


def test_a_file_over_the_limit_is_named_the_others_stay(client: Client, world: World) -> None:
    url = start(client, world)
    large = SimpleUploadedFile("大.jpg", b"\xff\xd8\xff" + bytes(settings.UPLOAD_LIMIT))
    small = SimpleUploadedFile("小.jpg", jpeg(2000))
    html = client.post(f"{url}files/0/", {"file": [large, small]}).content.decode()
    assert "“大.jpg”：文件超过 20 MB" in html
    assert [row["filename"] for row in Draft.objects.get().body["files"]["0"]] == ["小.jpg"]


def test_what_is_too_large_is_not_kept_in_memory(client: Client, world: World) -> None:
    url = start(client, world)
    size = settings.REQUEST_LIMIT - 2**20
    large = SimpleUploadedFile("大.jpg", b"\xff\xd8\xff" + bytes(size))
    body = client._encode_data({"file": large}, "multipart/form-data; boundary=BoUnDaRyStRiNg")  # type: ignore[attr-defined]
    tracemalloc.start()
    client.generic("POST", f"{url}files/0/", body, "multipart/form-data; boundary=BoUnDaRyStRiNg")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2 * settings.UPLOAD_LIMIT


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        ("IMG_1.heic", b"\x00\x00\x00\x18ftypheic" + bytes(80), "HEIC"),
        ("录像.mp4", b"\x00\x00\x00\x18ftypmp42" + bytes(80), "视频"),
        ("录像.jpg", b"\x1aE\xdf\xa3" + bytes(80), "视频"),
        ("空.jpg", b"", "文件是空的"),
    ],
)
def test_what_is_no_picture_is_said_at_the_material(
    client: Client, world: World, name: str, body: bytes, said: str
) -> None:
    url = start(client, world)
    html = client.post(f"{url}files/0/", {"file": SimpleUploadedFile(name, body)}).content.decode()
    assert said in html
    assert f"“{name}”" in html
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("what", ["a password", "more pixels than anybody scans", "a broken pdf"])
def test_what_hides_something_is_said_at_the_material(client: Client, world: World, what: str) -> None:
    url = start(client, world)
    name, body, said = BAD[what]
    html = client.post(f"{url}files/0/", {"file": SimpleUploadedFile(name, body)}).content.decode()
    assert f"“{name}”" in html
    assert said in html
    assert client.get(url).status_code == 200


def test_a_photo_that_was_cut_off_is_said_beside_it(client: Client, world: World) -> None:
    url = start(client, world)
    client.post(f"{url}check/", {"items": "002014010001"})
    whole = portrait()
    html = client.post(
        f"{url}files/1/", {"file": SimpleUploadedFile("寸照.jpg", whole[: len(whole) // 2])}
    ).content.decode()
    assert "图片文件不完整" in html
    assert "☑" in html
