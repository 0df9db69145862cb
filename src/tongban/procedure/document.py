"""A file as a neutral sequence of paragraphs and tables, whatever it was written with.

The kind is decided by content. What cannot be read is :class:`Unreadable`, with one Chinese line for a person.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from tongban.procedure.model import Anomaly

LARGEST = 20 * 2**20  # bytes of the file
LARGEST_UNPACKED = 100 * 2**20  # bytes of what it unpacks to


class Unreadable(ValueError):
    """The file is not a working procedure that can be read; the message is one Chinese line."""


@dataclass(frozen=True)
class Paragraph:
    """One paragraph; ``label`` is the number its automatic numbering prints, already part of ``text``."""

    text: str


@dataclass(frozen=True)
class Table:
    """Rows of cells, a cell being its paragraphs; merged cells repeat the text in every place they cover."""

    rows: tuple[tuple[tuple[str, ...], ...], ...]


Block = Paragraph | Table


@dataclass
class Document:
    """Blocks in reading order, and what is odd about the file itself."""

    blocks: list[Block] = field(default_factory=list)
    anomalies: list[Anomaly] = field(default_factory=list)

    def paragraphs(self) -> Iterator[str]:
        """Texts of the paragraphs outside tables."""
        return (block.text for block in self.blocks if isinstance(block, Paragraph))


def open_document(data: bytes) -> Document:
    """Read ``data``. Raises :class:`Unreadable` when it is empty, too large, damaged, encrypted or of another kind."""
    if not data.strip(b"\0 \t\r\n\f"):
        raise Unreadable("文件是空的，请核对后重新选择。")
    if len(data) > LARGEST:
        raise Unreadable("文件超过 20 MB，工作规程不会这么大，请核对是否选错了文件。")
    if data.startswith(b"PK"):
        from tongban.procedure.docx import read_docx

        return read_docx(data)
    if data.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        from tongban.procedure.doc import read_doc

        return read_doc(data)
    if data.startswith((b"%PDF", b"{\\rtf", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"Rar!", b"7z\xbc\xaf")):
        raise Unreadable("文件不是 Word 文档或纯文本，请用 .docx、.doc 或 .txt 格式的工作规程。")
    from tongban.procedure.text import read_text

    return read_text(data)
