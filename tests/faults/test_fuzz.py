"""Damaged files of strangers are read or refused in so many words, within time and memory; more of them in ``make faults``."""

import os
import subprocess
import sys
from collections.abc import Callable

import pytest

from tests.faults.fuzz import TARGETS

pytestmark = pytest.mark.pure
SLOW = {"photo": 20, "scan": 12, "idcard": 4}  # files in ``make test``; of the others more
MANY = {"photo": 300, "scan": 200, "idcard": 60}


@pytest.mark.parametrize("target", TARGETS)
def test_whatever_comes_is_read_or_refused(target: str, record_property: Callable[[str, object], None]) -> None:
    examples = MANY.get(target, 2000) if os.environ.get("FAULTS") == "every" else SLOW.get(target, 60)
    words = [sys.executable, "-m", "tests.faults.fuzz", target, str(examples)]
    done = subprocess.run(words, env=os.environ | {"OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-4000:]
    _, fed, most = done.stdout.split()
    record_property("tried", f"{fed} 个坏文件，最多占 {most} MB")
