"""The machine's findings beside a material: the tick it sets, overruling it, what the case keeps, what is counted."""

import io
import random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.clauses.walk import FORM
from tests.imaging import portraits, scans, wear
from tests.pictures import portrait
from tests.world import World, build, jpeg
from tongban.cases.models import Case, Draft, MaterialFinding
from tongban.checks.eyes import VERSIONS
from tongban.checks.looking import look
from tongban.checks.models import Check

pytestmark = pytest.mark.django_db
WRONG = "非白底彩色寸照"


def blue() -> SimpleUploadedFile:
    """A photo of the right size on blue, without a face."""
    out = io.BytesIO()
    Image.new("RGB", (358, 441), (60, 110, 200)).save(out, "JPEG", dpi=(350, 350), quality=95)
    return SimpleUploadedFile("寸照.jpg", out.getvalue(), "image/jpeg")


@pytest.fixture
def url(client: Client, world: World) -> str:
    """A draft with everything typed, the card's file there, and the blue photo dropped."""
    client.force_login(world.window_clerk)
    made = str(client.post("/window/start/", {"version": world.version.pk}).headers["Location"])
    client.post(f"{made}check/", form(world))
    client.post(f"{made}files/0/", {"file": SimpleUploadedFile("证.jpg", jpeg(3000))})
    return made


def form(world: World, **more: str) -> dict[str, str]:
    return (
        FORM
        | {"items": "002014010001", "region": str(world.region.pk), "state_0": "conforms", "state_1": "conforms"}
        | more
    )


def codes() -> list[str]:
    check = Check.objects.get(kind="photo")
    return [f["code"] for f in check.result["findings"] if f["level"] == "failure"]


def test_the_tick_is_set_by_the_machine_and_said_in_numbers(client: Client, world: World, url: str) -> None:
    html = client.post(f"{url}files/1/", {"file": blue()}).content.decode()
    assert f"☑ {WRONG}" in html
    assert "机器已勾" in html
    assert "1 份材料需补正" in html, "结论跟着变"
    assert "机器正在看" not in html
    page = client.get(url).content.decode()
    assert f"☑ {WRONG}" in page
    assert "机器正在看" in page, "身份证在后台看"
    answer = client.post(f"{url}submit/", form(world))
    assert answer.status_code == 302
    case = Case.objects.get()
    assert case.outcome == "supplement"
    assert WRONG in case.materials.get(index=1).defects
    kept = MaterialFinding.objects.filter(material__case=case, code="background-not-white").get()
    assert (kept.error, kept.standing, kept.reason) == (WRONG, True, "")


def test_the_clerk_overrules_with_a_reason_and_both_are_kept(client: Client, world: World, url: str) -> None:
    client.post(f"{url}files/1/", {"file": blue()})
    reasons = {f"overrule_1_{code}": "已请部门确认可用" for code in codes()}
    some = dict(list(reasons.items())[:-1])
    assert "1 份材料需补正" in client.post(f"{url}check/", form(world, **some)).content.decode(), "每一条都要改判"
    assert "材料符合收件要点" in client.post(f"{url}check/", form(world, **reasons)).content.decode()
    assert "已改判" in client.get(url).content.decode()
    client.post(f"{url}submit/", form(world, **reasons))
    case = Case.objects.get()
    assert case.outcome == "conform"
    found = MaterialFinding.objects.filter(material__case=case, level="failure")
    assert {(one.standing, one.reason) for one in found} == {(False, "已请部门确认可用")}
    events = case.events.filter(kind="verdict_overruled")
    assert events.count() == len(reasons)
    assert {tuple(event.clauses) for event in events} == {("六.2",)}
    client.force_login(world.oversight)
    assert "已请部门确认可用" in client.get(f"/cases/{case.number}/").content.decode()


def test_a_blank_reason_overrules_nothing(client: Client, world: World, url: str) -> None:
    client.post(f"{url}files/1/", {"file": blue()})
    blank = {f"overrule_1_{code}": "  " for code in codes()}
    assert "1 份材料需补正" in client.post(f"{url}check/", form(world, **blank)).content.decode()


