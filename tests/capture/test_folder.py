"""The scanner's folder: whole files into the tray once, half-written ones left, nothing lost."""

import os
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from tests.world import World, jpeg
from tongban.capture import folder
from tongban.capture.models import Scan
from tongban.cases.models import Draft
from tongban.vault import store

pytestmark = pytest.mark.django_db
WHOLE = jpeg(5000)


@pytest.fixture
def scans(world: World, tmp_path: Path) -> Path:
    settings.SCANS = str(tmp_path)
    folder._seen.clear()
    made = tmp_path / str(world.window.pk)
    made.mkdir()
    yield made
    settings.SCANS = ""


def lay(path: Path, data: bytes, age: float = 5) -> Path:
    path.write_bytes(data)
    os.utime(path, (time.time() - age,) * 2)
    return path


def looks(times: int = 2) -> int:
    return sum(folder.take_scans() for _ in range(times))


def test_a_whole_file_is_taken_once_and_moved_aside(scans: Path, world: World) -> None:
    lay(scans / "1.jpg", WHOLE)
    assert folder.take_scans() == 0, "要看两次没有变化才收"
    assert folder.take_scans() == 1
    assert looks() == 0
    scan = Scan.objects.get()
    assert (scan.window, scan.filename, store.read(scan.digest)) == (world.window, "1.jpg", WHOLE)
    assert [path.read_bytes() for path in (scans / folder.TAKEN).iterdir()] == [WHOLE]


def test_what_still_grows_or_is_cut_is_left(scans: Path) -> None:
    lay(scans / "new.jpg", WHOLE, age=0)
    lay(scans / "cut.jpg", WHOLE[:-2])
    lay(scans / "scan.tmp", WHOLE)
    lay(scans / ".hidden.jpg", WHOLE)
    growing = lay(scans / "growing.jpg", WHOLE)
    folder.take_scans()
    lay(growing, WHOLE + WHOLE, age=4)
    assert folder.take_scans() == 0
    assert folder.take_scans() == 1, "长完了"
    os.utime(scans / "cut.jpg", (time.time() - folder.PATIENCE - 1,) * 2)
    assert looks() == 1, "一直不来的尾巴不再等"
    assert sorted(path.name for path in scans.iterdir() if path.is_file()) == [".hidden.jpg", "new.jpg", "scan.tmp"]


def test_what_cannot_be_taken_says_so_in_the_tray(scans: Path, client: Client, world: World) -> None:
    lay(scans / "假的.jpg", b"<html>", age=90)
    lay(scans / "空的.jpg", b"", age=90)
    outside = lay(scans.parent / "secret.jpg", WHOLE)
    (scans / "link.jpg").symlink_to(outside)
    assert looks() == 2
    assert len(list((scans / folder.REFUSED).iterdir())) == 2
    client.force_login(world.window_clerk)
    draft = Draft.objects.create(staff=world.window_clerk, window=world.window, version=world.version)
    html = client.get(f"/window/intake/{draft.pk}/tray/").content.decode()
    assert "“假的.jpg”：只收" in html
    assert "“空的.jpg”：文件是空的" in html


def test_power_between_row_and_move_takes_it_once(scans: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lay(scans / "1.jpg", WHOLE)

    def fails(*_: object) -> None:
        raise OSError("power")

    with monkeypatch.context() as broken:
        broken.setattr(folder.os, "replace", fails)
        looks()
    assert (scans / "1.jpg").exists()
    assert looks(3) == 1
    assert Scan.objects.count() == 1


def test_only_the_windows_own_tray(scans: Path, client: Client, world: World) -> None:
    lay(scans / "1.jpg", WHOLE)
    looks()
    scan = Scan.objects.get()
    draft = Draft.objects.create(staff=world.window_clerk, window=world.window, version=world.version)
    for other in (
        world.staff("window", window=world.region.windows.create(name="另一窗口", township="另一镇")),
        world.post,
    ):
        client.force_login(other)
        assert client.get(f"/window/scans/{scan.pk}/").status_code == 404
        assert client.post(f"/window/intake/{draft.pk}/tray/0/", {"scan": scan.pk}).status_code == 404
    client.force_login(world.window_clerk)
    assert b"".join(client.get(f"/window/scans/{scan.pk}/")) == WHOLE
    answer = client.post(f"/window/intake/{draft.pk}/tray/0/", {"scan": scan.pk})
    assert answer.headers["HX-Retarget"] == "#files-0"
    draft.refresh_from_db()
    assert [(row["source"], row["filename"]) for row in draft.body["files"]["0"]] == [("scanner", "1.jpg")]
    assert client.get(f"/window/scans/{scan.pk}/").status_code == 404, "已归入，不再待归入"
    client.post(f"/window/intake/{draft.pk}/tray/0/", {"scan": scan.pk})
    draft.refresh_from_db()
    assert len(draft.body["files"]["0"]) == 1


def test_what_was_put_away_leaves_the_tray(scans: Path, client: Client, world: World) -> None:
    lay(scans / "1.jpg", WHOLE)
    looks()
    client.force_login(world.window_clerk)
    draft = Draft.objects.create(staff=world.window_clerk, window=world.window, version=world.version)
    html = client.post(f"/window/intake/{draft.pk}/tray/away/", {"scan": Scan.objects.get().pk}).content.decode()
    assert "自动出现在这里" in html
    assert Scan.objects.get().done_by == world.window_clerk
