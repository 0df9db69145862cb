"""Which platform takes a case (clause 七): by the department's region, never by the window's."""

from collections.abc import Mapping
from dataclasses import dataclass

from tongban.procedure.model import Procedure, Topic


@dataclass(frozen=True)
class Route:
    """The platform and module for a case, with the clause."""

    platform: str
    module: str | None
    clauses: tuple[str, ...]
    outside: str = ""  # the code of a platform outside this instance; empty: it is worked on these desks


def route(procedure: Procedure, region: str, outside: Mapping[str, str]) -> Route:
    """The platform for a department of ``region``: its own exception, else the rule.

    ``outside`` names the platforms of the region that are not worked on these desks, with their codes (the city's file).

    Raises :class:`LookupError` (Chinese) when the procedure names no platform for it.
    """
    exception = next((p for p in procedure.platforms if p.region == region), None)
    found = exception or next((p for p in procedure.platforms if p.region is None), None)
    if found is None:
        raise LookupError(f"工作规程没有写明承办地为{region}的收件办理平台，请补全规程后再收件。")
    return Route(found.platform, found.module, procedure.cite(Topic.PLATFORMS), outside.get(found.platform, ""))
