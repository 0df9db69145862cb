"""Every clause of the official text has a file here named after it, and no file is left without a clause."""

import re
from pathlib import Path

import pytest

from tests.official import official

pytestmark = pytest.mark.pure
HERE = Path(__file__).parent


def filename(number: str) -> str:
    """The file of a clause: 八（三） → test_八_三.py, 十.2（1） → test_十_2_1.py."""
    return "test_" + re.sub(r"[（）.]+", "_", number).strip("_").replace("__", "_") + ".py"


def test_every_clause_has_its_file_and_every_file_its_clause() -> None:
    wanted = {filename(clause.number) for clause in official().clauses}
    there = {path.name for path in HERE.glob("test_*.py")} - {Path(__file__).name}
    assert there == wanted


def test_every_file_quotes_its_clause() -> None:
    for clause in official().clauses:
        words = re.sub(r"\s", "", (clause.text or clause.heading))[:6]
        text = re.sub(r"\s", "", (HERE / filename(clause.number)).read_text(encoding="utf-8").split('"""')[1])
        assert words in text, f"{clause.number}：文件开头没有引用“{words}”"


def test_two_clauses_never_share_a_file() -> None:
    numbers = [clause.number for clause in official().clauses]
    assert len({filename(number) for number in numbers}) == len(set(numbers))
