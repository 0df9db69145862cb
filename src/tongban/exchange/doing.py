"""What an outside platform says, done through the same acts as everybody's, by the account that stands for it."""

from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from tongban.cases.actions import department, mirrored, supplement
from tongban.cases.actions.decision import attach_document, correct_decision
from tongban.cases.actions.door import NotFound, Refused
from tongban.cases.actions.intake import take_over
from tongban.cases.application import Application, FileGiven, MaterialGiven, Origin, Person
from tongban.cases.models import Case, MaterialFile, ProcedureVersion
from tongban.cases.models.version import procedure_of
from tongban.cases.queries import visible_to
from tongban.cases.signed import SKEW
from tongban.exchange import wire
from tongban.exchange.fetching import files_of
from tongban.exchange.models import Platform, Shared
from tongban.people.models import Region, Role, Staff
from tongban.rules.review import MaterialState, MaterialVerdict
from tongban.vault import store
from tongban.vault.kinds import NotAccepted, media_type_of
from tongban.vault.store import Stored

if TYPE_CHECKING:
    from tongban.exchange.inward import Said

FROM_ORIGIN = (wire.SUBMITTED, wire.SUPPLIED, wire.DELIVERED, wire.CAME_BACK, wire.PAPER)


def named(platform: Platform, said: "Said") -> Case | None:
    """The case a letter is about, if the platform's account may see it. A case is named by the number of who took it in."""
    seen = visible_to(platform.staff)
    if said.kind in FROM_ORIGIN:
        return seen.filter(mirrored=True, foreign_number=said.subject).first()
    return seen.filter(mirrored=False, number=said.subject).first()


def locked(platform: Platform, said: "Said") -> Case | None:
    """The same, locked: steps of one case are done one after the other. Raises :class:`Refused` where there must be one."""
    case = named(platform, said)
    if case is None and said.kind != wire.SUBMITTED:
        raise Refused(f"这里没有对方所说的办件 {said.subject}，或者它不由这个平台办理。")
    return Case.objects.select_for_update().get(pk=case.pk) if case else None


def missing(data: wire.Data) -> bool:
    """Whether a letter names a file that is not in the vault yet."""
    return any(not store.there(file.digest) for file in files_of(data))


def early(platform: Platform, said: "Said") -> str:
    """Why a letter is before its time, or empty."""
    case = named(platform, said)
    row = Shared.objects.filter(case=case).first() if case else None
    taken = row.taken if row else 0
    return f"还没有收到第 {taken + 1} 步。" if said.sequence > taken + 1 else ""


def do(platform: Platform, case: Case | None, said: "Said", *, key: str) -> Case:
    """Do the step and return the case. Raises :class:`Refused` with what a person must know."""
    staff = platform.staff
    at = min(said.at, timezone.now())
    if isinstance(said.data, wire.Submitted):
        if case is not None:
            raise Refused(f"办件 {said.subject} 早已收到，这里的编号是 {case.number}。")
        return _take_over(platform, said, said.data, at, key)
    assert case is not None
    if at < case.taken_at - timedelta(seconds=SKEW):
        raise Refused(f"这一步的时间 {timezone.localtime(at):%Y-%m-%d %H:%M} 早于收件时间。")
    if isinstance(said.data, wire.Supplied):
        files = tuple(_file(file) for file in said.data.files)
        return supplement.supply(staff, case.number, key=key, at=at, material=said.data.material, files=files)
    if isinstance(said.data, wire.Document):
        given = _file(said.data.file)
        return attach_document(
            staff, case.number, key=key, at=at, order=said.data.item, document=given.stored, filename=given.filename
        )
    if isinstance(said.data, wire.Paper):
        return mirrored.paper_told(staff, case.number, key=key, at=at, lists=said.data.model_dump(mode="json")["lists"])
    if isinstance(said.data, wire.Received):
        return mirrored.confirm(staff, case.number, key=key, at=at, foreign_number=said.data.number)
    assert isinstance(said.data, wire.Step)
    return _step(staff, case.number, said.kind, said.data, key=key, at=at)


