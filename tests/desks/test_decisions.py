"""Around a decision at the department's desk: opinions, what is passed and asked, documents, corrections, what leaves the case."""

import hashlib
import io
import zipfile
from dataclasses import replace

import openpyxl
import pypdf
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from PIL import Image

from tests.world import ADULT, World, jpeg, key, zip_names
from tongban.archive import acts as archiving
from tongban.archive import pack
from tongban.archive.models import ArchivePackage
from tongban.cases import prints
from tongban.cases.actions import department, papers, release
from tongban.cases.actions.colleagues import ask_colleague
from tongban.cases.actions.decision import correct_decision
from tongban.cases.actions.door import Refused
from tongban.cases.actions.forms import issue_form
from tongban.cases.application import FileGiven
from tongban.cases.due import GROUNDS
from tongban.cases.events import verify_all
from tongban.cases.models import (
    Case,
    CaseItem,
    DecisionDocument,
    Event,
    IssuedForm,
    Opinion,
    Question,
    Reading,
)  # fmt: skip
from tongban.cases.sheets import refusal_sheet
from tongban.messages.models import Message
from tongban.messages.relay import relay
from tongban.people.models import Region, Unit
from tongban.vault import store

pytestmark = pytest.mark.django_db


def test_opinions_are_kept_by_the_units_own_people_and_their_places_checked(client: Client, world: World) -> None:
    client.force_login(world.department)
    new = {"key": key(), "unit": world.unit.pk, "title": "材料不符", "text": "“{事项}”的材料与登记不符。"}
    assert client.post("/department/opinions/", new | {"text": "请{电话}"}).status_code == 422
    assert not Opinion.objects.exists()
    for _ in range(2):
        assert client.post("/department/opinions/", new).status_code == 302
    first = Opinion.objects.get()
    case = world.case("accepted")
    item = CaseItem.objects.get(case=case)
    assert f"“{item.name}”的材料与登记不符。" in client.get(f"/cases/{case.number}/").content.decode()
    client.post("/department/batches/start/refuse/", {"key": key(), "item": [item.pk], "reason": first.text})
    item.refresh_from_db()
    assert item.reason == f"“{item.name}”的材料与登记不符。"
    client.post(f"/department/opinions/{first.pk}/", {"key": key(), "title": "材料不符", "text": "另一种说法。"})
    assert [one.text for one in Opinion.objects.filter(retired_at=None)] == ["另一种说法。"]
    assert Opinion.objects.count() == 2, "the old one is kept"
    newest = Opinion.objects.get(retired_at=None)
    client.post(f"/department/opinions/{newest.pk}/", {"key": key(), "retire": "1"})
    assert not Opinion.objects.filter(retired_at=None).exists()


def test_an_item_goes_to_a_colleague_and_who_lost_it_is_told(client: Client, world: World) -> None:
    case = world.case("accepted")
    heir = world.staff("department", name="样例·接手")
    elsewhere = world.staff("issuing", name="样例·别岗")
    client.force_login(world.department)
    url = f"/cases/{case.number}/"
    html = client.get(url).content.decode()
    assert "样例·接手" in html
    assert "样例·别岗" not in html
    give = {"order": 0, "reason": "休假"}
    order = CaseItem.objects.get(case=case).order
    for wrong in (elsewhere, world.window_clerk):
        client.post(
            f"/department/cases/{case.number}/pass/", give | {"key": key(), "order": order, "officer": wrong.pk}
        )
        assert CaseItem.objects.get(case=case).holder == world.department
    client.force_login(heir)  # takes it over from who had it
    client.post(f"/department/cases/{case.number}/pass/", give | {"key": key(), "order": order, "officer": heir.pk})
    assert CaseItem.objects.get(case=case).holder == heir
    notice = world.department.notices.get()
    assert case.number in notice.text
    assert "样例·接手" in notice.text
    assert not heir.notices.exists(), "one's own step is no news"
    event = Event.objects.get(kind="passed_to_officer")
    assert (event.data["old"], event.data["to"]) == (world.department.name, "样例·接手")
    assert case.number in client.get("/department/accepted/?mine=1").content.decode()
    client.force_login(world.department)
    assert case.number not in client.get("/department/accepted/?mine=1").content.decode()


