"""A package proves itself: one byte altered anywhere, anything put in, taken out, renamed or cut off is refused and named."""

import io
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import bagit
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tongban.archive import command_verify
from tongban.archive.package import CONTENTS, TAGS, Altered, Part, Unreadable, safe, verify, write

pytestmark = pytest.mark.pure
NUMBER = "SLX-ZWFW-2026-000001"


def made(number: str = NUMBER, *parts: Part, nested: bool = True) -> bytes:
    """A small package with a nested one."""
    out = io.BytesIO()
    inner = [Part("事项/1.zip", "事项", "application/zip", made(f"{number}.1", nested=False))] if nested else []
    own = [Part("基本信息元数据.xml", "基本信息", "application/xml", b"<base_info/>"),
           Part("办理过程.xml", "办理过程", "application/xml", b"<events/>")]  # fmt: skip
    photo = Part("材料/01-寸照/1-照片㛃.jpg", "寸照", "image/jpeg", b"\xff\xd8\xff" + bytes(range(64)))
    write(out, number, [*own, photo, *inner, *parts], info={"Source-Organization": "示例市"}, transfer={"fonds": "SLX"},
          made=date(2026, 11, 24))  # fmt: skip
    return out.getvalue()


WHOLE = made()


def refused(data: bytes) -> str:
    with pytest.raises((Altered, Unreadable)) as error:
        verify(io.BytesIO(data))
    return str(error.value)


def test_whole_it_says_what_it_holds() -> None:
    package = verify(io.BytesIO(WHOLE))
    assert package.number == NUMBER
    assert [row.path for row in package.rows][2] == "材料/01-寸照/1-照片㛃.jpg"
    assert [inner.number for inner in package.nested] == [f"{NUMBER}.1"]


def test_the_same_case_makes_the_same_bytes() -> None:
    assert made() == WHOLE


def test_every_single_byte_counts() -> None:
    """Each byte of a small package in turn, one bit of it turned over."""
    small = made(nested=False)
    passed = []
    for place in range(len(small)):
        altered = bytearray(small)
        altered[place] ^= 1 << place % 8
        try:
            verify(io.BytesIO(altered))
        except (Altered, Unreadable):
            continue
        passed.append(place)
    assert passed == []


@given(st.integers(0, len(WHOLE) - 1), st.integers(1, 255))
def test_one_byte_of_a_nested_package_counts(place: int, change: int) -> None:
    altered = bytearray(WHOLE)
    altered[place] ^= change
    refused(bytes(altered))


@given(st.integers(0, len(WHOLE) - 1))
def test_cut_off_anywhere(length: int) -> None:
    refused(WHOLE[:length])


@given(st.binary(min_size=1, max_size=40))
def test_anything_behind_or_before(more: bytes) -> None:
    refused(WHOLE + more)
    refused(more + WHOLE)


