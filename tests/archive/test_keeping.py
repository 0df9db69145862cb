"""Lent and given back, transferred with list and receipt, destroyed after the term: and what is left still proves itself."""

import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.test import Client
from django.utils import timezone
from lxml import etree

from tests.cases.test_races import together
from tests.world import ADULT, World, build, key
from tongban.archive import disposal, keeping
from tongban.archive.models import ArchivePackage, Disposal, DisposalEntry, Loan, Transfer
from tongban.archive.pack import pack
from tongban.cases import events, roots
from tongban.cases.actions.door import Conflict, NotFound, Refused
from tongban.cases.actions.forms import issue_form
from tongban.cases.models import Case, Event, MaterialFile, Party, Reading
from tongban.cases.sheets import window_sheet
from tongban.messages.relay import relay
from tongban.people.models import Duty, Staff
from tongban.ratings.acts import rate
from tongban.ratings.models import Rating
from tongban.vault import keepers, store
from tongban.vault.rotation import sealed_columns

pytestmark = pytest.mark.django_db
LATER = timezone.localdate() + timedelta(days=30)


def kept(world: World, **more: object) -> Case:
    case = world.case("archived", **more)
    pack()
    return case


# lending


def test_lent_once_until_it_is_back(client: Client, world: World) -> None:
    case = kept(world)
    facts = {"borrower": "样例·李 审计局", "purpose": "年度审计"}
    with pytest.raises(Refused, match="归还日期"):
        keeping.lend(world.archive, case.number, key=key(), due_on=date(2020, 1, 1), **facts)
    keeping.lend(world.archive, case.number, key=key(), due_on=LATER, **facts)
    with pytest.raises(Conflict, match="已经借出"):
        keeping.lend(world.archive, case.number, key=key(), due_on=LATER, **facts)
    Loan.objects.update(due_on=timezone.localdate() - timedelta(days=2))
    client.force_login(world.archive)
    html = client.get("/archive/loans/").content.decode()
    assert "样例·李 审计局" in html
    assert "已超 2 天" in html
    keeping.give_back(world.archive, case.number, key=key())
    with pytest.raises(Conflict):
        keeping.give_back(world.archive, case.number, key=key())
    assert "没有借出的档案" in client.get("/archive/loans/").content.decode()


# transferring


def test_a_batch_its_list_its_receipt_and_the_receivers_check(client: Client, world: World, tmp_path: Path) -> None:
    cases = [kept(world, materials=world.materials(seed=n * 10)) for n in range(3)]
    client.force_login(world.archive)
    year = timezone.localdate().year
    client.post("/archive/transfers/make/", {"key": key(), "series": f"NX|{year}"})
    batch = Transfer.objects.get()
    assert batch.number == f"NX-YJ-{year}-0001"
    assert "0 / 3" in client.get("/archive/transfers/").content.decode()
    assert client.get(f"/archive/transfers/{batch.number}/list.xml").status_code == 404
    with pytest.raises(Refused, match="正在编"):
        keeping.make_transfer(world.archive, "NX", year)
    with pytest.raises(Conflict, match="还没有编好"):
        keeping.receive(world.archive, batch.number, receipt="1", received_by="样例", received_on=timezone.localdate())
    assert [keeping.fill_transfers(), keeping.fill_transfers()] == [3, 0]
    assert "3 件" in client.get(f"/archive/transfers/{batch.number}/").content.decode()
    with pytest.raises(Refused, match="没有可以移交"):
        keeping.make_transfer(world.archive, "NX", year)
    listed = etree.fromstring(client.get(f"/archive/transfers/{batch.number}/list.xml").content)
    assert listed.findtext("count") == "3"
    rows = {
        r.findtext("number"): (r.findtext("size"), r.findtext("sha256"), r.findtext("sm3"))
        for r in listed.iterfind("package")
    }
    assert rows == {p.number: (str(p.size), p.digest, p.sm3) for p in ArchivePackage.objects.all()}

    from argparse import Namespace

    from tongban.archive import command_transfer

    folder = tmp_path / "out"
    assert command_transfer.run(Namespace(number=batch.number, folder=folder, quiet=True)) == 0
    packages = sorted(str(path) for path in folder.glob("*.zip"))
    assert len(packages) == 3

    def check(*files: str) -> tuple[int, str]:
        words = [
            sys.executable,
            "-X",
            "utf8",
            "-m",
            "tongban",
            "archive",
            "verify",
            "--list",
            str(folder / "移交清单.xml"),
        ]
        found = subprocess.run([*words, *files], capture_output=True, text=True)
        return found.returncode, found.stdout

    assert check(*packages)[0] == 0
    assert check(*packages[:2]) == (
        1,
        f"清单上的 {Path(packages[2]).stem} 没有完好的文件。\n共核验 2 个归档信息包，1 个有异常。\n",
    )
    assert check(*packages, packages[0])[0] == 1  # a number twice
    first = Path(packages[0])
    whole = first.read_bytes()
    first.write_bytes(whole[:-1])
    assert check(*packages)[0] == 1
    assert (
        command_transfer.run(Namespace(number=batch.number, folder=folder, quiet=True)) == 0
    )  # mends what is not right
    assert first.read_bytes() == whole

    facts = {"receipt": "市档收 2026-17", "received_by": "样例·馆员"}
    with pytest.raises(Refused, match="接收日期"):
        keeping.receive(world.archive, batch.number, received_on=LATER, **facts)
    keeping.receive(world.archive, batch.number, received_on=timezone.localdate(), **facts)
    with pytest.raises(Conflict):
        keeping.receive(world.archive, batch.number, received_on=timezone.localdate(), **facts)
    assert keeping.note_transfers() == 3
    assert keeping.note_transfers() == 0
    assert cases[0].events.get(kind="transferred").data["receipt"] == "市档收 2026-17"
    assert "已接收" in client.get("/archive/transfers/").content.decode()


