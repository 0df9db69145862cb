"""What the API does: the same as the desks, by the same rules."""

import hashlib
import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from PIL import Image

from tests.exchange.api import Api, announced, application, good, let_in
from tests.official import sample
from tests.pictures import page, picture
from tests.worker import look_all
from tests.world import ADULT, World, build, jpeg
from tongban.cases.models import Case, Event, MaterialFile, MaterialFinding, Reading
from tongban.checks.models import Check
from tongban.exchange import uploads
from tongban.exchange.api.machine import PATIENCE
from tongban.exchange.models import Part, Upload
from tongban.people.models import Role
from tongban.procedure.model import Topic
from tongban.vault import store

pytestmark = pytest.mark.django_db


@pytest.fixture
def kiosk(world: World) -> Api:
    return let_in(world)


def taken(world: World, api: Api, key: str = "one-key-1", **changes: Any) -> dict[str, Any]:
    answer = api.post("/cases", application(world, api, **changes), key=key)
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()


def fields(answer: Any) -> set[str]:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return {one["field"] for one in answer.json()["errors"]}


def test_what_to_ask(world: World, kiosk: Api) -> None:
    me = kiosk.get("/me").json()
    assert me["windows"] == [{"id": world.window.pk, "name": world.window.name}]
    listed = kiosk.get("/procedures").json()
    assert [one["id"] for one in listed] == [world.version.pk]
    said = kiosk.get(f"/procedures/{world.version.pk}").json()
    assert [one["name"] for one in said["materials"]] == [m.name for m in world.procedure.materials]
    assert {"id": world.region.pk, "name": world.region.name} in said["regions"]
    assert kiosk.get(f"/procedures/{world.version.pk + 999}").status_code == 404


def test_a_case_is_taken_in_as_at_the_window(world: World, kiosk: Api) -> None:
    case = taken(world, kiosk)
    assert (case["outcome"], case["state"]) == ("conform", "pushed")
    assert case["clauses"] == list(world.procedure.cite(Topic.CONFORM))
    assert case["people"] == [
        {
            "role": "applicant",
            "name": "样*",
            "id_number": "1" + "*" * 16 + "X",
            "phone": "138****0000",
            "address": "示例街道 1……",
        }
    ]
    assert [form["kind"] for form in case["forms"]] == ["intake_receipt"]
    row = Case.objects.get(number=case["number"])
    assert (row.applicant_name, row.applicant_phone, row.taken_by) == (
        "样例·张㛃",
        "13800000000",
        kiosk.client and kiosk.client.staff,
    )
    assert row.events.first().by_name == kiosk.client.name  # type: ignore[union-attr]
    assert not Upload.objects.exists()
    receipt = kiosk.get(f"/cases/{row.number}/forms/{case['forms'][0]['id']}")
    assert receipt.content.startswith(b"%PDF")


def test_the_same_key_twenty_times_is_one_case(world: World, kiosk: Api) -> None:
    asked = application(world, kiosk)
    answers = [kiosk.post("/cases", asked, key="the-same-key") for _ in range(20)]
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["number"] for answer in answers}) == 1
    assert Case.objects.count() == 1
    assert len(answers[-1].json()["forms"]) == 1


def test_a_key_used_for_something_else_tells_nothing(world: World, kiosk: Api) -> None:
    number = taken(world, kiosk, "a-used-key")["number"]
    other = application(world, kiosk)
    other["applicant"]["name"] = "样例·李四"
    answer = kiosk.post("/cases", other, key="a-used-key")
    assert answer.status_code == 422
    assert fields(answer) == {"Idempotency-Key"}
    assert number not in answer.content.decode()
    assert (
        let_in(world).post("/cases", application(world, kiosk), key="a-used-key").status_code == 422
    )  # not its uploads
    assert Case.objects.count() == 1


def test_a_refused_request_leaves_its_key_free(world: World, kiosk: Api) -> None:
    asked = application(world, kiosk)
    asked["applicant"]["phone"] = "1380000"
    answer = kiosk.post("/cases", asked, key="mend-me-please")
    assert (answer.status_code, fields(answer)) == (422, {"applicant.phone"})
    assert not Case.objects.exists()
    asked["applicant"]["phone"] = "13800000000"
    assert kiosk.post("/cases", asked, key="mend-me-please").status_code == 201


