"""What a test does inside one of two instances: reads ``[function, facts]`` a line, answers ``[True, value]`` a line."""

import json
import sys
import uuid
from typing import Any


def take_in(*, seed: int = 1, package: str = "我要办社保卡", without: tuple[int, ...] = ()) -> str:
    """A case taken in at the city's window for the county, with a file for each material that is not missing; its number."""
    from tests.world import ADULT
    from tongban.cases.actions.intake import take_in as act
    from tongban.cases.application import Application, Person
    from tongban.cases.models import ProcedureVersion
    from tongban.people.models import Region

    clerk = person("window")
    version = ProcedureVersion.objects.get(name=package)
    procedure = version.procedure
    materials = [_given(index, seed, missing=index in without) for index in range(len(procedure.materials))]
    item = next(i for i in procedure.items if i.pickable)
    application = Application(
        version_id=version.pk, window_id=clerk.duties_now[0].window_id, region_id=Region.objects.get(name="桃江县").pk,
        items=(item.code or item.name,), applicant=Person("样例·张㛃", ADULT, "13800000000", address="示例街道 1 号"),
        materials=tuple(materials),
    )  # fmt: skip
    return act(clerk, application, key=uuid.uuid4().hex).number


def _given(index: int, seed: int, *, missing: bool = False, kept: bool = False) -> Any:
    from tongban.cases.application import MaterialGiven
    from tongban.rules.review import MaterialState, MaterialVerdict

    verdict = MaterialVerdict(index, MaterialState.MISSING if missing else MaterialState.CONFORMS, ())
    return MaterialGiven(verdict, original_shown=True, files=() if missing or kept else (_file(index, seed),))


def _file(index: int, seed: int) -> Any:
    from tests.world import jpeg
    from tongban.cases.application import FileGiven
    from tongban.vault import store

    return FileGiven(store.store(jpeg(30_000, seed * 10 + index), f"{index}.jpg"), f"{index}.jpg")


def supplement(*, origin: str, seed: int) -> str:
    """The applicant brings the first material, and asks that the second may come later; the case's state."""
    from tongban.cases.actions.supplement import supplement as act

    given = (_given(0, seed), _given(1, seed, missing=True))
    return act(person("window"), origin, key=uuid.uuid4().hex, materials=given, wants_tolerance=frozenset({1})).state


def pledge(*, origin: str) -> None:
    """The applicant signs the pledge (容缺承诺书)."""
    from tests.world import jpeg
    from tongban.cases.actions.forms import issue_form, keep_signed
    from tongban.cases.sheets import window_sheet
    from tongban.vault import store

    clerk, case = person("window"), _of(origin)
    data = window_sheet(case, "tolerance_pledge", clerk)
    issue_form(clerk, origin, key=uuid.uuid4().hex, kind="tolerance_pledge", data=data)
    form = case.forms.get(kind="tolerance_pledge")
    keep_signed(clerk, origin, key=uuid.uuid4().hex, form_id=form.pk, scan=store.store(jpeg(9000, 99), "签字.jpg"))


def supply(*, origin: str, seed: int) -> None:
    """The tolerated material comes."""
    from tongban.cases.actions.supplement import supply as act

    act(person("window"), origin, key=uuid.uuid4().hex, material=1, files=(_file(1, seed),))


def send_paper(*, origin: str) -> None:
    """The list on top of the paper is made, and the paper given on its way."""
    from tongban.custody.acts import give, make_lists

    make_lists(person("window"), origin, key=uuid.uuid4().hex)
    thing = _of(origin).things.get(kind="materials")
    give(person("window"), origin, key=uuid.uuid4().hex, thing_id=thing.pk)


def paper(*, origin: str) -> list[str]:
    """Where the paper is, as the department was told."""
    told = _of(origin).events.filter(kind="paper_told").order_by("sequence").last()
    return [row["place"] for row in told.data["lists"]] if told else []


def missing(*, origin: str) -> int:
    """How many tolerated materials have not come."""
    return int(_of(origin).materials.filter(tolerated=True, supplied_at=None).count())


def document(*, origin: str, pages: int) -> None:
    """The department attaches the document of its decision."""
    from tests.vault.test_uploads import pdf
    from tongban.cases.actions.decision import attach_document
    from tongban.vault import store

    kept = store.store(pdf(pages=pages), "决定.pdf")
    number = _of(origin).number
    attach_document(person("department"), number, key=uuid.uuid4().hex, order=1, document=kept, filename="决定.pdf")


def documents(*, origin: str) -> list[list[Any]]:
    """(digest, whether it is in force) of the documents of a case that can be read, in order."""
    from tongban.cases.models import DecisionDocument
    from tongban.vault import store

    rows = DecisionDocument.objects.filter(item__case=_of(origin)).order_by("pk")
    return [[row.digest, row.withdrawn_at is None] for row in rows if store.read(row.digest)]


