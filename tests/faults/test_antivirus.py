"""A real clamd with one signature of our own: what it finds is refused, what it clears is kept, without it nothing comes in."""

import select
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.faults.test_breaks import start
from tests.world import World, jpeg
from tongban.cases.models import Draft
from tongban.vault import store

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(not shutil.which("clamd"), reason="clamd is brought by make faults (Debian: clamav-daemon)"),
]
SIGNED = b"TONGBAN TEST: NOT A VIRUS, TO BE FOUND"


@pytest.fixture
def clamd(tmp_path: Path) -> Iterator[tuple[Path, subprocess.Popen[bytes]]]:
    """Its socket and process."""
    signatures, line = tmp_path / "signatures", tmp_path / "clamd.sock"
    signatures.mkdir()
    (signatures / "own.ndb").write_text(f"Tongban.Test:0:*:{SIGNED.hex()}\n")
    config = tmp_path / "clamd.conf"
    config.write_text(
        f"Foreground yes\nDatabaseDirectory {signatures}\nLocalSocket {line}\nTemporaryDirectory {tmp_path}\nStreamMaxLength 25M\n"
    )
    process = subprocess.Popen(["clamd", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    ends = time.monotonic() + 60
    while not line.exists() and process.poll() is None and time.monotonic() < ends:
        select.select((), (), (), 0.05)
    assert line.exists(), "clamd does not start"
    yield line, process
    process.kill()
    process.wait()


def test_what_clamd_finds_is_refused_and_said(
    client: Client, world: World, clamd: tuple[Path, subprocess.Popen[bytes]], settings: object, tmp_path: Path
) -> None:
    line, process = clamd
    settings.CLAMD, settings.VAULT = str(line), tmp_path / "vault"  # type: ignore[attr-defined]
    _, url, _ = start(client, world)

    def drop(data: bytes) -> str:
        return client.post(f"{url}files/0/", {"file": SimpleUploadedFile("0.jpg", data)}).content.decode()

    clean = jpeg(3000)
    assert "发现病毒" in drop(clean[:2] + b"\xff\xfe" + (len(SIGNED) + 2).to_bytes(2, "big") + SIGNED + clean[2:])
    assert list(store.digests()) == []
    assert Draft.objects.get().body["files"] == {"0": []}
    assert "发现病毒" not in drop(clean)
    assert len(list(store.digests())) == 1
    process.kill()
    process.wait()
    assert "病毒检查暂时用不了，文件没有收下" in drop(jpeg(3000, seed=1))
    assert len(Draft.objects.get().body["files"]["0"]) == 1
