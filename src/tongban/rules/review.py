"""The form review (形式审查) of clause 八: five outcomes in the text's order, every defect at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tongban.procedure.model import Procedure, Topic


class MaterialState(StrEnum):
    """What the clerk found of one material."""

    CONFORMS = "conforms"
    CORRECTABLE = "correctable"  # an error the applicant can correct on the spot
    DEFECTIVE = "defective"
    MISSING = "missing"


class Outcome(StrEnum):
    """The five branches of the clause, in its order."""

    DECLINE = "decline"
    CORRECT_NOW = "correct_now"
    SUPPLEMENT = "supplement"
    TOLERANCE = "tolerance"
    CONFORM = "conform"


@dataclass(frozen=True)
class MaterialVerdict:
    """The clerk's verdict on the material at place ``material`` of the procedure, with the defects named."""

    material: int
    state: MaterialState
    defects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Defect:
    """What is wrong with one material, and what exactly is asked of it."""

    material: int
    name: str
    state: MaterialState
    defects: tuple[str, ...]
    requirement: str
    tolerable: bool


@dataclass(frozen=True)
class Review:
    """The outcome, the clauses it rests on, and all defects at once (tolerable ones too)."""

    outcome: Outcome
    clauses: tuple[str, ...]
    message: str
    defects: tuple[Defect, ...] = ()
    tolerated: tuple[int, ...] = ()


def asked(procedure: Procedure, items: frozenset[str] = frozenset()) -> tuple[int, ...]:
    """Places of the materials asked for the items chosen (codes); every material while none is chosen."""
    return tuple(
        place
        for place, material in enumerate(procedure.materials)
        if not items or not material.applies_to or items & set(material.applies_to)
    )


def review(
    procedure: Procedure,
    verdicts: Sequence[MaterialVerdict],
    *,
    in_scope: bool,
    wants_tolerance: frozenset[int] = frozenset(),
    items: frozenset[str] = frozenset(),
) -> Review:
    """Review an application.

    ``verdicts`` hold each asked material exactly once, else :class:`ValueError` (Chinese). A tolerable material that is
    missing or defective is tolerated only where the applicant wants it (``wants_tolerance``); who rather brings it gets a
    supplement notice. Outside the window's scope nothing else is looked at.
    """
    if not in_scope:
        return Review(Outcome.DECLINE, procedure.cite(Topic.DECLINE), "不属于本窗口收件范围，不予收件并当场告知理由。")
    if sorted(verdict.material for verdict in verdicts) != list(asked(procedure, items)):
        raise ValueError("每一份应交材料都要有且只有一个核对结论，请逐份核对后再提交。")
    defects = tuple(
        Defect(v.material, material.name, v.state, v.defects, material.requirement, material.tolerable)
        for v in sorted(verdicts, key=lambda verdict: verdict.material)
        if v.state is not MaterialState.CONFORMS
        for material in [procedure.materials[v.material]]
    )
    correctable = [defect for defect in defects if defect.state is MaterialState.CORRECTABLE]
    tolerated = tuple(d.material for d in defects if d.tolerable and d.material in wants_tolerance)
    stopping = [defect for defect in defects if defect.material not in tolerated]
    if correctable:
        names = "、".join(defect.name for defect in correctable)
        return Review(
            Outcome.CORRECT_NOW,
            procedure.cite(Topic.CORRECT_NOW),
            f"“{names}”可以当场更正，请申请人更正后再看。",
            defects,
        )
    if stopping:
        return Review(
            Outcome.SUPPLEMENT,
            procedure.cite(Topic.SUPPLEMENT),
            f"{len(defects)} 份材料需补正，请出具《补正材料告知单》，一次告知全部内容。",
            defects,
        )
    if tolerated:
        names = "、".join(defect.name for defect in defects)
        return Review(
            Outcome.TOLERANCE,
            procedure.cite(Topic.TOLERANCE, Topic.CONFORM),
            f"“{names}”容缺，请打印《容缺告知书》和《容缺承诺书》，收件后推送承办部门。",
            defects,
            tolerated,
        )
    return Review(Outcome.CONFORM, procedure.cite(Topic.CONFORM), "材料符合收件要点，收件并推送承办部门。")
