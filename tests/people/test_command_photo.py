"""``tongban photo check`` as it is called: objects, exit codes, regions, --fix."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.imaging.portraits import Drawn, draw, jpeg

pytestmark = pytest.mark.pure


def tongban(*words: object, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tongban", "photo", "check", *map(str, words)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | environment, check=False)


@pytest.fixture
def photo(tmp_path: Path) -> Path:
    file = tmp_path / "寸照.jpg"
    file.write_bytes(jpeg(draw(Drawn())))
    return file


def test_several_files_give_one_object_a_line_and_a_missing_one_is_named(photo: Path, tmp_path: Path) -> None:
    (tmp_path / "坏.jpg").write_bytes(b"no picture")
    said = tongban(photo, tmp_path / "没有.jpg", tmp_path / "坏.jpg", "--json")
    good, bad = (json.loads(line) for line in said.stdout.splitlines())
    assert said.returncode == 2
    assert "没有.jpg：没有这个文件" in said.stderr
    assert len(said.stderr.splitlines()) == 1
    assert (good["accepted"], good["findings"]) == (True, [])
    assert list(bad) == ["accepted", "findings", "measurements"]
    assert bad["findings"][0]["code"] == "not-an-image"
    assert list(bad["findings"][0]) == ["code", "level", "measured", "required", "message"]
    assert tongban(photo, tmp_path / "坏.jpg", "--json").returncode == 0


def test_people_read_a_table(photo: Path) -> None:
    said = tongban(photo)
    assert said.returncode == 0
    assert "寸照.jpg：符合要求" in said.stdout
    assert "脸宽　20" in said.stdout


def test_a_region_sets_its_own_limits(photo: Path, tmp_path: Path) -> None:
    city = tmp_path / "cities" / "somewhere"
    city.mkdir(parents=True)
    (city / "city.yaml").write_text(
        "city: 某市\ntitle: 某市（示例）\nregions:\n- {name: 某县, abbreviation: MX, short: 某, hall: {name: 大厅},"
        " photo: {most_bytes: 9000, width: 295, height: 413}}\n",
        encoding="utf-8",
    )
    for name in ("某县", "MX", "某"):
        said = tongban(photo, "--region", name, "--json", TONGBAN_PROCEDURES=str(city.parent))
        found = {finding["code"] for finding in json.loads(said.stdout)["findings"]}
        assert {"too-many-bytes", "wrong-size"} <= found
    said = tongban(photo, "--region", "别处", "--json", TONGBAN_PROCEDURES=str(city.parent))
    assert (said.returncode, said.stdout) == (2, "")
    assert "某县" in said.stderr


def test_a_conforming_file_is_written_or_the_reason_told(photo: Path, tmp_path: Path) -> None:
    large, out = tmp_path / "大.jpg", tmp_path / "新.jpg"
    large.write_bytes(jpeg(draw(Drawn(width=900, height=1200, face=450, hair_top=150, eyes=585))))
    told = json.loads(tongban(large, "--fix", out, "--json").stdout)
    assert (told["accepted"], told["fix"]["accepted"], told["fix"]["written"]) == (False, True, str(out))
    assert json.loads(tongban(out, "--json").stdout)["accepted"]
    out.unlink()
    large.write_bytes(jpeg(draw(Drawn(face=150))))
    told = json.loads(tongban(large, "--fix", out, "--json").stdout)
    assert told["fix"]["written"] is None
    assert "失真" in told["fix"]["reason"]
    assert not out.exists()
    assert tongban(photo, large, "--fix", out).returncode == 2
    assert tongban(photo, "--fix", tmp_path / "no" / "where.jpg").returncode == 2
