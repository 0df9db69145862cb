"""Labels of bags and mail, the list for the carrier, the refusal on paper; what a scanner reads of them leads to the thing."""

import pytest
from django.test import Client

from tests.custody.test_bags import tolerated
from tests.custody.test_post import BY_POST, NUMBER, mailed, waiting
from tests.official import sample
from tests.world import World, build, key
from tongban.cases.models import IssuedForm
from tongban.custody.models import Consignment, Thing


@pytest.fixture
def shop(db: None) -> World:
    return build(sample("药店"))


def pdf(client: Client, url: str) -> bytes:
    answer = client.get(url)
    assert answer.status_code == 200
    return b"".join(answer)  # type: ignore[arg-type]


def test_a_bags_label_leads_the_applicant_to_its_page_and_the_desk_to_the_bag(client: Client, shop: World) -> None:
    case = tolerated(shop)
    client.force_login(shop.window_clerk)
    client.post(f"/window/cases/{case.number}/bag/", {"key": key()})
    label = case.forms.get(kind="bag_label")
    bag = Thing.objects.get(kind="bag")
    assert label.data["bag"] == bag.code
    assert pdf(client, f"/cases/{case.number}/forms/{label.pk}.pdf").startswith(b"%PDF")
    assert Client().get(f"/check/{label.token}/").headers["Location"] == f"/bag/{bag.code}/"
    client.force_login(shop.post)
    client.post("/paper/take/", {"codes": f"https://example.invalid/check/{label.token}", "key": key()})
    bag.refresh_from_db()
    assert bag.place == "post"
    assert Client().get(f"/check/{label.token}/").status_code == 200  # no longer out: what the sheet is


def test_the_list_of_a_unit_stands_for_its_paper_and_a_hall_bag_has_a_label(client: Client, shop: World) -> None:
    case = shop.case()
    client.force_login(shop.window_clerk)
    client.post(f"/window/cases/{case.number}/lists/", {"key": key()})
    row, sheet = Thing.objects.get(), case.forms.get(kind="material_list")
    assert sheet.data["bag"] == row.code
    client.post(f"/window/mail/{shop.region.pk}/send/", {"thing": row.pk, "key": key()})
    label = IssuedForm.objects.get(kind="bag_label", case=None)
    assert label.data["cases"] == [case.number]
    assert pdf(client, f"/paper/sheets/{label.pk}.pdf").startswith(b"%PDF")
    client.force_login(shop.post)
    client.post("/paper/take/", {"codes": sheet.token, "key": key()})
    row.refresh_from_db()
    assert row.place == "post"


def test_a_result_gets_its_postal_label_and_the_day_its_list(client: Client, world: World) -> None:
    case = waiting(world)
    client.force_login(world.post)
    client.post(f"/post/cases/{case.number}/send/", {"waybill": NUMBER, "key": key()})
    label = case.forms.get(kind="post_label")
    assert (label.data["waybill"], label.data["receiver"]["address"]) == (NUMBER, BY_POST["delivery_address"])
    assert "13800000000" not in str(label.data)
    assert f"/forms/{label.pk}.pdf" in client.get("/post/posted/").content.decode()
    once = key()
    for _ in range(2):
        answer = client.post("/post/list-of-the-day/", {"key": once})
    made = IssuedForm.objects.get(kind="post_list")
    assert answer.headers["Location"] == f"/paper/sheets/{made.pk}.pdf"
    assert [line["waybill"] for line in made.data["rows"]] == [NUMBER]
    assert pdf(client, f"/paper/sheets/{made.pk}.pdf").startswith(b"%PDF")


def test_no_list_of_nothing(client: Client, world: World) -> None:
    client.force_login(world.post)
    client.post("/post/list-of-the-day/", {"key": key()})
    assert not IssuedForm.objects.exists()


def test_a_sheet_of_another_region_is_not_there(client: Client, world: World) -> None:
    case, _ = mailed(world)
    client.force_login(world.post)
    client.post("/post/list-of-the-day/", {"key": key()})
    made = IssuedForm.objects.get(kind="post_list")
    for staff in (world.issuing, world.oversight):
        client.force_login(staff)
        assert client.get(f"/paper/sheets/{made.pk}.pdf").status_code == 404
    assert Consignment.objects.get(case=case)


def test_a_refusal_on_paper_for_who_wants_it(client: Client, world: World) -> None:
    case = world.case("sent")
    client.force_login(world.issuing)
    client.post(f"/issuing/cases/{case.number}/refusal/", {"key": key()})
    assert not case.forms.exists()  # nothing was refused yet
    client.post(
        f"/issuing/cases/{case.number}/hand-over/", {"collector": "样例·李", "message": "forwarded", "key": key()}
    )
    client.post(f"/issuing/cases/{case.number}/refusal/", {"key": key()})
    form = case.forms.get(kind="release_refusal")
    assert "转发" in form.data["reason"]
    assert pdf(client, f"/cases/{case.number}/forms/{form.pk}.pdf").startswith(b"%PDF")
