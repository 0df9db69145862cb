"""Spreadsheets out: every cell is inert text, whatever it begins with."""

import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

ACTS = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet program may take for a formula
_TOP = Alignment(vertical="top", wrap_text=True)


def write(sheet: Worksheet, head: Sequence[str], rows: Iterable[Sequence[str]], widths: Sequence[int]) -> None:
    """A head and ``rows`` onto ``sheet``; ``widths`` in characters."""
    for line, row in enumerate((head, *rows), 1):
        for column, text in enumerate(row, 1):
            cell = sheet.cell(line, column)
            if isinstance(cell, Cell):
                inert(cell, text)
                cell.font, cell.alignment = Font(bold=line == 1), _TOP
    for column, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = "A2"


def inert(cell: Cell, text: str) -> None:
    """``text`` into a cell as text, marked so that editing it makes no formula of it either."""
    cell.value = "".join(char for char in text if char >= " " or char in "\n\t")
    cell.data_type = "s"
    cell.number_format = "@"
    if text.startswith(ACTS):
        cell.quotePrefix = True


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