def test_an_item_goes_only_to_a_unit_the_procedure_and_the_list_of_items_allow(client: Client, world: World) -> None:
    case = world.case("accepted")
    item = CaseItem.objects.get(case=case)
    due = item.due
    region = Region.objects.create(city=world.version.city, name="别县", abbreviation="BX", short="别")
    units = {
        "别县的": Unit.objects.create(region=region, name="别县局", items=[item.code]),
        "没有登记承办": Unit.objects.create(region=world.region, name="另一局", items=[]),
    }
    client.force_login(world.department)
    url = f"/department/cases/{case.number}/pass/"
    for unit in units.values():
        client.post(url, {"key": key(), "order": item.order, "unit": unit.pk, "reason": "职能划转"})
        item.refresh_from_db()
        assert item.unit == world.unit
    said = client.get(f"/cases/{case.number}/").content.decode()
    assert "不在这个办件的承办地" in said
    assert "没有登记承办" in said
    right = units["没有登记承办"]
    Unit.objects.filter(pk=right.pk).update(items=[item.code])
    taker = world.staff("department", unit=right)
    answer = client.post(url, {"key": key(), "order": item.order, "unit": right.pk, "reason": "职能划转"})
    assert answer["Location"] == "/department/", "who no longer sees the case goes back to the list"
    item.refresh_from_db()
    assert (item.unit, item.holder, item.due) == (right, None, due), "the limit is the applicant's: it runs on"
    assert client.get(f"/cases/{case.number}/").status_code == 404
    assert "职能划转" in taker.notices.get().text
    client.force_login(taker)
    assert case.number in client.get("/department/accepted/").content.decode()


def test_a_colleague_sees_the_case_only_while_asked(client: Client, world: World) -> None:
    case = world.case("accepted")
    unit = Unit.objects.create(region=world.region, name="另一局", items=["x"])
    asked, page = world.staff("department", unit=unit, name="样例·行家"), f"/cases/{case.number}/"
    region = Region.objects.create(city=world.version.city, name="别县", abbreviation="BX", short="别")
    far = world.staff("department", unit=Unit.objects.create(region=region, name="别县局", items=["x"]))
    client.force_login(asked)
    assert client.get(page).status_code == 404
    client.force_login(world.department)
    question = {"text": "照片像不像本人？"}
    client.post(f"/department/cases/{case.number}/ask/", question | {"key": key(), "officer": far.pk})
    assert not Question.objects.exists(), "another region is out of scope"
    client.post(f"/department/cases/{case.number}/ask/", question | {"key": key(), "officer": asked.pk})
    row = Question.objects.get()
    client.force_login(asked)
    html = client.get(page).content.decode()
    assert "照片像不像本人？" in html
    assert "准予办结" not in html
    file = case.materials.first().files.first()  # type: ignore[union-attr]
    assert client.get(f"/cases/{case.number}/files/{file.pk}/").status_code == 200
    before = world.case_file()
    for act in ("decide", "pause", "pass", "ask", "document", "correct", "send"):
        assert client.post(f"/department/cases/{case.number}/{act}/", {"key": key(), "granted": "1"}).status_code == 404
    assert client.post(f"/cases/{case.number}/forms/1/handed/", {"key": key()}).status_code in (302, 404)
    assert world.case_file() == before
    client.force_login(far)
    assert (
        client.post(f"/department/cases/{case.number}/questions/{row.pk}/", {"key": key(), "text": "像"}).status_code
        == 404
    )
    client.force_login(asked)
    answer = f"/department/cases/{case.number}/questions/{row.pk}/"
    client.post(answer, {"key": key(), "text": "像。"})
    assert client.get(page).status_code == 404
    client.force_login(world.department)
    html = client.get(page).content.decode()
    assert "像。" in html
    assert "样例·行家" in world.department.notices.get().text
    assert [e.kind for e in case.events.order_by("sequence")][-2:] == ["colleague_asked", "colleague_answered"]


def test_a_question_taken_back_closes_the_case_again_and_so_does_a_duty_that_ends(client: Client, world: World) -> None:
    case = world.case("accepted")
    unit = Unit.objects.create(region=world.region, name="另一局", items=["x"])
    asked, page = world.staff("department", unit=unit), f"/cases/{case.number}/"
    ask_colleague(world.department, case.number, key=key(), officer_id=asked.pk, text="看看？")
    client.force_login(asked)
    assert client.get(page).status_code == 200
    asked.duties.update(ends_at=timezone.now())
    assert client.get(page).status_code == 404
    asked.duties.update(ends_at=None)
    client.force_login(world.department)
    client.post(f"/department/cases/{case.number}/questions/{Question.objects.get().pk}/", {"key": key(), "back": "1"})
    client.force_login(asked)
    assert client.get(page).status_code == 404


def pdf(said: str = "决定") -> SimpleUploadedFile:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Title": said})
    out = io.BytesIO()
    writer.write(out)
    return SimpleUploadedFile(f"{said}.pdf", out.getvalue())


