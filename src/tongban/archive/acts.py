"""Taking a case into the archive (clause 十一): complete, listed, closed."""

from dataclasses import dataclass
from itertools import groupby

from tongban.archive.models import ArchivePackage
from tongban.cases.actions.department import reason_given
from tongban.cases.actions.door import Change, Refused, act
from tongban.cases.models import Case, CaseItem, CaseMaterial, IssuedForm
from tongban.cases.states import CaseState, ItemState
from tongban.people.models import Role
from tongban.procedure.model import Topic
from tongban.rules.review import Outcome

RETENTION = "30年"  # unverified in the standard; the city's setting comes with the archive's own profile

COLUMNS = (
    "index", "name", "forwarded", "tolerated", "supplied_at",
    "files__filename", "files__digest", "files__size", "files__withdrawn",
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """What an archive package would hold and what is missing from it (Chinese, one line each)."""

    contents: tuple[dict[str, object], ...]
    missing: tuple[str, ...]


def check(case: Case, items: list[CaseItem]) -> Check:
    """Look a case through: every material asked has a file or went on as paper, every item has its end."""
    contents: list[dict[str, object]] = []
    missing: list[str] = []
    rows = CaseMaterial.objects.filter(case=case).order_by("index", "files__id").values_list(*COLUMNS)
    for index, materials in groupby(rows, key=lambda row: row[0]):
        _, name, forwarded, tolerated, supplied, *_ = first = next(materials)
        kept = [row[5:8] for row in (first, *materials) if row[6] and not row[8]]
        contents += [
            {"name": f"{index + 1}-{name}/{file}", "digest": digest, "size": size} for file, digest, size in kept
        ]
        if not kept and not forwarded:
            missing.append(f"材料“{name}”没有电子件")
        if tolerated and supplied is None:
            missing.append(f"容缺材料“{name}”没有补齐")
    pledge = IssuedForm.objects.filter(case=case, kind="tolerance_pledge", signed_at=None)
    if case.outcome == Outcome.TOLERANCE and pledge.exists():
        missing.append("《容缺承诺书》没有签字的扫描件")
    missing += [
        f"事项“{item.name}”还没有交付结果"
        for item in items
        if item.state not in (ItemState.DELIVERED, ItemState.NOT_ACCEPTED)
    ]
    return Check(tuple(contents), tuple(missing))


@act("archived", Role.ARCHIVE)
def archive(change: Change, *, note: str = "") -> None:
    """Take the working papers over and close the case. What is missing stops it, unless ``note`` says why not."""
    change.require_state(CaseState.ARCHIVING)
    found = check(change.case, change.items)
    text = reason_given(note, "说明", needed=False, name="note")
    if found.missing and not text:
        raise Refused(
            f"资料不齐：{'；'.join(found.missing)}。请联系责任岗位补齐，确实无法补齐的请写明原因。",
            {"note": "请写明为什么缺这些资料仍可归档。"},
        )
    ArchivePackage.objects.create(
        case=change.case,
        contents=list(found.contents),
        retention=RETENTION,
        note=text,
        archived_at=change.now,
    )
    change.case.closed_at = change.now
    change.note(
        "archived", change.cite(Topic.ARCHIVING), files=len(found.contents), missing=list(found.missing), note=text
    )
    change.to(CaseState.ARCHIVED)
