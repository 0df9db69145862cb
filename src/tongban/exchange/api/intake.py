"""From what a client sends to what the window's act takes: the same application, the same rules, the same sheets."""

import logging
from collections.abc import Iterable
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid5

from django.utils import timezone

from tongban.cases.actions.door import NotFound, Refused
from tongban.cases.actions.forms import issue_form
from tongban.cases.actions.intake import take_in
from tongban.cases.actions.supplement import supplement, supply, verdict_of
from tongban.cases.application import Application, FileGiven, MaterialGiven, Person
from tongban.cases.models import Case, Delivery, ProcedureVersion
from tongban.cases.publish import in_force
from tongban.cases.queries import visible_to
from tongban.cases.sheets import first_forms, supplied_sheet, window_sheet
from tongban.cases.states import CaseState
from tongban.exchange.api.access import Caller
from tongban.exchange.api.machine import Asked, looked_at, wait_for
from tongban.exchange.api.schemas import CaseIn, MaterialIn, PersonIn, SupplementIn, SupplyIn
from tongban.exchange.models.clients import Upload
from tongban.identity import citizen_id, names, phones
from tongban.people.models import Region, Role, Staff, Window
from tongban.rules.card import Card
from tongban.rules.review import MaterialState, MaterialVerdict
from tongban.vault.store import Damaged, Stored

logger = logging.getLogger(__name__)
NO_FILE = "有文件没有传完，或者已经用在办件里，或者传上来超过了一天；请重新上传。"


def windows_of(staff: Staff) -> list[Window]:
    """The open windows where ``staff`` takes in."""
    windows = (duty.window for duty in staff.duties_as(Role.WINDOW))
    return [window for window in windows if window and not window.closed_at]


def _asked(window: Window, given: CaseIn) -> tuple[ProcedureVersion, Asked]:
    version = next(
        (v for v in in_force(window.region.city, timezone.localdate()) if v.pk == given.procedure),
        None,
    )
    if version is None:
        _wrong("procedure", "这一版规程没有施行，请重新查询 procedures。")
    assert version is not None
    region = Region.objects.filter(pk=given.region, city=version.city).first()
    if region is None:
        _wrong("region", "没有这个承办地，请从 procedures 的 regions 里选。")
    assert region is not None
    who = _person(given.applicant)
    return version, Asked(version.procedure, region, Card(who.name, who.id_number, who.address, who.valid_until))


def _asked_of(case: Case) -> Asked:
    return Asked(case.procedure, case.region, Card(case.applicant_name, case.applicant_id_number))


def application(caller: Caller, given: CaseIn) -> Application:
    """The application that ``given`` amounts to. Raises :class:`Refused` for what names nothing there is."""
    window = _window(caller.staff, given.window)
    version, asked = _asked(window, given)
    procedure = version.procedure
    items = set(given.items)
    post = given.delivery.way == Delivery.POST
    found = materials(caller, asked, given.materials)
    return Application(
        version_id=version.pk,
        window_id=window.pk,
        region_id=given.region,
        items=tuple(code for item in procedure.items if (code := item.code or item.name) in items)
        + tuple(sorted(items - {item.code or item.name for item in procedure.items})),
        applicant=_person(given.applicant),
        agent=_person(given.agent) if given.agent else None,
        guardian=_person(given.guardian) if given.guardian else None,
        materials=found,
        in_scope=given.in_scope,
        scope_reason=given.scope_reason.strip(),
        wants_tolerance=frozenset(one.place for one in given.materials if one.tolerate),
        delivery=given.delivery.way.value,
        delivery_name=names.normalise(given.delivery.name) if post else "",
        delivery_phone=phones.normalise(given.delivery.phone) if post else "",
        delivery_address=given.delivery.address.strip() if post else "",
        phone_of=given.phone_of.value,
        email=given.email.strip(),
    )


def _wrong(field: str, said: str) -> None:
    raise Refused(said, {field: said})


def _window(staff: Staff, wanted: int | None) -> Window:
    windows = windows_of(staff)
    chosen = [window for window in windows if wanted in (None, window.pk)]
    if len(chosen) != 1:
        _wrong("window", "请写明在哪个窗口收件，从 me 的 windows 里选。" if windows else "这个接入系统没有收件岗位。")
    return chosen[0]


