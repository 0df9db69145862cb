"""Lending, holds, and batches for the city's archive."""

from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from tongban.archive.acts import packed
from tongban.archive.models import ArchivePackage, Hold, Loan, NumberCounter, Transfer
from tongban.archive.pack import profile_of
from tongban.archive.package import xml
from tongban.archive.queries import packages_visible_to, transfers_visible_to
from tongban.archive.records import transfer_facts
from tongban.cases.actions.door import Change, Conflict, NotFound, Refused, act
from tongban.cases.actions.outside import outside_act
from tongban.cases.actions.wording import written
from tongban.cases.queries import of_visible
from tongban.cases.states import CaseState
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic
from tongban.vault import store

LIST = "移交清单.xml"


def next_number(fonds: str, series: str, year: int) -> str:
    """The next number of a series of lists within a fonds and a year; the counter's row lock leaves no gap."""
    key: dict[str, Any] = {"fonds": fonds, "category": series, "year": year}
    NumberCounter.objects.get_or_create(**key)
    counter = NumberCounter.objects.select_for_update().get(**key)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{fonds}-{series}-{year}-{counter.last:04d}"


@act("lent", Role.ARCHIVE)
def lend(change: Change, *, borrower: str, purpose: str, due_on: date | None) -> None:
    """Lend a case's file to somebody until a day. One loan at a time."""
    package = packed(change)
    who, what_for = written(borrower, "借阅人", name="borrower", longest=100), written(purpose, "用途", name="purpose")
    if due_on is None or due_on < change.today:
        raise Refused("归还日期有误。", {"due_on": "请填写今天以后的归还日期。"})
    if Loan.objects.filter(package=package, returned_at=None).exists():
        raise Conflict("这份档案已经借出，还没有归还。")
    assert change.staff is not None
    Loan.objects.create(
        package=package, borrower=who, purpose=what_for, lent_at=change.now, lent_by=change.staff, due_on=due_on
    )
    change.note("lent", change.cite(Topic.ARCHIVING), number=package.number, due=due_on.isoformat())


@act("given_back", Role.ARCHIVE)
def give_back(change: Change) -> None:
    """What was lent is back."""
    loan = Loan.objects.select_for_update().filter(package__case=change.case, returned_at=None).first()
    if loan is None:
        raise Conflict("这份档案没有借出。")
    loan.returned_at, loan.returned_to = change.now, change.staff
    loan.save(update_fields=["returned_at", "returned_to"])
    change.note("given_back", change.cite(Topic.ARCHIVING))


@act("held", Role.ARCHIVE, Role.OVERSIGHT)
def hold(change: Change, *, reason: str) -> None:
    """Nothing of this case is destroyed until the hold is lifted: a lawsuit, an audit, a complaint."""
    change.require_state(CaseState.ARCHIVED)
    text = written(reason, "冻结的理由", name="reason")
    if Hold.objects.filter(case=change.case, lifted_at=None).exists():
        raise Conflict("这个办件已经冻结。")
    assert change.staff is not None
    Hold.objects.create(case=change.case, reason=text, placed_at=change.now, placed_by=change.staff)
    change.note("held", change.cite(Topic.ARCHIVING), reason=text)


@act("hold_lifted", Role.ARCHIVE, Role.OVERSIGHT)
def lift(change: Change, *, reason: str) -> None:
    """The reason for a hold is gone."""
    text = written(reason, "解冻的理由", name="reason")
    row = Hold.objects.select_for_update().filter(case=change.case, lifted_at=None).first()
    if row is None:
        raise Conflict("这个办件没有冻结。")
    row.lifted_at, row.lifted_by = change.now, change.staff
    row.save(update_fields=["lifted_at", "lifted_by"])
    change.note("hold_lifted", change.cite(Topic.ARCHIVING), reason=text)


def _untransferred(staff: Staff, fonds: str, year: int) -> QuerySet[ArchivePackage]:
    rows = packages_visible_to(staff, year=year).filter(fonds=fonds, transfer=None).exclude(packed_at=None)
    return rows.filter(case__state=CaseState.ARCHIVED)


@transaction.atomic
def make_transfer(staff: Staff, fonds: str, year: int) -> Transfer:
    """Order a batch of every finished package of a fonds and a year that was not transferred; the worker fills it.

    Raises :class:`Refused` where there is none, or such a batch is being filled.
    """
    now = timezone.now()
    number = next_number(fonds, "YJ", timezone.localtime(now).year)  # its row lock: one after the other
    if Transfer.objects.filter(fonds=fonds, year=year, finished_at=None).exists():
        raise Refused("这个全宗、这个年度的一批正在编，请等它编好。")
    rows = _untransferred(staff, fonds, year)
    first = rows.first()
    if first is None:
        raise Refused("这个全宗、这个年度没有可以移交的信息包：都移交过，或还没有制成。")
    return Transfer.objects.create(
        number=number,
        fonds=fonds,
        year=year,
        receiver=profile_of(first.case.version.city).receiver,
        total=rows.count(),
        made_at=now,
        made_by=staff,
    )


