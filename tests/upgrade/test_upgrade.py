"""A database of an earlier release is brought up to date, holds what it held, works on, and can be brought back."""

import os
import subprocess
import sys
import uuid
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from tests.upgrade.keep import MASTER_KEY

RELEASES = sorted(Path(__file__).parent.glob("*.zip"))  # the oldest, which goes through every migration, and the newest
WORK_ON = """
from tests.world import key
from tongban.cases.actions import department, release
from tongban.cases.models import Case
from tongban.people.models import Staff
department_staff, issuing = (Staff.objects.get(username__startswith=name) for name in ("department-", "issuing-"))
for case in Case.objects.filter(state="pushed").order_by("pk"):
    department.accept(department_staff, case.number, key=key())
for case in Case.objects.filter(items__state="accepted").distinct():
    department.decide(department_staff, case.number, key=key(), granted=True)
for case in Case.objects.filter(items__state="decided").distinct():
    department.send_result(department_staff, case.number, key=key())
shown = release.Shown(collector="样例·张㛃", card_number="11010519491231002X")
done = [release.hand_over(issuing, case.number, key=key(), shown=shown) for case in Case.objects.filter(state="delivering")]
print("handed", sum(case.state == "released" for case in done), "of", len(done))
print("names", set(Case.objects.values_list("applicant_name", flat=True)))
"""
BACK_AND_FORTH = """
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
for app, name in sorted(MigrationLoader(connection).graph.root_nodes()):
    if MigrationLoader(connection).graph.nodes[app, name].__module__.startswith("tongban."):
        call_command("migrate", app, name, verbosity=0)
call_command("migrate", verbosity=0)
"""


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The environment of an instance with an empty database."""
    environment = {**os.environ, "TONGBAN_DATA": str(tmp_path), "TONGBAN_MASTER_KEY": MASTER_KEY}
    if "TONGBAN_DATABASE" not in environment:
        yield environment
        return
    name, there = f"old_{uuid.uuid4().hex[:8]}", connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name}")
    yield environment | {"TONGBAN_DATABASE": f"postgres://{there['USER']}@{there['HOST']}:{there['PORT']}/{name}"}
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE {name}")


def run(environment: dict[str, str], *words: str) -> str:
    """The output of a Python program that must succeed."""
    done = subprocess.run([sys.executable, *words], env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "kept",
    [
        *(pytest.param(older, marks=pytest.mark.once) for older in RELEASES[:-1]),
        RELEASES[-1],
    ],  # the newest on both databases
    ids=lambda kept: kept.stem,
)
def test_an_earlier_release_is_brought_up_to_date_and_works_on(kept: Path, elsewhere: dict[str, str]) -> None:
    run(elsewhere, "-m", "tests.upgrade.put_back", str(kept))
    run(elsewhere, "-m", "tongban", "manage", "migrate")
    assert "完好" in run(elsewhere, "-m", "tongban", "audit", "verify")
    run(elsewhere, "-m", "tongban", "vault", "verify")
    said = run(elsewhere, "-m", "tongban", "manage", "shell", "--verbosity", "0", "-c", WORK_ON)
    assert "names {'样例·张㛃'}" in said
    handed, of = said.split("\n")[0].split()[1::2]
    assert handed == of
    assert int(of) >= 5
    assert "完好" in run(elsewhere, "-m", "tongban", "audit", "verify")
    run(elsewhere, "-m", "tongban", "manage", "shell", "--verbosity", "0", "-c", BACK_AND_FORTH)
    assert "完好" in run(elsewhere, "-m", "tongban", "audit", "verify")


def test_there_is_a_release_to_upgrade_from() -> None:
    assert [kept.stem for kept in RELEASES] == ["0.1.0", "0.3.0"]
    assert all(zipfile.is_zipfile(kept) for kept in RELEASES)


def test_every_migration_can_be_taken_back_or_says_why_not() -> None:
    for (app, name), migration in MigrationLoader(None).disk_migrations.items():
        if type(migration).__module__.startswith("tongban.") and not all(o.reversible for o in migration.operations):
            module = sys.modules[type(migration).__module__]
            assert "Not reversible:" in (module.__doc__ or ""), f"{app}.{name}"
