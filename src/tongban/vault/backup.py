"""One sealed file of everything: the database first, then every stored file, so each row of the copy finds its file.

A line of JSON, then a tar stream in sealed pieces, each bound to its place and the last one to being the last: cut off,
shortened or rearranged, the copy does not open. The key is made from the master key and the file's own random id.
"""

import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import connection

from tongban.vault import store
from tongban.vault.cipher import NONCE, SIZES, TAG, decrypt, encrypt
from tongban.vault.keys import from_master

PIECE = 2**20
KIND = "tongban backup 1"


class NotRestorable(RuntimeError):
    """The copy cannot be made or put back; the message (Chinese) says why and what to do."""


class _Sealing(io.RawIOBase):
    """Seals what is written to it into ``out``."""

    def __init__(self, out: IO[bytes]) -> None:
        name = os.urandom(16).hex()
        self.out, self.cipher, self.place, self.waiting = out, settings.CIPHER, 0, bytearray()
        self.key = from_master(f"backup {name}", SIZES[self.cipher])
        out.write(json.dumps({"kind": KIND, "cipher": self.cipher, "id": name}).encode() + b"\n")

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self.waiting += data
        while len(self.waiting) > PIECE:
            self._piece(bytes(self.waiting[:PIECE]), "")
            del self.waiting[:PIECE]
        return len(data)

    def _piece(self, data: bytes, last: str) -> None:
        self.out.write(encrypt(self.cipher, self.key, data, f"{self.place}{last}".encode()))
        self.place += 1

    def end(self) -> None:
        """Write the last piece: without it the copy is not whole."""
        self._piece(bytes(self.waiting), " last")


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    """The opened pieces of a copy, to its end. Raises :class:`NotRestorable`."""
    try:
        head = json.loads(file.readline())
        cipher, key = head["cipher"], from_master(f"backup {head['id']}", SIZES[head["cipher"]])
        whole = head["kind"] == KIND
    except (ValueError, KeyError, TypeError):
        whole = False
    if not whole:
        raise NotRestorable("这不是通办的备份文件，请核对文件。")
    place, size = 0, NONCE + PIECE + TAG
    piece = file.read(size)
    while True:
        following = file.read(size)
        try:
            yield decrypt(cipher, key, piece, f"{place}{'' if following else ' last'}".encode())
        except (InvalidTag, ValueError) as error:
            raise NotRestorable(
                "备份文件不完整、被改动过，或主密钥不是做备份时的那一个，请换一份备份或找回主密钥。"
            ) from error
        if not following:
            return
        piece, place = following, place + 1


class _Opening(io.RawIOBase):
    """The tar stream of a copy, for reading once."""

    def __init__(self, file: IO[bytes]) -> None:
        self.pieces, self.left = _pieces(file), b""

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        self.left = self.left or next(self.pieces, b"")
        part, self.left = self.left[: len(into)], self.left[len(into) :]
        into[: len(part)] = part
        return len(part)


def backup(to: Path, progress: Callable[[Iterator[str]], Iterable[str]] = iter) -> int:
    """Write a copy of everything to ``to``, while the system runs; returns how many stored files are in it.

    ``progress`` may wrap the digests. Every file is opened and held against its digest on the way. The copy appears under its
    name only when it is whole. Raises :class:`NotRestorable`, :class:`store.Damaged` and OSError.
    """
    part = to.with_name(to.name + ".part")
    count = 0
    try:
        with os.fdopen(os.open(part, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600), "wb") as out:
            sealing = _Sealing(out)
            with tarfile.open(fileobj=sealing, mode="w|") as tar, tempfile.TemporaryDirectory(dir=to.parent) as aside:
                tar.add(_dump(Path(aside)), connection.vendor)
                for file in sorted(Path(settings.ROOTS).glob("*.jsonl")):
                    tar.add(file, f"roots/{file.name}")
                for digest in progress(store.digests()):
                    data = store.read(digest)
                    entry = tarfile.TarInfo(f"vault/{digest}")
                    entry.size = len(data)
                    tar.addfile(entry, io.BytesIO(data))
                    count += 1
            sealing.end()
            out.flush()
            os.fsync(out.fileno())
        part.rename(to)
    finally:
        part.unlink(missing_ok=True)
    return count


def restore(copy: Path, progress: Callable[[Iterator[str]], Iterable[str]] = iter) -> int:
    """Put a copy back where nothing is yet; returns how many stored files. Nothing is written before the copy proved whole.

    Raises :class:`NotRestorable` when there is something already, or the copy does not open.
    """
    if not _empty():
        raise NotRestorable("这里已经有数据库，恢复不会覆盖它。请换一个空的数据目录（TONGBAN_DATA）或空数据库再恢复。")
    with copy.open("rb") as file:
        for _ in _pieces(file):
            pass
    with copy.open("rb") as file, tarfile.open(fileobj=io.BufferedReader(_Opening(file), PIECE), mode="r|") as tar:
        return sum(1 for _ in progress(_entries(tar)))


def _entries(tar: tarfile.TarFile) -> Iterator[str]:
    """Put back each entry; yields the digests of stored files."""
    for entry in tar:
        folder, _, name = entry.name.rpartition("/")
        content = tar.extractfile(entry)
        assert content is not None
        match folder:
            case "vault":
                if store.store(content.read()).digest != name:
                    raise NotRestorable(f"备份里的文件 {name[:12]}… 与它的摘要不符。")
                yield name
            case "roots":
                Path(settings.ROOTS).mkdir(parents=True, exist_ok=True)
                (Path(settings.ROOTS) / name).write_bytes(content.read())
            case _:
                _load(name, content)


def _client(program: str) -> tuple[list[str], dict[str, str]]:
    """The start of a command line of a PostgreSQL program for this database, and its environment."""
    if not shutil.which(program):
        raise NotRestorable(f"找不到 {program}，请安装 PostgreSQL 客户端（apt install postgresql-client）。")
    arguments, environment = connection.client.settings_to_cmd_args_env(connection.settings_dict, [])
    return [program, *arguments[1:-1], "--dbname", arguments[-1]], {**os.environ, **(environment or {})}


def _dump(folder: Path) -> Path:
    """A copy of the database as it is at one moment."""
    file = folder / "database"
    if connection.vendor == "sqlite":
        with (
            closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as source,
            closing(sqlite3.connect(file)) as target,
        ):
            source.backup(target)
    else:
        command, environment = _client("pg_dump")
        done = subprocess.run([*command, "--format=custom", "--file", file], env=environment, capture_output=True)
        if done.returncode:
            raise NotRestorable(f"pg_dump 没有成功：{done.stderr.decode(errors='replace').strip()}")
    return file


def _empty() -> bool:
    if connection.vendor == "sqlite":
        return not Path(str(connection.settings_dict["NAME"])).exists()
    return not connection.introspection.table_names()


def _load(vendor: str, content: IO[bytes]) -> None:
    if vendor != connection.vendor:
        raise NotRestorable(f"备份来自 {vendor}，这里是 {connection.vendor}：请把 TONGBAN_DATABASE 设为同一种数据库。")
    if vendor == "sqlite":
        target = Path(str(connection.settings_dict["NAME"]))
        with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
            shutil.copyfileobj(content, out)
            out.flush()
            os.fsync(out.fileno())
        return
    command, environment = _client("pg_restore")
    done = subprocess.run(
        [*command, "--no-owner", "--single-transaction"], input=content.read(), env=environment, capture_output=True
    )
    if done.returncode:
        raise NotRestorable(f"pg_restore 没有成功：{done.stderr.decode(errors='replace').strip()}")
