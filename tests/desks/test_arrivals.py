"""What comes later for a case, at a supplement or tolerated before: by every way, looked at, overruled with a reason, kept apart."""

import io
import random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from tests.custody.test_bags import LACKING, bagged
from tests.desks.test_seen import WRONG, blue
from tests.imaging import cards, scans
from tests.pictures import picture, portrait
from tests.world import World, bring, jpeg, key
from tongban.capture import phone
from tongban.cases.models import Case, Draft, MaterialFile, MaterialFinding
from tongban.checks.looking import look
from tongban.checks.models import Check
from tongban.custody import bags
from tongban.desks.window import arrivals
from tongban.people.models import Region, Window
from tongban.rules.review import MaterialState

pytestmark = pytest.mark.django_db


def sent(image: Image.Image, name: str = "a.jpg") -> SimpleUploadedFile:
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=90, dpi=(200, 200))
    return SimpleUploadedFile(name, out.getvalue())


@pytest.fixture
def case(client: Client, world: World) -> Case:
    """One whose card and photo were missing, at its window."""
    client.force_login(world.window_clerk)
    return world.case(materials=world.materials({0: MaterialState.MISSING, 1: MaterialState.MISSING}))


def supplement(case: Case) -> str:
    return f"/window/supplements/{case.number}/"


def draft() -> Draft:
    return Draft.objects.get(case__isnull=False)


def check(client: Client, **form: str) -> str:
    return client.post(f"/window/arrivals/{draft().pk}/check/", form).content.decode()


def looked_at() -> None:
    while look():
        pass


def failures() -> list[str]:
    return [
        f["code"]
        for one in Check.objects.filter(state="done")
        for f in one.result["findings"]
        if f["level"] == "failure"
    ]


def test_at_a_supplement_a_tick_is_set_beside_the_material_and_overruled(client: Client, case: Case) -> None:
    html = bring(client, supplement(case), 1, blue())
    assert f"☑ {WRONG}" in html
    assert "机器已勾" in html
    bring(client, supplement(case), 0, SimpleUploadedFile("证.jpg", jpeg(3000)))
    form = {"state_0": "conforms", "state_1": "conforms"}
    refused = client.post(supplement(case), form | {"key": key()})
    assert "按“不符合”提交，或者逐条写明理由改判" in refused.content.decode()
    reasons = {f"overrule_1_{code}": "已请部门确认可用" for code in failures()}
    assert "机器已勾" not in check(client, **form, **reasons)
    assert "已改判" in client.get(supplement(case)).content.decode(), "what was typed is kept with the files"
    assert client.post(supplement(case), form | reasons | {"key": key()}).status_code == 302
    case.refresh_from_db()
    assert case.outcome == "conform"
    assert case.events.filter(kind="verdict_overruled").count() == len(reasons)
    found = MaterialFinding.objects.filter(material__case=case, material__index=1, level="failure")
    assert {(one.standing, one.reason) for one in found} == {(False, "已请部门确认可用")}
    assert not Draft.objects.exists()


def test_a_card_that_comes_later_is_read_and_the_record_is_not_told(client: Client, case: Case) -> None:
    somebody = cards.person(random.Random(3))
    front = cards.front(somebody, random.Random(3))
    assert "机器正在看" in bring(client, supplement(case), 0, sent(front, "正面.jpg"))
    looked_at()
    html = client.get(f"/window/intake/{draft().pk}/seen/0/").content.decode()
    assert "证件上的证件号码和申办时登记的不同" in html
    assert "张㛃" not in html
    assert case.applicant_id_number not in html
    assert "☑" in html, "the back is missing"
    assert 'id="verdict"' not in html, "the verdict of an intake has no place here"


def test_of_several_pages_one_file_is_made_and_the_originals_kept(client: Client, shop: World) -> None:
    client.force_login(shop.window_clerk)
    case = bagged(shop).case
    url = f"/window/tolerated/{case.number}/{LACKING}/"
    for n in range(2):
        bring(client, url, LACKING, SimpleUploadedFile(f"{n}.jpg", picture("scan", n)))
    looked_at()
    client.post(url, {"key": key()})
    files = MaterialFile.objects.filter(material__case=case, material__index=LACKING)
    assert [(f.media_type, bool(f.merged_into)) for f in files] == [
        ("application/pdf", False), ("image/jpeg", True), ("image/jpeg", True),
    ]  # fmt: skip