def test_a_decline(world: World, kiosk: Api) -> None:
    asked = application(world, in_scope=False, scope_reason="户籍在外市", materials=[], items=[])
    case = kiosk.post("/cases", asked, key="declined-1").json()
    assert (case["state"], case["reason"]) == ("declined", "户籍在外市")
    assert case["clauses"] == list(world.procedure.cite(Topic.DECLINE))
    assert [form["kind"] for form in case["forms"]] == ["decline_notice"]


def test_what_can_be_corrected_on_the_spot_is_not_kept(world: World, kiosk: Api) -> None:
    asked = application(world, kiosk)
    asked["materials"][0] |= {"state": "correctable", "defects": ["复印件没有签名"]}
    answer = kiosk.post("/cases", asked, key="correct-me")
    assert answer.status_code == 422
    assert "当场更正" in answer.json()["detail"]
    assert not Case.objects.exists()


def test_a_supplement_is_asked_and_comes(world: World, kiosk: Api) -> None:
    asked = application(world, kiosk)
    asked["materials"][1] |= {"state": "defective", "defects": ["背景不是白色"]}
    case = kiosk.post("/cases", asked, key="supplement-1").json()
    assert case["state"] == "supplementing"
    assert [(one["place"], one["defects"]) for one in case["defects"]] == [(1, ["背景不是白色"])]
    assert [form["kind"] for form in case["forms"]] == ["supplement_notice"]
    number = case["number"]
    bare = {"materials": [{"place": 1, "state": "conforms"}]}
    assert fields(kiosk.post(f"/cases/{number}/supplement", bare, key="supplement-2")) == {"materials.1"}
    brought = {"materials": [{"place": 1, "state": "conforms", "files": [kiosk.upload(picture("photo", 9))]}]}
    again = [kiosk.post(f"/cases/{number}/supplement", brought, key="supplement-3") for _ in range(2)]
    assert [answer.status_code for answer in again] == [200, 200]
    assert again[1].json()["state"] == "pushed"
    assert Event.objects.filter(case__number=number, kind="supplemented").count() == 1
    late = kiosk.post(
        f"/cases/{number}/supplement", {"materials": [{"place": 0, "state": "missing"}]}, key="supplement-4"
    )
    assert late.status_code == 409
    assert late.json()["by"] == kiosk.client.name  # type: ignore[union-attr]
    assert late.json()["at"]


def test_the_machine_looks_at_a_photo_as_at_the_window(world: World, kiosk: Api) -> None:
    asked = application(world, kiosk)
    asked["materials"][1]["files"] = [kiosk.upload(jpeg(seed=1))]
    case = kiosk.post("/cases", asked, key="a-bad-photo-1").json()
    assert (case["state"], case["defects"][0]["place"]) == ("supplementing", 1)
    assert set(case["defects"][0]["defects"]) <= set(world.procedure.materials[1].common_errors)
    findings = MaterialFinding.objects.filter(material__case__number=case["number"])
    assert "wrong-size" in findings.filter(standing=True).values_list("code", flat=True)
    asked["materials"][0]["files"] = [kiosk.upload(good(world, 0))]
    asked["materials"][1] |= {"files": [kiosk.upload(jpeg(seed=2))], "overrule": "承办部门同意用这一张"}
    case = kiosk.post("/cases", asked, key="a-bad-photo-2").json()
    assert case["state"] == "pushed"
    overruled = Event.objects.filter(case__number=case["number"], kind="verdict_overruled")
    assert overruled[0].data["reason"] == "承办部门同意用这一张"


