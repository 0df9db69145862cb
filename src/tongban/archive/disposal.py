"""Disposal after the term: listed, looked through by two persons of two roles, then what names a person is destroyed.

What stays: that there was a case, where, when, which items, how it ended, the level of its rating, who of the staff did what when,
and the digests of the chain. What goes: every sealed value and every stored file of the case, and the digests people are found by.
Before anything is destroyed the chain is proved; then one more event, chained like any other, seals what stays
(``cases.events.remains``). So ``audit verify`` and the roots hold afterwards; that the destroyed data were right can from then on
only be believed, not recomputed. Backups and exported packages are not reached.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from tongban.archive.keeping import next_number
from tongban.archive.models import ArchivePackage, Disposal, DisposalEntry, Hold, Loan
from tongban.archive.queries import packages_visible_to
from tongban.cases import events
from tongban.cases.actions.door import Change, Conflict, NotFound, Refused
from tongban.cases.actions.outside import outside_act
from tongban.cases.actions.wording import written
from tongban.cases.models import Case, Event
from tongban.cases.queries import of_visible
from tongban.cases.states import CaseState
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic
from tongban.vault import keepers, store
from tongban.vault.rotation import sealed_columns
from tongban.vault.sealed import Sealed, SealedJSON

State, Entry = Disposal.State, DisposalEntry.State
BATCH = 10
GRACE = timedelta(hours=1)  # between rows and files: whoever is just using a file again has written it down by then
KEEPS_DIGESTS = {Event, ArchivePackage}  # the chain's own, and what the package was


@transaction.atomic
def make_list(staff: Staff, fonds: str) -> Disposal:
    """List every case of a fonds whose term is over, that is not held, lent, or on another list. Raises :class:`Refused`."""
    today = timezone.localdate()
    rows = packages_visible_to(staff).filter(fonds=fonds, expires_on__lte=today, case__state=CaseState.ARCHIVED)
    rows = rows.exclude(packed_at=None)
    rows = rows.exclude(case__in=Hold.objects.filter(lifted_at=None).values("case"))
    rows = rows.exclude(pk__in=Loan.objects.filter(returned_at=None).values("package"))
    rows = rows.exclude(pk__in=DisposalEntry.objects.filter(state=Entry.LISTED).values("package"))
    found = list(ArchivePackage.objects.select_for_update().filter(pk__in=rows.values("pk")).order_by("pk"))
    if not found:
        raise Refused("没有可以列入的档案：都没有满期，或者冻结、借出、已经在别的清单上。")
    row = Disposal.objects.create(
        number=next_number(fonds, "XH", today.year),
        fonds=fonds,
        expired_by=today,
        made_at=timezone.now(),
        made_by=staff,
    )
    DisposalEntry.objects.bulk_create(DisposalEntry(disposal=row, package=package) for package in found)
    return row


def disposals_visible_to(staff: Staff, *roles: str) -> models.QuerySet[Disposal]:
    """Lists that hold a case ``staff`` may see as archivist or oversight, newest first."""
    entries = DisposalEntry.objects.filter(disposal=models.OuterRef("pk"))
    seen = of_visible(entries, staff, *(roles or (Role.ARCHIVE, Role.OVERSIGHT)), case="package__case")
    return Disposal.objects.filter(models.Exists(seen))


def _locked(staff: Staff, number: str, state: str, role: str) -> Disposal:
    row = disposals_visible_to(staff, role).filter(number=number).first()
    if row is None:
        raise NotFound
    row = Disposal.objects.select_for_update().get(pk=row.pk)
    if row.state != state:
        raise Conflict(f"这份清单现在是“{row.get_state_display()}”，不能进行这一步。")
    return row


@transaction.atomic
def strike(staff: Staff, number: str, *, entry_id: int, reason: str) -> Disposal:
    """The archivist who looks it through keeps a case, with the reason."""
    row = _locked(staff, number, State.LISTED, Role.ARCHIVE)
    text = written(reason, "划去的理由", name="reason")
    if not row.entries.filter(pk=entry_id, state=Entry.LISTED).update(state=Entry.KEPT, reason=text):
        raise Conflict("这一件已经不在清单里了。")
    return row


@transaction.atomic
def review(staff: Staff, number: str) -> Disposal:
    """First look, by an archivist."""
    row = _locked(staff, number, State.LISTED, Role.ARCHIVE)
    if not row.entries.filter(state=Entry.LISTED).exists():
        raise Refused("清单里已经没有要销毁的办件。")
    row.state, row.reviewed_by, row.reviewed_at = State.REVIEWED, staff, timezone.now()
    row.save(update_fields=["state", "reviewed_by", "reviewed_at"])
    return row


@transaction.atomic
def approve(staff: Staff, number: str) -> Disposal:
    """Second look, by oversight: another person than who made the list and who looked first. The worker does the rest."""
    row = _locked(staff, number, State.REVIEWED, Role.OVERSIGHT)
    if staff.pk in (row.made_by_id, row.reviewed_by_id):
        raise Refused("批准的人不能是列清单或审查的人，请另一位督办人员批准。")
    covered = of_visible(row.entries.all(), staff, Role.OVERSIGHT, case="package__case").count()
    if covered != row.entries.count():
        raise Refused("清单里有您看不到的办件，请由管得到全部办件的督办人员批准。")
    row.state, row.approved_by, row.approved_at = State.APPROVED, staff, timezone.now()
    row.save(update_fields=["state", "approved_by", "approved_at"])
    return row


def carry_out() -> int:
    """A round of the worker: destroy what approved lists name, then remove files that nobody points at any more."""
    waiting = DisposalEntry.objects.filter(state=Entry.LISTED, disposal__state=State.APPROVED)
    rows = list(waiting.select_related("package__case", "disposal").order_by("pk")[:BATCH])
    for row in rows:
        one(row)
    left = DisposalEntry.objects.filter(state=Entry.LISTED, disposal=models.OuterRef("pk"))
    over = Disposal.objects.filter(~models.Exists(left), state=State.APPROVED)
    return len(rows) + over.update(state=State.DONE, done_at=timezone.now()) + remove_files()


def one(entry: DisposalEntry) -> None:
    """Destroy one case, unless it was held meanwhile or its chain does not hold: then it is evidence, and stays."""
    case = entry.package.case
    if Hold.objects.filter(case=case, lifted_at=None).exists():
        DisposalEntry.objects.filter(pk=entry.pk).update(state=Entry.HELD)
    elif events.verify(case.events.order_by("sequence"), case):
        DisposalEntry.objects.filter(pk=entry.pk).update(state=Entry.BROKEN)
    else:
        _destroy(case.pk, key=f"destroyed-{entry.package.number}", entry=entry)


@outside_act("系统")
def _destroy(change: Change, *, entry: DisposalEntry) -> None:
    if change.case.state != CaseState.ARCHIVED or Hold.objects.filter(case=change.case, lifted_at=None).exists():
        return
    files = wipe(change.case)
    change.case.refresh_from_db()
    before = list(Event.objects.filter(case=change.case).order_by("sequence"))
    change.to(CaseState.DESTROYED)
    change.note(
        "destroyed",
        change.cite(Topic.ARCHIVING),
        disposal=entry.disposal.number,
        approved_by=entry.disposal.approved_by.name if entry.disposal.approved_by else "",
        files=len(files),
        remains=events.remains(before, change.case.number),
    )
    ArchivePackage.objects.filter(pk=entry.package_id).update(destroyed_at=change.now)
    DisposalEntry.objects.filter(pk=entry.pk).update(
        state=Entry.DESTROYED, files=sorted({*files, entry.package.digest}), destroyed_at=change.now
    )


def way_to_case(model: type[models.Model], deep: int = 3) -> str:
    """The look-up from a model to its case (``material__case``, or ``case_number`` where it names it); empty where there is none."""
    if model is Case:
        return "pk"
    keys = [field for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey)]
    for field in keys:
        if field.related_model is Case and field.name == "case":
            return "case"
    for field in keys:
        other = field.related_model
        if deep and isinstance(other, type) and other is not Case and field.name not in ("event", "version"):
            further = way_to_case(other, deep - 1)
            if further and further != "pk":
                return f"{field.name}__{further}"
    return "case_number" if any(field.name == "case_number" for field in model._meta.concrete_fields) else ""


def rows_of(model: type[models.Model], case: Case) -> models.QuerySet[Any]:
    """The rows of a model that belong to a case; none where none can."""
    way = way_to_case(model)
    if not way:
        return model._default_manager.none()
    return model._default_manager.filter(**{way: case.number if way.endswith("case_number") else case.pk})


def wipe(case: Case) -> list[str]:
    """Empty every sealed value of a case in every room, and the digests it is found by; the digests of its stored files."""
    files: set[str] = set()
    for model, columns in sealed_columns():
        if model is Disposal or model is DisposalEntry or not way_to_case(model):
            continue
        mine = rows_of(model, case)
        empty: dict[str, Any] = {column.attname: _nothing(column) for column in columns}
        if model not in KEEPS_DIGESTS:
            digests = [f.attname for f in model._meta.concrete_fields if _is_digest(f)]
            for values in mine.values_list(*digests) if digests else ():
                files |= {value for value in values if value and store.there(value)}
            empty |= dict.fromkeys(digests, "")
        if model is Event:
            empty["outgoing"] = []
        mine.update(**empty)
    return sorted(files)


def _is_digest(field: Any) -> bool:
    return isinstance(field, models.CharField) and (field.name == "digest" or field.name.endswith("_digest"))


def _nothing(column: Sealed | SealedJSON) -> Any:
    if isinstance(column, Sealed):
        return ""
    return column.get_default() if column.has_default() else {}


def remove_files() -> int:
    """Remove files of destroyed cases that no row points at; one that another case uses stays with that case."""
    rows = list(
        DisposalEntry.objects.filter(state=Entry.DESTROYED, destroyed_at__lt=timezone.now() - GRACE).exclude(files=[])[
            :BATCH
        ]
    )
    if not rows:
        return 0
    used = set(_wanted(digest for row in rows for digest in row.files))
    done = 0
    for row in rows:
        left = [digest for digest in row.files if digest not in used and not store.remove(digest, GRACE)]
        gone = sum(digest not in used for digest in row.files) - len(left)
        if left != row.files:
            row.files, row.removed = left, row.removed + gone
            row.save(update_fields=["files", "removed"])
            done += 1
    return done


def _wanted(digests: Iterable[str]) -> set[str]:
    """Those of ``digests`` that some row still points at."""
    asked = set(digests)
    return {digest for digest, _ in keepers.kept() if digest in asked}