@pytest.fixture
def shop(db: None) -> World:
    from tests.official import sample
    from tests.world import build

    return build(sample("药店"))


@pytest.mark.parametrize("where", ["counter", "bag"])
def test_tolerated_material_is_looked_at_wherever_it_arrives(client: Client, shop: World, where: str) -> None:
    bag = bagged(shop)
    number = bag.case.number
    client.force_login(shop.window_clerk if where == "counter" else shop.post)
    url = f"/window/tolerated/{number}/{LACKING}/"
    if where == "bag":
        bags.take_bag(shop.post, number, key=key(), thing_id=bag.pk, role="post")
        url = f"/paper/bags/{bag.pk}/"
    bring(client, url, LACKING, sent(scans.blank()))
    looked_at()
    page = client.get(url).content.decode()
    assert "☑" in page
    assert arrivals.OVERRULE in client.post(url, {"key": key()}).content.decode()
    row = bag.case.materials.get(index=LACKING)
    assert row.supplied_at is None
    reasons = {f"overrule_{LACKING}_{code}": "背面，本来就是空白" for code in failures()}
    assert client.post(url, reasons | {"key": key()}).status_code == 302
    row.refresh_from_db()
    assert row.supplied_at
    assert bag.case.events.filter(kind="verdict_overruled").count() == len(reasons) > 0
    assert row.findings.filter(standing=False).count() == len(reasons)


def test_by_phone_and_by_reader(client: Client, world: World, case: Case) -> None:
    html = client.get(supplement(case)).content.decode()
    for way in ("data-camera=", "用手机拍", "读卡 <kbd>F8</kbd>", 'id="camera"'):
        assert way in html
    ticket = phone.issue(world.window_clerk, draft(), 1)
    Client().post(f"/phone/{phone.token(ticket)}/", {"file": SimpleUploadedFile("p.jpg", portrait())})
    assert "没有看到问题" in client.get(f"/window/intake/{draft().pk}/phone/{ticket.pk}/").content.decode()
    card = {"name": "样例·张㛃", "number": case.applicant_id_number, "front": "", "back": ""}
    import base64
    import json

    pictures = {side: base64.b64encode(jpeg(3000, n)).decode() for n, side in enumerate(("front", "back"))}
    read = f"/window/intake/{draft().pk}/card/"
    assert "没有拍证件的正反面" in client.post(read, {"card": json.dumps(card)}).content.decode()
    other = card | pictures | {"number": "430903199001011238"}
    assert "不是申请人的" in client.post(read, {"card": json.dumps(other)}).content.decode()
    assert client.post(read, {"card": json.dumps(card | pictures)}).status_code == 200
    assert [file["source"] for file in draft().body["files"]["0"]] == ["reader", "reader"]


def test_only_who_may_take_it_in_sees_what_waits(client: Client, world: World, case: Case) -> None:
    bring(client, supplement(case), 1, SimpleUploadedFile("p.jpg", portrait()))
    one = draft()
    file = one.body["files"]["1"][0]["id"]
    assert client.get(f"/window/intake/{one.pk}/files/1/{file}/").status_code == 200
    assert "草稿" not in client.get("/window/").content.decode().partition("未填姓名")[1]
    place = Region.objects.create(city=world.version.city, name="别县", abbreviation="BX", short="别")
    window = Window.objects.create(region=place, township="别镇", name="别处窗口")
    for person in (
        world.department,
        world.archive,
        world.staff("window", window=window),
        world.staff("post", region=place),
    ):
        client.force_login(person)
        assert client.get(f"/window/intake/{one.pk}/files/1/{file}/").status_code == 404
        assert client.post(f"/window/arrivals/{one.pk}/check/", {}).status_code == 404


def test_what_comes_while_it_is_taken_over_stays(client: Client, world: World, case: Case) -> None:
    bring(client, supplement(case), 1, SimpleUploadedFile("p.jpg", portrait()))
    seen = draft()
    bring(client, supplement(case), 1, SimpleUploadedFile("q.jpg", portrait(1)))
    arrivals.taken_over(seen, [1])
    assert [file["filename"] for file in draft().body["files"]["1"]] == ["q.jpg"]
    arrivals.taken_over(draft(), [1])
    assert not Draft.objects.exists()