PIECE = 20  # packages of a batch looked at in one round


@transaction.atomic
def fill_transfers() -> int:
    """A round of the worker: read the next packages of the oldest batch through and put the whole ones in; returns how many.

    A file that is not whole stays out, is named on the batch, and can go into a later one.
    """
    free = Transfer.objects.filter(finished_at=None).order_by("pk")
    skip = connection.features.has_select_for_update_skip_locked
    batch = free.select_for_update(skip_locked=skip, of=("self",)).select_related("made_by").first()
    if batch is None:
        return 0
    rows = list(
        _untransferred(batch.made_by, batch.fonds, batch.year).filter(pk__gt=batch.cursor).order_by("pk")[:PIECE]
    )
    whole = []
    for row in rows:
        try:
            store.read(row.digest)
            whole.append(row.pk)
        except store.Damaged:
            batch.damaged.append(row.number)
    ArchivePackage.objects.filter(pk__in=whole, transfer=None).update(transfer=batch)
    batch.looked += len(rows)
    batch.cursor = rows[-1].pk if rows else batch.cursor
    batch.total = max(batch.total, batch.looked)
    batch.finished_at = timezone.now() if len(rows) < PIECE else None
    batch.save(update_fields=["looked", "cursor", "total", "damaged", "finished_at"])
    return max(1, len(rows))


@transaction.atomic
def receive(staff: Staff, number: str, *, receipt: str, received_by: str, received_on: date | None) -> Transfer:
    """The city's archive has checked and taken a batch over. Raises :class:`Refused`."""
    batch = transfers_visible_to(staff).filter(number=number).first()
    if batch is None:
        raise NotFound
    batch = Transfer.objects.select_for_update().get(pk=batch.pk)
    if batch.finished_at is None:
        raise Conflict("这一批还没有编好。")
    if batch.received_on:
        raise Conflict("这一批的回执已经登记过。")
    batch.receipt = written(receipt, "回执编号", name="receipt", longest=80)
    batch.received_by = written(received_by, "接收人", name="received_by", longest=80)
    if received_on is None or received_on > timezone.localdate():
        raise Refused("接收日期有误。", {"received_on": "请填写接收日期，不能晚于今天。"})
    batch.received_on = received_on
    batch.save(update_fields=["receipt", "received_by", "received_on"])
    return batch


def transfer_list(batch: Transfer) -> bytes:
    """The list that goes with a batch: for each package its file, bytes and digests, and what a receiver asks."""
    rows = batch.packages.select_related("case__version", "case__region").prefetch_related("case__items").order_by("pk")
    files = [
        {"file": f"{row.number}.zip", **transfer_facts(row), "size": row.size, "sha256": row.digest, "sm3": row.sm3}
        for row in rows
    ]
    head = {"number": batch.number, "fonds": batch.fonds, "year": batch.year, "receiver": batch.receiver}
    sizes = sum(row.size or 0 for row in rows)
    made = timezone.localtime(batch.made_at).isoformat(timespec="seconds")
    return xml("transfer_list", {**head, "made_at": made, "count": len(files), "size": sizes, "package": files})


BATCH = 50


def note_transfers() -> int:
    """A round of the worker: each case of a batch that was received gets its event; returns how many."""
    waiting = ArchivePackage.objects.filter(transfer__received_on__isnull=False, transferred_at=None)
    rows = list(waiting.select_related("transfer").order_by("pk")[:BATCH])
    for row in rows:
        assert row.transfer is not None
        _transferred(row.case_id, key=f"moved-{row.number}", batch=row.transfer.number, receipt=row.transfer.receipt)
    return len(rows)


@outside_act("系统")
def _transferred(change: Change, *, batch: str, receipt: str) -> None:
    ArchivePackage.objects.filter(case=change.case).update(transferred_at=change.now)
    change.note("transferred", change.cite(Topic.ARCHIVING), batch=batch, receipt=receipt)


def visible_loans(staff: Staff) -> Any:
    """What is lent out of the packages an archivist sees, the earliest due first."""
    rows = Loan.objects.filter(returned_at=None).select_related("package__case__version", "lent_by")
    return of_visible(rows, staff, Role.ARCHIVE, case="package__case").order_by("due_on", "id")
