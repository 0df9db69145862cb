"""Every anomaly the reader can report is in docs/anomalies.md, and nothing else is."""

import re
from pathlib import Path

import pytest

import tongban.procedure

pytestmark = pytest.mark.pure
SOURCE = Path(tongban.procedure.__file__).parent
DOC = Path(__file__).parents[2] / "docs" / "anomalies.md"
USED = re.compile(
    r'(?:code="|code, text = "|(?:_add|_report)\(\s*anomalies,\s*"|\n\s+"|else "|anomalies,\s+")([a-z]+(?:-[a-z]+)+)"'
)


def test_the_page_lists_what_the_reader_reports() -> None:
    source = "".join(file.read_text(encoding="utf-8") for file in SOURCE.glob("*.py"))
    documented = set(re.findall(r"^\| `([a-z-]+)`", DOC.read_text(encoding="utf-8"), re.M))
    assert set(USED.findall(source)) - {"utf-16-le", "utf-16-be"} == documented