def test_the_document_of_a_decision_is_kept_seen_and_archived(client: Client, world: World) -> None:
    case = world.case("accepted")
    order = CaseItem.objects.get(case=case).order
    client.force_login(world.department)
    url = f"/department/cases/{case.number}/document/"
    client.post(url, {"key": key(), "order": order, "file": pdf()})
    assert not DecisionDocument.objects.exists(), "no document before there is a decision"
    department.decide(world.department, case.number, key=key(), granted=True)
    client.post(url, {"key": key(), "order": order, "file": SimpleUploadedFile("照片.jpg", jpeg())})
    assert not DecisionDocument.objects.exists(), "a PDF"
    client.post(url, {"key": key(), "order": order, "file": pdf("第一稿")})
    client.post(url, {"key": key(), "order": order, "file": pdf("定稿")})
    old, new = DecisionDocument.objects.order_by("pk")
    assert old.withdrawn_at
    assert not new.withdrawn_at
    department.send_result(world.department, case.number, key=key())
    client.force_login(world.issuing)
    assert f"/cases/{case.number}/documents/{new.pk}/" in client.get(f"/cases/{case.number}/").content.decode()
    seen = client.get(f"/cases/{case.number}/documents/{new.pk}/")
    assert (seen.status_code, seen["Content-Type"]) == (200, "application/pdf")
    client.force_login(
        world.staff("issuing", region=Region.objects.create(city="别市", name="别", abbreviation="BX", short="别"))
    )
    assert client.get(f"/cases/{case.number}/documents/{new.pk}/").status_code == 404
    release.hand_over(world.issuing, case.number, key=key(), shown=world.shown())
    papers.papers_to_archive(world.issuing, case.number, key=key())
    archiving.archive(world.archive, case.number, key=key())
    pack.pack()
    names = zip_names(store.read(ArchivePackage.objects.get().digest))
    assert [name for name in names if "决定文书" in name and name.endswith(".pdf")]


def test_a_decision_is_corrected_with_its_reasons_until_the_hand_over(client: Client, world: World) -> None:
    case = world.case("sent")
    item = CaseItem.objects.get(case=case)
    client.force_login(world.department)
    url = f"/department/cases/{case.number}/correct/"
    new = {"order": item.order, "granted": "0", "reason": "材料系伪造", "why": "复核发现"}
    for wrong in ({"why": ""}, {"reason": ""}, {"granted": ""}):
        client.post(url, new | wrong | {"key": key()})
        assert not Event.objects.filter(kind="decision_corrected").exists()
    once = key()
    for _ in range(2):
        client.post(url, new | {"key": once})
    event = Event.objects.get(kind="decision_corrected")
    assert event.data["before"]["decision"] == "granted", "the earlier one stays readable"
    assert (event.data["why"], event.clauses) == ("复核发现", ["五"])
    item.refresh_from_db()
    assert (item.decision, item.reason, item.state) == ("refused", "材料系伪造", "decided")
    assert "不要发放" in world.issuing.notices.get().text
    html = client.get(f"/cases/{case.number}/").content.decode()
    assert "准予办结 → 不予办理" in html
    relay()
    assert any("已更正为“不予办理”（材料系伪造）" in message.text for message in Message.objects.filter(case=case))
    client.post(url, new | {"key": key()})
    assert Event.objects.filter(kind="decision_corrected").count() == 1, "the same again is no correction"
    handed = world.case("handed")
    item = CaseItem.objects.get(case=handed)
    with pytest.raises(Refused, match="已经交付申请人"):
        correct_decision(
            world.department, handed.number, key=key(), order=item.order, granted=False, reason="x", why="y"
        )
    assert [broken for _, broken in verify_all() if broken] == []


@pytest.mark.parametrize(("until", "state"), [("accepted", "accepted"), ("handed", "delivered")])
def test_what_cannot_be_corrected_is_said_and_stays(world: World, until: str, state: str) -> None:
    case = world.case(until)
    item = CaseItem.objects.get(case=case)
    assert item.state == state
    before = world.case_file()
    with pytest.raises(Refused):
        correct_decision(world.department, case.number, key=key(), order=item.order, granted=False, reason="x", why="y")
    assert world.case_file() == before


def test_a_correction_is_told_to_who_took_the_case_in(world: World) -> None:
    case = world.case("decided")
    Case.objects.filter(pk=case.pk).update(mirrored=True, outside="other", foreign_number="X-1")
    item = CaseItem.objects.get(case=case)
    correct_decision(world.department, case.number, key=key(), order=item.order, granted=False, reason="x", why="y")
    assert case.events.filter(to_push=True).values_list("kind", flat=True).last() == "decision_corrected"