def test_a_card_waits_for_the_worker_and_is_looked_at_as_at_the_window(world: World, kiosk: Api) -> None:
    asked = application(world, kiosk)
    asked["materials"][0]["files"] = [kiosk.upload(page(7))]  # no card at all
    early = kiosk.call("POST", "/cases", asked, key="a-bad-card-1")
    assert (early.status_code, early.headers["Retry-After"], Case.objects.count()) == (409, "2", 0)
    assert "机器还在看材料" in early.json()["detail"]
    assert kiosk.call("POST", "/cases", asked, key="a-bad-card-1").status_code == 409, "没有人看，就还在等"
    assert set(Check.objects.values_list("kind", "state")) == {("idcard", "waiting"), ("photo", "done")}
    look_all()
    case = kiosk.call("POST", "/cases", asked, key="a-bad-card-1").json()
    assert (case["state"], [one["place"] for one in case["defects"]]) == ("supplementing", [0])
    assert MaterialFinding.objects.filter(code="not-an-id-card", standing=True).count() == 1
    brought = {"materials": [{"place": 0, "state": "conforms", "files": [kiosk.upload(good(world, 0))]}]}
    assert kiosk.post(f"/cases/{case['number']}/supplement", brought, key="a-good-card").json()["state"] == "pushed"
    named = MaterialFinding.objects.filter(code__startswith="differs-").values_list("level", "standing", "said")
    assert named, "卡上的人不是申请人"
    assert all((level, stands) == ("advice", False) and ADULT not in said for level, stands, said in named)


def test_where_no_worker_comes_the_client_is_not_kept_for_ever(world: World, kiosk: Api) -> None:
    asked = application(world, kiosk)
    assert kiosk.call("POST", "/cases", asked, key="nobody-looks").status_code == 409
    Check.objects.update(asked_at=timezone.now() - PATIENCE)
    assert kiosk.call("POST", "/cases", asked, key="nobody-looks").status_code == 201


def test_pages_of_a_scan_become_one_file_and_what_is_owed_is_looked_at(db: None) -> None:
    world = build(sample("药店"))
    kiosk = let_in(world)
    asked = application(world, kiosk)
    scans = [one for one in asked["materials"] if world.procedure.materials[one["place"]].check == "scan"]
    late = next(one for one in scans if world.procedure.materials[one["place"]].tolerable)
    late |= {"state": "missing", "files": [], "tolerate": True}
    here, owed = next(one for one in scans if one is not late), late["place"]
    here["files"] = [kiosk.upload(page(1)), kiosk.upload(page(2))]
    number = kiosk.post("/cases", asked, key="two-pages-1").json()["number"]
    files = MaterialFile.objects.filter(material__case__number=number, material__index=here["place"])
    assert [(one.media_type, bool(one.merged_into)) for one in files] == [
        ("application/pdf", False), ("image/jpeg", True), ("image/jpeg", True),
    ]  # fmt: skip
    where, blank = f"/cases/{number}/materials/{owed}/supply", io.BytesIO()
    Image.new("RGB", (1654, 2339), "white").save(blank, "JPEG")
    brought: dict[str, Any] = {"files": [kiosk.upload(blank.getvalue())]}
    assert "没有收下" in kiosk.post(where, brought, key="a-blank-page").json()["detail"]
    brought["overrule"] = "背面就是空白的"
    assert kiosk.post(where, brought, key="a-blank-page").status_code == 200
    assert MaterialFinding.objects.get(code="blank-page").reason == "背面就是空白的"


def test_nothing_is_supplied_that_is_not_owed(kiosk: Api, world: World) -> None:
    number = taken(world, kiosk)["number"]
    where = f"/cases/{number}/materials/0/supply"
    answer = kiosk.post(where, {"files": [kiosk.upload(jpeg(seed=5))]}, key="nothing-owed")
    assert (answer.status_code, "容缺" in answer.json()["detail"]) == (422, True)
    assert fields(kiosk.post(where, {"files": [str(uuid.uuid4())]}, key="no-such-upload")) == {"files"}


