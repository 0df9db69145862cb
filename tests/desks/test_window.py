"""The window's own pages: drafts, files, double submission, and whatever else may be posted to them."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.clauses.walk import FORM, at_the_window
from tests.pictures import portrait
from tests.world import World, bring, jpeg, key
from tongban.cases.models import Case, Draft
from tongban.people.models import Window
from tongban.rules.review import MaterialState

pytestmark = pytest.mark.django_db
GARBAGE = {
    "empty": {},
    "no-region": FORM | {"region": "", "items": "002014010001"},
    "region-text": FORM | {"region": "南县", "items": "002014010001"},
    "region-huge": FORM | {"region": "9" * 40, "items": "002014010001"},
    "item-unknown": FORM | {"items": "<b>"},
    "nul": FORM | {"applicant_name": "张\x00三"},
    "very-long": FORM | {"applicant_address": "长" * 200_000},
    "state-unknown": FORM | {"items": "002014010001", "state_0": "approved"},
    "kind-unknown": FORM | {"applicant_id_kind": "library_card"},
    "delivery-unknown": FORM | {"delivery": "drone"},
    "date": FORM | {"applicant_valid_until": "2026-02-30"},
}


def start(client: Client, world: World) -> tuple[Draft, str]:
    client.force_login(world.window_clerk)
    url = client.post("/window/start/", {"version": world.version.pk}).headers["Location"]
    return Draft.objects.get(), url


@pytest.mark.parametrize("name", GARBAGE)
def test_whatever_is_posted_gets_an_answer_and_stays_in_the_draft(client: Client, world: World, name: str) -> None:
    draft, url = start(client, world)
    for step in ("check/", "submit/"):
        answer = client.post(url + step, GARBAGE[name])
        assert answer.status_code in (200, 422), f"{step}: {answer.status_code}"
    assert Case.objects.count() == 0
    draft.refresh_from_db()
    kept = draft.body["fields"]
    assert {field: kept[field][0] for field in GARBAGE[name]} == {
        field: value.replace("\x00", "") for field, value in GARBAGE[name].items()
    }
    assert client.get(url).status_code == 200


@pytest.mark.parametrize("version", ["", "0", "999999", "x", "1; drop"])
def test_an_unknown_package_starts_nothing(client: Client, world: World, version: str) -> None:
    client.force_login(world.window_clerk)
    assert client.post("/window/start/", {"version": version}).headers["Location"] == "/window/"
    assert Draft.objects.count() == 0


def test_sent_twice_it_is_one_case_even_after_the_draft_is_gone(client: Client, world: World) -> None:
    case = at_the_window(client, world)
    assert case is not None
    sent = case.events.get(sequence=1).key
    draft_id = f"{sent[:8]}-{sent[8:12]}-{sent[12:16]}-{sent[16:20]}-{sent[20:]}"
    again = client.post(f"/window/intake/{draft_id}/submit/", FORM)
    assert again.headers["Location"] == f"/window/done/{case.number}/"
    assert Case.objects.count() == 1


def test_a_draft_is_the_windows_and_nobody_elses(client: Client, world: World) -> None:
    _, url = start(client, world)
    client.post(f"{url}files/0/", {"file": SimpleUploadedFile("a.jpg", jpeg())})
    file = Draft.objects.get().body["files"]["0"][0]["id"]
    other = Window.objects.create(region=world.region, township="另一镇", name="另一镇窗口")
    colleague = world.staff("window")
    for staff, status in ((colleague, 200), (world.staff("window", window=other), 404), (world.oversight, 404)):
        client.force_login(staff)
        assert client.get(url).status_code == status
        assert client.get(f"{url}files/0/{file}/").status_code == status
    client.force_login(world.staff("window", window=other))
    for step in ("check/", "submit/", "discard/", "files/0/", f"files/0/{file}/remove/", "files/0/reuse/"):
        assert client.post(url + step, FORM).status_code == 404
    assert Draft.objects.count() == 1


def test_saving_keeps_files_and_uploading_keeps_fields(client: Client, world: World) -> None:
    _, url = start(client, world)
    client.post(f"{url}check/", FORM)
    client.post(f"{url}files/0/", {"file": SimpleUploadedFile("a.jpg", jpeg())})
    client.post(f"{url}check/", FORM | {"applicant_name": "样例·李"})
    client.post(f"{url}files/1/", {"file": SimpleUploadedFile("b.jpg", jpeg(seed=2))})
    body = Draft.objects.get().body
    assert body["fields"]["applicant_name"] == ["样例·李"]
    assert [len(body["files"][place]) for place in ("0", "1")] == [1, 1]


def test_a_place_that_is_not_there_is_not_found(client: Client, world: World) -> None:
    _, url = start(client, world)
    for place in (2, 99):
        assert client.post(f"{url}files/{place}/", {"file": SimpleUploadedFile("a.jpg", jpeg())}).status_code == 404


def test_history_is_offered_as_soon_as_the_number_is_typed(client: Client, world: World) -> None:
    world.case("archived")
    _, url = start(client, world)
    item = {"items": "002014010001", "region": str(world.region.pk)}
    client.post(f"{url}check/", FORM | item | {"applicant_id_number": ""})
    assert "办件留存" in client.post(f"{url}check/", FORM | item).content.decode()


def test_files_of_a_supplement_that_must_be_mended_are_not_asked_again(client: Client, world: World) -> None:
    case = world.case(materials=world.materials({0: MaterialState.MISSING, 1: MaterialState.MISSING}))
    client.force_login(world.window_clerk)
    url = f"/window/supplements/{case.number}/"
    form = {"key": key(), "state_0": "conforms", "state_1": "conforms"}
    bring(client, url, 0, SimpleUploadedFile("身份证.jpg", jpeg(seed=31)))
    first = client.post(url, form)
    assert first.status_code == 422
    assert "请扫描或上传补来的" in first.content.decode()
    assert 'alt="身份证.jpg"' in first.content.decode()
    bring(client, url, 1, SimpleUploadedFile("寸照.jpg", portrait()))
    assert client.post(url, form).status_code == 302
    assert not Draft.objects.exists()
    assert list(case.materials.values_list("files__filename", flat=True)) == ["身份证.jpg", "寸照.jpg"]


@pytest.mark.parametrize("body", [b"", b"<html>", b"MZ"])
def test_a_supplement_with_a_false_file_says_so_at_the_material(client: Client, world: World, body: bytes) -> None:
    case = world.case(materials=world.materials({0: MaterialState.MISSING}))
    client.force_login(world.window_clerk)
    url = f"/window/supplements/{case.number}/"
    assert "“证.jpg”：" in bring(client, url, 0, SimpleUploadedFile("证.jpg", body))
    answer = client.post(url, {"key": key(), "state_0": "conforms"})
    assert answer.status_code == 422
    assert "请扫描或上传补来的" in answer.content.decode()