def correct(*, origin: str) -> None:
    """The department corrects its decision."""
    from tongban.cases.actions.decision import correct_decision

    facts = {"order": 1, "granted": False, "reason": "重复申领", "why": "登记有误"}
    correct_decision(person("department"), _of(origin).number, key=uuid.uuid4().hex, **facts)


def person(role: str) -> Any:
    """The demo account of a role."""
    from tongban.people.models import Staff

    return Staff.objects.filter(demo=True, duties__role=role).order_by("pk").first()


def step(*, origin: str, name: str, **facts: Any) -> str:
    """The department does a step on the case whose number at the window's side is ``origin``; the case's state."""
    from tongban.cases.actions import department
    from tongban.cases.models import Case

    number = Case.objects.get(foreign_number=origin).number
    return getattr(department, name)(person("department"), number, key=uuid.uuid4().hex, **facts).state


def items(*, origin: str) -> list[str]:
    """The states of the items of a case, known by its number at the window's side."""
    return [item.state for item in _of(origin).items.all()] if _of(origin) else []


def _of(origin: str) -> Any:
    from django.db.models import Q

    from tongban.cases.models import Case

    return Case.objects.filter(Q(number=origin, mirrored=False) | Q(foreign_number=origin, mirrored=True)).first()


def seen(*, origin: str) -> dict[str, Any]:
    """What a test compares of a case: kinds of events, due days, digests of files that can be read, messages."""
    from tongban.cases.events import verify
    from tongban.messages.models import Message
    from tongban.vault import store

    case = _of(origin)
    files = [file for material in case.materials.all() for file in material.files.all()]
    return {
        "events": [event.kind for event in case.events.order_by("sequence")],
        "due": [str(item.due) for item in case.items.all()],
        "accepted": [item.accepted_at.isoformat() for item in case.items.all() if item.accepted_at],
        "files": sorted(file.digest for file in files if store.read(file.digest)),
        "messages": list(Message.objects.filter(case=case).order_by("pk").values_list("kind", flat=True)),
        "broken": str(verify(case.events.order_by("sequence"), case) or ""),
        "mirrored": case.mirrored,
        "foreign": case.foreign_number,
        "number": case.number,
    }


def hand_over(*, origin: str) -> str:
    """The applicant collects the result at the window's side."""
    from tests.world import ADULT
    from tongban.cases.actions.release import Shown
    from tongban.cases.actions.release import hand_over as act
    from tongban.people.models import Region, Staff

    region = Region.objects.get(name="桃江县")
    staff = Staff.objects.filter(demo=True, duties__role="issuing", duties__region=region).first()
    return act(staff, origin, key=uuid.uuid4().hex, shown=Shown("样例·张㛃", card_number=ADULT)).state


def cases() -> int:
    """How many cases there are."""
    from tongban.cases.models import Case

    return Case.objects.count()


def waiting() -> int:
    """Events and pushes that have still to leave."""
    from tongban.cases.models import Event
    from tongban.exchange.models import PlatformPush

    return Event.objects.filter(to_push=True).count() + PlatformPush.objects.exclude(state="sent").count()


def failed() -> list[str]:
    """Why letters and pushes were given up."""
    from tongban.exchange.models import Letter, PlatformPush

    letters = [letter.error for letter in Letter.objects.filter(state="failed")]
    return letters + list(PlatformPush.objects.filter(state="failed").values_list("error", flat=True))


def waited() -> None:
    """As if two minutes had passed: what a worker that died had in hand is free again, what rests is tried."""
    from django.utils import timezone

    from tongban.exchange.models import Letter, Platform, PlatformPush

    now = timezone.now()
    for model in (PlatformPush, Letter):
        model.objects.filter(claimed_until__gt=now).update(claimed_until=now)  # type: ignore[attr-defined]
        model.objects.filter(next_at__gt=now).update(next_at=now)  # type: ignore[attr-defined]
    Platform.objects.update(rests_until=None)


def relay() -> int:
    """Make rows of pushes, and send nothing."""
    from tongban.exchange.relay import relay as round_

    return round_()


def confirmed(*, origin: str) -> bool:
    """Whether the window's side knows the number the case has at the department's, and nothing is under way."""
    return bool(_of(origin).foreign_number) and not waiting()


def spoil(*, origin: str) -> None:
    """Change behind the program's back what both sides should see alike."""
    from datetime import date

    from tongban.cases.models import CaseItem, MaterialFile

    case = _of(origin)
    CaseItem.objects.filter(case=case).update(due=date(2030, 1, 1))
    MaterialFile.objects.filter(material__case=case, material__index=0).update(withdrawn=True)


def main() -> None:
    from tongban.ready import django_ready

    django_ready()
    for line in sys.stdin:
        what, facts = json.loads(line)
        try:
            answer = [True, globals()[what](**facts)]
        except Exception as error:
            answer = [False, f"{type(error).__name__}: {error}"]
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
