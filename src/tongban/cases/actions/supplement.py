"""The next visit: supplement after a notice (clause 八（三）), and tolerated materials that arrive (八（四）)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from tongban.cases.actions.door import Change, Refused, act
from tongban.cases.actions.intake import add_files, brought, note_findings, overruled, pushed, tolerance_due
from tongban.cases.application import LONGEST, FileGiven, FindingGiven, MaterialGiven, has_control
from tongban.cases.models import CaseMaterial, MaterialFile
from tongban.cases.states import CaseState
from tongban.people.models import Role
from tongban.procedure.model import Topic
from tongban.rules.one_time_notice import OneTimeNotice, check
from tongban.rules.review import Defect, MaterialState, MaterialVerdict, Outcome, Review, review
from tongban.rules.routing import route


def asked_before(stored: Sequence[Mapping[str, Any]]) -> tuple[Defect, ...]:
    """The defects of the last notice, as the case keeps them."""
    return tuple(
        Defect(**{**entry, "state": MaterialState(entry["state"]), "defects": tuple(entry["defects"])})
        for entry in stored
    )


@act("supplemented", Role.WINDOW)
def supplement(
    change: Change,
    *,
    materials: tuple[MaterialGiven, ...],
    wants_tolerance: frozenset[int] = frozenset(),
    late_reason: str = "",
) -> None:
    """Review the case again with what came. All asked materials are given, unchanged ones with their old verdict.

    A defect that could be seen at the first notice needs ``late_reason`` (一次告知): it is recorded, and oversight sees it.
    """
    change.require_state(CaseState.SUPPLEMENTING)
    verdict, late = judge_again(change, materials, wants_tolerance)
    if verdict.outcome is Outcome.CORRECT_NOW:
        raise Refused(verdict.message)
    if not late.allowed:
        if not late_reason.strip():
            raise Refused(late.message, {"late_reason": late.message})
        if len(late_reason) > LONGEST["reason"] or has_control(late_reason):
            raise Refused("理由有误。", {"late_reason": f"理由最多 {LONGEST['reason']} 个字，不能有控制字符。"})
    came = [given.verdict.material for given in materials if given.files]
    change.note("supplemented", verdict.clauses, outcome=verdict.outcome.value, materials=came)
    if not late.allowed:
        change.note("late_defect", late.clauses, reason=late_reason, defects=[asdict(d) for d in late.new_defects])
    change.facts += [*brought(materials, change.procedure), *overruled(materials, change.procedure)]
    _replace(change, materials, verdict)
    change.case.outcome = verdict.outcome
    change.case.outcome_clauses = list(verdict.clauses)
    change.case.defects = [asdict(defect) for defect in verdict.defects]
    if verdict.outcome is Outcome.SUPPLEMENT:
        change.to(CaseState.SUPPLEMENTING)  # it waits anew
        defects = change.case.defects
        change.note("supplement_asked", verdict.clauses, outgoing=({"message": "supplement_asked"},), defects=defects)
        return
    if verdict.outcome is Outcome.TOLERANCE:
        change.note("tolerated", verdict.clauses, materials=list(verdict.tolerated))
    region = change.case.region
    way = route(change.procedure, region.name, region.outside)
    change.case.platform, change.case.module, change.case.outside = way.platform, way.module or "", way.outside
    change.facts.append(pushed(way, change.procedure))
    change.move("push")
    change.settle()


def judge_again(
    change_or_case: Any, materials: Sequence[MaterialGiven], wants_tolerance: frozenset[int]
) -> tuple[Review, OneTimeNotice]:
    """The review at a later visit, and whether it names what could have been seen at the first."""
    case = getattr(change_or_case, "case", change_or_case)
    items = change_or_case.items if isinstance(change_or_case, Change) else case.items.all()
    procedure = case.procedure
    first = asked_before(case.defects)
    verdict = review(
        procedure,
        [given.verdict for given in materials],
        in_scope=True,
        wants_tolerance=wants_tolerance,
        items=frozenset(item.code or item.name for item in items),
    )
    came = {given.verdict.material for given in materials if given.files} | {defect.material for defect in first}
    return verdict, check(procedure, first, verdict.defects, newly_visible=frozenset(came))


def _replace(change: Change, materials: Sequence[MaterialGiven], verdict: Review) -> None:
    """Bring the case's materials to the new verdicts; replaced files are kept and marked withdrawn."""
    rows = {row.index: row for row in CaseMaterial.objects.filter(case=change.case)}
    renewed = [rows[given.verdict.material] for given in materials if given.files]
    MaterialFile.objects.filter(material__in=renewed).update(withdrawn=True)
    before = {row.index: verdict_of(row) for row in rows.values()}
    for given in materials:
        row = rows[given.verdict.material]
        material = change.procedure.materials[row.index]
        row.state, row.defects = given.verdict.state, list(given.verdict.defects)
        row.original_shown = given.original_shown or row.original_shown
        row.valid_until = given.valid_until or row.valid_until
        row.tolerated = row.index in verdict.tolerated
        row.tolerance_due = tolerance_due(material, change.today, change.calendar) if row.tolerated else None
        row.tolerance_until = (material.tolerance.until or "") if row.tolerated else ""
    CaseMaterial.objects.bulk_update(
        rows.values(),
        ["state", "defects", "original_shown", "valid_until", "tolerated", "tolerance_due", "tolerance_until"],
    )
    staff = change.staff
    assert staff is not None
    add_files([(rows[given.verdict.material], given.files) for given in materials], staff, change.now)
    came = [given for given in materials if given.files or given.verdict != before[given.verdict.material]]
    note_findings([(rows[given.verdict.material], given) for given in came], change.procedure, change.now)


@act("supplied", Role.WINDOW, Role.POST)
def supply(
    change: Change, *, material: int, files: tuple[FileGiven, ...], findings: tuple[FindingGiven, ...] = ()
) -> None:
    """A tolerated material has come, with its files; ``material`` is its place in the procedure. What the machine saw of them
    (``findings``) is kept; where one stands the material is not taken.
    """
    row = CaseMaterial.objects.filter(case=change.case, index=material, tolerated=True, supplied_at=None).first()
    if row is None:
        raise Refused("这份材料不在容缺待补之列，请刷新后再看。")
    if not files:
        raise Refused("请先扫描或上传补来的材料。", {"files": "请选择文件。"})
    if any(one.standing for one in findings):
        raise Refused(f"机器看到“{row.name}”有问题，没有收下：请换一份，或者逐条写明理由改判。")
    assert change.staff is not None
    verdict = MaterialVerdict(material, MaterialState.CONFORMS)
    given = MaterialGiven(verdict, row.original_shown, files, findings, row.valid_until)
    change.facts += [*brought([given], change.procedure), *overruled([given], change.procedure)]
    note_findings([(row, given)], change.procedure, change.now)
    add_files([(row, files)], change.staff, change.now)
    row.supplied_at, row.state, row.defects = change.now, MaterialState.CONFORMS, []
    row.save(update_fields=["supplied_at", "state", "defects"])
    change.note("supplied", change.cite(Topic.TOLERANCE), material=material)


def verdict_of(row: CaseMaterial) -> MaterialVerdict:
    """The verdict a material carries now."""
    return MaterialVerdict(row.index, MaterialState(row.state), tuple(row.defects))