def test_a_tolerated_material_comes(db: None) -> None:
    world = build(sample("药店"))
    kiosk = let_in(world)
    asked = application(world, kiosk)
    place = next(one["place"] for one in asked["materials"] if world.procedure.materials[one["place"]].tolerable)
    for one in asked["materials"]:
        if one["place"] == place:
            one |= {"state": "missing", "files": [], "tolerate": True}
    case = kiosk.post("/cases", asked, key="tolerated-1").json()
    assert (case["outcome"], case["state"]) == ("tolerance", "pushed")
    assert [form["kind"] for form in case["forms"]] == ["tolerance_notice", "tolerance_pledge", "intake_receipt"]
    owed = next(one for one in kiosk.get(f"/cases/{case['number']}/materials").json() if one["place"] == place)
    assert owed["tolerated"]
    assert owed["tolerance_due"]
    brought = {"files": [kiosk.upload(page(5))]}
    for _ in range(2):
        done = kiosk.post(f"/cases/{case['number']}/materials/{place}/supply", brought, key="here-it-is").json()
        assert [form["kind"] for form in done["forms"]].count("tolerance_receipt") == 1
    owed = next(one for one in kiosk.get(f"/cases/{case['number']}/materials").json() if one["place"] == place)
    assert (owed["state"], bool(owed["supplied_at"]), len(owed["files"])) == ("conforms", True, 1)


def test_queries_do_not_grow_with_what_is_shown(world: World, kiosk: Api, django_assert_max_num_queries: Any) -> None:
    numbers = [world.case().number for _ in range(6)]
    Event.objects.update(at=timezone.now() - timedelta(minutes=1))
    for path, most in (
        ("/cases", 6),
        (f"/cases/{numbers[0]}", 10),
        ("/events", 6),
        (f"/cases/{numbers[0]}/materials", 8),
    ):
        with django_assert_max_num_queries(most):
            assert kiosk.get(path).status_code == 200


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"procedure": 999_999}, "procedure"),
        ({"region": 999_999}, "region"),
        ({"window": 999_999}, "window"),
        ({"items": []}, "items"),
        ({"items": ["没有这个"]}, "items"),
        ({"materials": []}, "materials"),
        ({"delivery": {"way": "post"}}, "delivery.name"),
        ({"delivery": {"way": "pigeon"}}, "delivery.way"),
        ({"applicant": {"name": "样例\x00", "id_number": ADULT, "phone": "13800000000"}}, "applicant.name"),
        (
            {"applicant": {"name": "样例", "id_number": "110105194912310021", "phone": "13800000000"}},
            "applicant.id_number",
        ),
        ({"applicant": {"id_number": ADULT}}, "applicant.name"),
        ({"unknown": 1}, "unknown"),
        ({"email": "不是邮箱"}, "email"),
        ({"agent": {"name": "样例", "id_number": ADULT, "phone": "13800000000"}}, "agent.id_number"),
    ],
)
def test_what_is_wrong_is_said_where_it_is(world: World, kiosk: Api, change: dict[str, Any], where: str) -> None:
    answer = kiosk.post("/cases", application(world, kiosk) | change, key="wrong-something")
    assert answer.status_code == 422, answer.content.decode()
    assert where in fields(answer)
    assert all(char >= "\u4e00" for one in answer.json()["errors"] for char in one["detail"][:1])
    assert not Case.objects.exists()


def test_a_material_that_conforms_has_a_file_and_it_is_ones_own(world: World, kiosk: Api) -> None:
    asked = application(world)
    assert "material_0" in fields(kiosk.post("/cases", asked, key="no-files-1"))
    asked["materials"][0]["files"] = [let_in(world).upload()]
    assert fields(kiosk.post("/cases", asked, key="no-files-2")) == {"materials.0.files"}
    asked["materials"][0] |= {"place": 77, "files": []}
    assert fields(kiosk.post("/cases", asked, key="no-files-3")) == {"materials.0.place"}