def _person(given: PersonIn) -> Person:
    return Person(
        name=names.normalise(given.name),
        id_number=citizen_id.normalise(given.id_number),
        phone=phones.normalise(given.phone),
        id_kind=given.id_kind.value,
        address=given.address.strip(),
        valid_until=given.valid_until,
    )


def _uploads(caller: Caller, ids: Iterable[UUID]) -> dict[UUID, Upload]:
    return {row.pk: row for row in Upload.objects.filter(client=caller.client, pk__in=set(ids)).exclude(digest="")}


def looked_at_first(caller: Caller, given: CaseIn | SupplementIn | SupplyIn, number: str = "", place: int = 0) -> None:
    """Have the files of a request looked at before anything is done. Raises :class:`Stop` while the worker is at it.

    What is wrong with the request is told by what does it; of one that was done before, no upload is left.
    """
    if isinstance(given, CaseIn):
        try:
            asked = _asked(_window(caller.staff, given.window), given)[1]
        except Refused:
            return
    else:
        case = visible_to(caller.staff, Role.WINDOW).select_related("region").filter(number=number).first()
        if case is None:
            return
        asked = _asked_of(case)
    brought = [(place, given.files)] if isinstance(given, SupplyIn) else [(m.place, m.files) for m in given.materials]
    uploads = _uploads(caller, (one for _, files in brought for one in files))
    wait_for(
        (
            MaterialGiven(
                MaterialVerdict(at, MaterialState.CONFORMS),
                files=tuple(_file(uploads[one]) for one in files if one in uploads),
            )
            for at, files in brought
            if at < len(asked.procedure.materials)
        ),
        asked,
    )


def materials(caller: Caller, asked: Asked, given: list[MaterialIn]) -> tuple[MaterialGiven, ...]:
    """Materials with their files, taken from the caller's own uploads that are whole, and what the machine saw of them.

    Raises :class:`Refused`.
    """
    procedure = asked.procedure
    uploads = _uploads(caller, (one for material in given for one in material.files))
    wrong: dict[str, str] = {}
    for number, material in enumerate(given):
        if material.place >= len(procedure.materials):
            wrong[f"materials.{number}.place"] = "规程里没有这份材料。"
        elif any(one not in uploads for one in material.files):
            wrong[f"materials.{number}.files"] = NO_FILE
        elif material.state is MaterialState.MISSING and material.files:
            wrong[f"materials.{number}.files"] = "没有带的材料不应有文件。"
    if len({material.place for material in given}) != len(given):
        wrong["materials"] = "每一份应交材料都要有且只有一个核对结论，请逐份核对后再提交。"
    if wrong:
        raise Refused("材料有几处需要先改好。", wrong)
    brought = (
        MaterialGiven(
            _verdict(one),
            one.original_shown,
            tuple(_file(uploads[upload]) for upload in one.files),
            valid_until=one.valid_until,
        )
        for one in given
    )
    return looked_at(brought, asked, {one.place: one.overrule.strip() for one in given})


def _verdict(given: MaterialIn) -> MaterialVerdict:
    """The verdict as the window's form would have it: a defect that is named means defective."""
    defects = tuple(dict.fromkeys(text.strip() for text in given.defects if text.strip()))
    state = given.state
    if defects and state is MaterialState.CONFORMS:
        state = MaterialState.DEFECTIVE
    return MaterialVerdict(given.place, state, defects)


def _file(upload: Upload) -> FileGiven:
    return FileGiven(Stored(upload.digest, upload.size, upload.media_type), upload.filename)


def take(caller: Caller, given: CaseIn, key: str) -> str:
    """Take a case in and return its number. Raises :class:`Refused`."""
    asked = application(caller, given)
    try:
        number = take_in(caller.staff, asked, key=key).number
    except Refused as error:
        raise Refused(str(error), {FIELDS.get(name, name): said for name, said in error.fields.items()}) from error
    except (ValueError, LookupError) as error:  # the rules' own words: a material without verdict, no platform named
        raise Refused(str(error), {"materials" if isinstance(error, ValueError) else "region": str(error)}) from error
    _used(caller, given.materials)
    return number