@pytest.mark.parametrize("role", ["department", "issuing"])
def test_every_desk_that_prints_has_a_tray(client: Client, world: World, role: str) -> None:
    case = world.case("accepted" if role == "department" else "sent")
    staff = world.people[role]
    client.force_login(staff)
    if role == "department":
        client.post(f"/department/cases/{case.number}/pause/", {"key": key(), "ground": "test", "note": ""})
        client.post(f"/department/cases/{case.number}/pause/", {"key": key(), "ground": next(iter(GROUNDS))})
    else:
        data = refusal_sheet(Case.objects.get(pk=case.pk), staff, {"reason": "没有带身份证"}, "样例·某")
        issue_form(staff, case.number, key=key(), kind="release_refusal", data=data)
    form = IssuedForm.objects.get(case=case)
    html = client.get(f"/{role}/forms/").content.decode()
    assert form.serial in html
    assert "样例·张㛃" in html
    assert Reading.objects.filter(purpose="hand", staff=staff).count() == 1
    way = {"way": "post"} if role == "department" else {}
    done = client.post(f"/cases/{case.number}/forms/{form.pk}/handed/", {"key": key(), "role": role} | way)
    assert done["Location"] == f"/{role}/forms/"
    assert form.serial not in client.get(f"/{role}/forms/").content.decode()
    event = Event.objects.get(kind="form_handed")
    assert event.data.get("way", "") == ("邮寄" if way else "")


def test_the_whole_case_leaves_as_a_folder_whose_list_holds(client: Client, world: World) -> None:
    case = world.case("accepted", applicant=replace(world.application().applicant, address='=cmd|"/c calc"!A1'))
    client.force_login(world.department)
    page = client.get(f"/department/cases/{case.number}/export.zip")
    data = b"".join(page)  # type: ignore[arg-type]
    archive = zipfile.ZipFile(io.BytesIO(data))
    sums = dict(line.split("  ", 1)[::-1] for line in archive.read(f"{case.number}/SHA256.txt").decode().splitlines())
    inside = {name.split("/", 1)[1] for name in archive.namelist()} - {"SHA256.txt"}
    assert inside == set(sums)
    assert len([name for name in inside if name.startswith("材料/")]) == 2
    for name, digest in sums.items():
        assert hashlib.sha256(archive.read(f"{case.number}/{name}")).hexdigest() == digest
    book = openpyxl.load_workbook(io.BytesIO(archive.read(f"{case.number}/办件.xlsx")))
    cells = {row[0].value: row[1] for row in book["字段"].iter_rows(min_row=2)}
    assert cells["证件号码"].value == ADULT
    assert (cells["住址"].data_type, cells["住址"].quotePrefix) == ("s", True)
    assert str(cells["住址"].value).startswith("=cmd")
    note = Reading.objects.get()
    assert (note.what, note.purpose, note.staff) == ("导出办件", "enter", world.department)


def test_the_copy_panel_is_recorded_and_for_the_department_alone(client: Client, world: World) -> None:
    case = world.case("accepted")
    client.force_login(world.department)
    html = client.get(f"/department/cases/{case.number}/copy/").content.decode()
    assert f'data-value="{ADULT}"' in html
    assert Reading.objects.get().purpose == "enter"
    unit = Unit.objects.create(region=world.region, name="另一局", items=["x"])
    asked = world.staff("department", unit=unit)
    ask_colleague(world.department, case.number, key=key(), officer_id=asked.pk, text="看看？")
    client.force_login(asked)
    for page in ("copy/", "export.zip"):
        assert client.get(f"/department/cases/{case.number}/{page}").status_code == 404, "asked is not entitled"


def test_all_materials_are_one_pdf_small_ones_at_once_large_ones_by_the_worker(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    materials = tuple(replace(given, files=(world.file("样例.jpg"), picture())) for given in world.materials()[:1])
    case = world.case("accepted", materials=(*materials, *world.materials()[1:]))
    client.force_login(world.department)
    once, url = {"key": key()}, f"/cases/{case.number}/materials/"
    where = client.post(url, once)["Location"]
    assert client.post(url, once)["Location"] == where
    assert "打开 3 个文件合成的 PDF" in client.get(where).content.decode()
    before = Reading.objects.count()
    pdf = pypdf.PdfReader(io.BytesIO(client.get(f"{where}all.pdf").content))
    assert len(pdf.pages) == 4
    assert Reading.objects.count() - before == 3, "each file as if it were opened by itself"
    monkeypatch.setattr(prints, "SMALL", 0)
    where = client.post(url, {"key": key()})["Location"]
    assert "正在合并：0 / 3" in client.get(where).content.decode()
    assert prints.put_together() == 1
    assert client.get(f"{where}all.pdf").status_code == 200
    client.force_login(world.issuing)
    assert client.get(where).status_code == 404
    client.force_login(world.archive)
    assert client.post(url, {"key": key()}).status_code == 404
    client.force_login(world.department)
    CaseItem.objects.filter(case=case).update(unit=Unit.objects.create(region=world.region, name="另一局", items=[]))
    assert client.get(f"{where}all.pdf").status_code == 302, "no longer one's to see"


def picture() -> FileGiven:
    out = io.BytesIO()
    Image.new("RGB", (600, 800), "white").save(out, "PNG")
    return FileGiven(store.store(out.getvalue(), "扫描.png"), "扫描.png")
