"""Word 97–2003 documents (.doc): the text by the piece table, cells by their marks ([MS-DOC] 2.4, 2.8).

Only the main text is read, so headers, footers, footnotes and comments stay out; text boxes follow it. What tracked
changes deleted is left out by the character properties. Automatic numbers are not stored in this format's text and are
not computed: where a list's number is missing the reader reports it as it reports any missing number.
"""

import io
import re
import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

import olefile  # type: ignore[import-untyped]

from tongban.procedure.document import LARGEST_UNPACKED, Document, Paragraph, Table, Unreadable
from tongban.procedure.model import Anomaly

DAMAGED = "Word 文档已损坏，打不开，请用 Word 另存为 .docx 后再试。"
DELETED = 0x0800  # sprmCFRMarkDel
IN_TABLE = 0x2416  # sprmPFInTable
ROW_END = 0x2417  # sprmPFTtp


@dataclass
class Piece:
    """A run of characters and the file offset of its first byte; ``wide`` is two bytes a character."""

    text: str
    offset: int
    wide: bool


def read_doc(data: bytes) -> Document:
    """The document of a .doc. Raises :class:`Unreadable` (damaged, encrypted, another kind of file)."""
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            names = {"/".join(entry) for entry in ole.listdir()}
            if "EncryptedPackage" in names:
                raise Unreadable("文档有密码，请去掉密码后再试。")
            if "WordDocument" not in names:
                kind = "电子表格" if names & {"Workbook", "Book"} else "其他文件"
                raise Unreadable(f"这是{kind}，不是 Word 文档，请选择工作规程的 Word 文档。")
            main = ole.openstream("WordDocument").read()
            flags = struct.unpack_from("<H", main, 10)[0]
            if flags & 0x0100:
                raise Unreadable("文档有密码，请去掉密码后再试。")
            table = ole.openstream("1Table" if flags & 0x0200 else "0Table").read()
            return _document(main, table)
    except Unreadable:
        raise
    except Exception as error:  # a damaged file fails in as many ways as it has bytes
        raise Unreadable(DAMAGED) from error


def _fib(main: bytes, index: int) -> tuple[int, int]:
    """Offset and length number ``index`` of the FIB's table of positions (FibRgFcLcb97)."""
    words = struct.unpack_from("<H", main, 32)[0]
    longs_at = 34 + 2 * words
    longs = struct.unpack_from("<H", main, longs_at)[0]
    pairs_at = longs_at + 2 + 4 * longs + 2
    offset, length = struct.unpack_from("<II", main, pairs_at + 8 * index)
    return offset, length


