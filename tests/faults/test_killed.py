"""The power goes at each step of an intake, of a sending and of an upload: nothing lost, nothing doubled, nothing half."""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from tests.clauses.walk import FORM
from tests.faults.killing import Forking, forking
from tests.pictures import picture
from tests.world import World, build, key
from tongban.cases import outbox
from tongban.cases.events import verify_all
from tongban.cases.models import Case, CaseItem, CaseMaterial, Draft, Event, IssuedForm, MaterialFile
from tongban.messages.models import Message
from tongban.messages.relay import relay
from tongban.messages.sending import send
from tongban.vault import store

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world(tmp_path: Path, settings: object) -> World:
    settings.VAULT = tmp_path / "vault"  # type: ignore[attr-defined]
    return build()


@pytest.fixture
def child(world: World) -> Iterator[Forking]:
    connection.close()
    with forking() as program:
        yield program


Record = Callable[[str, object], None]
EVERY = os.environ.get("FAULTS") == "every"  # all steps: minutes


def steps() -> Iterator[int]:
    """The steps to die at: each, or in a short run the first and then every seventh."""
    return count(1) if EVERY else count(1, 7)


def draft_with_files(client: Client, world: World) -> tuple[Draft, dict[str, str]]:
    client.force_login(world.window_clerk)
    client.post("/window/start/", {"version": world.version.pk})
    draft = Draft.objects.get()
    item = next(i for i in world.procedure.items if i.pickable)
    form = FORM | {"region": str(world.region.pk), "items": item.code or item.name}
    for place, material in enumerate(world.procedure.materials):
        form[f"state_{place}"] = "conforms"
        file = SimpleUploadedFile(f"{place}.jpg", picture(material.check, place))
        client.post(f"/window/intake/{draft.pk}/files/{place}/", {"file": file})
    return draft, form


def whole(case: Case, world: World) -> None:
    """Everything of an intake is there."""
    assert CaseItem.objects.filter(case=case).count() == 1
    assert CaseMaterial.objects.filter(case=case).count() == len(world.procedure.materials)
    assert MaterialFile.objects.filter(material__case=case).count() == len(world.procedure.materials)
    assert set(Event.objects.filter(case=case).values_list("kind", flat=True)) >= {"taken_in", "pushed"}


def test_killed_at_each_step_of_an_intake(
    client: Client, world: World, child: Forking, record_property: Record
) -> None:
    for at in steps():
        draft, form = draft_with_files(client, world)
        url = f"/window/intake/{draft.pk}/submit/"
        before = Case.objects.count()
        killed = child.killed_at(at, "works:submit", world.window_clerk.pk, url, form)
        for case in Case.objects.filter(pk__gt=0):
            whole(case, world)
        assert Case.objects.count() - before in (0, 1)
        assert Case.objects.count() > before or Draft.objects.filter(pk=draft.pk).exists(), "the draft was lost"
        assert [broken for _, broken in verify_all() if broken] == []
        if Draft.objects.exists():
            child.killed_at(0, "works:submit", world.window_clerk.pk, url, form)  # the clerk sends it again
        assert Case.objects.count() == before + 1
        newest = Case.objects.latest("pk")
        assert IssuedForm.objects.filter(case=newest, kind="intake_receipt").count() == 1
        assert not Draft.objects.exists()
        for digest in IssuedForm.objects.values_list("digest", flat=True):
            store.read(digest)
        if not killed:
            break
    assert at > 20, "an intake has more steps than that"
    record_property("tried", f"kill -9，{at if EVERY else (at + 6) // 7} 处")
    serials = list(IssuedForm.objects.order_by("pk").values_list("serial", flat=True))
    assert len(serials) == len(set(serials))


def test_killed_at_each_step_of_a_sending(world: World, child: Forking, record_property: Record) -> None:
    for at in steps():
        world.case()
        killed = child.killed_at(at, "works:sending")
        Message.objects.update(claimed_until=None)  # as if the dead worker's claim had run out
        while relay() or send():
            pass
        asked = sum(len(event.outgoing) for event in Event.objects.all())
        assert Message.objects.count() == asked
        assert set(Message.objects.values_list("state", flat=True)) == {"sent"}
        assert not any(queue.waiting for queue in outbox.queues())
        if not killed:
            break
    assert at > 8
    record_property("tried", f"kill -9，{at if EVERY else (at + 6) // 7} 处")


def test_killed_at_each_step_of_an_upload(
    client: Client, world: World, child: Forking, record_property: Record
) -> None:
    client.force_login(world.window_clerk)
    client.post("/window/start/", {"version": world.version.pk})
    draft = Draft.objects.get()
    url = f"/window/intake/{draft.pk}/files/0/"
    for at in steps():
        killed = child.killed_at(at, "works:upload", world.window_clerk.pk, url, at)
        for digest in store.digests():
            store.read(digest)  # whole, whatever it is
        draft.refresh_from_db()
        for row in draft.body.get("files", {}).get("0", []):
            store.read(row["digest"])  # what the draft names is there
        if not killed:
            break
        draft.body["files"] = {}
        draft.save()
    assert at > 8
    record_property("tried", f"kill -9，{at if EVERY else (at + 6) // 7} 处")


def test_killed_at_each_step_of_a_decision(world: World, child: Forking, record_property: Record) -> None:
    """A step of the department: done or not done, and done once when asked again with the same key."""
    from tongban.cases.actions import department

    for at in steps():
        case, once = world.case(), key()
        killed = child.killed_at(at, "works:accept", world.department.pk, case.number, once)
        accepted = Event.objects.filter(case=case, kind="accepted").count()
        assert CaseItem.objects.get(case=case).state == ("accepted" if accepted else "pushed")
        department.accept(world.department, case.number, key=once)
        assert Event.objects.filter(case=case, kind="accepted").count() == 1
        assert [broken for _, broken in verify_all() if broken] == []
        if not killed:
            break
    assert at > 4
    record_property("tried", f"kill -9，{at if EVERY else (at + 6) // 7} 处")
