"""From a closed case to its package: numbered without gaps, made once, the same bytes, sealed here and plain when exported."""

import io
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
import typst
from django.conf import settings
from django.test import Client
from lxml import etree

from tests.cases.test_races import together
from tests.world import ADULT, World, build, key
from tongban.archive import acts, pack
from tongban.archive.models import ArchivePackage, Ask
from tongban.archive.package import verify
from tongban.cases.actions.door import Conflict, NotFound, Refused
from tongban.cases.actions.forms import issue_form
from tongban.cases.application import FileGiven
from tongban.cases.events import verify_all
from tongban.cases.models import Case, MaterialFile
from tongban.cases.sheets import window_sheet
from tongban.imaging.pages import says_pdf_a
from tongban.imaging.paper import page_sizes
from tongban.people.models import City
from tongban.vault import store

pytestmark = pytest.mark.django_db


def packed(case: Case) -> ArchivePackage:
    pack.pack()
    return ArchivePackage.objects.get(case=case)


def test_the_package_of_a_case_holds_everything_and_proves_itself(world: World) -> None:
    case = world.case("passed")
    issue_form(world.window_clerk, case.number, key=key(), kind="intake_receipt",
               data=window_sheet(case, "intake_receipt", world.window_clerk))  # fmt: skip
    acts.archive(world.archive, case.number, key=key())
    row = packed(case)
    data = store.read(row.digest)
    package = verify(io.BytesIO(data))
    assert row.number == package.number == f"NX-ZWFW-{row.year}-000001"
    assert (row.size, row.digest) == (len(data), store.digest_of(data))
    paths = [file.path for file in package.rows]
    assert paths[:5] == [
        "基本信息元数据.xml", "办理过程.xml", "工作规程.txt", "材料/01-身份证/1-0.jpg", "材料/02-寸照/1-1.jpg",
    ]  # fmt: skip
    assert paths[5].startswith("文书/01-收件回执")
    assert paths[6].startswith("事项/01-")
    base = etree.fromstring(package.records["基本信息元数据.xml"])
    assert base.tag == "base_info"
    assert base.findtext("applicant/id_number") == ADULT
    assert base.findtext("retention") == "30年"
    sent = etree.fromstring(package.records["移交信息.xml"])
    assert [sent.findtext(name) for name in ("fonds", "category", "region", "number")] == [
        "NX",
        "ZWFW",
        "南县",
        row.number,
    ]
    kinds = [event.findtext("kind") for event in etree.fromstring(package.records["办理过程.xml"])]
    assert kinds[0] == "taken_in"
    assert kinds[-1] == "archived"
    item = etree.fromstring(package.nested[0].records["基本信息元数据.xml"])
    assert [m.findtext("path") for m in item.iterfind("material")] == paths[3:5]
    noted = case.events.get(kind="packed")
    assert noted.data == {"number": row.number, "sha256": row.digest, "sm3": row.sm3, "size": row.size}
    assert (noted.by_name, noted.clauses) == ("系统", ["十一"])
    assert [broken for _, broken in verify_all() if broken] == []


def test_the_same_case_gives_the_same_bytes_and_packing_again_does_nothing(world: World) -> None:
    case = world.case("archived")
    row = packed(case)
    events = case.events.count()
    ArchivePackage.objects.filter(pk=row.pk).update(packed_at=None)  # as if the power had gone before it was written
    assert pack.one(row.pk)
    row.refresh_from_db()
    assert pack.make(row, pack.profile_of(case.version.city)) == store.read(row.digest)
    assert case.events.count() == events


def pdf(pages: int = 2) -> bytes:
    """A PDF with text, on pages of two sizes."""
    source = b"".join(b"#page(width: %dmm, height: 150mm)[= SPECIMEN %d]\n" % (100 + 50 * n, n) for n in range(pages))
    made = typst.compile(source)
    assert isinstance(made, bytes)
    return made


