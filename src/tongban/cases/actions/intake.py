"""Taking a case in at a window (clause 八): the review decides, the case is made or held, and pushed by the platform."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from tongban.cases import events
from tongban.cases.actions.door import NotFound, Refused, done_before
from tongban.cases.application import Application, MaterialGiven, Origin, Person, problems
from tongban.cases.calendars import current
from tongban.cases.events import Fact
from tongban.cases.models import Case, CaseItem, CaseMaterial, MaterialFile, MaterialFinding, Papers, Party
from tongban.cases.models.version import procedure_of
from tongban.cases.numbers import new_number
from tongban.cases.states import CaseState, ItemState
from tongban.people.models import Role, Staff, Unit
from tongban.procedure.model import Material, Procedure, TimeLimit, Topic
from tongban.rules.clock import Calendar, clock
from tongban.rules.review import Outcome, Review, review
from tongban.rules.routing import Route, route
from tongban.vault.keys import digest

TRIES = 3  # numbers drawn before giving up; one collision in 2^35 a region and day
STATES = {
    Outcome.DECLINE: (CaseState.DECLINED, None),
    Outcome.SUPPLEMENT: (CaseState.SUPPLEMENTING, ItemState.HELD),
    Outcome.TOLERANCE: (CaseState.PUSHED, ItemState.PUSHED),
    Outcome.CONFORM: (CaseState.PUSHED, ItemState.PUSHED),
}


def take_in(staff: Staff, application: Application, *, key: str) -> Case:
    """Take an application in, with the outcome that ``rules.review`` gives, and return the case.

    ``key`` is the submission key (the draft's id): the same one again returns the same case. Raises :class:`Refused` with
    messages by field; with outcome 当场更正 nothing is stored, for the applicant mends it on the spot and the clerk goes on.
    """
    duty = next((d for d in staff.duties_as(Role.WINDOW) if d.window_id == application.window_id), None)
    if duty is None:
        raise NotFound
    procedure = procedure_of(application.version_id)
    now = timezone.now()
    verdict = _sound(application, procedure, now)
    if verdict.outcome is Outcome.CORRECT_NOW:
        raise Refused(verdict.message)
    return _make(staff, application, procedure, verdict, now, key)


def take_over(staff: Staff, application: Application, origin: Origin, *, key: str) -> Case:
    """Make the case that our department works on of one that an outside platform took in; ``staff`` stands for that platform.

    The rules judge it here again. Its days are those of ``origin``. Raises :class:`Refused`.
    """
    if staff.stands_for != origin.outside or not any(
        duty.window_id == application.window_id for duty in staff.duties_as(Role.WINDOW)
    ):
        raise NotFound
    procedure = procedure_of(application.version_id)
    verdict = _sound(application, procedure, origin.pushed_at)
    if verdict.outcome not in (Outcome.CONFORM, Outcome.TOLERANCE):
        raise Refused(f"转来的办件按规程不能推送承办部门：{verdict.message}")
    return _make(staff, application, procedure, verdict, origin.pushed_at, key, origin)


def _sound(application: Application, procedure: Procedure, now: datetime) -> Review:
    verdict = judge(application, procedure)
    if found := problems(application, procedure, timezone.localtime(now).date()):
        raise Refused("有几处需要先改好，见各栏的红字。", found)
    return verdict


def _make(
    staff: Staff,
    application: Application,
    procedure: Procedure,
    verdict: Review,
    now: datetime,
    key: str,
    origin: Origin | None = None,
) -> Case:
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                units = _units(application)
                return _write(staff, application, procedure, verdict, units, now, key, origin)
        except IntegrityError as error:
            try:
                return done_before(key, error)
            except IntegrityError:
                last = error
    raise last


def judge(application: Application, procedure: Procedure) -> Review:
    """The review of an application as it stands: the same answer on the screen and in the act."""
    return review(
        procedure,
        [given.verdict for given in application.materials],
        in_scope=application.in_scope,
        wants_tolerance=application.wants_tolerance,
        items=frozenset(application.items),
    )


def _units(application: Application) -> dict[str, Unit]:
    """Item code → the unit of the handling region that decides it, held open until the transaction ends: who closes it waits,
    and sees this case. Raises :class:`Refused`.
    """
    held = Unit.objects.select_for_update(of=("self",), no_key=True).select_related("region")
    units = list(held.filter(region_id=application.region_id, closed_at=None))
    by_item = {code: unit for unit in units for code in unit.items}
    if not units:
        raise Refused("请选择承办地。", {"region": "这个承办地还没有登记承办部门，请另选或联系系统管理员。"})
    missing = [code for code in application.items if code not in by_item]
    if application.in_scope and missing:
        raise Refused(
            "承办地不办理所选事项。",
            {"items": f"{units[0].region.name}没有登记办理 {'、'.join(missing)} 的部门，请核对承办地和事项。"},
        )
    return by_item | {"": units[0]}


def _write(
    staff: Staff,
    application: Application,
    procedure: Procedure,
    verdict: Review,
    units: dict[str, Unit],
    now: datetime,
    key: str,
    origin: Origin | None,
) -> Case:
    region = units[""].region
    today = timezone.localtime(now).date()
    state, item_state = STATES[verdict.outcome]
    way = route(procedure, region.name, region.outside)
    if origin and way.outside:
        raise Refused(f"承办地{region.name}由“{way.platform}”办理，不在这里办。")
    applicant = application.applicant
    papers = Papers.ISSUING if origin else _papers(procedure, application.materials, verdict)
    case = Case(
        number=new_number(region.abbreviation, today),
        version_id=application.version_id,
        region=region,
        window_id=application.window_id,
        taken_by=staff,
        taken_at=origin.taken_at if origin else now,
        platform=way.platform,
        module=way.module or "",
        outside=origin.outside if origin else way.outside,
        mirrored=origin is not None,
        foreign_number=origin.number if origin else "",
        state=state,
        state_since=now,
        outcome=verdict.outcome,
        outcome_clauses=list(verdict.clauses),
        outcome_reason=application.scope_reason,
        defects=_plain(verdict),
        paper=item_state is not None and _forwards(procedure, application.materials),
        papers=papers,
        papers_holder=staff if papers is Papers.WINDOW else None,
        papers_since=now if papers is Papers.WINDOW else None,
        closed_at=now if state is CaseState.DECLINED else None,
        applicant_name=applicant.name,
        applicant_id_kind=applicant.id_kind,
        applicant_id_number=applicant.id_number,
        applicant_id_digest=digest(applicant.id_number),
        applicant_phone=applicant.phone,
        applicant_phone_digest=digest(applicant.phone),
        phone_of=application.phone_of,
        email=application.email,
        applicant_address=applicant.address,
        delivery=application.delivery,
        delivery_name=application.delivery_name,
        delivery_phone=application.delivery_phone,
        delivery_address=application.delivery_address,
    )
    facts = [_came(origin, procedure)] if origin else _facts(application, verdict, way, procedure)
    # The head is set before the first insert: the case row is written once. Events point at it afterwards.
    at = timezone.now() if origin else now
    chained = events.chain(case, facts, by=staff, by_name=staff.name, at=at, key=key)
    case.save(force_insert=True)
    parties = [
        Party(case=case, role=role, name=p.name, id_kind=p.id_kind, id_number=p.id_number, phone=p.phone)
        for role, p in ((Party.Role.AGENT, application.agent), (Party.Role.GUARDIAN, application.guardian))
        if isinstance(p, Person)
    ]
    if parties:
        Party.objects.bulk_create(parties)
    if item_state is not None:
        names = {item.code or item.name: item for item in procedure.items}
        CaseItem.objects.bulk_create(
            CaseItem(
                case=case,
                order=order,
                code=names[code].code or "",
                name=names[code].name,
                unit=units[code],
                state=item_state,
                state_since=now,
            )
            for order, code in enumerate(application.items, 1)
        )
    place_materials(case, procedure, application.materials, verdict, staff, now)
    events.write(chained)
    return case


def _plain(verdict: Review) -> list[dict[str, Any]]:
    return [asdict(defect) for defect in verdict.defects]


def _forwards(procedure: Procedure, materials: Iterable[MaterialGiven]) -> bool:
    return any(procedure.materials[given.verdict.material].forwarded for given in materials)


def _papers(procedure: Procedure, materials: Iterable[MaterialGiven], verdict: Review) -> Papers:
    """Where the working papers begin: at the window where there is paper to keep, else they travel with the file."""
    kept = any(procedure.materials[given.verdict.material].keep_copy for given in materials)
    signed = verdict.outcome in (Outcome.SUPPLEMENT, Outcome.TOLERANCE)
    return Papers.WINDOW if kept or signed or _forwards(procedure, materials) else Papers.ISSUING


def _facts(application: Application, verdict: Review, way: Route, procedure: Procedure) -> list[Fact]:
    """What taking in means, in order: the outcome first (it carries the submission key), then what follows from it."""
    if verdict.outcome is Outcome.DECLINE:
        return [Fact("declined", verdict.clauses, {"reason": application.scope_reason})]
    taken = Fact("taken_in", verdict.clauses, {"outcome": verdict.outcome.value, "items": list(application.items)})
    reused = [*brought(application.materials, procedure), *overruled(application.materials, procedure)]
    if verdict.outcome is Outcome.SUPPLEMENT:
        asked = Fact(
            "supplement_asked", verdict.clauses, {"defects": _plain(verdict)}, ({"message": "supplement_asked"},)
        )
        return [taken, *reused, asked]
    follows = [taken, *reused]
    if verdict.outcome is Outcome.TOLERANCE:
        follows.append(Fact("tolerated", verdict.clauses, {"materials": list(verdict.tolerated)}))
    return [*follows, pushed(way, procedure)]


def brought(materials: Iterable[MaterialGiven], procedure: Procedure) -> list[Fact]:
    """What is to be known later of where files came from: used again, of a licence service, cut by the machine."""
    cites = procedure.cite(Topic.DIGITISE)
    facts = []
    for given in materials:
        place = given.verdict.material
        for file in given.files:
            if file.reused_from:
                facts.append(Fact("reused", cites, {"material": place, "from": file.reused_from}))
            if file.licence:
                facts.append(Fact("licence_used", cites, {"material": place, "reason": file.licence}))
            if file.steps:
                facts.append(Fact("photo_cut", cites, {"material": place, "reason": "；".join(file.steps)}))
    return facts


def _came(origin: Origin, procedure: Procedure) -> Fact:
    """The fact that a case came from an outside platform, by the platform of 七."""
    said = {"platform": origin.platform, "number": origin.number, "window": origin.window, "phone": origin.phone}
    return Fact("taken_over", procedure.cite(Topic.PLATFORMS), said | {"officer": origin.by})


def pushed(way: Route, procedure: Procedure) -> Fact:
    """The fact that a case went to its department through the platform of 七, as 八（五）1 says."""
    clauses = (*procedure.cite(Topic.DIGITISE), *way.clauses)
    return Fact("pushed", clauses, {"platform": way.platform, "module": way.module}, ({"message": "received"},))


def place_materials(
    case: Case,
    procedure: Procedure,
    materials: Sequence[MaterialGiven],
    verdict: Review,
    staff: Staff,
    now: datetime,
) -> None:
    """Write the asked materials and their files: two inserts. Materials of the case must not exist yet."""
    rows = []
    for given in materials:
        material = procedure.materials[given.verdict.material]
        tolerated = given.verdict.material in verdict.tolerated
        rows.append(
            CaseMaterial(
                case=case,
                index=given.verdict.material,
                name=material.name,
                clause=material.clause,
                state=given.verdict.state,
                defects=list(given.verdict.defects),
                original_shown=given.original_shown,
                forwarded=material.forwarded,
                tolerated=tolerated,
                tolerance_due=tolerance_due(material, timezone.localtime(now).date(), current()) if tolerated else None,
                tolerance_until=(material.tolerance.until or "") if tolerated else "",
                valid_until=given.valid_until,
            )
        )
    CaseMaterial.objects.bulk_create(rows)
    note_findings(zip(rows, materials, strict=True), procedure, now)
    add_files(zip(rows, (given.files for given in materials), strict=True), staff, now)


def note_findings(pairs: Iterable[tuple[CaseMaterial, MaterialGiven]], procedure: Procedure, now: datetime) -> None:
    """Write what the machine said and what the person decided, and what the person saw alone: one insert, or none."""
    rows = []
    for row, given in pairs:
        known = procedure.materials[row.index].common_errors
        by_machine = {one.error or one.said for one in given.findings if one.standing}
        rows += [
            MaterialFinding(
                material=row, error=one.error[:300], code=one.code, level=one.level, said=one.said,
                standing=one.standing, reason=one.reason, at=now,
            )
            for one in given.findings
        ]  # fmt: skip
        rows += [
            MaterialFinding(material=row, error=text[:300] if text in known else "", said=text, standing=True, at=now)
            for text in given.verdict.defects
            if text not in by_machine
        ]
    if rows:
        MaterialFinding.objects.bulk_create(rows)


def overruled(materials: Iterable[MaterialGiven], procedure: Procedure) -> list[Fact]:
    """The ticks of the machine that the person took away, each with its reason."""
    return [
        Fact(
            "verdict_overruled",
            (procedure.materials[given.verdict.material].clause,),
            {"material": given.verdict.material, "code": one.code, "error": one.error, "reason": one.reason},
        )
        for given in materials
        for one in given.findings
        if one.reason
    ]


def add_files(pairs: Iterable[tuple[CaseMaterial, Sequence[Any]]], staff: Staff, now: datetime) -> None:
    """Write the files given for each material in one insert."""
    rows = [
        MaterialFile(
            material=material,
            digest=file.stored.digest,
            size=file.stored.size,
            media_type=file.stored.media_type,
            filename=file.filename[:200],
            source=file.source,
            reused_from_id=file.reused_from,
            merged_into=file.merged_into,
            added_by=staff,
            added_at=now,
        )
        for material, files in pairs
        for file in files
    ]
    if rows:
        MaterialFile.objects.bulk_create(rows)


def tolerance_due(material: Material, today: date, calendar: Calendar) -> date | None:
    """The day by which a tolerated material must be there; None where the text names an event (办结前) and no days."""
    tolerance = material.tolerance
    if tolerance.days is None:
        return None
    return clock(today, TimeLimit(days=tolerance.days, unit=tolerance.unit or "natural_day"), calendar).due
