"""``tongban setup``: from nothing, again at no cost, and after the database was taken away."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure  # its own process, its own folder, its own database


def setup(data: Path) -> int:
    """Set up a demo in ``data``; the number of accounts there are."""
    env = os.environ | {"TONGBAN_DATA": str(data), "TONGBAN_DEMO": "1"}
    env.pop("TONGBAN_DATABASE", None)
    subprocess.run([sys.executable, "-m", "tongban", "setup", "--demo"], env=env, check=True)
    with sqlite3.connect(next(data.glob("*.sqlite3"))) as database:
        (count,) = database.execute("select count(*) from people_staff").fetchone()
    database.close()
    return int(count)


def test_from_nothing_again_and_after_the_database_was_lost(tmp_path: Path) -> None:
    data = tmp_path / "data"
    made = setup(data)
    assert made > 10
    assert setup(data) == made
    assert data.stat().st_mode & 0o077 == 0, "身份证号在这里，别人不能读"
    for file in data.glob("*.sqlite3*"):
        file.unlink()
    assert setup(data) == made
