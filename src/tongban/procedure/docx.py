"""Word documents (.docx): tables with merged cells, automatic numbering, text boxes, content controls, tracked changes."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

from lxml import etree  # type: ignore[import-untyped]

from tongban.procedure.document import LARGEST_UNPACKED, Document, Paragraph, Table, Unreadable
from tongban.procedure.model import Anomaly
from tongban.procedure.numbering import Numbering

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT = b"http://purl.oclc.org/ooxml/wordprocessingml/main"
FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
DROPPED = {f"{W}{name}" for name in ("del", "moveFrom", "rPr", "pPr", "instrText", "delText", "footnoteReference")} | {
    FALLBACK
}
DAMAGED = "Word 文档已损坏，打不开，请用 Word 重新保存后再试。"


def read_docx(data: bytes) -> Document:
    """The document of a .docx. Raises :class:`Unreadable` (damaged, encrypted, another kind, unpacks too large)."""
    parts = _unpack(data)
    document = Document()
    body = _parse(parts["word/document.xml"]).find(f"{W}body")
    if body is None:
        raise Unreadable(DAMAGED)
    if next(body.iter(f"{W}ins", f"{W}del", f"{W}moveFrom", f"{W}moveTo"), None) is not None:
        document.anomalies.append(
            Anomaly(
                code="tracked-changes", severity="warning", message="文档里有未接受的修订，按全部接受来读，请核对。"
            )
        )
    styles = _parse(parts["word/styles.xml"]) if "word/styles.xml" in parts else None
    numbering = Numbering(_parse(parts["word/numbering.xml"]) if "word/numbering.xml" in parts else None, styles)
    for block in _blocks(body):
        if block.tag == f"{W}p":
            for text in _paragraph(block, numbering):
                document.blocks.append(Paragraph(text))
        else:
            _table(block, numbering, document)
    return document


def _unpack(data: bytes) -> dict[str, bytes]:
    """The parts that are text; sizes are checked while unpacking, not believed."""
    found: dict[str, bytes] = {}
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if "word/document.xml" not in names:
                kinds = {"xl/workbook.xml": "电子表格", "ppt/presentation.xml": "演示文稿"}
                kind = next((text for name, text in kinds.items() if name in names), "压缩包或其他文件")
                raise Unreadable(f"这是{kind}，不是 Word 文档，请选择工作规程的 Word 文档。")
            if sum(info.file_size for info in archive.infolist()) > LARGEST_UNPACKED:
                raise Unreadable("文档展开后超过 100 MB，不予读取，请核对是否选错了文件。")
            left = LARGEST_UNPACKED
            for name in ("word/document.xml", "word/styles.xml", "word/numbering.xml"):
                if name not in names:
                    continue
                if archive.getinfo(name).flag_bits & 1:
                    raise Unreadable("文档有密码，请去掉密码后再试。")
                with archive.open(name) as part:
                    found[name] = part.read(left + 1)
                left -= len(found[name])
                if left < 0:
                    raise Unreadable("文档展开后超过 100 MB，不予读取，请核对是否选错了文件。")
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        EOFError,
        OSError,
        RuntimeError,
        NotImplementedError,
        ValueError,
    ) as e:
        if isinstance(e, Unreadable):
            raise
        raise Unreadable(DAMAGED) from e
    except Exception as error:  # zlib.error and its kind differ by decompressor
        raise Unreadable(DAMAGED) from error
    return found


def _parse(part: bytes) -> Any:
    """An XML part without entities or outside references; the strict namespace is read as the usual one."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(part.replace(STRICT, W.strip("{}").encode()), parser)
    except etree.XMLSyntaxError as error:
        raise Unreadable(DAMAGED) from error
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable(DAMAGED)
    return root