def test_a_batch_is_filled_piece_by_piece_and_what_is_damaged_stays_out(
    client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "PIECE", 2)
    cases = [kept(world, materials=world.materials(seed=n * 10)) for n in range(5)]
    year = timezone.localdate().year
    bad = ArchivePackage.objects.get(case=cases[1])
    whole = store._path(bad.digest).read_bytes()
    store._path(bad.digest).write_bytes(whole[:-1])
    batch = keeping.make_transfer(world.archive, "NX", year)
    seen = []
    while keeping.fill_transfers():
        batch.refresh_from_db()
        seen.append((batch.looked, batch.packages.count(), batch.finished_at is not None))
    assert seen == [(2, 1, False), (4, 3, False), (5, 4, True)]
    assert batch.damaged == [bad.number]
    client.force_login(world.archive)
    assert f"没有编进去</span> {bad.number}" in client.get("/archive/transfers/").content.decode()
    store._path(bad.digest).write_bytes(whole)
    later = keeping.make_transfer(world.archive, "NX", year)
    keeping.fill_transfers()
    assert [package.case for package in later.packages.all()] == [cases[1]]


@pytest.mark.django_db(transaction=True)
def test_two_archivists_make_a_batch_at_once_and_one_wins() -> None:
    world = build()
    kept(world)
    year = timezone.localdate().year
    answers = together([lambda: keeping.make_transfer(world.archive, "NX", year)] * 8)
    assert sorted(type(answer).__name__ for answer in answers) == ["Refused"] * 7 + ["Transfer"]


# disposal


def over(*cases: Case) -> None:
    """Their term was over yesterday."""
    yesterday = timezone.localdate() - timedelta(days=1)
    ArchivePackage.objects.filter(case__in=cases).update(expires_on=yesterday)


def approved(world: World) -> Disposal:
    row = disposal.make_list(world.archive, "NX")
    disposal.review(world.archive, row.number)
    return disposal.approve(world.oversight, row.number)


def rich(world: World) -> Case:
    """A case with everything that can name a person: materials, a sheet, a message, a rating with words."""
    case = world.case("passed")
    issue_form(world.window_clerk, case.number, key=key(), kind="intake_receipt",
               data=window_sheet(case, "intake_receipt", world.window_clerk))  # fmt: skip
    Party.objects.create(case=case, role="agent", name="样例·代办", id_number=ADULT, phone="13900000000")
    rate(case.number, "0000", key=key(), level=5, comment="很久")
    relay()
    from tongban.archive.acts import archive

    archive(world.archive, case.number, key=key())
    pack()
    return case