def test_a_cut_upload_goes_on(world: World, kiosk: Api) -> None:
    content = jpeg(100_000)
    upload = kiosk.post("/uploads", announced(content)).json()["id"]
    assert kiosk.part(upload, 0, content[:30_000]).json()["received"] == 30_000
    again = kiosk.part(upload, 0, content[:30_000])  # the answer was lost: sent again
    assert (again.status_code, again.json()["received"]) == (409, 30_000)
    assert kiosk.part(upload, 60_000, content[60_000:]).json()["received"] == 30_000  # a gap is none
    early = kiosk.post(f"/uploads/{upload}/finish")
    assert (early.status_code, early.json()["received"]) == (409, 30_000)
    assert b"JFIF" not in b"".join(part.encode() for part in Part.objects.values_list("content", flat=True))
    later = Api(kiosk.token)  # another process, after a restart: nothing is kept but in the database
    assert later.get(f"/uploads/{upload}").json()["received"] == 30_000
    told = later.call("HEAD", f"/uploads/{upload}")
    assert (told["Upload-Offset"], told["Upload-Length"], told.content) == ("30000", "100000", b"")
    assert later.call("HEAD", f"/uploads/{uuid.uuid4()}").status_code == 404
    assert later.part(upload, 30_000, content[30_000:]).json()["received"] == 100_000
    for _ in range(2):
        done = later.post(f"/uploads/{upload}/finish").json()
        assert (done["done"], done["media_type"]) == (True, "image/jpeg")
    assert not Part.objects.exists()
    assert store.read(Upload.objects.get().digest) == content


@pytest.mark.parametrize(
    ("content", "said"), [(b"%PDF-1.4 nothing", "PDF"), (b"<svg onload=alert(1)>", ""), (jpeg(2000)[:900], "")]
)
def test_what_is_not_taken_at_the_desk_is_not_taken_here(kiosk: Api, content: bytes, said: str) -> None:
    upload = kiosk.post("/uploads", announced(content, "../../x.jpg")).json()
    assert upload["filename"] == "x.jpg"
    kiosk.part(upload["id"], 0, content)
    answer = kiosk.post(f"/uploads/{upload['id']}/finish")
    assert answer.status_code == 422
    assert said in answer.json()["detail"]
    assert kiosk.get(f"/uploads/{upload['id']}").status_code == 404


def test_limits_of_uploads(world: World, kiosk: Api) -> None:
    content = jpeg(1000)
    wrong = announced(content) | {"sha256": hashlib.sha256(b"").hexdigest()}
    upload = kiosk.post("/uploads", wrong).json()["id"]
    assert kiosk.part(upload, 0, content + b"x").status_code == 422
    assert kiosk.part(upload, 0, b"").status_code == 422
    kiosk.part(upload, 0, content)
    assert "sha256" in kiosk.post(f"/uploads/{upload}/finish").json()["detail"]
    assert fields(kiosk.post("/uploads", announced(content) | {"size": store.limit() + 1})) == {"size"}
    large = kiosk.part(upload, 0, b"x" * (uploads.PART + 1))
    assert (large.status_code, large.headers["Content-Type"]) == (413, "application/problem+json")
    for _ in range(uploads.OPEN):
        kiosk.post("/uploads", announced(content))
    assert kiosk.post("/uploads", announced(content)).status_code == 422


def test_uploads_are_forgotten_after_a_day(world: World, kiosk: Api) -> None:
    kiosk.upload()
    begun = kiosk.post("/uploads", announced(jpeg())).json()["id"]
    kiosk.part(begun, 0, b"abc")
    assert uploads.sweep() == 0
    Upload.objects.update(made_at=timezone.now() - timedelta(days=1, minutes=1))
    assert uploads.sweep() > 0
    assert not Upload.objects.exists()
    assert kiosk.call("DELETE", f"/uploads/{begun}").status_code == 404


