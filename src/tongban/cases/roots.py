"""Heads of all cases, of the record of changes to accounts, duties and places, and of the looks at cases, noted outside the
database: who removes or rewrites a whole case, the newest changes, or a look, is seen.

Each file of the folder ``ROOTS`` holds the head of the record, the Merkle root of the looks and the heads of cases that came since
the file before it, one JSON line each, and in its last line the root: SM3 over the root before and the Merkle root of these lines (shaped as in RFC 6962). So the newest root stands
for every head there has been, and can be printed or sent away. No key is needed to recompute it.
"""

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.db.models import F
from django.utils import timezone

from tongban.cases import readings
from tongban.cases.events import Break
from tongban.cases.models import Case, Event
from tongban.people.models import Change, ChangeHead

BATCH = 500
FIRST = "0" * 64  # the root before the first


def _sm3(*parts: bytes) -> bytes:
    made = hashes.Hash(hashes.SM3())
    for part in parts:
        made.update(part)
    return made.finalize()


def merkle(leaves: Iterable[bytes]) -> bytes:
    """The Merkle root (SM3) of ``leaves`` in their order, streamed; leaves and nodes hash apart (RFC 6962, 2.1)."""
    stack: list[tuple[int, bytes]] = []
    for leaf in leaves:
        height, node = 0, _sm3(b"\0", leaf)
        while stack and stack[-1][0] == height:
            node = _sm3(b"\1", stack.pop()[1], node)
            height += 1
        stack.append((height, node))
    if not stack:
        return _sm3()
    _, node = stack.pop()
    while stack:
        node = _sm3(b"\1", stack.pop()[1], node)
    return node


def _root(before: str, leaves: Iterable[bytes]) -> str:
    return _sm3(bytes.fromhex(before), merkle(leaves)).hex()


def files() -> list[Path]:
    """The files of roots there are, in order."""
    return sorted(Path(settings.ROOTS).glob("*.jsonl"))


def last_line(file: Path) -> dict[str, Any]:
    """The line with the root; empty when the file has none."""
    lines = file.read_bytes().splitlines()
    try:
        found = json.loads(lines[-1])
    except (IndexError, ValueError):
        return {}
    return found if isinstance(found, dict) and "root" in found else {}


def due(now: datetime) -> bool:
    """Whether no root was written yet on the day (Asia/Shanghai) of ``now``."""
    there = files()
    if not there:
        return True
    written = last_line(there[-1]).get("at", "")
    return not written or timezone.localdate(datetime.fromisoformat(written)) < timezone.localdate(now)


def write(now: datetime) -> Path:
    """Note the heads that moved since the last time; the file is on disk before the cases are marked as noted.

    Killed in between, the same heads stand in the next file again: true twice. Raises OSError, FileExistsError where
    another worker was first.
    """
    moved = Case.objects.filter(events_count__gt=F("rooted")).order_by("pk").only("number", "events_count", "head")
    cases = list(moved)
    lines = [json.dumps({"case": c.number, "events": c.events_count, "head": c.head}).encode() for c in cases]
    if record := ChangeHead.objects.filter(sequence__gt=0).first():
        lines.insert(0, json.dumps({"changes": record.sequence, "head": record.digest}).encode())
    there = files()
    before = last_line(there[-1]).get("root", FIRST) if there else FIRST
    after = _looks_of(there[-1])["readings"] if there else 0
    if (until := readings.settled(now)) > after:
        lines.insert(0, json.dumps(_looks(after, until)).encode())
    elif after:
        lines.insert(0, json.dumps(_looks(after, after)).encode())
    last = {"root": _root(before, lines), "before": before, "cases": len(cases), "at": now.isoformat()}
    folder = Path(settings.ROOTS)
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{int(there[-1].stem) + 1 if there else 1:06}.jsonl"
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".part") as out:
        out.writelines(line + b"\n" for line in [*lines, json.dumps(last).encode()])
        out.flush()
        os.fsync(out.fileno())
        os.link(out.name, file)  # fails where another worker was first: no root is ever overwritten
    for case in cases:
        case.rooted = case.events_count
    Case.objects.bulk_update(cases, ["rooted"], batch_size=BATCH)
    return file