def test_beside_a_pdf_that_was_handed_in_lies_its_pdf_a_and_the_original_is_kept(world: World) -> None:
    original = pdf()
    given = list(world.materials())
    file = FileGiven(store.store(original, "说明.pdf"), "说明.pdf")
    case = world.case("archived", materials=(replace(given[0], files=(file,)), given[1]))
    row = packed(case)
    data = store.read(row.digest)
    rows = {r.path: r for r in verify(io.BytesIO(data)).rows}
    whole, copy = "材料/01-身份证/1-说明.pdf", "材料/01-身份证/1-PDFA-说明.pdf"
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        assert opened.read(f"{row.number}/data/{whole}") == original
        made = opened.read(f"{row.number}/data/{copy}")
    assert "逐页成像转成的 PDF/A" in rows[copy].title
    assert rows[whole].title == "身份证（原件）"
    assert says_pdf_a(made)
    assert not says_pdf_a(original)
    for one, other in zip(page_sizes(made), page_sizes(original), strict=True):
        assert one == pytest.approx(other, abs=1)
    before, after = (pypdfium2.PdfDocument(one)[1].render(scale=1).to_numpy().astype(int) for one in (original, made))
    assert abs(before - after).mean() < 3, "it shows what the original shows"
    assert pack.make(row, pack.profile_of(case.version.city)) == data, "the same bytes again"


