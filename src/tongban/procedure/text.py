"""The text form: one table cell a line, opened by a tab; rows apart by a blank line; stray spaces anywhere."""

import re

from tongban.procedure.document import Document, Paragraph, Table, Unreadable

CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f]")


def decode(data: bytes) -> str:
    """Text of ``data`` in UTF-8, UTF-16 or GB18030. Raises :class:`Unreadable` when it is none of them."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif data[:4000:2].count(0) > 20 or data[1:4000:2].count(0) > 20:  # UTF-16 without its mark: ASCII is half zeros
        encodings = ["utf-16-le" if data[1:4000:2].count(0) > data[:4000:2].count(0) else "utf-16-be"]
    else:
        encodings = ["utf-8-sig", "gb18030", "utf-16-le", "utf-16-be"]
    for encoding in encodings:
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not CONTROL.search(text.replace("\x0c", "\n").replace("\x07", "")) and _reads_as_chinese(text):
            return text
    raise Unreadable("文件的文字编码无法识别或内容已损坏，请另存为 UTF-8 文本或 Word 文档后再试。")


def _reads_as_chinese(text: str) -> bool:
    """Whether a decoding is plausible: a wrong guess gives rare and private characters, not common Chinese ones."""
    common = sum(text.count(char) for char in "的一办理事项材料、，。市")
    return common > 0 or text.isascii()


def read_text(data: bytes) -> Document:
    """The document of a text file. Raises :class:`Unreadable` when it cannot be decoded."""
    document = Document()
    rows: list[list[list[str]]] = []
    blank = True
    for line in re.split(r"\r\n|[\n\r\x0b\x0c\u2028\u2029\x85]", decode(data)):
        content = line.strip(" \u3000\xa0\ufeff")
        if content.startswith("\t") or ("\t" in content.rstrip("\t") and (rows or content.count("\t") > 1)):
            cells = content.removeprefix("\t").split("\t")
            new_row = (blank or (len(cells) > 1 and not content.startswith("\t"))) if rows else True
            if new_row:
                rows.append([])
            rows[-1].extend([[cell.strip()] if cell.strip() else [] for cell in cells])
            blank = False
        elif not content.strip():
            blank = True
        elif rows and not _leaves_table(content):
            rows[-1][-1].append(content.strip())
            blank = False
        else:
            _close(document, rows)
            document.blocks.append(Paragraph(content.strip()))
            blank = True
    _close(document, rows)
    return document


def _leaves_table(content: str) -> bool:
    """Whether a line without a tab ends a table: a section heading does; a cell's further paragraph does not."""
    return (
        re.match(r"[一二三四五六七八九十]+\s*[、.．]|第[一二三四五六七八九十]+[章节条]|工作资料归档", content)
        is not None
    )


def _close(document: Document, rows: list[list[list[str]]]) -> None:
    if rows:
        document.blocks.append(Table(tuple(tuple(tuple(cell) for cell in row) for row in rows)))
        rows.clear()
