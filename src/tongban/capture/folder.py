"""The scanner's folder: ``TONGBAN_SCANS/<id of the window>/``. Files that have stopped growing go into the window's tray.

A file is stored in the vault, then gets its row, then is moved aside: whatever fails in between, it is found again and
nothing is lost. What was moved aside is deleted after a week, when the vault holds its bytes.
"""

import logging
import os
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from tongban.capture.models import Scan
from tongban.people.models import Window
from tongban.vault import store, uploads
from tongban.vault.kinds import NotAccepted

SETTLED = 2.0  # seconds without a change
PATIENCE = 60.0  # seconds for a file whose end is missing: it may still be coming over a slow network
KEPT = timedelta(days=7)
TAKEN, REFUSED = "已收", "不收"
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart")
ENDS = {b"\xff\xd8\xff": b"\xff\xd9", b"\x89PNG": b"IEND\xaeB`\x82", b"%PDF-": b"%%EOF"}

logger = logging.getLogger(__name__)
_seen: dict[Path, tuple[int, int]] = {}  # size and time of change (ns) at the look before


def take_scans() -> int:
    """Take what lies ready in the folders of the windows; returns how many files were dealt with."""
    if not settings.SCANS:
        return 0
    root = Path(settings.SCANS)
    folders = {int(p.name): p for p in root.iterdir() if p.is_dir() and p.name.isdecimal()} if root.is_dir() else {}
    done = 0
    for window in Window.objects.filter(pk__in=folders):
        for path in _ready(folders[window.pk]):
            try:
                _take(window, path)
            except OSError:
                logger.exception("scan %s was not taken; trying again", path)
                continue
            done += 1
        _forget(folders[window.pk])
    return done


def _ready(folder: Path) -> Iterator[Path]:
    """Files that have not changed between two looks and for two seconds, and whose end is there or does not come."""
    now = time.time()
    for path in sorted(folder.iterdir()):
        if (
            path.name.startswith((".", "~"))
            or path.suffix.lower() in UNFINISHED
            or path.is_symlink()
            or not path.is_file()
        ):
            continue
        stat = path.stat()
        before, _seen[path] = _seen.get(path), (stat.st_size, stat.st_mtime_ns)
        age = now - stat.st_mtime
        if before == _seen[path] and age >= SETTLED and (age >= PATIENCE or _whole(path, stat.st_size)):
            del _seen[path]
            yield path


def _whole(path: Path, size: int) -> bool:
    with path.open("rb") as file:
        head = file.read(8)
        file.seek(max(0, size - 1024))
        tail = file.read()
    end = next((end for start, end in ENDS.items() if head.startswith(start)), None)
    return size > 0 and (end is None or end in tail)


def _take(window: Window, path: Path) -> None:
    refused = ""
    kept = None
    try:
        if path.stat().st_size > store.limit():
            raise NotAccepted(f"文件超过 {store.limit() // 2**20} MB，请降低扫描分辨率后再扫。")
        kept = uploads.take(path.read_bytes(), path.name)
    except NotAccepted as error:
        refused = str(error)
    row = Scan(window=window, filename=uploads.tidy(path.name), refused=refused[:300], came_at=timezone.now())
    if kept:
        row.digest, row.size, row.media_type = kept.digest, kept.size, kept.media_type
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:  # taken before and not moved aside: power went in between
        pass
    aside = path.parent / (TAKEN if kept else REFUSED)
    aside.mkdir(exist_ok=True)
    os.replace(path, aside / f"{timezone.localtime():%Y%m%d-%H%M%S}-{(row.digest or 'x')[:8]}-{path.name}")


def _forget(folder: Path) -> None:
    """Delete what was moved aside a week ago and more."""
    aside = folder / TAKEN
    if not aside.is_dir():
        return
    oldest = time.time() - KEPT.total_seconds()
    for path in aside.iterdir():
        if path.is_file() and path.stat().st_ctime < oldest:
            path.unlink()
