"""``docs/security.md`` names every requirement of levels 1 and 2 once, and every test it names is there."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.pure
ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs/security.md").read_text()
LAST = (
    # how many of each section belong to levels 1 and 2: the numbers alone, in order
    "1.1:2 1.2:9 1.3:11 1.4:3 1.5:2 2.1:3 2.2:3 2.3:4 2.4:1 3.2:2 3.3:4 3.4:6 3.5:5 3.7:2 4.1:3 4.2:1 4.3:2 4.4:4 5.1:1 5.2:3 "
    "5.3:2 5.4:3 6.1:3 6.2:12 6.3:4 6.4:4 6.5:5 6.6:3 6.8:4 7.1:3 7.2:4 7.3:2 7.4:5 7.5:2 7.6:2 8.1:2 8.2:3 8.3:1 8.4:1 9.1:3 9.2:4 "
    "10.1:2 10.2:2 10.3:4 10.4:11 10.5:5 10.6:2 10.7:3 11.1:2 11.2:3 11.3:3 11.4:4 11.5:1 11.6:1 12.1:3 12.2:2 12.3:4 13.1:1 13.2:5 "
    "13.3:2 13.4:5 14.1:2 14.2:4 14.3:3 15.1:3 15.2:3 15.3:7 16.1:1 16.2:5 16.3:4 16.4:3 16.5:3 17.1:1 17.2:4 17.3:2"
)
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if re.match(r"\| \d", line)]


def test_every_requirement_stands_there_once() -> None:
    wanted = [
        f"{section}.{n}" for section, last in (s.split(":") for s in LAST.split()) for n in range(1, int(last) + 1)
    ]
    assert [row[0] for row in ROWS] == wanted
    assert {row[2] for row in ROWS} <= {"met", "partly", "not met", "operator", "–"}


def test_what_is_not_met_says_why() -> None:
    assert [row[0] for row in ROWS if row[2] in ("met", "partly", "not met") and not row[3]] == []


# Requirements that something be written down, or that a thing be absent: no test can fail.
WRITTEN = {
    "5.1.1", "6.1.1", "6.1.3", "6.2.10", "6.4.2", "7.1.1", "7.1.2", "8.1.1", "8.1.2", "13.1.1", "14.1.1", "15.1.2", "15.3.5",
}  # fmt: skip


def test_what_is_met_names_its_test() -> None:
    assert {row[0] for row in ROWS if row[2] == "met" and "`tests/" not in row[3]} == WRITTEN


def test_every_test_that_is_named_is_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)
    assert len(named) > 80
    for file, function in named:
        assert (ROOT / file).is_file(), file
        assert not function or re.search(rf"^(async )?def {function}\(", (ROOT / file).read_text(), re.MULTILINE), (
            function
        )
