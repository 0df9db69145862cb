"""一次告知 (clause 八（三）): a second notice may not name what could be seen at the first."""

from collections.abc import Sequence
from dataclasses import dataclass

from tongban.procedure.model import Procedure, Topic
from tongban.rules.review import Defect


@dataclass(frozen=True)
class OneTimeNotice:
    """Whether a later notice keeps the rule; ``new_defects`` are those that could have been named at the first."""

    allowed: bool
    repeated_from_first: tuple[Defect, ...]
    new_defects: tuple[Defect, ...]
    clauses: tuple[str, ...]
    message: str


def check(
    procedure: Procedure, first: Sequence[Defect], now: Sequence[Defect], newly_visible: frozenset[int] = frozenset()
) -> OneTimeNotice:
    """Compare the defects named now with those of the first notice.

    A material of the first notice may be named again. Any other is new: allowed where it was handed in or replaced since
    (``newly_visible``), else it could be seen at the first.
    """
    named = {defect.material for defect in first}
    repeated = tuple(defect for defect in now if defect.material in named)
    late = tuple(d for d in now if d.material not in named and d.material not in newly_visible)
    names = "、".join(defect.name for defect in late)
    message = (
        f"“{names}”的问题第一次就能看到，应当一次告知。确需再要求补正的，请写明理由，督办人员会看到。" if late else ""
    )
    return OneTimeNotice(not late, repeated, late, procedure.cite(Topic.SUPPLEMENT), message)
