"""Whole cases removed, whole chains rewritten, an old database put back: the roots outside the database tell."""

import argparse
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.world import World, key
from tongban.cases import command_audit, readings, roots
from tongban.cases.actions import department
from tongban.cases.events import digest_of
from tongban.cases.models import Case, Event, Reading
from tongban.people import accounts, record
from tongban.people.models import Change, ChangeHead

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def three(world: World, tmp_path: Path, settings: object) -> list[Case]:
    """Three cases over two days of roots: the first moved again on the second day."""
    settings.ROOTS = tmp_path / "roots"  # type: ignore[attr-defined]
    first, second = world.case(), world.case()
    roots.write(NOON)
    third = world.case(until="accepted")
    department.accept(world.department, first.number, key=key())
    roots.write(NOON + DAY)
    return [first, second, third]


def breaks() -> list[str]:
    return [f"{found.number}：{found.what}" for found in roots.verify() if found]


def test_untouched(three: list[Case], capsys: pytest.CaptureFixture[str]) -> None:
    assert [json.loads(line)["case"] for line in roots.files()[1].read_text().splitlines()[:-1]] == [
        three[0].number,
        three[2].number,
    ]
    assert command_audit.run(argparse.Namespace(quiet=True)) == 0
    assert "对照根记录 4 条，全部相符" in capsys.readouterr().out


@pytest.mark.parametrize("which", range(3))
def test_a_case_removed_with_everything_is_named(
    three: list[Case], which: int, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = three[which]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA defer_foreign_keys = ON")
        for related in Case._meta.related_objects:
            table = related.related_model._meta.db_table
            if related.field.name == "case":
                if table == "cases_casematerial":
                    inner = "SELECT id FROM cases_casematerial WHERE case_id = %s"
                    cursor.execute(f"DELETE FROM cases_materialfile WHERE material_id IN ({inner})", [gone.pk])
                cursor.execute(f"DELETE FROM {table} WHERE case_id = %s", [gone.pk])
        cursor.execute("DELETE FROM cases_case WHERE id = %s", [gone.pk])
    assert command_audit.run(argparse.Namespace(quiet=True)) == 1
    assert f"{gone.number}：根记录里有这个办件，数据库里没有" in capsys.readouterr().out


def test_a_chain_rewritten_with_its_head_and_the_key_is_named(three: list[Case]) -> None:
    """Who has even the key and makes every link and the head anew is betrayed by what was noted outside."""
    case, previous = three[2], ""
    for event in case.events.order_by("sequence"):
        event.by_name, event.previous = "别人", previous
        event.digest = previous = digest_of(event, case.number)
        event.save()
    Case.objects.filter(pk=case.pk).update(head=previous)
    assert breaks() == [f"{case.number}：第 {event.sequence} 条经过与根记录不符：被改动、删去，或数据库被换成了旧的"]


@pytest.mark.parametrize("place", [0, 1])
def test_an_altered_file_of_roots_is_named(three: list[Case], place: int) -> None:
    file = roots.files()[place]
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(lines[1:]))  # somebody takes a case out of the record as well
    assert f"{file.name}：根记录的内容被改动过" in breaks()


def test_a_missing_file_of_roots_is_said(three: list[Case]) -> None:
    roots.files()[0].unlink()
    assert breaks() == ["000002.jsonl：它之前的第 1 号根记录不见了"]


def test_a_file_cut_off_is_said(three: list[Case]) -> None:
    file = roots.files()[1]
    file.write_bytes(file.read_bytes()[:-20])
    assert any("根记录的内容被改动过" in found for found in breaks())


def test_killed_between_file_and_mark_the_same_heads_come_again(three: list[Case]) -> None:
    Case.objects.update(rooted=0)
    roots.write(NOON + 2 * DAY)
    assert breaks() == []
    assert Event.objects.count() > 0


def changed(world: World) -> None:
    for name in ("甲", "乙"):
        accounts.create_account(world.administrator, key=key(), username=f"new-{key()[:6]}", name=f"样例·{name}")


@pytest.mark.parametrize("how", ["dropped with the head", "rewritten with the key", "all gone"])
def test_the_record_of_changes_has_its_head_in_the_root(
    world: World, tmp_path: Path, settings: object, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who has the database and the key can make the record whole again, but not the same."""
    settings.ROOTS = tmp_path / "roots"  # type: ignore[attr-defined]
    changed(world)
    roots.write(NOON)
    changed(world)  # what came since is no break
    assert breaks() == []
    if how == "all gone":
        Change.objects.all().delete()
        ChangeHead.objects.all().delete()
    else:
        last = Change.objects.get(sequence=2)
        Change.objects.filter(sequence__gt=2).delete()
        if how == "dropped with the head":
            last.delete()
            last = Change.objects.get(sequence=1)
        else:
            last.about = "账号 别人"
            last.digest = record.digest_of(last)
            last.save()
        ChangeHead.objects.update(sequence=last.sequence, digest=last.digest)
    assert list(record.verify()) == []
    assert breaks() == ["变更记录：第 2 条与根记录不符：被改动、删去，或数据库被换成了旧的"]
    assert command_audit.run(argparse.Namespace(quiet=True)) == 1
    assert "变更记录：第 2 条与根记录不符" in capsys.readouterr().out


@pytest.mark.parametrize("how", ["untouched", "dropped", "altered", "put in", "all gone"])
def test_looks_at_a_case_are_in_the_root(
    world: World, tmp_path: Path, settings: object, how: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Who looked at what cannot be taken away, changed or made up once the night has passed, not even with the key."""
    settings.ROOTS = tmp_path / "roots"  # type: ignore[attr-defined]
    number, now = world.case().number, timezone.now()
    for _ in range(3):
        readings.note(world.department, number)
    roots.write(now)  # what was written just now may have neighbours still under way: it waits for the next
    assert not any("readings" in line for line in roots.files()[0].read_text().splitlines())
    roots.write(now + DAY)
    roots.write(now + DAY + DAY)  # nobody looked
    readings.note(world.department, number, "材料 1", "verify")  # what came since is no break
    assert breaks() == []
    three = list(Reading.objects.order_by("pk")[:3])
    if how == "dropped":
        three[1].delete()
    elif how == "altered":
        Reading.objects.filter(pk=three[1].pk).update(staff=world.window_clerk)
    elif how == "put in":
        Reading.objects.filter(pk=three[1].pk).delete()
        Reading.objects.create(pk=three[1].pk, case_number=number, staff=world.post, what="办件", at=three[1].at)
    elif how == "all gone":
        Reading.objects.all().delete()
    code = command_audit.run(argparse.Namespace(quiet=True))
    assert (code, "查阅记录：第" in capsys.readouterr().out) == ((0, False) if how == "untouched" else (1, True))


def test_due_once_a_day(three: list[Case]) -> None:
    assert not roots.due(NOON + DAY + timedelta(hours=11))
    assert roots.due(NOON + DAY + timedelta(hours=12, minutes=1))  # midnight has passed in Shanghai
    roots.write(NOON + 2 * DAY)
    assert len(roots.files()) == 3  # a day on which nothing moved is noted too
    assert not roots.due(NOON + 2 * DAY)


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_merkle_is_the_tree_of_rfc_6962(leaves: list[bytes]) -> None:
    def by_definition(part: list[bytes]) -> bytes:
        if not part:
            return roots._sm3()
        if len(part) == 1:
            return roots._sm3(b"\0", part[0])
        half = 1 << (len(part) - 1).bit_length() - 1
        return roots._sm3(b"\1", by_definition(part[:half]), by_definition(part[half:]))

    assert roots.merkle(leaves) == by_definition(leaves)
