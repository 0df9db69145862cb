"""The calendar in force: the published years, and the notices imported since."""

from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from time import monotonic

from django.db.models import Subquery
from django.db.models.functions import Coalesce

from tongban.cases.models import HolidayNotice
from tongban.rules.clock import PUBLISHED, Calendar, DayKind
from tongban.rules.notices import Notice, days_of

SHOWN = 5.0  # seconds
# The id of the newest notice beside the columns of another query.
NEWEST_NOTICE = Coalesce(Subquery(HolidayNotice.objects.order_by("-pk").values("pk")[:1]), 0)


def newest() -> int:
    """The id of the newest notice imported; 0 when there is none. One query."""
    return HolidayNotice.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def current() -> Calendar:
    """The calendar as it is now."""
    return calendar_of(newest())


_seen = (float("-inf"), 0)


def shown() -> Calendar:
    """The calendar for lists, at most five seconds old; what counts a due day asks :func:`current`."""
    global _seen
    now = monotonic()
    if now - _seen[0] > SHOWN:
        _seen = (now, newest())
    return calendar_of(_seen[1])


def forget() -> None:
    """Drop what was read: the database is another one."""
    global _seen
    _seen = (float("-inf"), 0)
    calendar_of.cache_clear()


@lru_cache(maxsize=8)
def calendar_of(notice: int) -> Calendar:
    """The calendar with the imported notices up to ``notice`` (an id), read once a process: a notice never changes."""
    if not notice:
        return PUBLISHED
    rows = HolidayNotice.objects.filter(pk__lte=notice).order_by("pk")
    return with_notices(Notice.model_validate(row.body) for row in rows)


def with_notices(notices: Iterable[Notice]) -> Calendar:
    """A calendar of the published years and ``notices`` in the order of their import: the last of a year counts."""
    last = {notice.year: notice for notice in notices}
    days: dict[date, DayKind] = {}
    for year in sorted(last):  # a notice may also name days at the end of the year before
        days |= days_of(last[year])
    return Calendar(days)
