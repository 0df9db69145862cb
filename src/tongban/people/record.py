"""The record of changes to accounts, duties and places, and the one door through which they are made.

An act is a function ``body(change, **facts)`` under ``@act(kind)``, called as ``create(by, key=submission_key, **facts)``.
The door opens one transaction, locks the head of the record (so one change comes after the other), asks whether ``by``
may, runs the body and writes what it noted, each entry chained to the one before by HMAC-SM3. ``by`` None is the
command line of the machine.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from tongban.people.models import Change, ChangeHead, Notice, Role, Staff
from tongban.people.refused import Refused
from tongban.vault.keys import link

P = ParamSpec("P")
T = TypeVar("T")
COMMAND_LINE = "命令行"


class DoneBefore(Refused):
    """The same submission was done already; nothing was done again."""

    def __init__(self) -> None:
        super().__init__("这一步已经做过了，没有再做一次。")


class Forbidden(Refused):
    """``by`` may not do this at all."""

    def __init__(self) -> None:
        super().__init__("没有这个权限。")


@dataclass(frozen=True)
class Entry:
    """What is to be remembered: plain JSON before and after, without what is secret."""

    kind: str
    about: str
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    staff: Staff | None = None


@dataclass
class Noting:
    """One act under way: who does it, when, and what it noted."""

    by: Staff | None
    now: datetime
    entries: list[Entry] = field(default_factory=list)

    def note(
        self,
        kind: str,
        about: str,
        *,
        before: dict[str, Any] | None = None,
        after: dict[str, Any] | None = None,
        staff: Staff | None = None,
    ) -> None:
        """Remember a change; of ``before`` and ``after`` only what differs is kept."""
        old, new = before or {}, after or {}
        if old and new:
            old, new = (
                {k: v for k, v in old.items() if new.get(k) != v},
                {k: v for k, v in new.items() if old.get(k) != v},
            )
        self.entries.append(Entry(kind, about, old, new, staff))

    def not_oneself(self, staff: Staff, what: str) -> None:
        """Four eyes: raise :class:`Refused` when somebody would change what is their own."""
        if self.by and self.by.pk == staff.pk:
            raise Refused(f"不能更改自己的{what}，请另一位系统管理员来做。")


def act(*roles: str, own: bool = False) -> Callable[[Callable[Concatenate[Noting, P], T]], Callable[..., T]]:
    """Make an act of ``body``, for holders of ``roles`` (administrators when none is named) and the command line; with
    ``own``, for everybody, on their own account.

    Called as ``do(by, key=…, **facts)``, it returns what ``body`` returns. Raises :class:`Refused`,
    :class:`Forbidden`, or :class:`DoneBefore` for a key that was sent already.
    """

    def decorate(body: Callable[Concatenate[Noting, P], T]) -> Callable[..., T]:
        @wraps(body)
        def do(by: Staff | None, /, *, key: str | None, **facts: Any) -> T:
            with transaction.atomic():
                head = _head()
                if key and Change.objects.filter(key=key).exists():
                    raise DoneBefore
                if by is not None:
                    by = Staff.objects.get(pk=by.pk)  # duties as they are now that nobody else changes them
                    if not (by.is_active and (own or by.holds(*(roles or (Role.ADMINISTRATOR,))))):
                        raise Forbidden
                noting = Noting(by, timezone.now())
                done = body(noting, **facts)  # type: ignore[call-arg]
                _write(head, noting, key)
                return done

        return do

    return decorate


def _head() -> ChangeHead:
    """The head of the record, locked."""
    head, _ = ChangeHead.objects.select_for_update().get_or_create(pk=1)
    return head


def _write(head: ChangeHead, noting: Noting, key: str | None) -> None:
    rows = []
    name = f"{noting.by.name}（{noting.by.username}）" if noting.by else COMMAND_LINE
    for place, entry in enumerate(noting.entries):
        row = Change(
            sequence=head.sequence + 1,
            at=noting.now,
            by=noting.by,
            by_name=name,
            kind=entry.kind,
            about=entry.about[:200],
            about_staff=entry.staff,
            before=entry.before,
            after=entry.after,
            key=key if place == 0 else None,
            previous=head.digest,
        )
        row.digest = digest_of(row)
        head.sequence, head.digest = row.sequence, row.digest
        rows.append(row)
    Change.objects.bulk_create(rows)
    head.save()


def digest_of(row: Change) -> str:
    """Keyed SM3 (hex) over everything of ``row`` and the digest before it; accounts by their names in words."""
    content = [
        row.sequence,
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        row.by_name,
        row.kind,
        row.about,
        row.before,
        row.after,
        row.key,
        row.previous,
    ]
    return link(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())


def verify() -> Iterator[str]:
    """What does not hold in the record, first things first, each as one Chinese line; nothing when it is whole."""
    previous, sequence = "", 0
    for row in Change.objects.order_by("sequence").iterator(chunk_size=500):
        sequence += 1
        if row.sequence != sequence:
            yield f"变更记录第 {sequence} 条被删去"
            return
        if row.digest != digest_of(row):
            yield f"变更记录第 {sequence} 条（{row.about}）内容被改动"
            return
        if row.previous != previous:
            yield f"变更记录第 {sequence} 条（{row.about}）是插入的，或它之前的记录被改动"
            return
        previous = row.digest
    head = ChangeHead.objects.filter(pk=1).first() or ChangeHead()
    if (head.sequence, head.digest) != (sequence, previous):
        yield (
            f"变更记录第 {sequence + 1} 条被删去"
            if head.sequence > sequence
            else f"变更记录第 {sequence} 条是后来加入的"
        )


def tell(people: Iterable[Staff], text: str, key: str, now: datetime) -> int:
    """Tell ``people`` something at their desks, once for each ``key``; returns how many had not been told."""
    told = 0
    for staff in people:
        _, new = Notice.objects.get_or_create(staff=staff, key=key[:80], defaults={"text": text[:500], "at": now})
        if new:
            told += 1
            Staff.objects.filter(pk=staff.pk).update(unread=F("unread") + 1)
    return told
