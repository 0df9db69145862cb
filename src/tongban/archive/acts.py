"""Taking a case into the archive (clause 十一): complete, listed, closed; what is missing asked of whoever owes it."""

from dataclasses import dataclass
from itertools import groupby

from django.db.models import Q

from tongban.archive.models import ArchivePackage, Ask
from tongban.cases.actions.door import Change, Conflict, Refused, act
from tongban.cases.actions.wording import written
from tongban.cases.models import Case, CaseItem, CaseMaterial, IssuedForm, MaterialFile
from tongban.cases.states import CaseState, ItemState
from tongban.people.models import Role
from tongban.procedure.model import Topic
from tongban.rules.review import Outcome
from tongban.vault.store import Stored

COLUMNS = (
    "index", "name", "forwarded", "tolerated", "supplied_at",
    "files__filename", "files__digest", "files__size", "files__withdrawn",
)  # fmt: skip


@dataclass(frozen=True)
class Missing:
    """What is not there (Chinese, one line), the role that owes it, and the material it is a file of."""

    what: str
    owed_by: str
    material: int | None = None

    def __str__(self) -> str:
        return self.what


@dataclass(frozen=True)
class Check:
    """What an archive package would hold and what is missing from it."""

    contents: tuple[dict[str, object], ...]
    missing: tuple[Missing, ...]


def check(case: Case, items: list[CaseItem]) -> Check:
    """Look a case through: every material asked has a file or went on as paper, every item has its end."""
    contents: list[dict[str, object]] = []
    missing: list[Missing] = []
    rows = CaseMaterial.objects.filter(case=case).order_by("index", "files__id").values_list(*COLUMNS)
    for index, materials in groupby(rows, key=lambda row: row[0]):
        _, name, forwarded, tolerated, supplied, *_ = first = next(materials)
        kept = [row[5:8] for row in (first, *materials) if row[6] and not row[8]]
        contents += [
            {"name": f"{index + 1}-{name}/{file}", "digest": digest, "size": size} for file, digest, size in kept
        ]
        if not kept and not forwarded:
            missing.append(Missing(f"材料“{name}”没有电子件", Role.WINDOW, index))
        if tolerated and supplied is None:
            missing.append(Missing(f"容缺材料“{name}”没有补齐", Role.WINDOW, index))
    pledge = IssuedForm.objects.filter(case=case, kind="tolerance_pledge", signed_at=None)
    if case.outcome == Outcome.TOLERANCE and pledge.exists():
        missing.append(Missing("《容缺承诺书》没有签字的扫描件", Role.WINDOW))
    missing += [
        Missing(f"事项“{item.name}”还没有交付结果", Role.ISSUING)
        for item in items
        if item.state not in (ItemState.DELIVERED, ItemState.NOT_ACCEPTED)
    ]
    return Check(tuple(contents), tuple(missing))


@act("archived", Role.ARCHIVE)
def archive(change: Change, *, note: str = "") -> None:
    """Take the working papers over and close the case. What is missing stops it, unless ``note`` says why not.

    The package itself is made afterwards, by the worker (``archive.pack``).
    """
    change.require_state(CaseState.ARCHIVING)
    found = check(change.case, change.items)
    text = written(note, "说明", name="note", needed=False)
    if found.missing and not text:
        raise Refused(
            f"资料不齐：{'；'.join(map(str, found.missing))}。请向责任岗位催要，确实无法补齐的请写明原因。",
            {"note": "请写明为什么缺这些资料仍可归档。"},
        )
    ArchivePackage.objects.create(case=change.case, contents=list(found.contents), note=text, archived_at=change.now)
    change.case.closed_at = change.now
    what = [missing.what for missing in found.missing]
    change.note("archived", change.cite(Topic.ARCHIVING), files=len(found.contents), missing=what, note=text)
    change.to(CaseState.ARCHIVED)


@act("archive_asked", Role.ARCHIVE)
def ask(change: Change) -> None:
    """Ask for everything that is missing of whoever owes it; what was asked and not answered is not asked again."""
    change.require_state(CaseState.ARCHIVING)
    open_now = set(Ask.objects.filter(case=change.case, answered_at=None).values_list("what", flat=True))
    wanted = [m for m in check(change.case, change.items).missing if m.what not in open_now]
    if not wanted:
        raise Conflict("没有新的缺项要催：资料齐全，或者都已经催过、还没有答复。")
    assert change.staff is not None
    Ask.objects.bulk_create(
        Ask(
            case=change.case,
            owed_by=m.owed_by,
            material=m.material,
            what=m.what,
            asked_by=change.staff,
            asked_at=change.now,
        )
        for m in wanted
    )
    change.note("archive_asked", change.cite(Topic.ARCHIVING), missing=[m.what for m in wanted])


@act("archive_answered", Role.WINDOW, Role.ISSUING)
def answer(change: Change, *, ask_id: int, note: str = "", file: Stored | None = None, filename: str = "") -> None:
    """Who owes it brings a file of the material, or writes why it cannot be brought or where it was put right."""
    row = Ask.objects.filter(case=change.case, pk=ask_id).first()
    assert change.staff is not None
    if row is None or not change.staff.holds(row.owed_by):
        raise Refused("没有找到这条催要，请刷新后再看。")
    if row.answered_at:
        raise Conflict("这条催要已经答复过。")
    text = written(note, "情况说明", name="note", needed=file is None)
    if file:
        if row.material is None:
            raise Refused("这一项补的不是材料文件：签字件请在办件页存入，再写明情况。")
        MaterialFile.objects.create(
            material=CaseMaterial.objects.get(case=change.case, index=row.material),
            digest=file.digest,
            size=file.size,
            media_type=file.media_type,
            filename=filename[-100:],
            source=MaterialFile.Source.FILE,
            added_by=change.staff,
            added_at=change.now,
        )
        CaseMaterial.objects.filter(case=change.case, index=row.material, tolerated=True, supplied_at=None).update(
            supplied_at=change.now
        )
    same = Q(pk=row.pk) | Q(material=row.material) if file else Q(pk=row.pk)  # one file answers all about it
    Ask.objects.filter(same, case=change.case, answered_at=None).update(
        answer=text, answered_by=change.staff, answered_at=change.now
    )
    digest = file.digest if file else ""
    change.note("archive_answered", change.cite(Topic.ARCHIVING), missing=[row.what], reason=text, digest=digest)


@act("package_exported", Role.ARCHIVE)
def export(change: Change, *, purpose: str) -> None:
    """A package leaves as a plain file that anybody can read: for what, and by whom, is on the record."""
    text = written(purpose, "导出的用途", name="purpose")
    package = packed(change)
    change.note("package_exported", change.cite(Topic.ARCHIVING), number=package.number, reason=text)


@act("shelved", Role.ARCHIVE)
def shelve(change: Change, *, box: str, shelf: str = "") -> None:
    """Where the paper of a case stands."""
    package = packed(change)
    package.box = written(box, "盒号", name="box", longest=40)
    package.shelf = written(shelf, "架位", name="shelf", needed=False, longest=40)
    package.save(update_fields=["box", "shelf"])
    change.note("shelved", change.cite(Topic.ARCHIVING), box=package.box, shelf=package.shelf)


def packed(change: Change) -> ArchivePackage:
    """The finished package of the case, locked. Raises :class:`Refused` while there is none."""
    package = (
        ArchivePackage.objects.select_for_update()
        .filter(case=change.case, destroyed_at=None)
        .exclude(packed_at=None)
        .first()
    )
    if package is None:
        raise Refused("归档信息包还没有制成，请稍后再试。")
    return package
