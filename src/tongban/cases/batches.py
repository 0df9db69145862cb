"""Many items at once: asked for at the department's desk, done one by one, each with an answer of its own, gone after a day.

The first few are done while the officer waits, the rest by the worker. Each row is done under a key of its own: taken up
again after a crash, nothing happens twice. A table of decisions is tried first (everything is done and undone row by row, so
that the preview says what the act itself says); what is then imported is done in one short transaction, all of it or nothing.
"""

import hashlib
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from tongban.cases.actions import department
from tongban.cases.actions.door import NotAll, NotFound, Refused, together
from tongban.cases.models import Batch, CaseItem, Event
from tongban.cases.opinions import filled
from tongban.people.models import Staff

MOST = 500  # items in one request
AT_ONCE = 15  # done while the officer waits
STEP = 5  # rows between two reports of progress
KEPT, LOST = timedelta(days=1), timedelta(minutes=3)
Kind = Batch.Kind


class _Undone(Exception):
    """Thrown to take back what was only tried."""


def ask(staff: Staff, kind: str, items: Iterable[CaseItem], key: str, reason: str = "") -> Batch:
    """Ask for ``kind`` on ``items`` (visible ones, with their cases); the same ``key`` again is the same request.

    ``reason`` may hold the placeholders of an opinion. Raises :class:`Refused`.
    """
    if done := Batch.objects.filter(staff=staff, key=key).first():
        return done
    rows = [
        {
            "number": item.case.number,
            "order": item.order,
            "name": item.name,
            "granted": kind == Kind.GRANT,
            "reason": filled(reason, item.case, [item]),
        }
        for item in items
    ]
    if not rows:
        raise Refused("请先勾选要办的事项。")
    if len(rows) > MOST:
        raise Refused(f"一次最多办 {MOST} 件，现在选了 {len(rows)} 件，请分几次。")
    if kind == Kind.REFUSE:
        department.reason_given(reason, "不予办理的理由")
    return _begun(staff, kind, rows, key)


def check(staff: Staff, rows: Sequence[dict[str, Any]], data: bytes, key: str) -> Batch:
    """Ask what would come of the ``rows`` of a table of decisions whose bytes are ``data``."""
    return _begun(staff, Kind.CHECK, rows, key, source=hashlib.sha256(data).hexdigest())


def take(staff: Staff, tried: Batch, *, all_of_them: bool) -> Batch:
    """Import the rows of a table that was tried: all of them, or those without fault. Once. Raises :class:`Refused`."""
    if tried.kind != Kind.CHECK or tried.ready_at is None:
        raise Refused("这张表还没有核对完。")
    good = [row for row, (fine, _) in zip(tried.rows, tried.results, strict=True) if fine]
    if all_of_them and len(good) != len(tried.rows):
        raise Refused("有的行有问题，不能全部导入。请改好表再传，或者只导入没有问题的行。")
    if not good:
        raise Refused("没有可以导入的行。")
    return _begun(staff, Kind.IMPORT, good, f"import-{tried.pk}-{tried.key[:32]}", source=tried.source)


def _begun(staff: Staff, kind: str, rows: Sequence[dict[str, Any]], key: str, source: str = "") -> Batch:
    ordered = sorted(rows, key=lambda row: row.get("line", 0))
    batch, new = Batch.objects.get_or_create(
        key=key, staff=staff, defaults={"kind": kind, "rows": ordered, "source": source}
    )
    if new and _claimed(batch):
        _carry_on(batch, AT_ONCE)
    return batch


def batch_of(staff: Staff, batch_id: int) -> Batch | None:
    """A request of ``staff``'s own, or None."""
    return Batch.objects.filter(staff=staff, pk=batch_id).first()


def work() -> int:
    """The worker's round: one request that waits or whose worker died; what is older than a day is thrown away."""
    Batch.objects.filter(made_at__lt=timezone.now() - KEPT).delete()
    for batch in Batch.objects.filter(ready_at=None).order_by("id"):
        if _claimed(batch):
            _carry_on(batch, MOST)
            return 1
    return 0


