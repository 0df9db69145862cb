"""A copy made while people work is put back somewhere else by the program itself, and everything is there."""

import os
import subprocess
import sys
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection

from tests.world import ADULT, World
from tongban.cases import roots
from tongban.cases.models import Case
from tongban.vault import backup
from tongban.vault.backup import NotRestorable

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def here(tmp_path: Path, settings: object) -> None:
    """A vault and roots of this test alone."""
    settings.VAULT = tmp_path / "vault"  # type: ignore[attr-defined]
    settings.ROOTS = tmp_path / "roots"  # type: ignore[attr-defined]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an instance with nothing in it but the master key."""
    environment = {**os.environ, "TONGBAN_DATA": str(tmp_path / "new"), "TONGBAN_MASTER_KEY": settings.MASTER_KEY}
    environment.pop("TONGBAN_DATABASE", None)
    if connection.vendor == "sqlite":
        yield environment
        return
    name = f"restored_{uuid.uuid4().hex[:8]}"
    there = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield environment | {"TONGBAN_DATABASE": f"postgres://{there['USER']}@{there['HOST']}:{there['PORT']}/{name}"}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name}")


def tongban(environment: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tongban", *words], env=environment, capture_output=True, text=True, timeout=120
    )


def test_a_copy_made_at_work_is_whole_elsewhere(
    here: None, world: World, tmp_path: Path, elsewhere: dict[str, str]
) -> None:
    before = [world.case(until="archived"), world.case()]
    from django.utils import timezone

    roots.write(timezone.now())
    stop, during = threading.Event(), []

    def work() -> None:
        try:
            while not stop.is_set() or not during:
                during.append(world.case(until="accepted"))
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        backup.backup(tmp_path / "copy")
    finally:
        stop.set()
        worker.join()
    copy = (tmp_path / "copy").read_bytes()
    for open_text in (ADULT, before[0].number, before[0].applicant_name):
        assert open_text.encode() not in copy
    done = tongban(elsewhere, "restore", str(tmp_path / "copy"), "--quiet")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "全部完好" in done.stdout
    shown = tongban(
        elsewhere, "manage", "shell", "--verbosity", "0", "-c",
        "from tongban.cases.models import Case\nfor c in Case.objects.order_by('pk'): print(c.number, c.applicant_id_number)",
    )  # fmt: skip
    restored = shown.stdout.split("\n")
    for case in before:
        assert f"{case.number} {ADULT}" in restored
    again = tongban(elsewhere, "restore", str(tmp_path / "copy"))
    assert again.returncode == 2
    assert "不会覆盖" in again.stderr


@pytest.mark.parametrize("harm", ["cut", "altered", "not one", "other key"])
def test_a_harmed_copy_is_refused_before_anything_is_written(
    here: None, world: World, tmp_path: Path, elsewhere: dict[str, str], harm: str
) -> None:
    world.case()
    copy = tmp_path / "copy"
    backup.backup(copy)
    whole = copy.read_bytes()
    match harm:
        case "cut":
            copy.write_bytes(whole[: len(whole) // 2])
        case "altered":
            copy.write_bytes(whole[:-100] + bytes([whole[-100] ^ 1]) + whole[-99:])
        case "not one":
            copy.write_bytes(b"PK\x03\x04" + whole)
        case _:
            elsewhere["TONGBAN_MASTER_KEY"] = "another"
    done = tongban(elsewhere, "restore", str(copy), "--quiet")
    assert done.returncode == 2
    assert "没有恢复" in done.stderr
    assert not list(Path(elsewhere["TONGBAN_DATA"]).rglob("*.sqlite3"))


def test_pieces_cut_at_their_seam_are_refused(here: None, world: World, tmp_path: Path, monkeypatch: object) -> None:
    monkeypatch.setattr(backup, "PIECE", 1000)  # type: ignore[attr-defined]
    copy = tmp_path / "copy"
    backup.backup(copy)
    head, _, body = copy.read_bytes().partition(b"\n")
    size = 1000 + backup.NONCE + backup.TAG
    copy.write_bytes(head + b"\n" + body[: size * 3])
    with copy.open("rb") as file, pytest.raises(NotRestorable, match="不完整"):
        list(backup._pieces(file))
    copy.write_bytes(head + b"\n" + body[size : size * 2] + body[:size] + body[size * 2 :])
    with copy.open("rb") as file, pytest.raises(NotRestorable, match="不完整"):
        list(backup._pieces(file))


def test_a_full_disk_leaves_no_half_copy(here: None, world: World, tmp_path: Path) -> None:
    world.case()
    (tmp_path / "no folder").touch()
    with pytest.raises(OSError):  # noqa: PT011 - whatever the system says
        backup.backup(tmp_path / "no folder" / "copy")
    assert not list(tmp_path.rglob("*.part"))
    assert Case.objects.count() == 1
