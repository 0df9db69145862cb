"""The one door through which a case is changed.

An act is a function ``body(change, **facts)`` under ``@act(kind, *roles)``, called as
``accept(staff, number, key=submission_key, **facts)``. The door opens one transaction, locks the case and its items with
one query that starts at ``visible_to(staff)``, runs the body, and writes what changed: the case, its items, its events.
Anything raised leaves nothing behind. The same key again changes nothing and returns the case as it is.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import wraps
from typing import Any, Concatenate, ParamSpec

from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from tongban.cases import events
from tongban.cases.calendars import NEWEST_NOTICE, calendar_of, newest
from tongban.cases.due import standing_of, tolerances_of
from tongban.cases.events import Fact
from tongban.cases.labels import FOR_OVERSIGHT, label
from tongban.cases.models import Case, CaseItem, Event
from tongban.cases.queries import visible_to
from tongban.cases.states import ITEM_MOVES, KEEPS_STATE, OPEN, CaseState, ItemState, case_state
from tongban.people.models import Role, Staff
from tongban.people.refused import Refused as Refused
from tongban.procedure.model import Procedure, Topic
from tongban.rules.clock import Calendar
from tongban.rules.lights import Cause, Light

P = ParamSpec("P")


class NotFound(Refused):
    """There is no such case for this person; whether it exists for somebody else is not told."""

    def __init__(self) -> None:
        super().__init__("没有找到这个办件，请核对办件编号。")


class Conflict(Refused):
    """The state no longer allows the act: somebody was there first. ``by`` and ``at`` name the newest event."""

    def __init__(self, message: str, *, by: str = "", at: datetime | None = None) -> None:
        super().__init__(message)
        self.by, self.at = by, at


class NoRoom(Refused):
    """The file store took no more: nothing was done, it can be done again when there is room."""


@dataclass
class Change:
    """A case locked for one act: what the body reads and alters."""

    case: Case
    items: list[CaseItem]
    staff: Staff | None
    roles: tuple[str, ...]
    now: datetime
    facts: list[Fact] = field(default_factory=list)
    by_name: str = "申请人"  # who acts where no staff does
    _items_before: dict[int, dict[str, Any]] = field(default_factory=dict)
    _case_before: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._items_before = {item.pk: _columns(item) for item in self.items}
        self._case_before = _columns(self.case)

    @property
    def procedure(self) -> Procedure:
        """The procedure the case was taken in under."""
        return self.case.procedure

    @property
    def today(self) -> date:
        """The Asia/Shanghai day of this act."""
        return timezone.localtime(self.now).date()

    @property
    def notice(self) -> int:
        """The newest notice of days off: read with the lock, so that no due day is counted by an older one unseen."""
        known = getattr(self.items[0], "newest_notice", None) if self.items else None
        return newest() if known is None else known

    @property
    def calendar(self) -> Calendar:
        """The calendar in force."""
        return calendar_of(self.notice)

    def cite(self, *topics: Topic) -> tuple[str, ...]:
        """Clause numbers of this case's procedure."""
        return self.procedure.cite(*topics)

    def note(
        self, kind: str, clauses: tuple[str, ...], *, outgoing: Iterable[dict[str, Any]] = (), **data: Any
    ) -> None:
        """Remember a fact: it becomes an event when the act is written."""
        self.facts.append(Fact(kind, clauses, data, tuple(outgoing)))

    def require_state(self, *states: CaseState) -> None:
        """Raise :class:`Conflict` unless the case is in one of ``states``."""
        if self.case.state not in states:
            raise Conflict(f"办件现在是“{self.case.get_state_display()}”，不能进行这一步。")

    def to(self, state: CaseState) -> None:
        """Move the case itself."""
        self.case.state, self.case.state_since = state, self.now

    def own_items(self) -> list[CaseItem]:
        """The items this act may touch: a department's own, everybody else all."""
        if self.roles == (Role.DEPARTMENT,) and self.staff:
            units = {duty.unit_id for duty in self.staff.duties_as(Role.DEPARTMENT)}
            return [item for item in self.items if item.unit_id in units]
        return self.items

    def move(self, step: str, orders: Iterable[int] | None = None) -> list[CaseItem]:
        """Move items by ``step`` (a key of ``ITEM_MOVES``) and return them.

        ``orders`` names items by their place; None means every own item in a state that allows the step. Raises
        :class:`Conflict` when there is none, or when a named one is not in such a state.
        """
        allowed, target = ITEM_MOVES[step]
        mine = self.own_items()
        if orders is None:
            moved = [item for item in mine if item.state in allowed]
        else:
            wanted = set(orders)
            moved = [item for item in mine if item.order in wanted]
            if len(moved) != len(wanted):
                raise NotFound
        late = [item for item in moved if item.state not in allowed]
        if late or not moved:
            stands = "、".join(
                f"“{item.name}”现在是“{ItemState(item.state).label}”" for item in (late or mine or self.items)
            )
            raise Conflict(f"{stands}，不能进行这一步。")
        if step not in KEEPS_STATE:
            for item in moved:
                item.state, item.state_since = target, self.now
                item.holder, item.holder_since = self.staff or item.holder, self.now  # who had it last answers
        return moved

    def settle(self) -> None:
        """Let the state of the case follow from its items'."""
        state = case_state(item.state for item in self.items)
        if state != self.case.state:
            self.to(state)

    def relight(self) -> None:
        """Bring the light of the case up to what it is now; reminders begin anew when no result waits."""
        if not any(item.state == ItemState.AT_ISSUING for item in self.items):
            self.case.reminders = 0
        if self.case.state in OPEN:
            found = standing_of(self.case, self.items, tolerances_of(self.case), self.today, self.calendar)
            self.case.light, self.case.light_cause = found.light, found.cause or ""
            self.case.light_day = found.day
        elif self.case.light_cause != Cause.RATING:
            self.case.light, self.case.light_cause, self.case.light_day = Light.GREEN, "", None

    def write(self, key: str) -> None:
        """Write events, items and the case; nothing that did not change."""
        self.relight()
        events.write(self._chained(key))
        _write_items([self])
        self.case.save(update_fields=self._altered())

    def _chained(self, key: str | None) -> list[Event]:
        name = self.staff.name if self.staff else self.by_name
        return events.chain(self.case, self.facts, by=self.staff, by_name=name, at=self.now, key=key)

    def _altered(self) -> list[str]:
        after = _columns(self.case)
        return [name for name in after if after[name] != self._case_before[name]]