def test_only_what_is_over_not_held_not_lent_is_listed(world: World) -> None:
    over_now, held, lent, _not_yet = (kept(world, materials=world.materials(seed=n * 10)) for n in range(4))
    over(over_now, held, lent)
    keeping.hold(world.oversight, held.number, key=key(), reason="诉讼")
    keeping.lend(world.archive, lent.number, key=key(), borrower="样例", purpose="查", due_on=LATER)
    row = disposal.make_list(world.archive, "NX")
    assert [entry.package.case for entry in row.entries.all()] == [over_now]
    with pytest.raises(Refused, match="没有可以列入"):
        disposal.make_list(world.archive, "NX")


def test_two_roles_and_two_persons(world: World) -> None:
    over(kept(world))
    both = world.staff("archive")
    Duty.objects.create(staff=both, role="oversight", region=world.region)
    both = Staff.objects.get(pk=both.pk)
    row = disposal.make_list(world.archive, "NX")
    with pytest.raises(NotFound):
        disposal.review(world.oversight, row.number)
    with pytest.raises(Conflict):
        disposal.approve(world.oversight, row.number)
    disposal.review(both, row.number)
    with pytest.raises(Refused, match="另一位"):
        disposal.approve(both, row.number)
    with pytest.raises(NotFound):
        disposal.approve(world.archive, row.number)
    assert disposal.carry_out() == 0
    assert disposal.approve(world.oversight, row.number).state == "approved"


def test_what_names_a_person_is_gone_what_counts_stays_and_the_chain_holds(client: Client, world: World) -> None:
    case, other = rich(world), kept(world, materials=world.materials(seed=50))
    client.force_login(world.oversight)
    client.get(f"/cases/{case.number}/")
    looked = list(Reading.objects.filter(case_number=case.number).order_by("pk").values())
    assert looked
    roots.write(timezone.now())
    over(case)
    digests = {digest for digest, what in keepers.kept() if case.number in what or "归档信息包" in what}
    mine = {d for d, what in keepers.kept() if case.number in what} | {case.package.digest}
    approved(world)
    while disposal.carry_out():
        pass
    case = Case.objects.get(pk=case.pk)
    assert (case.state, case.applicant_name, case.applicant_id_digest, case.applicant_phone_digest) == (
        "destroyed",
        "",
        "",
        "",
    )
    for model, columns in sealed_columns():
        if model._meta.label == "archive.DisposalEntry":
            continue
        for row in disposal.rows_of(model, case):
            for column in columns:
                value = getattr(row, column.attname)
                gone = value in ("", [], {}, None) or (model is Event and row.kind == "destroyed")
                assert gone, f"{model.__name__}.{column.attname}: {value}"
    # what counts
    assert Rating.objects.get(case=case).level == 5
    assert case.items.get().decided_at is not None
    assert case.events.filter(kind="handed_over").exists()
    assert list(Reading.objects.filter(pk__in=[row["id"] for row in looked]).order_by("pk").values()) == looked
    # what proves
    roots.write(timezone.now() + timedelta(days=1))
    assert [broken for _, broken in events.verify_all() if broken] == []
    assert [broken for broken in roots.verify() if broken] == []
    # files: an hour later, and only those nobody else uses
    assert all(store.there(digest) for digest in mine)
    DisposalEntry.objects.update(destroyed_at=timezone.now() - timedelta(hours=2))
    for digest in mine:
        path = Path(settings.VAULT) / digest[:2] / digest[2:4] / digest
        os.utime(path, (1, 1))
    assert disposal.remove_files() == 1
    assert not any(store.there(digest) for digest in mine)
    assert all(store.there(digest) for digest in digests - mine)
    assert store.read(ArchivePackage.objects.get(case=other).digest)
    row = Disposal.objects.get()
    entry = row.entries.get()
    assert (row.state, entry.state, entry.files, entry.removed) == ("done", "destroyed", [], len(mine))
    for person, url in (
        (world.archive, f"/disposals/{row.number}/"), (world.archive, f"/archive/cases/{case.number}/"),
        (world.oversight, f"/cases/{case.number}/"), (world.archive, "/archive/list/archived/"),
    ):  # fmt: skip
        client.force_login(person)
        answer = client.get(url)
        assert answer.status_code == 200, url
        html = answer.content.decode()
        assert "样例·张㛃" not in html
    client.force_login(world.archive)
    assert "销毁证明" in client.get(f"/disposals/{row.number}/").content.decode()
    for end in ("0000", "", "----"):  # nobody is known by a phone that is gone
        for url in ("/progress/rate/", "/progress/appeal/"):
            form = {"number": case.number, "phone_end": end, "level": "1", "key": key()}
            assert client.post(url, form).status_code == 404, (url, end)


