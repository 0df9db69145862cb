"""Bad files at every door (window, supplement, phone, the public's photo page, API): a clear sentence, and nothing of them is kept."""

import io
import re
from collections.abc import Callable

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.exchange.api import announced, let_in
from tests.pictures import portrait
from tests.vault.test_uploads import BAD
from tests.world import World
from tongban.cases.models import Draft
from tongban.checks.models import Check
from tongban.rules.review import MaterialState
from tongban.vault import store

pytestmark = [pytest.mark.django_db, pytest.mark.once]  # files know no database
PHOTO = 1  # place of the material that is a photo


def draft(client: Client, world: World) -> str:
    client.force_login(world.window_clerk)
    url = str(client.post("/window/start/", {"version": world.version.pk}).headers["Location"])
    client.post(f"{url}check/", {"items": world.application().items[0]})
    return url


def at_the_window(client: Client, world: World, file: SimpleUploadedFile) -> str:
    return client.post(f"{draft(client, world)}files/{PHOTO}/", {"file": file}).content.decode()


def at_a_supplement(client: Client, world: World, file: SimpleUploadedFile) -> str:
    client.force_login(world.window_clerk)
    case = world.case(materials=world.materials({PHOTO: MaterialState.DEFECTIVE}))
    client.get(f"/window/supplements/{case.number}/")
    return client.post(
        f"/window/intake/{Draft.objects.get(case=case).pk}/files/{PHOTO}/", {"file": file}
    ).content.decode()


def by_phone(client: Client, world: World, file: SimpleUploadedFile) -> str:
    url = draft(client, world)
    code = client.post(f"{url}files/{PHOTO}/phone/").content.decode()
    phone = re.findall(r'href="(?:http://[^/]+)?(/phone/[^"]+)"', code)[0]
    said = Client().post(phone, {"file": file}).content.decode()
    return said + client.get(f"{url}seen/{PHOTO}/").content.decode()


def before_coming(client: Client, world: World, file: SimpleUploadedFile) -> str:
    return client.post(f"/guide/{world.version.pk}/photo/{PHOTO}/", {"file": file}).content.decode()


def by_api(client: Client, world: World, file: SimpleUploadedFile) -> str:
    kiosk, content = let_in(world), file.read()
    begun = kiosk.post("/uploads", announced(content, str(file.name)))
    if begun.status_code != 201:
        return str(begun.json())
    upload = begun.json()["id"]
    for at in range(0, len(content), 4 * 2**20):
        kiosk.part(upload, at, content[at : at + 4 * 2**20])
    return str(kiosk.post(f"/uploads/{upload}/finish").json())


DOORS: dict[str, Callable[[Client, World, SimpleUploadedFile], str]] = {
    "window": at_the_window,
    "supplement": at_a_supplement,
    "phone": by_phone,
    "public": before_coming,
    "api": by_api,
}
FTYP = b"\x00\x00\x00\x18ftyp"
FILES = {  # name, bytes, what is said where the file is taken in; what the public's page says, which opens pictures alone
    "HEIC": ("IMG_1.heic", FTYP + b"heic" + bytes(80), "HEIC", "HEIC"),
    "a video": ("录像.mp4", FTYP + b"mp42" + bytes(80), "视频", "视频"),
    "empty": ("空.jpg", b"", "空的|至少|不能小于", "请先选一张"),
    "a password": (*BAD["a password"], "PDF"),
    "50 000 x 50 000": (*BAD["more pixels than anybody scans"], "太大"),
    "21 MB": ("大.jpg", b"\xff\xd8\xff" + bytes(settings.UPLOAD_LIMIT), "20 MB", "20 MB"),
    "no picture": ("照片.jpg", b"<html>" * 20, "只收", "不是图片"),
}


@pytest.mark.parametrize("what", FILES)
@pytest.mark.parametrize("door", DOORS)
def test_it_is_said_and_not_kept(client: Client, world: World, door: str, what: str) -> None:
    name, body, taken, public = FILES[what]
    before = set(store.digests())
    said = DOORS[door](client, world, SimpleUploadedFile(name, body))
    wanted = (public if door == "public" else taken).split("|")
    assert any(word in said for word in wanted), said[:2000]
    new = set(store.digests()) - before
    assert not any(store.read(digest) == body for digest in new)


@pytest.mark.parametrize("door", [door for door in DOORS if door != "api"])  # there it is looked at with the case
def test_a_photo_that_was_cut_off_is_said(client: Client, world: World, door: str) -> None:
    whole = portrait()
    said = DOORS[door](client, world, SimpleUploadedFile("寸照.jpg", whole[: len(whole) // 2]))
    assert "不完整" in said
    assert door == "public" or Check.objects.exists()


@pytest.mark.parametrize(
    "path", ["/window/intake/{}/files/0/", "/phone/x/", "/guide/{}/photo/1/", "/api/v1/uploads/{}"]
)
def test_a_gigabyte_is_refused_unread_at_every_door(client: Client, world: World, path: str) -> None:
    class Never(io.RawIOBase):
        def read(self, *_: object) -> bytes:
            raise AssertionError("不应读取")

    kind = "application/offset+octet-stream" if "api" in path else "multipart/form-data; boundary=x"
    method = "PATCH" if "api" in path else "POST"
    headers = {"Authorization": f"Bearer {let_in(world).token}", "Upload-Offset": "0"}
    given = {"CONTENT_LENGTH": str(2**30), "wsgi.input": Never()}
    uuid = "1f0e6b8a-6a3c-4c1e-9d53-3f1b9f0f2c77"
    answer = client.generic(
        method, path.format(uuid if "{}/photo" not in path else 1), b"", kind, headers=headers, **given
    )
    assert answer.status_code == 413
    assert any(word in answer.content.decode() for word in ("请分几次上传", "太大"))
