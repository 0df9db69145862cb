"""The path of a case, from a township window to the archive: by the acts alone, and by the pages people use."""

import io
import random
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from PIL import Image
from tests.imaging import cards
from tests.official import official
from tests.pictures import portrait
from tests.world import World

from benchmarks.visitor import Http, Inside, Visitor
from tongban.cases.models import ProcedureVersion
from tongban.identity.citizen_id import check_character
from tongban.people.demo import PASSWORD
from tongban.people.models import Duty, Region

NAME = "样例·张㛃"


def demo_world() -> World:
    """The demo's first account of each role as the world of the tests."""
    version = ProcedureVersion.objects.get(city=official().city, name=official().name)
    prefix = Region.objects.filter(city=version.city)[0].abbreviation.lower()
    duties = Duty.objects.filter(staff__username__startswith=f"{prefix}-").order_by("-id").select_related("staff")
    first = {duty.role: duty for duty in duties}
    people = {"window_clerk" if role == "window" else role: duty.staff for role, duty in first.items()}
    window = first["window"].window
    return World(version, window.region, first["department"].unit, window, people)  # type: ignore[union-attr, arg-type]


def acts(world: World) -> Callable[[int], object]:
    """Create with two files of 50 KB and six steps to closed, by the acts; the files of each case are its own."""
    return lambda n: world.case("archived", materials=world.materials(seed=2 * n))


@cache
def card() -> bytes:
    """Both sides of a card of nobody on one page."""
    rng = random.Random(20261124)
    person = cards.person(rng)
    sides = [side.convert("RGB") for side in (cards.front(person, rng), cards.back(person, rng))]
    page = Image.new("RGB", (1654, 2339), "white")
    for place, side in enumerate(sides):
        page.paste(side.resize((1012, 638)), (320, 300 + 900 * place))
    out = io.BytesIO()
    page.save(out, "JPEG", quality=90, dpi=(200, 200))
    return out.getvalue()


def another(picture: bytes, n: int) -> bytes:
    """The same picture as another file for each ``n`` (a comment says which), so that the machine looks at it anew."""
    said = f"{n}".encode()
    return picture[:2] + b"\xff\xfe" + (len(said) + 2).to_bytes(2) + said + picture[2:]


def pages(world: World, transport: Callable[[], Http | Inside]) -> Callable[[int], object]:
    """The same by the pages, 25 requests: each step opened and sent as its desk does, with the two printed forms."""
    at = {role: Visitor(transport(), staff.username, PASSWORD) for role, staff in world.people.items()}
    clerk, department, issuing, archive = (at[r] for r in ("window_clerk", "department", "issuing", "archive"))
    chosen = {"in_scope": "yes", "region": str(world.region.pk), "delivery": "collect", "applicant_name": NAME}
    chosen |= {"items": world.application().items[0], "applicant_phone": "13800000000", "applicant_address": "示例路"}
    chosen |= {"state_0": "conforms", "original_0": "1", "state_1": "conforms"}

    def case(n: int) -> None:
        first17 = f"430903{date(1950, 1, 1) + timedelta(n):%Y%m%d}101"  # every applicant is another person
        number = first17 + check_character(first17)
        clerk.get("/window/")
        clerk.submit("/window/start/", version=str(world.version.pk))
        clerk.upload(0, another(card(), n))
        clerk.upload(1, another(portrait(), n))
        clerk.submit("/submit/", applicant_id_number=number, **chosen)
        taken = clerk.path.split("/")[3]
        department.get("/department/")
        department.get(f"/cases/{taken}/")
        for step in ("/accept/", "/decide/", "/send/"):
            department.submit(step)
        issuing.get("/issuing/")
        issuing.get(f"/issuing/cases/{taken}/")
        issuing.submit("/hand-over/", collector=NAME, card_number=number)
        issuing.submit("/pass/")
        archive.get("/archive/")
        archive.get(f"/archive/cases/{taken}/")
        archive.submit("/close/")
        assert "已归档，办件关闭。" in archive.text

    return case