@pytest.mark.parametrize("why", ["forgotten", "an older check"])
def test_a_draft_opened_again_is_looked_at_again(
    client: Client, world: World, url: str, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    client.post(f"{url}files/1/", {"file": blue()})
    assert "机器再看一遍" not in client.get(url).content.decode()
    if why == "forgotten":
        Check.objects.all().delete()
    else:
        monkeypatch.setitem(VERSIONS, "photo", 2)
    page = client.get(url).content.decode()
    assert "机器再看一遍" in page
    assert f'hx-post="{url}seen/1/" hx-trigger="load"' in page
    assert "机器已勾" not in page.partition("files-1")[2]
    again = client.post(f"{url}seen/1/").content.decode()
    assert f"☑ {WRONG}" in again
    assert "机器再看一遍" not in again


def test_taking_the_file_away_takes_its_findings_away(client: Client, world: World, url: str) -> None:
    client.post(f"{url}files/1/", {"file": blue()})
    file = Draft.objects.get().body["files"]["1"][0]["id"]
    html = client.post(f"{url}files/1/{file}/remove/").content.decode()
    assert "☑" not in html
    assert WRONG not in client.get(f"{url}seen/1/").content.decode()


def test_a_scan_of_a_print_is_the_first_common_error(client: Client, world: World, url: str) -> None:
    client.post(f"{url}files/1/", {"file": blue()})
    draft = Draft.objects.get()
    draft.body["files"]["1"][0]["source"] = "scanner"
    draft.save()
    assert "☑ 非电子档" in client.get(url).content.decode()
    client.post(f"{url}files/1/", {"file": blue(), "source": "reader"})
    assert Draft.objects.get().body["files"]["1"][1]["source"] == "file", "网页只能说文件或拍摄"


def test_a_scanned_card_is_looked_at_as_a_scan_too_and_bound(client: Client, world: World, url: str) -> None:
    for n in range(2):
        client.post(f"{url}files/0/", {"file": SimpleUploadedFile("面.jpg", coarse(n))})
    draft = Draft.objects.get()
    draft.body["files"]["0"] = [row | {"source": "scanner"} for row in draft.body["files"]["0"][1:]]
    draft.save()
    Check.objects.all().delete()
    client.post(f"{url}seen/0/")
    assert sorted(Check.objects.filter(state="waiting").values_list("kind", flat=True)) == [
        "idcard",
        "pages",
        "scan",
        "scan",
    ]
    while look():
        pass
    html = client.get(f"{url}seen/0/").content.decode()
    assert "已合成一份 PDF/A" in html
    assert "分辨率只有 100 dpi，应不低于 200 dpi" in html


def coarse(seed: int) -> bytes:
    """A page of print scanned at 100 dpi."""
    return wear.encoded(scans.page(random.Random(seed)).resize((827, 1169)), "JPEG", quality=85, dpi=(100, 100))


def test_the_same_photo_again_is_not_looked_at_again(client: Client, world: World, url: str) -> None:
    client.post(f"{url}files/1/", {"file": blue()})
    before = Check.objects.get(kind="photo").done_at
    client.post(f"{url}files/1/", {"file": blue()})
    client.get(url)
    assert Check.objects.get(kind="photo").done_at == before


def test_what_people_get_wrong_is_counted_without_cases(client: Client, world: World, url: str) -> None:
    client.post(f"{url}files/1/", {"file": blue()})
    first, *_ = codes()
    client.post(
        f"{url}submit/",
        form(world, defect_0="身份证不在有效期内", other_0="写错了字", **{f"overrule_1_{first}": "看过了"}),
    )
    case = Case.objects.get()
    other = build(world.procedure, region="别县", abbreviation="BX")
    for staff, sees in ((world.oversight, True), (world.editor, True), (other.oversight, False), (other.editor, True)):
        client.force_login(staff)
        html = client.get("/errors/?months=1").content.decode()
        assert ("身份证不在有效期内" in html) is sees
        assert case.number not in html
        assert "写错了字" not in html
    client.force_login(world.window_clerk)
    assert client.get("/errors/").status_code == 404


def test_a_large_portrait_is_cut_and_the_original_kept(client: Client, world: World, url: str) -> None:
    out = io.BytesIO()
    Image.fromarray(portraits.draw(portraits.Drawn(width=900, height=1100, face=430, hair_top=150, eyes=560))).save(
        out, "PNG"
    )
    client.post(f"{url}files/1/", {"file": SimpleUploadedFile("大头照.png", out.getvalue())})
    old = Draft.objects.get().body["files"]["1"][0]
    html = client.post(f"{url}files/1/{old['id']}/fix/").content.decode()
    new = Draft.objects.get().body["files"]["1"][0]
    assert "☑" not in html, html
    assert new["digest"] != old["digest"]
    client.post(f"{url}submit/", form(world))
    case = Case.objects.get()
    files = list(case.materials.get(index=1).files.all())
    assert [(f.digest, f.merged_into) for f in files] == [(new["digest"], ""), (old["digest"], new["digest"])]
    assert "；" in case.events.get(kind="photo_cut").data["reason"]


def test_what_cannot_be_cut_stays_and_says_why(client: Client, world: World, url: str) -> None:
    client.post(f"{url}files/1/", {"file": blue()})
    old = Draft.objects.get().body["files"]["1"][0]
    assert "没有找到人脸" in client.post(f"{url}files/1/{old['id']}/fix/").content.decode()
    assert Draft.objects.get().body["files"]["1"] == [old]
    assert client.post(f"{url}files/0/abc/fix/").status_code == 404


def test_a_region_may_ask_for_less_bytes(client: Client, world: World, url: str) -> None:
    client.post(f"{url}files/1/", {"file": SimpleUploadedFile("寸照.jpg", portrait())})
    assert "☑" not in client.get(url).content.decode()
    world.region.photo = {"most_bytes": 2000}
    world.region.save()
    client.post(f"{url}check/", form(world))
    assert "应不超过" in client.get(url).content.decode()