def _claimed(batch: Batch) -> bool:
    """Whether the request is ours now: nobody is at it, or who was has not been heard of."""
    now = timezone.now()
    free = Batch.objects.filter(Q(claimed_at=None) | Q(claimed_at__lt=now - LOST), pk=batch.pk, ready_at=None)
    if not free.update(claimed_at=now):
        return False
    batch.refresh_from_db()
    return True


def _carry_on(batch: Batch, most: int) -> None:
    """Do up to ``most`` of the rows that are left."""
    staff = Staff.objects.get(pk=batch.staff_id)  # with the duties of this moment
    if batch.kind == Kind.IMPORT:
        if len(batch.rows) <= most:
            batch.results = _all_or_none(batch, staff)
    else:
        for row in batch.rows[batch.done :][:most]:
            batch.results.append(_tried(batch, row, staff) if batch.kind == Kind.CHECK else _one(batch, row, staff))
            if batch.done % STEP == 0:
                batch.claimed_at = timezone.now()
                batch.save(update_fields=["results", "claimed_at"])
    batch.claimed_at = None
    batch.ready_at = timezone.now() if batch.done == batch.total else None
    batch.save(update_fields=["results", "claimed_at", "ready_at"])


def _act(batch: Batch, row: dict[str, Any], staff: Staff, key: str) -> None:
    orders = [row["order"]]
    if batch.kind == Kind.ACCEPT:
        department.accept(staff, row["number"], key=key, orders=orders)
    else:
        department.decide(staff, row["number"], key=key, granted=row["granted"], reason=row["reason"], orders=orders)


def _one(batch: Batch, row: dict[str, Any], staff: Staff) -> tuple[bool, str]:
    try:
        _act(batch, row, staff, f"{batch.key[:32]}-{batch.done}")
    except NotFound:
        return False, "没有找到这个事项，可能已经转走。"
    except Refused as error:
        return False, str(error)
    item = CaseItem.objects.filter(case__number=row["number"], order=row["order"]).first()
    told = f"，应于 {item.due_said} 前办结" if batch.kind == Kind.ACCEPT and item and item.due else ""
    return True, f"已{batch.get_kind_display()}{told}。"


def _row_key(batch: Batch, row: dict[str, Any]) -> str:
    """The key of a row of a table: the same table says the same thing once."""
    said = f"{batch.source}|{row['number']}|{row['order']}"
    return f"import-{hashlib.sha256(said.encode()).hexdigest()[:40]}"


def _tried(batch: Batch, row: dict[str, Any], staff: Staff) -> tuple[bool, str]:
    if row["fault"]:
        return False, row["fault"]
    if Event.objects.filter(key=_row_key(batch, row)).exists():
        return False, "这张表的这一行已经导入过，不再导入。"
    try:
        with transaction.atomic():
            _act(batch, row, staff, hashlib.sha256(f"try {batch.key} {batch.done}".encode()).hexdigest())
            raise _Undone
    except _Undone:
        return True, "可以导入。"
    except NotFound:
        return False, "没有找到这个事项，或者不归本部门办理。"
    except Refused as error:
        return False, str(error)


def _all_or_none(batch: Batch, staff: Staff) -> list[tuple[bool, str]]:
    rows = [
        (
            row["number"],
            _row_key(batch, row),
            {"granted": row["granted"], "reason": row["reason"], "orders": [row["order"]]},
        )
        for row in batch.rows
    ]
    try:
        together(department.decide, staff, rows)
    except NotAll as error:
        told = f"没有导入：第 {batch.rows[error.place]['line']} 行“{error}”。整张表都没有动，请重新核对后再导入。"
        return [(False, told)] * batch.total
    return [(True, "已导入。")] * batch.total
