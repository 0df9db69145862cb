"""A city's own templates: tried before they are used, refused with file and line, shut into their folder."""

from pathlib import Path

import pytest

from tongban.paperwork.form import FORMS, KINDS, form
from tongban.paperwork.samples import sample
from tongban.paperwork.template import BadTemplate, read_templates

pytestmark = pytest.mark.pure
HEAD = '#import "common.typ": *\n#show: form\n#case-facts\n'


def refused(folder: Path, text: str | bytes, name: str = "decline_notice.typ") -> str:
    (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(BadTemplate) as caught:
        read_templates(folder)
    return str(caught.value)


def test_none_is_no_fault(tmp_path: Path) -> None:
    assert read_templates(tmp_path / "forms") == {}


@pytest.mark.parametrize("kind", KINDS)
def test_ours_pass_as_a_citys_own_and_print_the_same(tmp_path: Path, kind: str) -> None:
    text = (FORMS / f"{kind}.typ").read_text(encoding="utf-8")
    (tmp_path / f"{kind}.typ").write_text(text, encoding="utf-8")
    assert read_templates(tmp_path) == {kind: text}
    assert form(kind, sample(kind), text) == form(kind, sample(kind))


def test_a_citys_own_words_stand_on_the_sheet(tmp_path: Path) -> None:
    text = HEAD + "本市自己的话。#data.reason"
    (tmp_path / "decline_notice.typ").write_text(text, encoding="utf-8")
    assert form("decline_notice", sample("decline_notice"), read_templates(tmp_path)["decline_notice"]) != form(
        "decline_notice", sample("decline_notice")
    )


def test_what_is_broken_is_named_with_file_and_line(tmp_path: Path) -> None:
    assert "decline_notice.typ 第 4 行" in refused(tmp_path, HEAD + "#nonsense")
    assert "decline_notice.typ 第 5 行" in refused(tmp_path, HEAD + "\n#data.nothing")
    assert "decline_notice.typ 第 1 行" in refused(tmp_path, "#table(")
    assert "UTF-8" in refused(tmp_path, b"\xff\xfe\x00")
    assert "没有印出编号" in refused(tmp_path, '#set document(title: "空")\n#set text(font: "Noto Serif SC")\n空')


def test_a_name_that_is_no_form_is_refused(tmp_path: Path) -> None:
    assert "decline.typ" in refused(tmp_path, HEAD, "decline.typ")


@pytest.mark.parametrize(
    "code",
    [
        'read("secret.txt")',
        'read("../form.py")',
        'read("/etc/hostname")',
        'image("../secret.png")',
        'include "../secret.txt"',
    ],
)
def test_a_template_reads_no_file(tmp_path: Path, code: str) -> None:
    (tmp_path / "secret.txt").write_text("秘密")
    assert "第 4 行" in refused(tmp_path, HEAD + f"#{code}")


def test_a_template_fetches_nothing(tmp_path: Path) -> None:
    assert "外部软件包" in refused(tmp_path, '#import "@preview/cetz:0.1.0": *\n' + HEAD)


def test_a_loop_without_end_ends(tmp_path: Path) -> None:
    assert "第 4 行" in refused(tmp_path, HEAD + "#while true {}")
