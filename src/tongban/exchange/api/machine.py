"""What the machine sees of what comes through the API: the window's own looks, whose ticks stand unless overruled.

A photo is looked at within the request. Cards and scans wait for the worker, which has them seen in a second or two: until
then the client is told to send the same again, and nothing is done.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import timedelta

from django.utils import timezone

from tongban.cases import looks
from tongban.cases.application import MaterialGiven
from tongban.checks.looking import Look, ask, found
from tongban.checks.models import Check
from tongban.exchange.api.problems import Stop
from tongban.people.models import Region
from tongban.procedure.model import Material, Procedure
from tongban.rules.card import Card
from tongban.rules.machine import match, standing
from tongban.rules.review import MaterialState, MaterialVerdict

AGAIN = 2  # seconds until the client asks again
PATIENCE = timedelta(seconds=60)  # then nobody looks, and the person who judged the material is all there is


@dataclass(frozen=True)
class Asked:
    """What the machine looks by: the materials of a procedure, the region's photo, what is known of the applicant."""

    procedure: Procedure
    region: Region
    typed: Card

    def looks(self, given: MaterialGiven) -> list[Look]:
        """What is to be looked at of a material."""
        photo = looks.limits(self.procedure, self.region)
        return looks.looks(self.of(given), [one.stored for one in given.files], photo)

    def of(self, given: MaterialGiven) -> Material:
        """The material of the procedure that was given."""
        return self.procedure.materials[given.verdict.material]


def wait_for(given: Iterable[MaterialGiven], asked: Asked) -> None:
    """Have the files looked at. Raises :class:`Stop` (409, with ``Retry-After``) while the worker is at it.

    To be called outside of a transaction: what is asked for must be there for the worker.
    """
    known = ask(look for one in given for look in asked.looks(one))
    early = timezone.now() - PATIENCE
    at_it = (Check.State.WAITING, Check.State.WORKING)
    if any(check.state in at_it and check.asked_at > early for check in known.values()):
        said = f"机器还在看材料，还没有收件。请 {AGAIN} 秒后用同一个 Idempotency-Key 重发。"
        raise Stop(409, said, headers={"Retry-After": str(AGAIN)})


def looked_at(given: Iterable[MaterialGiven], asked: Asked, overruled: dict[int, str]) -> tuple[MaterialGiven, ...]:
    """The materials with what the machine found; ``overruled`` is the reason, by place, why its ticks do not stand."""
    materials = tuple(given)
    wanted = {one.verdict.material: asked.looks(one) for one in materials}
    known = found(look for of_place in wanted.values() for look in of_place)
    return tuple(
        _judged(
            one,
            asked,
            [known[look.key] for look in wanted[one.verdict.material] if look.key in known],
            overruled.get(one.verdict.material, ""),
        )
        for one in materials
    )


def _judged(given: MaterialGiven, asked: Asked, checks: list[Check], reason: str) -> MaterialGiven:
    material, results = asked.of(given), looks.results_of(checks)
    differs = looks.differing(looks.card_in(results), asked.typed, masked=True)
    seen = looks.findings_in(results) | differs
    matched = match(material, seen.values())
    bound = looks.bound_in(results)
    return replace(
        given,
        verdict=_with(given.verdict, standing(matched, seen if reason else ())),
        files=looks.with_bound(given.files, bound.stored if bound else None, material.name),
        findings=looks.kept(matched, dict.fromkeys(seen, reason)),
    )


def _with(verdict: MaterialVerdict, defects: tuple[str, ...]) -> MaterialVerdict:
    """A verdict that also names ``defects``; what is named means defective, as in the window's form."""
    if not defects:
        return verdict
    state = MaterialState.DEFECTIVE if verdict.state is MaterialState.CONFORMS else verdict.state
    return MaterialVerdict(verdict.material, state, tuple(dict.fromkeys((*verdict.defects, *defects))))