def _blocks(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables below ``parent`` in order, through content controls, tags and kept revisions."""
    for child in parent:
        if child.tag in (f"{W}p", f"{W}tbl"):
            yield child
        elif child.tag not in DROPPED and isinstance(child.tag, str) and child.tag != f"{W}sectPr":
            yield from _blocks(child)


def _paragraph(p: Any, numbering: Numbering) -> Iterator[str]:
    """The lines of a paragraph (its own breaks part them), with the number printed before the first; then its text boxes."""
    boxes: list[Any] = []
    text = "".join(_runs(p, boxes))
    label = numbering.label(p) if text.strip() else ""
    for place, line in enumerate(text.split("\n")):
        content = (label if place == 0 else "") + line.strip(" \u3000\xa0\t")
        if content.strip():
            yield content.strip()
    for box in boxes:
        for block in _blocks(box):
            if block.tag == f"{W}p":
                yield from _paragraph(block, numbering)
            else:
                yield from (text for row in _rows(block, numbering) for cell, _, _ in row for text in cell)


def _runs(node: Any, boxes: list[Any]) -> Iterator[str]:
    for child in node:
        tag = child.tag
        if not isinstance(tag, str) or tag in DROPPED:
            continue
        if tag == f"{W}t":
            yield child.text or ""
        elif tag in (f"{W}tab", f"{W}ptab"):
            yield "\t"
        elif tag in (f"{W}br", f"{W}cr"):
            yield "\n" if child.get(f"{W}type") not in ("page", "column") else ""
        elif tag == f"{W}noBreakHyphen":
            yield "-"
        elif tag == f"{W}sym":
            yield _symbol(child)
        elif tag == f"{W}txbxContent":
            boxes.append(child)
        elif not tag.endswith("}txbxContent"):
            yield from _runs(child, boxes)


def _symbol(sym: Any) -> str:
    code = int(sym.get(f"{W}char", "0") or "0", 16)
    return "" if 0xF000 <= code <= 0xF0FF or code == 0 else chr(code)


Cell = tuple[list[str], int, bool]  # paragraphs, columns covered, continues the cell above


def _rows(table: Any, numbering: Numbering) -> Iterator[list[Cell]]:
    for row in _descend(table, f"{W}tr"):
        cells: list[Cell] = []
        before = row.find(f"{W}trPr/{W}gridBefore")
        if before is not None:
            cells.append(([], int(before.get(f"{W}val", "1")), False))
        if row.find(f"{W}trPr/{W}del") is not None:
            continue
        for cell in _descend(row, f"{W}tc"):
            span = cell.find(f"{W}tcPr/{W}gridSpan")
            merge = cell.find(f"{W}tcPr/{W}vMerge")
            texts: list[str] = []
            for block in _blocks(cell):
                if block.tag == f"{W}p":
                    texts += _paragraph(block, numbering)
                else:
                    texts += [text for inner in _rows(block, numbering) for c, _, _ in inner for text in c]
            covered = min(int(span.get(f"{W}val", "1")), 64) if span is not None else 1
            cells.append((texts, covered, merge is not None and merge.get(f"{W}val") != "restart"))
        yield cells


def _descend(node: Any, tag: str) -> Iterator[Any]:
    """Elements ``tag`` below ``node``, through content controls and kept revisions but not into another table."""
    for child in node:
        if child.tag == tag:
            yield child
        elif (
            isinstance(child.tag, str) and child.tag not in DROPPED and child.tag not in (f"{W}tbl", f"{W}tc", f"{W}p")
        ):
            yield from _descend(child, tag)


def _table(table: Any, numbering: Numbering, document: Document) -> None:
    """A table; one that holds whole sections (a page laid out in a table) is read as paragraphs."""
    rows: list[list[tuple[str, ...]]] = []
    for cells in _rows(table, numbering):
        row: list[tuple[str, ...]] = []
        for texts, covered, continues in cells:
            above = rows[-1][len(row)] if continues and rows and len(row) < len(rows[-1]) else None
            row += [above if above is not None else tuple(texts)] * covered
        rows.append(row)
    lines = [text for row in rows for cell in dict.fromkeys(row) for text in cell]
    if sum(1 for text in lines if re.match(r"[一二三四五六七八九十]+、", text)) > 1:
        document.blocks += [Paragraph(text) for text in lines]
    elif lines:
        document.blocks.append(Table(tuple(tuple(row) for row in rows)))