def test_where_no_pdf_a_can_be_made_the_list_says_why(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    given = list(world.materials())
    file = FileGiven(store.store(pdf(51), "长.pdf"), "长.pdf")
    row = packed(world.case("archived", materials=(replace(given[0], files=(file,)), given[1])))
    titles = [r.title for r in verify(io.BytesIO(store.read(row.digest))).rows if r.path.startswith("材料/01")]
    assert titles == ["身份证（原件；没有转成 PDF/A：有 51 页，最多转 50 页。）"]


def test_at_rest_it_is_sealed(world: World) -> None:
    row = packed(world.case("archived"))
    kept = Path(settings.VAULT) / row.digest[:2] / row.digest[2:4] / row.digest
    assert b"base_info" not in kept.read_bytes()
    assert not zipfile.is_zipfile(kept)


def test_the_city_decides_fonds_category_retention_and_names(world: World) -> None:
    City.objects.create(
        name=world.version.city, title="示例",
        archive={"fonds": {"南县": "Z109"}, "category": "YWJB", "packages": {world.version.name: "永久"},
                 "elements": {"applicant": "sqr"}},
    )  # fmt: skip
    row = packed(world.case("archived"))
    assert row.number == f"Z109-YWJB-{row.year}-000001"
    assert (row.retention, row.expires_on) == ("永久", None)
    base = verify(io.BytesIO(store.read(row.digest))).records["基本信息元数据.xml"].decode()
    assert '<sqr label="申请人">' in base
    assert "<applicant" not in base


@pytest.mark.parametrize(("retention", "first_free"), [("10年", "2037-01-01"), ("30年", "2057-01-01"), ("永久", None)])
def test_the_term_runs_from_the_next_first_of_january(retention: str, first_free: str | None) -> None:
    day = pack.expiry(2026, retention)
    assert (day.isoformat() if day else None) == first_free


def test_a_damaged_file_is_said_holds_up_nobody_and_is_tried_again(world: World) -> None:
    bad, good = world.case("archived", materials=world.materials(seed=7)), world.case("archived")
    digest = MaterialFile.objects.filter(material__case=bad)[0].digest
    file = Path(settings.VAULT) / digest[:2] / digest[2:4] / digest
    whole = file.read_bytes()
    file.write_bytes(whole[:-1])
    assert pack.pack() == 1
    row = ArchivePackage.objects.get(case=bad)
    assert "与入库时不一致" in row.problem
    assert packed(good).number.endswith("000002")
    assert pack.pack() == 0  # not before a while
    file.write_bytes(whole)
    ArchivePackage.objects.filter(pk=row.pk).update(next_try=None)
    assert pack.pack() == 1
    row.refresh_from_db()
    assert (row.number or "").endswith("000001")  # the number was his all along: no gap
    assert row.problem == ""


def test_what_is_missing_is_asked_of_whoever_owes_it_and_comes(client: Client, world: World) -> None:
    case = world.case("passed")
    MaterialFile.objects.filter(material__case=case, material__index=1).update(withdrawn=True)
    acts.ask(world.archive, case.number, key=key())
    with pytest.raises(Conflict, match="没有新的缺项"):
        acts.ask(world.archive, case.number, key=key())
    asked = Ask.objects.get(case=case)
    client.force_login(world.window_clerk)
    html = client.get("/window/asks/").content.decode()
    assert "材料“寸照”没有电子件" in html
    client.force_login(world.issuing)
    assert "材料“寸照”" not in client.get("/issuing/asks/").content.decode()
    with pytest.raises(Refused, match="没有找到这条催要"):
        acts.answer(world.issuing, case.number, key=key(), ask_id=asked.pk, note="不是我的")
    with pytest.raises(Refused, match="请填写情况说明"):
        acts.answer(world.window_clerk, case.number, key=key(), ask_id=asked.pk)
    brought = world.file("补照.jpg", 99)
    acts.answer(world.window_clerk, case.number, key=key(), ask_id=asked.pk, file=brought.stored, filename="补照.jpg")
    with pytest.raises(Conflict, match="已经答复过"):
        acts.answer(world.window_clerk, case.number, key=key(), ask_id=asked.pk, note="再答")
    client.force_login(world.archive)
    html = client.get(f"/archive/cases/{case.number}/").content.decode()
    assert "资料齐全" in html
    assert "已补文件" in html
    assert "都已答复" in client.get("/archive/").content.decode()
    acts.archive(world.archive, case.number, key=key())
    assert "材料/02-寸照/1-补照.jpg" in [r.path for r in verify(io.BytesIO(store.read(packed(case).digest))).rows]


def test_found_again_by_whole_numbers_only(client: Client, world: World) -> None:
    case = world.case("archived")
    row = packed(case)
    acts.shelve(world.archive, case.number, key=key(), box="A-17", shelf="3 架 2 层")
    client.force_login(world.archive)
    for wanted in (row.number, "A-17", case.number, ADULT):
        assert row.number in client.get("/archive/list/archived/", {"for": wanted}).content.decode()
    for part in (row.number[:-1], ADULT[:-1], "A-1"):
        assert row.number not in client.get("/archive/list/archived/", {"for": part}).content.decode()
    assert row.number in client.get("/archive/list/archived/", {"year": str(row.year)}).content.decode()
    assert row.number not in client.get("/archive/list/archived/", {"year": "1999"}).content.decode()


def test_exported_plain_by_a_recorded_act_and_verified_with_nothing_but_the_file(
    client: Client, world: World, tmp_path: Path
) -> None:
    case = world.case("archived")
    client.force_login(world.archive)
    url = f"/archive/cases/{case.number}/export/"
    assert client.post(url, {"key": key(), "purpose": "移交"}).status_code == 302  # nothing is packed yet
    row = packed(case)
    assert client.post(url, {"key": key(), "purpose": " "}).status_code == 302
    assert not case.events.filter(kind="package_exported").exists()
    answer = client.post(url, {"key": key(), "purpose": "市里抽查"})
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{row.number}.zip"'
    exported = case.events.get(kind="package_exported")
    assert (exported.data["reason"], exported.by) == ("市里抽查", world.archive)
    file = tmp_path / f"{row.number}.zip"
    file.write_bytes(answer.content)

    def run(command: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-X", "utf8", "-m", "tongban", "archive", command, str(file)]
        return subprocess.run(words, capture_output=True, text=True, env={"TONGBAN_DATA": "/nonexistent/nowhere"})

    assert run("verify").returncode == 0
    shown = run("read").stdout
    for said in (row.number, case.number, "姓名：样例·张㛃", ADULT, "准予办结", "材料/02-寸照/1-1.jpg", "依据 十一"):
        assert said in shown
    altered = bytearray(answer.content)
    altered[len(altered) // 2] ^= 1
    file.write_bytes(altered)
    assert run("verify").returncode == 1
    assert (run("read").returncode, run("read").stdout) == (1, "")


def test_only_the_archive_of_the_place_exports(world: World) -> None:
    case = world.case("archived")
    packed(case)
    for person in (world.window_clerk, world.issuing, world.oversight, world.administrator):
        with pytest.raises(NotFound):
            acts.export(person, case.number, key=key(), purpose="看看")


@pytest.mark.django_db(transaction=True)
def test_sixteen_packers_leave_no_gap_and_no_number_twice(db: None) -> None:
    world = build()
    rows = [ArchivePackage.objects.get(case=world.case("archived")) for _ in range(8)]
    answers = together([lambda pk=row.pk: pack.one(pk) for row in rows * 2])  # type: ignore[misc]
    assert answers == [True] * 16
    numbers = sorted(ArchivePackage.objects.values_list("number", flat=True))
    assert [number[-6:] for number in numbers] == [f"{n:06d}" for n in range(1, 9)]
    assert [case.events.filter(kind="packed").count() for case in Case.objects.all()] == [1] * 8
    assert [broken for _, broken in verify_all() if broken] == []
