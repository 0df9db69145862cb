"""A second reckoner of time limits, as slow and plain as can be: it shares no line with ``rules.clock``."""

from collections.abc import Callable
from datetime import date, timedelta

Span = tuple[date, date | None]  # first day left out, first day that counts again


def due_day(
    accepted: date,
    days: int,
    unit: str,
    works: Callable[[date], bool],
    pauses: list[Span] = [],  # noqa: B006
) -> date | None:
    """The due day, or None where an open pause keeps it from coming (looked for ten years)."""
    horizon = [accepted + timedelta(days=n) for n in range(3600)]
    stopped = {day for day in horizon for first, last in pauses if first <= day and (last is None or day < last)}
    candidates = [day for day in horizon[1:] if day not in stopped and (unit == "natural_day" or works(day))]
    if len(candidates) < days:
        return None
    last = candidates[days - 1] if days else accepted
    later = [day for day in horizon if day >= last and day not in stopped and works(day)]
    return later[0] if later else None
