"""What the machine saw of a material, matched to the common errors the text names for it (六).

The machine advises: a failure sets a tick, and a person may overrule it with a reason. Nothing here knows a material by name:
what is looked for are the subjects that common errors speak of.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from tongban.procedure.model import Material
from tongban.rules.card import Difference


@dataclass(frozen=True)
class Seen:
    """One finding of the machine. ``measured`` and ``required`` are printed as they are; empty where there is no number."""

    code: str
    level: Literal["failure", "advice"]
    message: str
    measured: str = ""
    required: str = ""


@dataclass(frozen=True)
class Matched:
    """A finding with the common error it is an instance of; ``error`` is empty where the text names none."""

    seen: Seen
    error: str
    clause: str

    @property
    def ticks(self) -> bool:
        """Whether the machine sets the tick."""
        return self.seen.level == "failure"

    @property
    def defect(self) -> str:
        """What stands on the notice when the tick stands: the text's own words, else the machine's."""
        return self.error or self.seen.message


# What a common error speaks of, by the codes that are instances of it; the first subject an error names wins.
SUBJECTS = (
    (r"电子档|电子版|电子照片|翻拍|扫描", ("not-electronic", "scanned-print")),
    (r"有效期|过期|失效|到期", ("expired", "not-yet-valid")),
    (r"正反|反面|双面|两面", ("front-missing", "back-missing")),
    (
        r"清晰|模糊|看不清|辨认",
        ("blurred", "glare", "copy-of-copy", "low-confidence", "low-resolution", "shadow", "blank-page", "upside-down"),
    ),
    (r"残缺|不完整|不全|缺页|缺损", ("cropped", "cut-edges", "truncated", "blank-page", "front-missing", "back-missing")),
    (r"白底|底色|背景|彩色|黑白", ("background-not-white", "not-colour", "border")),
    (r"号码|信息.*(错|不符|不一致)", ("number-malformed", "number-contradicts-birth", "number-contradicts-sex")),
    (
        r"不符合.*(要求|标准|规格)|规格|尺寸|像素|标准",
        (
            "wrong-size", "not-jpeg", "not-colour", "too-many-bytes", "too-few-bytes", "border", "no-face", "several-faces",
            "face-too-narrow", "face-too-wide", "hair-too-close", "hair-too-far", "eyes-too-low", "off-centre", "tilted",
            "blurred", "over-exposed", "under-exposed", "white-clothes", "scanned-print", "not-an-image", "truncated",
            "not-an-id-card", "cropped",
        ),
    ),
)  # fmt: skip


def error_for(material: Material, code: str) -> str:
    """The common error of ``material`` that ``code`` is an instance of, by the most telling subject; empty: none."""
    for subject, codes in SUBJECTS:
        if code in codes:
            found = next((error for error in material.common_errors if re.search(subject, error)), "")
            if found:
                return found
    return ""


def match(material: Material, seen: Iterable[Seen]) -> tuple[Matched, ...]:
    """Each finding with its common error; failures first, in the order of the text's errors, then advice."""
    order = {error: place for place, error in enumerate(material.common_errors)}
    found = [Matched(one, error_for(material, one.code), material.clause) for one in seen]
    return tuple(sorted(found, key=lambda m: (not m.ticks, order.get(m.error, len(order)))))


def of_sources(material: Material, scanned: bool) -> tuple[Seen, ...]:
    """Where the text wants an electronic file, one that the scanner made is a scan of a print."""
    if not (material.electronic and scanned):
        return ()
    return (Seen("not-electronic", "failure", "这是扫描仪扫的，要求的是电子档。", "扫描件", "电子档"),)


def of_differences(differences: Sequence[Difference], *, masked: bool = False) -> tuple[Seen, ...]:
    """What stands on the card against what was typed: for a person to look at, for either side may be wrong. ``masked``: against
    the record, whose values are not told.
    """
    if masked:
        said = "证件上的{}和申办时登记的不同，请核对。"
        return tuple(Seen(f"differs-{one.field}", "advice", said.format(one.label)) for one in differences)
    return tuple(
        Seen(f"differs-{one.field.replace('_', '-')}", "advice", one.message, one.card, one.typed)
        for one in differences
    )


def standing(matched: Iterable[Matched], overruled: Iterable[str]) -> tuple[str, ...]:
    """The defects that stand: ticks of the machine that nobody overruled (``overruled`` are codes), each once."""
    gone = frozenset(overruled)
    return tuple(dict.fromkeys(one.defect for one in matched if one.ticks and one.seen.code not in gone))
