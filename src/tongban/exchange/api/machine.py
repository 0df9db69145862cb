"""What the machine sees of photos that come through the API: the window's own look, whose ticks stand unless overruled.

Only what is looked at within a request. Cards and scans take seconds; a person at the window waits for them, a client does not.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tongban.cases.application import FindingGiven, MaterialGiven
from tongban.checks.looking import Look, ask
from tongban.checks.models import Check
from tongban.people.models import Region
from tongban.procedure.model import Material, Procedure
from tongban.procedure.photo import PhotoLimits
from tongban.rules.machine import Seen, match, standing
from tongban.rules.review import MaterialState, MaterialVerdict


def looked_at(
    given: Iterable[MaterialGiven], procedure: Procedure, region: Region, overruled: dict[int, str]
) -> tuple[MaterialGiven, ...]:
    """The materials with what the machine found; ``overruled`` is the reason, by place, why its ticks do not stand."""
    materials = tuple(given)
    looks = {one.verdict.material: _looks(one, procedure, region) for one in materials}
    known = ask(look for of_place in looks.values() for look in of_place)
    return tuple(
        _judged(
            one,
            procedure.materials[one.verdict.material],
            [known[look.key] for look in looks[one.verdict.material]],
            overruled.get(one.verdict.material, ""),
        )
        for one in materials
    )


def _looks(given: MaterialGiven, procedure: Procedure, region: Region) -> list[Look]:
    if procedure.materials[given.verdict.material].check != "photo":
        return []
    limits = PhotoLimits(**region.photo).over(procedure.policy.photo).model_dump(exclude_defaults=True)
    each = [Look("photo", (one.stored.digest,), (one.stored.media_type,), {"limits": limits}) for one in given.files]
    return [look for look in each if look.quick]


def _judged(given: MaterialGiven, material: Material, checks: list[Check], reason: str) -> MaterialGiven:
    results = [check.result for check in checks if check.state == Check.State.DONE and check.result]
    seen: dict[str, Seen] = {}
    for finding in (one for result in results for one in result["findings"]):
        seen.setdefault(finding["code"], _seen(finding))
    matched = match(material, seen.values())
    defects = standing(matched, seen if reason else ())
    findings = tuple(
        FindingGiven(
            error=one.error,
            said=one.seen.message,
            code=one.seen.code,
            level=one.seen.level,
            standing=one.ticks and not reason,
            reason=reason if one.ticks else "",
        )
        for one in matched
    )
    return replace(given, verdict=_with(given.verdict, defects), findings=findings)


def _seen(finding: dict[str, Any]) -> Seen:
    numbers = ("" if finding[name] is None else str(finding[name]) for name in ("measured", "required"))
    return Seen(finding["code"], finding["level"], finding["message"], *numbers)


def _with(verdict: MaterialVerdict, defects: tuple[str, ...]) -> MaterialVerdict:
    """A verdict that also names ``defects``; what is named means defective, as in the window's form."""
    if not defects:
        return verdict
    state = MaterialState.DEFECTIVE if verdict.state is MaterialState.CONFORMS else verdict.state
    return MaterialVerdict(verdict.material, state, tuple(dict.fromkeys((*verdict.defects, *defects))))
