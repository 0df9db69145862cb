"""The disk fills, an upload is cut off, the clock is set back: said plainly, and nothing lost of what was there."""

import errno
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.clauses.walk import FORM
from tests.world import World, build, jpeg, key
from tongban.cases import outbox, roots
from tongban.cases.actions import department
from tongban.cases.events import verify_all
from tongban.cases.models import Case, Draft, IssuedForm
from tongban.messages.relay import relay
from tongban.messages.sending import send
from tongban.people.models import Duty
from tongban.vault import store

Record = Callable[[str, object], None]


@pytest.fixture(autouse=True)
def of_its_own(tmp_path: Path, settings: object) -> None:
    """A vault that holds nothing yet, and no roots of other tests."""
    settings.VAULT, settings.ROOTS = tmp_path / "vault", tmp_path / "roots"  # type: ignore[attr-defined]


@contextmanager
def full_disk() -> Iterator[None]:
    """Where files are flushed the system says that no space is left."""
    with mock.patch.object(os, "fsync", side_effect=OSError(errno.ENOSPC, "No space left on device")):
        yield


def start(client: Client, world: World) -> tuple[Draft, str, dict[str, str]]:
    client.force_login(world.window_clerk)
    client.post("/window/start/", {"version": world.version.pk})
    draft = Draft.objects.get()
    item = next(i for i in world.procedure.items if i.pickable)
    form = FORM | {"region": str(world.region.pk), "items": item.code or item.name}
    form |= {f"state_{place}": "conforms" for place in range(len(world.procedure.materials))}
    return draft, f"/window/intake/{draft.pk}/", form


def drop(client: Client, url: str, place: int) -> str:
    return client.post(
        f"{url}files/{place}/", {"file": SimpleUploadedFile(f"{place}.jpg", jpeg(3000, seed=place))}
    ).content.decode()


@pytest.mark.django_db
def test_a_full_disk_is_said_and_costs_no_draft(client: Client, world: World, record_property: Record) -> None:
    record_property("tried", "传文件、打印时没有空间")
    _, url, form = start(client, world)
    client.post(url + "check/", form)
    with full_disk():
        assert "磁盘可能已满" in drop(client, url, 0)
    draft = Draft.objects.get()
    assert draft.body["fields"]["applicant_name"] == [form["applicant_name"]]
    assert draft.body["files"] == {"0": []}
    for place in range(2):
        drop(client, url, place)
    with full_disk():  # nothing can be printed either
        answer = client.post(url + "submit/", form, follow=True)
    assert "文书没有打印成功：没有存下，磁盘可能已满" in answer.content.decode()
    case = Case.objects.get()
    assert IssuedForm.objects.count() == 0
    assert client.post(reverse("window-issue", args=[case.number, "intake_receipt"]), {"key": key()}).status_code == 302
    issued = IssuedForm.objects.get()
    assert issued.serial.endswith("000001号"), "a sheet that was not printed takes no number"
    store.read(issued.digest)
    assert [broken for _, broken in verify_all() if broken] == []


def fill(cursor: Any) -> None:
    """Write until not even a small row finds a place."""
    for size in (40_000, 4_000, 400, 40):
        many = [(size,)] * 100_000
        with pytest.raises(OperationalError, match="full"):
            cursor.executemany("INSERT INTO filler VALUES (zeroblob(%s))", many)


@pytest.mark.django_db(transaction=True)
def test_a_full_database_leaves_what_was_there(client: Client, record_property: Record) -> None:
    record_property("tried", "提交时数据库写满")
    if connection.vendor != "sqlite":
        return  # PostgreSQL's full disk is its own server's; what a refused write means is the same
    _, url, form = start(client, build())
    for place in range(2):
        drop(client, url, place)
    client.post(url + "check/", form)
    client.raise_request_exception = False
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE filler (what BLOB)")
        cursor.execute("PRAGMA page_count")
        cursor.execute(f"PRAGMA max_page_count = {cursor.fetchone()[0]}")
        fill(cursor)
        answer = client.post(url + "submit/", form | {"applicant_address": "长" * 20_000})
        cursor.execute("DROP TABLE filler")
        cursor.execute("PRAGMA max_page_count = 1073741823")
    assert answer.status_code == 500
    assert "已保存的内容不受影响" in answer.content.decode()
    assert Case.objects.count() == 0
    assert Draft.objects.get().body["fields"]["applicant_name"] == [form["applicant_name"]]
    assert client.post(url + "submit/", form).status_code == 302
    assert Case.objects.count() == 1
    assert [broken for _, broken in verify_all() if broken] == []


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_is_cut_off_is_no_file(live_server: object, client: Client, record_property: Record) -> None:
    record_property("tried", "传到一半断线")
    _, url, _ = start(client, build())
    session = client.cookies["sessionid"].value
    token = client.get(url).cookies["csrftoken"].value
    address, port = live_server.thread.host, live_server.thread.port  # type: ignore[attr-defined]
    body = b'--x\r\nContent-Disposition: form-data; name="file"; filename="0.jpg"\r\n\r\n' + jpeg(60_000)
    head = (
        f"POST {url}files/0/ HTTP/1.1\r\nHost: {address}:{port}\r\nContent-Type: multipart/form-data; boundary=x\r\n"
        f"Cookie: sessionid={session}; csrftoken={token}\r\nX-CSRFToken: {token}\r\nContent-Length: {len(body) + 6}\r\n\r\n"
    )
    with socket.create_connection((address, port)) as line:
        line.sendall(head.encode() + body[:20_000])
        line.shutdown(socket.SHUT_WR)
        line.settimeout(20)
        while line.recv(4096):
            pass
    assert Draft.objects.get().body["files"].get("0", []) == []
    assert "0.jpg" in drop(client, url, 0)
    assert len(Draft.objects.get().body["files"]["0"]) == 1


@pytest.mark.django_db
def test_the_clock_set_back_upsets_nothing(world: World, record_property: Record) -> None:
    record_property("tried", "时钟拨回两天")
    number = world.case().number
    now = timezone.now()
    Duty.objects.update(starts_at=now - timedelta(days=30))
    with mock.patch.object(timezone, "now", return_value=now - timedelta(days=2)):
        department.accept(world.department, number, key=key())
        roots.write(timezone.now())
        relay()
        send()
    case = department.decide(world.department, number, key=key(), granted=True)
    assert list(case.events.values_list("sequence", flat=True)) == list(range(1, case.events_count + 1))
    assert [broken for _, broken in verify_all() if broken] == []
    assert [broken for broken in roots.verify() if broken] == []
    while relay() or send():
        pass
    assert [queue.waiting for queue in outbox.queues()][1] == 0, "what was made later by the clock leaves all the same"
