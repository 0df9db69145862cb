"""Steps that several clauses' tests take."""

import re
import subprocess

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.pictures import picture
from tests.world import ADULT, World
from tongban.cases.models import Case, CaseItem, Draft
from tongban.messages.models import Message
from tongban.messages.relay import relay
from tongban.people.models import Staff
from tongban.vault import store

NOW = re.compile(r'class="clause now"[^>]*data-clause="([^"]+)"')


def page(client: Client, staff: Staff, url: str) -> str:
    """What ``staff`` sees at ``url``."""
    client.force_login(staff)
    answer = client.get(url)
    assert answer.status_code == 200, f"{url}: {answer.status_code}"
    return answer.content.decode()


def in_force(html: str) -> set[str]:
    """The clauses highlighted in the official text beside a desk."""
    return set(NOW.findall(html))


def guide(client: Client, world: World) -> str:
    """The public guide of the package."""
    return client.get(f"/guide/{world.version.pk}/").content.decode()


def event(case: Case, kind: str) -> tuple[tuple[str, ...], dict[str, object]]:
    """The clauses and the data of the newest event of a kind."""
    found = case.events.filter(kind=kind).latest("sequence")
    return tuple(found.clauses), found.data


def messages(case: Case) -> dict[str, str]:
    """Kind → text of what the applicant was told by SMS."""
    relay()
    told = Message.objects.filter(case=case).values_list("kind", "text")
    return {kind: text for kinds, text in told for kind in kinds.split("+")}


def item(case: Case) -> CaseItem:
    """The first item of a case, read again."""
    return CaseItem.objects.filter(case=case).order_by("order")[0]


FORM = {
    "in_scope": "yes", "applicant_id_kind": "resident_id", "applicant_id_number": ADULT, "applicant_name": "样例·张㛃",
    "applicant_phone": "13800000000", "applicant_address": "示例街道 1 号", "delivery": "collect",
}  # fmt: skip


def at_the_window(client: Client, world: World, **fields: str) -> Case | None:
    """An intake by the window's own pages: a draft, a file for each material, the form sent. None when it was not taken."""
    client.force_login(world.window_clerk)
    client.post("/window/start/", {"version": world.version.pk})
    draft = Draft.objects.order_by("-updated_at")[0]
    wanted = next(i for i in world.procedure.items if i.pickable)
    form = FORM | {"region": str(world.region.pk), "items": wanted.code or wanted.name}
    for place, material in enumerate(world.procedure.materials):
        form[f"state_{place}"] = "conforms"
        file = SimpleUploadedFile(f"{place}.jpg", picture(material.check, place))
        client.post(f"/window/intake/{draft.pk}/files/{place}/", {"file": file})
    answer = client.post(f"/window/intake/{draft.pk}/submit/", form | fields)
    return Case.objects.order_by("-id")[0] if answer.status_code == 302 else None


def forms(case: Case) -> list[str]:
    """Kinds of the forms issued, in order."""
    return list(case.forms.order_by("id").values_list("kind", flat=True))


def contact(client: Client, world: World, region: str, phone: str, *, valid: bool = True) -> None:
    """A region's phone stands in the guide as written; only one that can be dialled is a link."""
    said = next(c for c in world.procedure.contacts if c.region == region)
    assert (said.phones, said.valid) == ((phone,), valid)
    row = re.search(rf'<th scope="row">{region}</th><td>(.*?)</td>', guide(client, world))
    assert row is not None
    assert (f'href="tel:{phone}"' in row[1]) == valid
    assert ("号码待核实" in row[1]) != valid
    assert phone in row[1]


def pdf_text(case: Case) -> str:
    """The text of the newest form of a case, as a reader program takes it out."""
    issued = case.forms.latest("id")
    found = subprocess.run(
        ["pdftotext", "-layout", "-", "-"], input=store.read(issued.digest), capture_output=True, check=True
    )
    return re.sub(r"\s+", "", found.stdout.decode())