def test_the_department_decides_in_its_own_system(world: World, kiosk: Api) -> None:
    number = taken(world, kiosk)["number"]
    platform = let_in(world, Role.DEPARTMENT, "decide", "read", "files")
    assert [one["number"] for one in platform.get("/cases?state=pushed").json()["cases"]] == [number]
    accepted = [platform.post(f"/cases/{number}/accept", {}, key="accept-it-1") for _ in range(2)]
    assert [answer.status_code for answer in accepted] == [200, 200]
    item = accepted[1].json()["items"][0]
    assert (item["state"], bool(item["due"])) == ("accepted", True)
    again = platform.post(f"/cases/{number}/accept", {}, key="accept-it-2")
    assert (again.status_code, again.json()["by"]) == (409, platform.client.name)  # type: ignore[union-attr]
    wrong = platform.post(f"/cases/{number}/pause", {"ground": "lunch"}, key="pause-it-1")
    assert fields(wrong) == {"ground"}
    assert platform.post(f"/cases/{number}/pause", {"ground": "hearing"}, key="pause-it-2").json()["due"] is None
    assert platform.post(f"/cases/{number}/resume", {"items": [1]}, key="resume-it-1").status_code == 200
    assert platform.post(f"/cases/{number}/resume", {"items": [7]}, key="resume-it-2").status_code == 404
    refused = platform.post(f"/cases/{number}/decide", {"granted": False}, key="decide-it-1")
    assert fields(refused) == {"reason"}
    decided = platform.post(f"/cases/{number}/decide", {"granted": True}, key="decide-it-2").json()
    assert decided["items"][0]["decision"] == "granted"
    assert platform.post(f"/cases/{number}/send-result", {}, key="send-it-on").json()["state"] == "delivering"
    materials = platform.get(f"/cases/{number}/materials").json()
    file = materials[0]["files"][0]
    content = platform.get(f"/cases/{number}/files/{file['id']}").content
    assert hashlib.sha256(content).hexdigest() == file["sha256"]
    assert Reading.objects.filter(staff=platform.client.staff, what=f"材料 {file['id']}").exists()  # type: ignore[union-attr]


def test_not_accepted(world: World, kiosk: Api) -> None:
    number = taken(world, kiosk)["number"]
    platform = let_in(world, Role.DEPARTMENT, "decide")
    case = platform.post(f"/cases/{number}/not-accept", {"reason": "不属于本部门"}, key="turn-it-down").json()
    assert (case["state"], case["items"][0]["reason"]) == ("not_accepted", "不属于本部门")


def test_whole_data_need_a_scope_and_a_purpose_and_are_recorded(world: World, kiosk: Api) -> None:
    number = taken(world, kiosk)["number"]
    assert kiosk.get(f"/cases/{number}?purpose=lunch").status_code == 422
    assert let_in(world, Role.WINDOW, "read").get(f"/cases/{number}?purpose=contact").status_code == 403
    assert not Reading.objects.exclude(purpose="").exists()
    whole = kiosk.get(f"/cases/{number}?purpose=contact").json()["people"][0]
    assert (whole["name"], whole["id_number"], whole["phone"]) == ("样例·张㛃", ADULT, "13800000000")
    read = Reading.objects.exclude(purpose="").get()
    assert (read.case_number, read.purpose, read.what) == (number, "contact", "接口：申请人")
    before = Reading.objects.count()
    assert kiosk.get(f"/cases/{number}").json()["people"][0]["name"] == "样*"
    assert Reading.objects.count() == before + 1


def test_events_by_cursor(world: World, kiosk: Api) -> None:
    first, second = taken(world, kiosk, "first-case")["number"], taken(world, kiosk, "second-case")["number"]
    Event.objects.update(at=timezone.now() - timedelta(minutes=1))
    seen: list[dict[str, Any]] = []
    cursor = 0
    while page := (answer := kiosk.get(f"/events?after={cursor}&limit=2").json())["events"]:
        assert len(page) <= 2
        seen, cursor = seen + page, answer["next"]
    assert [(one["number"], one["sequence"]) for one in seen] == list(
        Event.objects.order_by("id").values_list("case__number", "sequence")
    )
    assert {one["number"] for one in seen} == {first, second}
    assert answer["next"] == cursor
    assert "样例·张" not in str(seen)


def test_lists_go_on_page_by_page(world: World, kiosk: Api) -> None:
    numbers = [world.case().number for _ in range(52)]
    first = kiosk.get("/cases").json()
    rest = kiosk.get(f"/cases?after={first['next']}").json()
    assert [one["number"] for one in first["cases"] + rest["cases"]] == numbers
    assert rest["next"] is None
    assert MaterialFile.objects.exists()