def _write_items(changes: Iterable[Change]) -> None:
    fields: set[str] = set()
    changed: dict[int, CaseItem] = {}
    for change in changes:
        for item in change.items:
            before, after = change._items_before[item.pk], _columns(item)
            if names := {name for name in after if after[name] != before[name]}:
                fields |= names
                changed[item.pk] = item
    if changed:
        _update(list(changed.values()), fields)


def _columns(row: Case | CaseItem) -> dict[str, Any]:
    """The concrete column values of a row, by attribute name."""
    return {column.name: getattr(row, column.attname) for column in row._meta.concrete_fields}


def _worked_here(case: Case, staff: Staff, roles: tuple[str, ...]) -> None:
    """Raise :class:`Refused` when our department would do what an outside platform does."""
    if roles == (Role.DEPARTMENT,) and case.outside and not case.mirrored and staff.stands_for != case.outside:
        raise Refused(f"这个办件由“{case.platform}”办理，这里只看进展，不能办理。")


def _locked(seen: QuerySet[Case]) -> list[CaseItem]:
    # The case first, then its items, everywhere: two that lock the same rows in another order wait for each other for ever.
    rows = CaseItem.objects.select_for_update(of=("case", "self")).filter(case__in=seen)
    return list(rows.annotate(newest_notice=NEWEST_NOTICE).select_related("case").order_by("pk"))


def lock(staff: Staff, number: str, roles: tuple[str, ...]) -> tuple[Case, list[CaseItem]]:
    """The case and its items, locked for this transaction by one query. Raises :class:`NotFound`."""
    seen = visible_to(staff, *roles).filter(number=number)
    items = _locked(seen)
    if items:
        case = items[0].case
    else:  # not taken in: a case without items
        found = seen.select_for_update().first()
        if found is None:
            raise NotFound
        case = found
    for item in items:
        item.case = case
    return case, items


def act(kind: str, *roles: str) -> Callable[[Callable[Concatenate[Change, P], None]], Callable[..., Case]]:
    """Make an act of ``body``. ``kind`` names it; ``roles`` are those who may do it.

    The act is called as ``do(staff, number, key=…, **facts)`` and returns the case. It raises :class:`NotFound`,
    :class:`Conflict` or :class:`Refused`. ``at`` is when it was done, if elsewhere and before now.
    """

    def decorate(body: Callable[Concatenate[Change, P], None]) -> Callable[..., Case]:
        @wraps(body)
        def do(staff: Staff, number: str, /, *, key: str, at: datetime | None = None, **facts: Any) -> Case:
            try:
                with transaction.atomic():
                    case, items = lock(staff, number, roles)
                    _worked_here(case, staff, roles)
                    change = Change(case, items, staff, roles, at or timezone.now())
                    body(change, **facts)  # type: ignore[call-arg]
                    change.write(key)
                    return case
            except (Refused, IntegrityError) as error:
                return done_before(key, error, number)

        ACTS[kind] = do
        do.kind, do.roles, do.body = kind, roles, body  # type: ignore[attr-defined]
        return do

    return decorate


ACTS: dict[str, Callable[..., Case]] = {}


class NotAll(Refused):
    """One of many could not be done, so none was; ``place`` is which, from 0."""

    def __init__(self, error: Refused, place: int) -> None:
        super().__init__(str(error), error.fields)
        self.place = place