def verify() -> Iterator[Break | None]:
    """Hold every file of roots against itself and the database, streaming; yields None or a break for each head.

    A break of a file, or of the row of files, has the file's name for its number. That the newest files are gone is seen
    only by who kept a newer root elsewhere.
    """
    before, number = FIRST, 0
    for file in files():
        number += 1
        last = last_line(file)
        if int(file.stem) != number:
            yield Break(file.name, 0, f"它之前的第 {number} 号根记录不见了")
            number, before = int(file.stem), last.get("before", FIRST)
        with file.open("rb") as lines:
            made = _root(before, (line.rstrip(b"\n") for line in lines if not _is_root(line)))
        if (last.get("before"), last.get("root")) != (before, made):
            yield Break(file.name, 0, "根记录的内容被改动过")
        before = last.get("root", FIRST)
        yield from _heads(file)


def _looks(after: int, until: int) -> dict[str, Any]:
    """What is noted of the looks with an id above ``after`` up to ``until``."""
    return {"readings": until, "after": after, "head": merkle(readings.proofs(after, until)).hex()}


def _looks_of(file: Path) -> dict[str, Any]:
    """What ``file`` notes of looks; one of an older version notes none."""
    with file.open("rb") as lines:
        for line in lines:
            if line.startswith(b'{"readings"'):
                noted = json.loads(line)
                assert isinstance(noted, dict)
                return noted
            if line.startswith(b'{"case"'):
                break
    return {"readings": 0}


def _is_root(line: bytes) -> bool:
    return line.startswith(b'{"root"')


def _heads(file: Path) -> Iterator[Break | None]:
    """Each head of one file against the database."""
    with file.open("rb") as lines:
        batch: list[dict[str, Any]] = []
        for line in lines:
            if not _is_root(line):
                batch.append(json.loads(line))
            if len(batch) == BATCH:
                yield from _against(batch)
                batch = []
        yield from _against(batch)


def _against(batch: list[dict[str, Any]]) -> Iterator[Break | None]:
    yield from (_of_looks(noted) for noted in batch if "readings" in noted)
    yield from (_of_record(noted) for noted in batch if "changes" in noted)
    batch = [noted for noted in batch if "case" in noted]
    numbers = [noted["case"] for noted in batch]
    there = set(Case.objects.filter(number__in=numbers).values_list("number", flat=True))
    events = Event.objects.filter(case__number__in=numbers, sequence__in={noted["events"] for noted in batch})
    heads = {(number, place): head for number, place, head in events.values_list("case__number", "sequence", "digest")}
    for noted in batch:
        name, place = noted["case"], noted["events"]
        if name not in there:
            yield Break(name, place, "根记录里有这个办件，数据库里没有：整个办件被删去，或数据库被换成了旧的")
        elif heads.get((name, place)) != noted["head"]:
            yield Break(name, place, f"第 {place} 条经过与根记录不符：被改动、删去，或数据库被换成了旧的")
        else:
            yield None


def _of_looks(noted: dict[str, Any]) -> Break | None:
    after, until = noted["after"], noted["readings"]
    if _looks(after, until) == noted:
        return None
    said = f"第 {after + 1} 到 {until} 条与根记录不符：有的被改动、删去、插入，或数据库被换成了旧的"
    return Break("查阅记录", until, said)


def _of_record(noted: dict[str, Any]) -> Break | None:
    place = noted["changes"]
    if Change.objects.filter(sequence=place, digest=noted["head"]).exists():
        return None
    return Break("变更记录", place, f"第 {place} 条与根记录不符：被改动、删去，或数据库被换成了旧的")
