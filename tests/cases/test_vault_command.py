"""``tongban vault verify`` names what is missing, altered, or there for nobody."""

import argparse
from pathlib import Path

import pytest
from django.conf import settings

from tests.world import World, jpeg
from tongban.cases.command_vault import run
from tongban.cases.models import Case, MaterialFile
from tongban.vault import store

pytestmark = pytest.mark.django_db
QUIET = argparse.Namespace(quiet=True)


@pytest.fixture
def case(world: World, tmp_path: Path, settings: object) -> Case:
    settings.VAULT = str(tmp_path / "vault")  # type: ignore[attr-defined]
    return world.case()


def place(digest: str) -> Path:
    return Path(settings.VAULT) / digest[:2] / digest[2:4] / digest


def test_whole(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(QUIET) == 0
    assert capsys.readouterr().out == "共核对 2 个文件，全部完好；另有 0 个不属于任何办件。\n"


@pytest.mark.parametrize("damage", ["missing", "altered"])
def test_damaged(case: Case, capsys: pytest.CaptureFixture[str], damage: str) -> None:
    file = MaterialFile.objects.filter(material__case=case)[0]
    path = place(file.digest)
    path.unlink() if damage == "missing" else path.write_bytes(b"x")
    assert run(QUIET) == 1
    said = capsys.readouterr().out
    assert f"{case.number} 的材料“{file.filename}”" in said
    assert ("不见了" if damage == "missing" else "不一致") in said
    assert "1 个有异常" in said


def test_of_nobody(case: Case, capsys: pytest.CaptureFixture[str]) -> None:
    store.store(jpeg(seed=999))
    (place("0" * 64).parent).mkdir(parents=True, exist_ok=True)
    (place("0" * 64).parent / "tmp123").write_bytes(b"half")
    assert run(QUIET) == 0
    assert "另有 1 个不属于任何办件" in capsys.readouterr().out
