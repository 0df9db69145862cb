"""Bytes under their digest: sealed, written whole or not at all, checked at every read."""

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from django.conf import settings

from tongban.vault import keys
from tongban.vault.kinds import NotAccepted, media_type_of
from tongban.vault.sealed import Altered, key_of, seal, unseal

NO_ROOM = "没有存下，磁盘可能已满，请联系系统管理员。"


class Damaged(RuntimeError):
    """A stored file is missing or its bytes no longer have the digest they are stored under."""


@dataclass(frozen=True)
class Stored:
    """A file in the vault: the SHA-256 (hex) it is known by, its size in bytes, its kind by content."""

    digest: str
    size: int
    media_type: str


def _path(digest: str) -> Path:
    return Path(settings.VAULT) / digest[:2] / digest[2:4] / digest


def limit() -> int:
    """The largest file that is taken, in bytes."""
    return int(settings.UPLOAD_LIMIT)


def store(data: bytes, filename: str = "") -> Stored:
    """Keep ``data``; the same bytes again are the same file.

    The bytes are on disk (written aside, flushed, renamed) before this returns, so no row ever points at nothing. The
    vault keeps no register of its own: whoever keeps a file keeps its digest.
    Raises :class:`NotAccepted` (Chinese) when the file is empty, too large, or not of a kind that is taken.
    """
    if len(data) > limit():
        raise NotAccepted(f"文件超过 {limit() // 2**20} MB，请压缩或降低扫描分辨率后再上传。")
    media_type = media_type_of(data, filename)
    return Stored(keep(data), len(data), media_type)


def digest_of(data: bytes) -> str:
    """The digest a file of these bytes has: SHA-256 (hex)."""
    return hashlib.sha256(data).hexdigest()


def keep(data: bytes) -> str:
    """Keep what we made ourselves, of any kind and size; its digest."""
    digest = digest_of(data)
    path = _path(digest)
    if _intact(path, digest):
        try:
            os.utime(path)  # used just now: see ``remove``
            return digest
        except FileNotFoundError:
            pass
    _write(path, seal(data, digest))  # also puts back what was damaged on disk
    return digest


def there(digest: str) -> bool:
    """Whether there is a file under this digest."""
    return len(digest) == 64 and _path(digest).exists()


def remove(digest: str, unused: timedelta) -> bool:
    """Remove a file no row points at; False when somebody stored the same bytes within ``unused``: it is wanted again.

    It is put aside first, so that nobody who stores the same bytes at this moment finds it and relies on it.
    """
    path = _path(digest)
    aside = path.with_suffix(".going")
    try:
        path.rename(aside)
    except FileNotFoundError:
        return True
    if time.time() - aside.stat().st_mtime < unused.total_seconds():
        aside.replace(path)
        return False
    aside.unlink()
    return True


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        os.replace(aside, path)
        _flush(path.parent)
    except OSError:
        Path(aside).unlink(missing_ok=True)
        raise


def reseal(digest: str) -> bool:
    """Seal a file with the key now in use; False when it was already. Raises :class:`Damaged`."""
    path = _path(digest)
    try:
        with path.open("rb") as file:
            newest = key_of(file.read(8)) == keys.newest(keys.Purpose.SEAL).serial
    except FileNotFoundError:
        newest = False  # the read below says so
    if not newest:
        _write(path, seal(read(digest), digest))
    return not newest


def digests() -> Iterator[str]:
    """The digest of every file in the vault, by its name, in no order."""
    for path in Path(settings.VAULT).glob("??/??/*"):
        if len(path.name) == 64:  # what was being written aside when the power went has another name
            yield path.name


def _intact(path: Path, digest: str) -> bool:
    """Whether the file is there with the bytes it is named after."""
    try:
        return hashlib.sha256(unseal(path.read_bytes(), digest)).hexdigest() == digest
    except (FileNotFoundError, Altered, keys.NoKey):
        return False


def _flush(folder: Path) -> None:
    """Make a new name in ``folder`` survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def read(digest: str) -> bytes:
    """The bytes stored under ``digest``. Raises :class:`Damaged` when they are missing or altered."""
    try:
        data = unseal(_path(digest).read_bytes(), digest)
    except FileNotFoundError as error:
        raise Damaged(f"文件 {digest[:12]}… 不见了，请立即告知系统管理员。") from error
    except keys.NoKey as error:
        raise Damaged(f"文件 {digest[:12]}… 打不开：{error}") from error
    except Altered as error:
        raise Damaged(f"文件 {digest[:12]}… 的内容与入库时不一致，请立即告知系统管理员。") from error
    if hashlib.sha256(data).hexdigest() != digest:
        raise Damaged(f"文件 {digest[:12]}… 的内容与入库时不一致，请立即告知系统管理员。")
    return data
