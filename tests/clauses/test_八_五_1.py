"""对申报材料进行电子化处理，并通过收件办理平台向承办部门推送；……已有的历史资料经核对后可直接利用。"""

from django.test import Client

from tests.clauses.walk import FORM, event, page
from tests.world import ANOTHER, World
from tongban.cases.models import Case, Draft


def test_the_department_has_the_files_at_once(client: Client, world: World) -> None:
    case = world.case()
    html = page(client, world.department, f"/cases/{case.number}/")
    assert "0.jpg" in html
    assert "1.jpg" in html


def test_the_push_cites_it(world: World) -> None:
    clauses, _ = event(world.case(), "pushed")
    assert clauses == ("八（五）1", "七")


def reuse(client: Client, world: World, url: str, **checked: str) -> str:
    earlier = Case.objects.order_by("id")[0].materials.get(index=0)
    return client.post(f"{url}files/0/reuse/", {"material": str(earlier.pk), **checked}).content.decode()


def test_an_earlier_material_is_used_only_after_it_was_compared(client: Client, world: World) -> None:
    world.case(until="archived")
    client.force_login(world.window_clerk)
    url = client.post("/window/start/", {"version": world.version.pk}).headers["Location"]
    client.post(f"{url}check/", FORM | {"region": str(world.region.pk), "items": "002014010001"})
    assert "办件留存" in page(client, world.window_clerk, url)
    assert "已核对" in reuse(client, world, url)
    assert not Draft.objects.get().body["files"].get("0")
    reuse(client, world, url, checked="1")
    (file,) = Draft.objects.get().body["files"]["0"]
    assert file["source"] == "earlier"


def test_nobody_elses_earlier_material_is_offered(client: Client, world: World) -> None:
    world.case(until="archived")
    client.force_login(world.window_clerk)
    url = client.post("/window/start/", {"version": world.version.pk}).headers["Location"]
    form = FORM | {"applicant_id_number": ANOTHER, "region": str(world.region.pk), "items": "002014010001"}
    client.post(f"{url}check/", form)
    assert "办件留存" not in page(client, world.window_clerk, url)
    assert "没有找到" in reuse(client, world, url, checked="1")