def _used(caller: Caller, given: list[MaterialIn]) -> None:
    """What a case holds now is no upload any more: no file gets into two people's cases by mistake."""
    ids = [one for material in given for one in material.files]
    Upload.objects.filter(client=caller.client, pk__in=ids).delete()


# The window's names of fields → the API's.
FIELDS = {
    f"{who}_{part}": f"{who}.{part}"
    for who in ("applicant", "agent", "guardian", "delivery")
    for part in ("name", "id_number", "phone", "address", "valid_until")
}


def mend(caller: Caller, number: str, given: SupplementIn, key: str) -> None:
    """The applicant brought what was asked. What is not named keeps its verdict. Raises :class:`Refused`."""
    case = visible_to(caller.staff, Role.WINDOW).select_related("region").filter(number=number).first()
    if case is None:
        raise NotFound
    procedure = case.procedure
    came = {one.verdict.material: one for one in materials(caller, _asked_of(case), given.materials)}
    rows = list(case.materials.all())
    wrong = {f"materials.{place}": "这个办件没有要这份材料。" for place in came.keys() - {row.index for row in rows}}
    for place, one in came.items():
        if one.verdict.state is MaterialState.CONFORMS and not one.files and not procedure.materials[place].forwarded:
            wrong[f"materials.{place}"] = f"请上传“{procedure.materials[place].name}”。"
    if wrong and case.state == CaseState.SUPPLEMENTING:
        raise Refused("有几份材料需要先改好。", wrong)
    supplement(
        caller.staff,
        number,
        key=key,
        materials=tuple(came.get(row.index) or MaterialGiven(verdict_of(row), row.original_shown) for row in rows),
        wants_tolerance=frozenset(one.place for one in given.materials if one.tolerate),
        late_reason=given.late_reason,
    )
    _used(caller, given.materials)


def bring(caller: Caller, number: str, place: int, given: SupplyIn, key: str) -> None:
    """A tolerated material has come. Raises :class:`Refused`."""
    case = visible_to(caller.staff, Role.WINDOW).select_related("region").filter(number=number).first()
    if case is None:
        raise NotFound
    uploads = _uploads(caller, given.files)
    if len(uploads) != len(set(given.files)):
        _wrong("files", NO_FILE)
    asked = _asked_of(case)
    if place >= len(asked.procedure.materials):
        raise NotFound
    files = tuple(_file(uploads[one]) for one in dict.fromkeys(given.files))
    brought = MaterialGiven(MaterialVerdict(place, MaterialState.CONFORMS), files=files)
    seen = looked_at([brought], asked, {place: given.overrule.strip()})[0]
    supply(caller.staff, number, key=key, material=place, files=seen.files, findings=seen.findings)
    Upload.objects.filter(pk__in=uploads).delete()


def issue_supplied(caller: Caller, number: str, place: int, key: str) -> None:
    """Print the receipt for a tolerated material that has come, once for each ``key``."""
    case: Case = visible_to(caller.staff, Role.WINDOW).select_related("version", "region", "window").get(number=number)
    row = case.materials.prefetch_related("files").get(index=place)
    data = supplied_sheet(case, caller.staff, row, "接口提交", sum(not file.withdrawn for file in row.files.all()))
    _issue(caller, case, "tolerance_receipt", data, key)


def issue_sheets(caller: Caller, number: str, key: str) -> None:
    """Print what the outcome asks for, once for each ``key``. The case is safe already: a sheet that fails is not missed by
    the window, where it can be issued.
    """
    case: Case = visible_to(caller.staff, Role.WINDOW).select_related("version", "region", "window").get(number=number)
    for kind in first_forms(case):
        _issue(caller, case, kind, window_sheet(case, kind, caller.staff), key)


def _issue(caller: Caller, case: Case, kind: str, data: dict[str, Any], key: str) -> None:
    own = uuid5(NAMESPACE_OID, f"{key} {kind}").hex
    if case.events.filter(key=own).exists():
        return
    try:
        issue_form(caller.staff, case.number, key=own, kind=kind, data=data)
    except (Refused, OSError, Damaged):
        logger.exception("sheet %s of %s", kind, case.number)