def _document(main: bytes, table: bytes) -> Document:
    words = struct.unpack_from("<H", main, 32)[0]
    counts = struct.unpack_from("<8I", main, 34 + 2 * words + 2 + 12)  # ccpText, Ftn, Hdd, (0), Atn, Edn, Txbx, HdrTxbx
    pieces = _pieces(main, table)
    deleted = _deleted(main, table)
    whole = "".join(piece.text for piece in pieces)
    if len(whole) * 2 > LARGEST_UNPACKED:
        raise Unreadable("文档展开后超过 100 MB，不予读取，请核对是否选错了文件。")
    document = Document()
    kept = list(whole)
    at = 0
    for piece in pieces:
        step = 2 if piece.wide else 1
        for first, last in deleted:
            low = max(0, (first - piece.offset + step - 1) // step)
            high = min(len(piece.text), (last - piece.offset + step - 1) // step)
            if low < high:
                kept[at + low : at + high] = [""] * (high - low)
        at += len(piece.text)
    if deleted:
        document.anomalies.append(
            Anomaly(
                code="tracked-changes", severity="warning", message="文档里有未接受的修订，按全部接受来读，请核对。"
            )
        )
    _blocks(kept[: counts[0]], pieces, _rows(main, table), document)
    boxes_from = sum(counts[:6])
    boxes = "".join(kept[boxes_from : boxes_from + counts[6]])
    document.blocks += [Paragraph(line) for line in _lines(boxes)]
    return document


def _pieces(main: bytes, table: bytes) -> list[Piece]:
    """The pieces of the text in order ([MS-DOC] 2.8.35 Clx)."""
    offset, length = _fib(main, 33)
    clx = table[offset : offset + length]
    at = 0
    while at < len(clx) and clx[at] == 1:  # formatting runs before the piece table
        at += 3 + struct.unpack_from("<H", clx, at + 1)[0]
    if at >= len(clx) or clx[at] != 2:
        raise ValueError("no piece table")
    size = struct.unpack_from("<I", clx, at + 1)[0]
    plc = clx[at + 5 : at + 5 + size]
    count = (size - 4) // 12
    ends = struct.unpack_from(f"<{count + 1}I", plc, 0)
    pieces = []
    for number in range(count):
        place = struct.unpack_from("<I", plc, 4 * (count + 1) + 8 * number + 2)[0]
        characters = ends[number + 1] - ends[number]
        if place & 0x40000000:
            start = (place & 0x3FFFFFFF) // 2
            text = main[start : start + characters].decode("cp1252", "replace")
            pieces.append(Piece(text, start, False))
        else:
            raw = main[place : place + 2 * characters]
            text = "".join(map(chr, struct.unpack(f"<{len(raw) // 2}H", raw)))  # a character above U+FFFF counts as two
            pieces.append(Piece(text, place, True))
    return pieces


def _deleted(main: bytes, table: bytes) -> list[tuple[int, int]]:
    """File ranges of characters that a tracked change deleted ([MS-DOC] 2.8.5 PlcBteChpx)."""
    found = []
    for first, last, block, runs, run in _formatted(main, table, 12):
        word = block[4 * (runs + 1) + run] * 2
        properties = block[word + 1 : word + 1 + block[word]]
        if word and _sprm(properties, DELETED) == 1:
            found.append((first, last))
    return found


def _formatted(main: bytes, table: bytes, entry: int) -> Iterator[tuple[int, int, bytes, int, int]]:
    """File ranges that share properties: first, last, their page of 512 bytes, how many it holds, and which one it is.

    ``entry`` is the place in the header of the table of such pages ([MS-DOC] 2.8.5, 2.8.6).
    """
    offset, length = _fib(main, entry)
    count = (length - 4) // 8
    for number in range(max(0, count)):
        page = struct.unpack_from("<I", table, offset + 4 * (count + 1) + 4 * number)[0] & 0x3FFFFF
        block = main[512 * page : 512 * page + 512]
        if len(block) < 512:
            continue
        runs = block[511]
        for run in range(runs):
            first, last = struct.unpack_from("<II", block, 4 * run)
            yield first, last, block, runs, run


def _sprm(properties: bytes, wanted: int) -> int | None:
    """The one-byte operand of a property in a list of them, or None ([MS-DOC] 2.6)."""
    sizes = {0: 1, 1: 1, 2: 2, 3: 4, 4: 2, 5: 2, 7: 3}
    at = 0
    while at + 3 <= len(properties):
        code = struct.unpack_from("<H", properties, at)[0]
        kind = code >> 13
        if code == wanted:
            return properties[at + 2]
        at += 2 + (1 + properties[at + 2] if kind == 6 else sizes[kind])
    return None


def _clean(text: str) -> str:
    """Text of a stretch: fields show their result, marks of objects are dropped, surrogates are joined."""
    for _ in range(8):  # fields may be nested
        text, changed = re.subn(r"\x13[^\x13\x14\x15]*(?:\x14([^\x13\x15]*))?\x15", lambda m: m[1] or "", text)
        if not changed:
            break
    text = text.replace("\x1e", "-").translate(dict.fromkeys((1, 2, 3, 4, 5, 8, 0x13, 0x14, 0x15, 0x1F)))
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _lines(text: str) -> list[str]:
    return [line.strip(" \t\u3000\xa0") for line in re.split(r"[\r\x0b\x0c\n]", _clean(text)) if line.strip()]


def _rows(main: bytes, table: bytes) -> list[tuple[int, int, bool, bool]]:
    """File ranges of paragraphs in tables: first, last, in a table, end of a row ([MS-DOC] 2.8.6 PlcBtePapx)."""
    found = []
    for first, last, block, runs, run in _formatted(main, table, 13):
        at = block[4 * (runs + 1) + 13 * run] * 2
        size = block[at] * 2 - 1 if block[at] else block[at + 1] * 2
        begin = at + (1 if block[at] else 2) + 2
        properties = block[begin : begin + size - 2]
        if _sprm(properties, IN_TABLE) == 1:
            found.append((first, last, True, _sprm(properties, ROW_END) == 1))
    return found


def _blocks(
    kept: list[str], pieces: list[Piece], marked: list[tuple[int, int, bool, bool]], document: Document
) -> None:
    """Paragraphs and tables of the main text: each paragraph's own properties say whether it is in a table."""
    offsets = (p.offset + i * (2 if p.wide else 1) for p in pieces for i in range(len(p.text)))
    starts = sorted(marked)
    firsts = [first for first, *_ in starts]
    rows: list[tuple[tuple[str, ...], ...]] = []
    cells: list[tuple[str, ...]] = []
    cell: list[str] = []
    now: list[str] = []
    for char, offset in zip(kept, offsets, strict=False):
        if char not in ("\r", "\x07", "\x0c"):
            now.append(char)
            continue
        lines, now = _lines("".join(now)), []
        place = bisect_right(firsts, offset) - 1
        inside = place >= 0 and starts[place][1] > offset
        if inside and starts[place][3]:
            rows.append(tuple(cells))
            cells, cell = [], []
        elif inside:
            cell += lines
            if char == "\x07":
                cells.append(tuple(cell))
                cell = []
        else:
            if rows:
                document.blocks.append(Table(tuple(rows)))
                rows = []
            document.blocks += [Paragraph(line) for line in lines]
    if rows:
        document.blocks.append(Table(tuple(rows)))
