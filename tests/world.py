"""A small world for tests: a city read from the official text, its people, and one case taken as far as a test wants."""

import io
import uuid
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from typing import Any

from PIL import Image

from tests.official import official
from tongban.cases.actions import department, papers, release
from tongban.cases.actions.forms import issue_form
from tongban.cases.actions.intake import take_in
from tongban.cases.application import Application, FileGiven, MaterialGiven, Person
from tongban.cases.models import Case, CaseItem, CaseMaterial, Event, ProcedureVersion
from tongban.cases.publish import publish
from tongban.cases.sheets import window_sheet
from tongban.custody.models import Handover, Missing, Thing
from tongban.people.models import Duty, Hall, Region, Role, Staff, Unit, Window
from tongban.procedure.model import Procedure
from tongban.rules.review import MaterialState, MaterialVerdict, asked
from tongban.vault import store

ADULT = "11010519491231002X"  # the standard's own example
ANOTHER = "430903199001011238"
CHILD = "430921202001015017"


@cache
def _dot() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "JPEG")
    return out.getvalue()


def jpeg(size: int = 50_000, seed: int = 0) -> bytes:
    """A JPEG of ``size`` bytes, different for each ``seed``: a dot with comments before it."""
    dot = _dot()
    left = size - len(dot)
    comments = b""
    while left > 12:
        length = min(left, 60_000)
        if 0 < left - length <= 12:
            length -= 20
        comments += b"\xff\xfe" + (length - 2).to_bytes(2, "big") + seed.to_bytes(8, "big") + bytes(length - 12)
        left -= length
    return dot[:2] + comments + dot[2:]


def key() -> str:
    """A new submission key."""
    return uuid.uuid4().hex


@dataclass
class World:
    """One region with its people, and the package published."""

    version: ProcedureVersion
    region: Region
    unit: Unit
    window: Window
    people: dict[str, Staff] = field(default_factory=dict)

    @property
    def procedure(self) -> Procedure:
        return self.version.procedure

    def __getattr__(self, role: str) -> Staff:
        try:
            return self.__dict__["people"][role]
        except KeyError as error:
            raise AttributeError(role) from error

    def staff(self, role: str, name: str = "", **scope: Any) -> Staff:
        """A new staff member with one duty, in this region unless ``scope`` says otherwise."""
        default = {"window": {"window": self.window}, "department": {"unit": self.unit}}.get(
            role, {"region": self.region}
        )
        person = Staff.objects.create_user(f"{role}-{uuid.uuid4().hex[:6]}", None, name=name or f"样例·{role}")
        Staff.objects.filter(pk=person.pk).update(demo=True)  # no second factor
        Duty.objects.create(staff=person, role=role, **(scope or default))
        return Staff.objects.get(pk=person.pk)

    def application(self, **changes: Any) -> Application:
        """A conforming application for the first pickable item, with one file for each material."""
        item = next(i for i in self.procedure.items if i.pickable)
        items = changes.get("items") or (item.code or item.name,)
        wanted = asked(self.procedure, frozenset(items))
        base = Application(
            version_id=self.version.pk,
            window_id=self.window.pk,
            region_id=self.region.pk,
            items=items,
            applicant=Person("样例·张㛃", ADULT, "13800000000", address="示例街道 1 号"),
            materials=tuple(given for given in self.materials() if given.verdict.material in wanted),
        )
        return replace(base, **changes)

    def materials(self, states: dict[int, MaterialState] | None = None, seed: int = 0) -> tuple[MaterialGiven, ...]:
        """Every material of the procedure, conforming with one file unless ``states`` says otherwise."""
        given = []
        for index in range(len(self.procedure.materials)):
            state = (states or {}).get(index, MaterialState.CONFORMS)
            defects = () if state is MaterialState.CONFORMS else ("样例问题",)
            files = () if state is MaterialState.MISSING else (self.file(f"{index}.jpg", seed + index),)
            given.append(MaterialGiven(MaterialVerdict(index, state, defects), original_shown=True, files=files))
        return tuple(given)

    def file(self, name: str, seed: int = 0) -> FileGiven:
        """A stored file."""
        return FileGiven(store.store(jpeg(seed=seed), name), name)

    def case(self, until: str = "taken_in", **changes: Any) -> Case:
        """A case taken as far as ``until``: taken_in, accepted, decided, sent, handed, passed, archived."""
        from tongban.archive.acts import archive

        steps = {
            "accepted": lambda n: department.accept(self.department, n, key=key()),
            "decided": lambda n: department.decide(self.department, n, key=key(), granted=True),
            "sent": lambda n: department.send_result(self.department, n, key=key()),
            "handed": lambda n: release.hand_over(self.issuing, n, key=key(), shown=self.shown()),
            "passed": lambda n: papers.papers_to_archive(self.issuing, n, key=key()),
            "archived": lambda n: archive(self.archive, n, key=key()),
        }
        case = take_in(self.window_clerk, self.application(**changes), key=key())
        if until == "taken_in":
            return case
        for name, step in steps.items():
            case = step(case.number)
            if name == until:
                break
        return case

    def case_file(self) -> list[tuple[Any, ...]]:
        """What must stay as it is when nobody may change it: cases, items, materials, events, lists, in one value."""
        rows: list[tuple[Any, ...]] = []
        for model in (Case, CaseItem, CaseMaterial, Event, Thing, Handover, Missing):
            rows += model.objects.order_by("pk").values_list()
        return rows

    def receipt(self, case: Case) -> str:
        """The serial of the receipt (收文清单) that the applicant of a case was given."""
        data = window_sheet(case, "intake_receipt", self.window_clerk)
        issue_form(self.window_clerk, case.number, key=key(), kind="intake_receipt", data=data)
        return case.forms.latest("id").serial

    def shown(self, **changes: Any) -> release.Shown:
        """What a collector shows: the applicant's card, unless changed."""
        return replace(release.Shown(collector="样例·张㛃", card_number=ADULT), **changes)


def build(procedure: Procedure | None = None, *, region: str = "南县", abbreviation: str = "NX") -> World:
    """Publish ``procedure`` (the official one by default) and put one person of each role in one region."""
    procedure = procedure or official()
    version = publish(procedure, city=procedure.city or "示例市", effective=date(2026, 1, 1), accept_anomalies=True)
    place = Region.objects.create(
        city=version.city, name=region, abbreviation=abbreviation, short=region[:1], code=None
    )
    Hall.objects.create(region=place, name=f"{region}政务大厅（示例）")
    codes = [item.code or item.name for item in procedure.items]
    unit = Unit.objects.create(region=place, name=f"{region}承办局（示例）", items=codes)
    window = Window.objects.create(region=place, township="示例镇", name="示例镇 1 号窗口", phone="0737-0000000")
    world = World(version, place, unit, window)
    for role in Role.values:
        world.people["window_clerk" if role == "window" else role] = world.staff(role)
    return world


def bring(client: Any, page: str, place: int, file: Any, **more: str) -> str:
    """Put a file to a material of a page that takes in what comes later; the answer's HTML."""
    html = client.get(page).content.decode()
    draft = html.partition("/window/arrivals/")[2].partition("/")[0]
    answer = client.post(f"/window/intake/{draft}/files/{place}/", {"file": file, **more})
    assert answer.status_code == 200
    return str(answer.content.decode())


def zip_names(data: bytes) -> list[str]:
    """Names in a zip file."""
    import zipfile

    return zipfile.ZipFile(io.BytesIO(data)).namelist()