def again(change: Callable[[str, bytes], list[tuple[str, bytes]]], compress: int = zipfile.ZIP_STORED) -> bytes:
    """The package made anew by an ordinary program, each entry replaced by what ``change`` says."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as old, zipfile.ZipFile(out, "w", compress) as new:
        for info in old.infolist():
            for name, data in change(info.filename, old.read(info)):
                new.writestr(name, data)
    return out.getvalue()


PHOTO = "材料/01-寸照/1-照片㛃.jpg"


def test_the_first_file_that_differs_is_named() -> None:
    assert PHOTO in refused(again(lambda n, d: [(n, d + b"x" if n.endswith(PHOTO) else d)]))
    assert f"{PHOTO}”被取走了" in refused(again(lambda n, d: [] if n.endswith(PHOTO) else [(n, d)]))
    extra = again(lambda n, d: [(n, d), *([(n.replace("1-照片㛃", "2-别的"), b"x")] if n.endswith(PHOTO) else [])])
    assert "2-别的.jpg”是后来放进去的" in refused(extra)
    assert "别的.jpg" in refused(again(lambda n, d: [(n.replace("照片㛃", "别的"), d)]))
    assert "事项/1.zip" in refused(again(lambda n, d: [(n, d[:-1] if n.endswith(".zip") else d)]))


def test_the_same_contents_in_another_zip_are_not_the_package() -> None:
    assert "结构" in refused(again(lambda n, d: [(n, d)]))
    assert "压缩" in refused(again(lambda n, d: [(n, d)], zipfile.ZIP_DEFLATED))


@pytest.mark.parametrize("tag", TAGS)
def test_no_tag_file_may_be_missing(tag: str) -> None:
    refused(again(lambda n, d: [] if n.endswith("/" + tag) else [(n, d)]))


@pytest.mark.parametrize(
    "name", ["../out.txt", "/etc/out", f"{NUMBER}/../../out", f"{NUMBER}/data/..\\out", "C:\\out", f"{NUMBER}/data//x"]
)
def test_a_name_that_leads_out_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    bad = again(lambda n, d: [(n, d), *([(name, b"x")] if n.endswith(CONTENTS) else [])])
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "p.zip").write_bytes(bad)
    assert run(str(tmp_path / "in" / "p.zip")).returncode == command_verify.ALTERED
    assert [path.name for path in tmp_path.iterdir()] == ["in"]


def test_a_bomb_is_never_unpacked() -> None:
    bomb = again(lambda n, d: [(n, bytes(50 * 2**20) if n.endswith(PHOTO) else d)], zipfile.ZIP_DEFLATED)
    assert len(bomb) < 2**20
    assert "被压缩" in refused(bomb)


def test_xml_entities_are_not_followed() -> None:
    evil = b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><contents>&x;</contents>'
    assert "root:" not in refused(again(lambda n, d: [(n, evil if n.endswith(CONTENTS) else d)]))


def test_an_ordinary_bagit_program_finds_it_valid(tmp_path: Path) -> None:
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as whole:
        whole.extractall(tmp_path)
    bag = bagit.Bag(str(tmp_path / NUMBER))
    assert bag.validate()
    assert bag.info["External-Identifier"] == NUMBER


@given(st.text(max_size=300))
def test_a_name_of_any_kind_becomes_one_harmless_step(name: str) -> None:
    step = safe(name)
    assert step
    assert len(step) <= 60
    assert step not in (".", "..")
    assert not set(step) & set('/\\:*?"<>|\n\r\0')
    assert safe(step) == step


def run(*arguments: str, command: str = "verify") -> subprocess.CompletedProcess[str]:
    """The command with no database and no settings at all."""
    code = "import sys; from tongban.cli import main; main()"
    return subprocess.run(
        [sys.executable, "-X", "utf8", "-c", code, "archive", command, *arguments], capture_output=True, text=True,
        env={"TONGBAN_DATA": "/nonexistent/nowhere"},
    )  # fmt: skip


def test_the_command_checks_many_and_names_what_is_wrong(tmp_path: Path) -> None:
    files = []
    for n in range(5):
        path = tmp_path / f"{n}.zip"
        path.write_bytes(made(f"SLX-ZWFW-2026-{n:06d}"))
        files.append(str(path))
    good = run(*files)
    assert (good.returncode, good.stdout) == (0, "共核验 5 个归档信息包，全部完好。\n")
    assert "5/5" in good.stderr
    Path(files[3]).write_bytes(WHOLE[:-1])
    assert f"{files[3]}：压缩包不完整" in run(*files).stdout
    assert run(*files).returncode == 1
    Path(files[3]).write_bytes(Path(files[0]).read_bytes())
    assert "重复" in run(*files).stdout
    assert run(files[0], str(tmp_path / "none.zip")).returncode == 2
    Path(files[3]).write_bytes(b"text")
    assert run(files[3]).returncode == 2


def test_a_person_reads_it_and_what_was_altered_is_not_shown(tmp_path: Path) -> None:
    path = tmp_path / "p.zip"
    path.write_bytes(WHOLE)
    answer = run(str(path), command="read")
    assert answer.returncode == 0
    assert PHOTO in answer.stdout
    path.write_bytes(WHOLE[:-9])
    answer = run(str(path), command="read")
    assert (answer.returncode, answer.stdout) == (1, "")
