"""A city's own templates: ``procedures/<city>/forms/<kind>.typ`` in place of ours, tried before they are used."""

import io
import re
from pathlib import Path

import pypdf
import typst

from tongban.paperwork.form import KINDS, FormIncomplete, form
from tongban.paperwork.samples import sample

LINE = re.compile(r"__typst_py_bytes__\.typ:(\d+):")


class BadTemplate(ValueError):
    """A template cannot be used; the message (Chinese) names file, line and fault."""


def read_templates(folder: Path) -> dict[str, str]:
    """Kind → typst text of every template in ``folder``, each tried. Raises :class:`BadTemplate`."""
    found = {}
    for file in sorted(folder.glob("*.typ")):
        if file.stem not in KINDS:
            raise BadTemplate(
                f"模板 {file.name} 不是任何文书的名字，应为：{'、'.join(f'{kind}.typ' for kind in KINDS)}。"
            )
        try:
            text = file.read_text(encoding="utf-8")
        except UnicodeDecodeError as error:
            raise BadTemplate(f"模板 {file.name} 不是 UTF-8 编码。") from error
        try_template(file.stem, text, file.name)
        found[file.stem] = text
    return found


def try_template(kind: str, text: str, name: str) -> None:
    """Draw a form of ``kind`` with ``text`` from invented data. Raises :class:`BadTemplate`.

    Packages from the net are refused: a hall has none. What a template must not leave out is its title and number.
    """
    for line, content in enumerate(text.splitlines(), 1):
        if re.search(r"[\"'`]@", content):
            raise BadTemplate(f"模板 {name} 第 {line} 行：不能使用外部软件包，只能引用 common.typ。")
    try:
        pdf = form(kind, sample(kind), text)
    except typst.TypstError as error:
        lines = LINE.findall(error.diagnostic + "".join(error.trace))
        raise BadTemplate(f"模板 {name} {f'第 {lines[-1]} 行' if lines else ''}：{error.message}") from error
    except FormIncomplete as error:
        raise BadTemplate(f"模板 {name}：{error}") from error
    said = "".join("".join(page.extract_text().split()) for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)
    if "".join(sample(kind)["serial"].split()) not in said:
        raise BadTemplate(f"模板 {name}：没有印出编号（data.serial）。")
