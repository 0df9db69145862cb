"""What is not such a document, or cannot be read, is refused with one Chinese line, quickly and without harm."""

import io
import subprocess
import sys
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.official import OFFICIAL
from tests.procedure.make import build, official_lines, saved
from tongban.procedure.document import LARGEST, Unreadable
from tongban.procedure.model import Procedure
from tongban.procedure.reader import read

pytestmark = pytest.mark.pure
DOCX = saved(build())


def xlsx() -> bytes:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    return out.getvalue()


def zipped(entries: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


BOMB = zipped({"word/document.xml": b"<a>" + b" " * (101 * 2**20), "[Content_Types].xml": b""})
ENTITIES = zipped(
    {"word/document.xml": b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 1000 + b'">]><a>' + b"&b;" * 1000 + b"</a>"}
)
REPORT = "2026 年工作报告\n一、主要工作\n完成了各项任务。\n二、存在问题\n还有不足。\n三、下一步打算\n继续努力。"
NOTICE = "会议通知\n各单位：\n一、会议时间\n11 月 23 日。\n二、会议地点\n三楼。\n三、参会人员\n各单位负责人。\n四、联系方式\n张：0737-5212333"
BAD = {
    "empty": b"",
    "blank": b" \r\n\t\n",
    "too-large": b"a" * (LARGEST + 1),
    "spreadsheet": xlsx(),
    "zip": zipped({"a.txt": b"a"}),
    "bomb": BOMB,
    "entities": ENTITIES,
    "cut-docx": DOCX[: len(DOCX) // 2],
    "pdf": b"%PDF-1.7\n1 0 obj\n",
    "rtf": b"{\\rtf1\\ansi hello}",
    "png": b"\x89PNG\r\n\x1a\n" + bytes(100),
    "ole-damaged": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000),
    "binary": bytes(range(256)) * 20,
    "work-report": REPORT.encode(),
    "meeting-notice": NOTICE.encode(),
    "meeting-notice-gbk": NOTICE.encode("gb18030"),
    "ascii": b"hello world",
}


def read_or_refused(body: bytes) -> None:
    refused = None
    try:
        assert isinstance(read(body), Procedure)
    except Unreadable as error:
        refused = str(error)
    assert refused is None or (refused and "\n" not in refused)


@pytest.mark.parametrize("name", BAD)
def test_refused_with_one_line(name: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(BAD[name], f"{name}.docx")
    assert "\n" not in str(refused.value)
    assert any("一" <= char <= "鿿" for char in str(refused.value))


def test_damaged_inside_is_refused() -> None:
    source = zipfile.ZipFile(io.BytesIO(DOCX))
    broken = zipped({name: source.read(name)[:500] for name in source.namelist()})
    with pytest.raises(Unreadable):
        read(broken)


def test_old_word_cut_anywhere_never_crashes() -> None:
    whole = (Path(__file__).parent / "fixtures" / "official.doc").read_bytes()
    for size in range(0, len(whole), 1499):
        read_or_refused(whole[:size])


@settings(max_examples=150, deadline=5000)
@given(st.data())
def test_mutated_documents_are_read_or_refused(data: st.DataObject) -> None:
    source = data.draw(st.sampled_from([OFFICIAL.read_bytes(), DOCX]))
    body = bytearray(source)
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, len(body) - 1))
        body[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=20))
    read_or_refused(bytes(body))


@settings(max_examples=100, deadline=5000)
@given(st.lists(st.sampled_from([*official_lines(), "（一）", "1.", "一、", "十一、", "：", "\t1\t2"]), max_size=80))
def test_shuffled_lines_are_read_or_refused(lines: list[str]) -> None:
    read_or_refused("\n".join(lines).encode())


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "tongban", *args], capture_output=True, text=True, check=False)


def test_command_line(tmp_path: Path) -> None:
    bad = tmp_path / "report.docx"
    bad.write_bytes(REPORT.encode())
    for file in (bad, tmp_path / "none.txt", tmp_path):
        done = run("procedure", "read", str(file), "--json")
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    out = tmp_path / "out.yaml"
    assert run("procedure", "read", str(OFFICIAL), "--out", str(out)).returncode == 0
    assert (
        run("procedure", "read", str(out), "--json").stdout == run("procedure", "read", str(OFFICIAL), "--json").stdout
    )
    assert "没有变化" in run("procedure", "diff", str(OFFICIAL), str(out)).stdout