@pytest.mark.parametrize("how", ["who", "kind", "order", "untold", "forged"])
def test_what_stays_cannot_be_altered_unseen(world: World, how: str) -> None:
    case = kept(world)
    over(case)
    approved(world)
    disposal.carry_out()
    rows = list(case.events.order_by("sequence"))
    match how:
        case "who":
            Event.objects.filter(pk=rows[2].pk).update(by_name="别人")
        case "kind":
            Event.objects.filter(pk=rows[2].pk).update(kind="refused")
        case "order":
            Event.objects.filter(pk=rows[2].pk).update(at=rows[0].at)
        case "untold":
            Event.objects.filter(pk=rows[-1].pk).update(data={})
        case "forged":
            Event.objects.filter(pk=rows[-1].pk).update(
                data=rows[-1].data | {"remains": events.remains(rows[1:-1], "x")}
            )
    assert events.verify(case.events.order_by("sequence"), Case.objects.get(pk=case.pk)) is not None


def test_emptied_without_the_act_is_a_break(world: World) -> None:
    case = kept(world)
    disposal.wipe(case)
    assert events.verify(case.events.order_by("sequence"), Case.objects.get(pk=case.pk)) is not None


def test_held_after_the_approval_it_stays_and_so_does_a_broken_chain(world: World) -> None:
    held, broken = kept(world), kept(world, materials=world.materials(seed=10))
    over(held, broken)
    approved(world)
    keeping.hold(world.archive, held.number, key=key(), reason="来了传票")
    Event.objects.filter(case=broken, sequence=2).update(by_name="别人")
    while disposal.carry_out():
        pass
    assert set(DisposalEntry.objects.values_list("package__case__number", "state")) == {
        (held.number, "held"), (broken.number, "broken"),
    }  # fmt: skip
    assert set(Case.objects.values_list("state", flat=True)) == {"archived"}


def test_struck_off_with_a_reason_it_stays(world: World) -> None:
    one, two = kept(world), kept(world, materials=world.materials(seed=10))
    over(one, two)
    row = disposal.make_list(world.archive, "NX")
    entry = row.entries.get(package__case=one)
    with pytest.raises(Refused):
        disposal.strike(world.archive, row.number, entry_id=entry.pk, reason=" ")
    disposal.strike(world.archive, row.number, entry_id=entry.pk, reason="有史料价值")
    disposal.review(world.archive, row.number)
    disposal.approve(world.oversight, row.number)
    disposal.carry_out()
    assert Case.objects.get(pk=one.pk).state == "archived"
    assert Case.objects.get(pk=two.pk).state == "destroyed"


def test_a_file_that_another_case_uses_stays(world: World) -> None:
    shared = world.materials(seed=33)
    one, two = kept(world, materials=shared), kept(world, materials=shared)
    over(one)
    approved(world)
    disposal.carry_out()
    DisposalEntry.objects.update(destroyed_at=timezone.now() - timedelta(hours=2))
    disposal.remove_files()
    for digest in MaterialFile.objects.filter(material__case=two).values_list("digest", flat=True):
        assert store.read(digest)


def test_bytes_stored_again_just_now_are_not_removed() -> None:
    kept_now = store.keep(b"again")
    assert not store.remove(kept_now, timedelta(hours=1))
    assert store.read(kept_now) == b"again"
    assert store.remove(kept_now, timedelta(0))
    assert not store.there(kept_now)


NOT_OF_A_CASE = {
    "cases.Batch",  # what was asked for many cases at once; gone after a day
    "people.Staff", "people.Change",  # of staff
    "checks.Check",  # what the machine saw of files; forgotten after some days, what a case needs stands in its own rows
    "capture.Scan",  # a window's tray, before there is a case
    "exchange.PlatformKey", "exchange.Webhook",  # secrets shared with other systems
    "exchange.Upload", "exchange.Part",  # before there is a case; swept after some days
}  # fmt: skip


def test_no_sealed_column_of_a_case_is_forgotten() -> None:
    """A new room with sealed values reaches its case by a foreign key, or says here why it has none."""
    forgotten = {m._meta.label for m, _ in sealed_columns() if not disposal.way_to_case(m)} - NOT_OF_A_CASE
    known = {model._meta.label for model in apps.get_models()}
    assert forgotten & known == set(), "这些表有加密的列，销毁时够不着：请给它 case 外键，或在这里写明"
