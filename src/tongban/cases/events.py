"""Events of a case: written once, each chained to the one before it by HMAC-SM3, verified as a whole."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db.models import F

from tongban.cases.models import Case, Event
from tongban.people.models import Staff
from tongban.vault.keys import link


@dataclass(frozen=True)
class Fact:
    """What an act wants to be remembered. ``data`` is plain JSON without floats and without personal data."""

    kind: str
    clauses: tuple[str, ...]
    data: Mapping[str, Any] = field(default_factory=dict)
    outgoing: tuple[Mapping[str, Any], ...] = ()


def digest_of(event: Event, number: str) -> str:
    """Keyed SM3 (hex) over everything of ``event`` but when it was relayed and pushed, the case's number and the digest before it."""
    content = [
        number,
        event.sequence,
        event.kind,
        event.at.astimezone(UTC).isoformat(timespec="microseconds"),
        event.by_id,
        event.by_name,
        event.clauses,
        event.data,
        event.outgoing,
        event.key,
        event.previous,
    ]
    return link(json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())


def chain(
    case: Case, facts: Iterable[Fact], *, by: Staff | None, by_name: str, at: datetime, key: str | None
) -> list[Event]:
    """Events of ``facts`` behind the head of ``case``, not yet written; moves the head, which the caller saves.

    The submission ``key`` goes on the first event; the database holds it unique. A mirrored case tells its applicant nothing:
    whoever took it in does.
    """
    events = []
    for place, fact in enumerate(facts):
        event = Event(
            case=case,
            sequence=case.events_count + 1,
            kind=fact.kind,
            at=at,
            by=by,
            by_name=by_name,
            clauses=list(fact.clauses),
            data=dict(fact.data),
            outgoing=(outgoing := [] if case.mirrored else [dict(out) for out in fact.outgoing]),
            relayed_at=None if outgoing else at,
            to_push=bool(case.outside),
            key=key if place == 0 else None,
            previous=case.head,
        )
        event.digest = digest_of(event, case.number)
        case.head, case.events_count = event.digest, event.sequence
        events.append(event)
    return events


def write(events: list[Event]) -> None:
    """Write chained events in one insert; their case must be saved."""
    for event in events:
        event.case_id = event.case.pk
    Event.objects.bulk_create(events)


@dataclass(frozen=True)
class Break:
    """The first place where the chain of a case does not hold."""

    number: str
    sequence: int
    what: str  # Chinese


def remains(events: Iterable[Event], number: str) -> str:
    """Keyed SM3 (hex) over what stays of ``events`` when their data are destroyed: who, what, when, by which clause, the links."""
    rows = [
        [e.sequence, e.kind, e.at.astimezone(UTC).isoformat(timespec="microseconds"), e.by_id, e.by_name, e.clauses, e.key,
         e.previous, e.digest]
        for e in events
    ]  # fmt: skip
    return link(json.dumps([number, *rows], ensure_ascii=False, separators=(",", ":")).encode())


def verify(events: Iterable[Event], case: Case) -> Break | None:
    """Recompute the chain of one case from ``events`` in order; None when it is whole up to the case's head.

    Of a case whose data were destroyed after its term, the links and what stays are proved, by the event that says so.
    """
    chain = list(events)
    gone = next((event.sequence for event in chain if event.kind == "destroyed"), 0)
    previous, sequence = "", 0
    for event in chain:
        sequence += 1
        if event.sequence > sequence:
            return Break(case.number, sequence, f"第 {sequence} 条经过被删去")
        if event.sequence < sequence:
            return Break(case.number, event.sequence, f"第 {event.sequence} 条经过重复")
        if event.sequence == gone and event.data.get("remains") != remains(chain[: sequence - 1], case.number):
            return Break(case.number, sequence, "销毁以后留下的经过被改动")
        if event.sequence >= gone and event.digest != digest_of(event, case.number):
            return Break(case.number, sequence, f"第 {sequence} 条经过（{event.kind}）内容被改动")
        if event.previous != previous:
            return Break(case.number, sequence, f"第 {sequence} 条经过（{event.kind}）是插入的，或它之前的经过被改动")
        previous = event.digest
    if sequence != case.events_count or previous != case.head:
        if sequence < case.events_count:
            return Break(case.number, sequence + 1, f"第 {sequence + 1} 条经过被删去")
        return Break(case.number, sequence, f"第 {sequence} 条经过是后来加入的")
    return None


def verify_all(batch: int = 500) -> Iterator[tuple[Case, Break | None]]:
    """Verify every case, streaming in batches by id; yields each case with its break or None."""
    last = 0
    while cases := list(Case.objects.filter(pk__gt=last).order_by("pk")[:batch]):
        last = cases[-1].pk
        chains: dict[int, list[Event]] = {case.pk: [] for case in cases}
        for event in Event.objects.filter(case__in=chains).order_by(F("case_id"), F("sequence")):
            chains[event.case_id].append(event)
        for case in cases:
            yield case, verify(chains[case.pk], case)