def _step(staff: Staff, number: str, kind: str, step: wire.Step, **how: Any) -> Case:
    acts: dict[str, tuple[Callable[..., Case], dict[str, Any]]] = {
        "accepted": (department.accept, {}),
        "not_accepted": (department.not_accept, {"reason": step.reason}),
        "paused": (department.pause, {"ground": step.ground, "note": step.note}),
        "resumed": (department.resume, {}),
        "fee_asked": (department.ask_fee, {"amount": step.amount or 0}),
        "fee_confirmed": (department.confirm_fee, {}),
        "granted": (department.decide, {"granted": True, "reason": step.reason}),
        "refused": (department.decide, {"granted": False, "reason": step.reason}),
        "result_sent": (department.send_result, {}),
        "corrected": (_correct, {"granted": step.granted, "why": step.why, "reason": step.reason}),
        wire.DELIVERED: (mirrored.delivered, {}),
        wire.CAME_BACK: (mirrored.came_back, {"reason": step.reason}),
    }
    act, facts = acts[kind]
    return act(staff, number, orders=step.items, **how, **facts)


def _correct(staff: Staff, number: str, *, orders: tuple[int, ...], granted: bool | None, **how: Any) -> Case:
    if len(orders) != 1 or granted is None:
        raise Refused("更正决定应只有一个事项，并写明更正后是否准予。")
    return correct_decision(staff, number, order=orders[0], granted=granted, **how)


def _take_over(platform: Platform, said: "Said", sent: wire.Submitted, at: Any, key: str) -> Case:
    version = ProcedureVersion.objects.filter(city=sent.city, name=sent.package, digest=sent.procedure).first()
    if version is None:
        raise Refused(
            f"“{sent.package}”的工作规程版本和这里的都不一致（{sent.procedure[:12]}…），请两边发布同一版后重办。"
        )
    region = Region.objects.filter(city=sent.city, name=sent.region).first()
    if region is None:
        raise Refused(f"这里没有承办地“{sent.region}”。")
    window = next((duty.window_id for duty in platform.staff.duties_as(Role.WINDOW)), None)
    if window is None:
        raise NotFound
    try:
        application = _application(sent, version.pk, region.pk, window)
    except (ValueError, IndexError) as error:
        raise Refused(f"材料清单看不懂：{error}") from error
    origin = Origin(
        outside=platform.code, platform=platform.name, number=said.subject, taken_at=sent.taken_at, pushed_at=at,
        window=sent.window.name, phone=sent.window.phone, by=sent.window.officer,
    )  # fmt: skip
    return take_over(platform.staff, application, origin, key=key)


def _application(sent: wire.Submitted, version: int, region: int, window: int) -> Application:
    many = len(procedure_of(version).materials)
    if any(material.index >= many for material in sent.materials):
        raise IndexError(f"规程只有 {many} 份材料")
    return Application(
        version_id=version,
        window_id=window,
        region_id=region,
        items=sent.items,
        applicant=_person(sent.applicant),
        materials=tuple(_material(material) for material in sent.materials),
        agent=_person(sent.agent) if sent.agent else None,
        guardian=_person(sent.guardian) if sent.guardian else None,
        wants_tolerance=frozenset(m.index for m in sent.materials if m.tolerated),
        delivery=sent.delivery.way,
        delivery_name=sent.delivery.name,
        delivery_phone=sent.delivery.phone,
        delivery_address=sent.delivery.address,
        phone_of=sent.phone_of,
        email=sent.email,
    )


def _person(said: wire.PersonSaid) -> Person:
    return Person(said.name, said.id_number, said.phone, said.id_kind, said.address)


def _material(said: wire.MaterialSaid) -> MaterialGiven:
    return MaterialGiven(
        MaterialVerdict(said.index, MaterialState(said.state), said.defects),
        original_shown=said.original_shown,
        files=tuple(_file(file) for file in said.files),
        valid_until=said.valid_until,
    )


def _file(said: wire.FileSaid) -> FileGiven:
    """A file that was fetched, with the kind its bytes have here."""
    try:
        data = store.read(said.digest)
        kind = media_type_of(data, said.filename)
    except (NotAccepted, store.Damaged) as error:
        raise Refused(str(error)) from error
    source = said.source if said.source in MaterialFile.Source.values else MaterialFile.Source.FILE.value
    return FileGiven(Stored(said.digest, len(data), kind), said.filename, source)
