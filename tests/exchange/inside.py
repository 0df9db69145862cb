"""What a test does inside one of two instances: reads ``[function, facts]`` a line, answers ``[True, value]`` a line."""

import json
import sys
import uuid
from typing import Any


def take_in(*, seed: int = 1, tolerate: bool = False) -> str:
    """A case taken in at the city's window for the county, with two files; its number."""
    from tests.world import ADULT, jpeg
    from tongban.cases.actions.intake import take_in as act
    from tongban.cases.application import Application, FileGiven, MaterialGiven, Person
    from tongban.cases.models import ProcedureVersion
    from tongban.people.models import Region
    from tongban.rules.review import MaterialState, MaterialVerdict
    from tongban.vault import store

    clerk = person("window")
    version = ProcedureVersion.objects.get()
    procedure = version.procedure
    materials = []
    for index in range(len(procedure.materials)):
        file = FileGiven(store.store(jpeg(30_000, seed * 10 + index), f"{index}.jpg"), f"{index}.jpg")
        verdict = MaterialVerdict(index, MaterialState.CONFORMS, ())
        materials.append(MaterialGiven(verdict, original_shown=True, files=(file,)))
    item = next(i for i in procedure.items if i.pickable)
    application = Application(
        version_id=version.pk, window_id=clerk.duties_now[0].window_id, region_id=Region.objects.get(name="桃江县").pk,
        items=(item.code or item.name,), applicant=Person("样例·张㛃", ADULT, "13800000000", address="示例街道 1 号"),
        materials=tuple(materials),
    )  # fmt: skip
    return act(clerk, application, key=uuid.uuid4().hex).number


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
    """As if two minutes had passed: what a worker that died had in hand is free again."""
    from django.utils import timezone

    from tongban.exchange.models import Letter, PlatformPush

    now = timezone.now()
    for model in (PlatformPush, Letter):
        model.objects.filter(claimed_until__gt=now).update(claimed_until=now)  # type: ignore[attr-defined]


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