def together(do: Callable[..., Case], staff: Staff, rows: Sequence[tuple[str, str, dict[str, Any]]]) -> None:
    """An act done on many cases or on none, ``rows`` of (number, submission key, facts): one transaction of few statements,
    whatever their number, so that others wait for it a moment alone. A row whose key was used is left alone.

    Raises :class:`NotAll`.
    """
    body, roles, now = do.body, do.roles, timezone.now()  # type: ignore[attr-defined]
    with transaction.atomic():
        by_number: dict[str, list[CaseItem]] = {}
        for item in _locked(visible_to(staff, *roles).filter(number__in=[number for number, _, _ in rows])):
            by_number.setdefault(item.case.number, []).append(item)
        done = set(Event.objects.filter(key__in=[key for _, key, _ in rows]).values_list("key", flat=True))
        changes: list[Change] = []
        written: list[Event] = []
        for place, (number, key, facts) in enumerate(rows):
            if key in done:
                continue
            try:
                items = by_number.get(number)
                if items is None:
                    raise NotFound
                for item in items:
                    item.case = items[0].case
                _worked_here(items[0].case, staff, roles)
                changes.append(change := Change(items[0].case, items, staff, roles, now))
                body(change, **facts)
            except Refused as error:
                raise NotAll(error, place) from error
            change.relight()
            written += change._chained(key)
        events.write(written)
        _write_rows(changes)


def by_itself(
    body: Callable[Concatenate[Change, P], None],
) -> Callable[..., int]:
    """Make an act that nobody does, for many cases at once: what follows from the day, or from a new calendar.

    Called as ``do(case_ids, key=…, **facts)``: one transaction, every case locked, the events of all in one insert. A case
    on which it was done under the same key before is left alone; without a key the body itself does nothing twice. ``at`` is when, if not now.
    Returns how many cases have a new event.
    """

    @wraps(body)
    def do(cases: Iterable[int], /, *, key: str | None = None, at: datetime | None = None, **facts: Any) -> int:
        with transaction.atomic():
            by_case: dict[int, list[CaseItem]] = {}
            rows = CaseItem.objects.select_for_update(of=("case", "self")).filter(case__in=list(cases))
            item: CaseItem
            for item in rows.annotate(newest_notice=NEWEST_NOTICE).select_related("case").order_by("pk"):
                by_case.setdefault(item.case_id, []).append(item)
            keys = {pk: f"{key}:{pk}" if key else None for pk in by_case}
            done = set(Event.objects.filter(key__in=keys.values()).values_list("case_id", flat=True)) if key else set()
            now = at or timezone.now()
            changes = []
            for pk, items in by_case.items():
                if pk in done:
                    continue
                for item in items:
                    item.case = items[0].case
                changes.append(Change(items[0].case, items, None, (), now, by_name="系统"))
                body(changes[-1], **facts)  # type: ignore[call-arg]
            return _write_all(changes, keys)

    return do


def _write_all(changes: list[Change], keys: dict[int, str | None]) -> int:
    """Write many changes with one statement a table; returns how many have an event."""
    for change in changes:
        change.relight()
    events.write([event for change in changes for event in change._chained(keys[change.case.pk])])
    _write_rows(changes)
    return sum(bool(change.facts) for change in changes)


def _write_rows(changes: list[Change]) -> None:
    """Write what changed of items and cases, each row once."""
    _write_items(changes)
    fields = {name for change in changes for name in change._altered()}
    if fields:
        _update(list({change.case.pk: change.case for change in changes if change._altered()}.values()), fields)


def _update(rows: Sequence[Case | CaseItem], fields: set[str]) -> None:
    """Write ``fields`` of many rows by one prepared statement: ``bulk_update`` takes six times as long, under the lock."""
    model = type(rows[0])
    columns = [column for column in model._meta.concrete_fields if column.name in fields]
    quote = connection.ops.quote_name
    given = ", ".join(f"{quote(str(column.column))} = %s" for column in columns)
    values = [
        [*(column.get_db_prep_save(getattr(row, column.attname), connection) for column in columns), row.pk]
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {quote(model._meta.db_table)} SET {given} WHERE id = %s", values)


def done_before(key: str, error: Exception, number: str = "") -> Case:
    """The case a submission ``key`` was already done on; else ``error``, a conflict saying who was first and when."""
    done = Event.objects.filter(key=key).select_related("case").first()
    if done and number in ("", done.case.number):
        return done.case
    if isinstance(error, Conflict):
        told = Event.objects.filter(case__number=number).exclude(kind__in=FOR_OVERSIGHT)
        newest = told.order_by("-sequence").first()
        if newest:
            when = timezone.localtime(newest.at)
            said = f"{error}最近一步：{newest.by_name} 于 {when:%m-%d %H:%M} {label(newest.kind)}。请刷新后再看。"
            raise Conflict(said, by=newest.by_name, at=newest.at) from error
    raise error
