"""Documents for tests: the official text as Word would hold it, and siblings of it."""

import io
from typing import Any

from docx import Document
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

from tests.official import OFFICIAL

HEAD = [
    "序号",
    "材料名称",
    "申报材料要求",
    "是否可容缺受理及时限",
    "容缺受理材料提交方式",
    "常见错误",
    "纸质申报材料处理",
]
SCAN = "扫描录入收件办理平台后退回申请人，承办部门从平台中共享下载"
ROWS = [
    [
        "1",
        "身份证",
        "验原件，留复印件1份",
        "否",
        "/",
        "1.身份证不在有效期内；\n2.身份证未正反面复印或复印件不清晰。",
        SCAN,
    ],
    [
        "2",
        "寸照",
        "符合身份证电子证照要求的电子档白底彩色寸照",
        "否",
        "/",
        "1.非电子档；\n2.不符合身份证电子证照的要求；\n3.非白底彩色寸照。",
        SCAN,
    ],
]


def official_lines() -> list[str]:
    """The official text's paragraphs, the table's lines taken out."""
    text = OFFICIAL.read_text(encoding="utf-8")
    before, rest = text.split("六、申报材料收件要点")
    after = rest.split("七、收件办理平台")[1]
    lines = [*before.splitlines(), "六、申报材料收件要点", "@table", "七、收件办理平台", *after.splitlines()]
    return [line.strip() for line in lines if line.strip()]


def add_table(document: Any, rows: list[list[str]]) -> Any:
    """The table of materials as the city prints it: two header rows with merged cells, cells of several paragraphs."""
    table = document.add_table(rows=2 + len(rows), cols=7)
    top = table.rows[0].cells
    top[2].merge(top[6]).text = "收件要点"
    for column, text in enumerate(HEAD):
        if column < 2:
            table.cell(0, column).merge(table.cell(1, column)).text = text
        else:
            table.cell(1, column).text = text
    for place, row in enumerate(rows, 2):
        for column, text in enumerate(row):
            cell = table.cell(place, column)
            first, *more = text.split("\n")
            cell.text = first
            for line in more:
                cell.add_paragraph(line)
    return table


def build(lines: list[str] | None = None, rows: list[list[str]] | None = None) -> Any:
    """A python-docx document of ``lines`` with the table where ``@table`` stands."""
    document = Document()
    for line in lines or official_lines():
        if line == "@table":
            add_table(document, rows or ROWS)
        else:
            document.add_paragraph(line)
    return document


def saved(document: Any) -> bytes:
    """The bytes of a document."""
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def tracked(paragraph: Any, kind: str, text: str) -> None:
    """Put ``text`` into a paragraph as a tracked insertion (``ins``) or deletion (``del``)."""
    change = OxmlElement(f"w:{kind}")
    change.set(qn("w:id"), "1")
    change.set(qn("w:author"), "样例")
    run = OxmlElement("w:r")
    words = OxmlElement("w:t" if kind == "ins" else "w:delText")
    words.text = text
    run.append(words)
    change.append(run)
    paragraph._p.append(change)
