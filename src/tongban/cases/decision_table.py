"""Decisions of a department whose system has no interface, as a table (.xlsx): out with its open items, in with what it decided."""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

import openpyxl
from openpyxl import Workbook
from openpyxl.worksheet.datavalidation import DataValidation

from tongban.cases.application import LONGEST, has_control
from tongban.cases.models import CaseItem
from tongban.cases.numbers import normalise
from tongban.cases.tables import saved, write
from tongban.identity.masking import mask_name
from tongban.people.refused import Refused

HEAD = ("办件编号", "事项序号", "事项", "申请人", "应办结", "决定", "理由")
WORDS = {"准予办结": True, "不予办理": False}
MOST, MOST_BYTES, MOST_UNPACKED = 500, 5 * 2**20, 60 * 2**20
HOW = (
    "在“决定”一栏选“准予办结”或“不予办理”，没有决定的留空；不予办理的必须写理由，申请人会看到。",
    "办件编号和事项序号不要改。可以删去整行，不要增加列。",
    f"一次最多 {MOST} 行。导入前会逐行核对，有问题的行会说明原因，由你决定是全部不导入，还是只导入没有问题的行。",
)


def table(items: Iterable[CaseItem]) -> bytes:
    """A workbook of ``items`` (with their cases) to be filled in; names masked."""
    book = Workbook()
    sheet = book.worksheets[0]
    sheet.title = "决定"
    rows = [
        (
            item.case.number,
            str(item.order),
            item.name,
            mask_name(item.case.applicant_name),
            item.due_said,
            "",
            "",
        )
        for item in items
    ]
    write(sheet, HEAD, rows, (24, 9, 40, 12, 20, 12, 60))
    choice = DataValidation(type="list", formula1=f'"{",".join(WORDS)}"', allow_blank=True)
    choice.add(f"F2:F{MOST + 1}")
    sheet.add_data_validation(choice)
    write(book.create_sheet("说明"), ("怎么填",), [(line,) for line in HOW], (110,))
    return saved(book)


def read(data: bytes) -> list[dict[str, Any]]:
    """The rows with a decision: {line, number, order, name, granted, reason}, and ``fault`` (Chinese) where one is wrong.

    Raises :class:`Refused` for what is no such table, or too large.
    """
    rows = _cells(data)
    head = [_text(cell) for cell in rows[0]] if rows else []
    if missing := [name for name in ("办件编号", "事项序号", "决定", "理由") if name not in head]:
        raise Refused(f"表的第一行缺少：{'、'.join(missing)}。请下载模板，填好后再导入。")
    found: list[dict[str, Any]] = []
    seen: dict[tuple[str, int], int] = {}
    for line, cells in enumerate(rows[1:], 2):
        row = dict(zip(head, map(_text, cells), strict=False))
        if not any(row.get(name) for name in ("决定", "理由")):
            continue
        found.append(_row(line, row, seen))
    if not found:
        raise Refused("表里没有填写决定。请在“决定”一栏填“准予办结”或“不予办理”。")
    if len(found) > MOST:
        raise Refused(f"一次最多导入 {MOST} 行，这张表有 {len(found)} 行，请分成几张。")
    return found


def _row(line: int, row: dict[str, str], seen: dict[tuple[str, int], int]) -> dict[str, Any]:
    number, word, reason = normalise(row["办件编号"]), row["决定"], row["理由"]
    order = int(row["事项序号"]) if re.fullmatch(r"\d{1,4}", row["事项序号"]) else -1
    granted = WORDS.get(word)
    fault = ""
    if not number or order < 0:
        fault = "办件编号或事项序号不对，请照模板里的写。"
    elif granted is None:
        fault = f"“决定”应填“准予办结”或“不予办理”，现在是“{word[:20]}”。"
    elif not granted and not reason:
        fault = "不予办理要写理由，申请人会看到。"
    elif len(reason) > LONGEST["reason"] or has_control(reason.replace("\n", "").replace("\r", "")):
        fault = f"理由最多 {LONGEST['reason']} 个字，不能有控制字符。"
    elif (number, order) in seen:
        fault = f"和第 {seen[number, order]} 行是同一个事项，只能写一次。"
    seen.setdefault((number, order), line)
    return {
        "line": line,
        "number": number[:40],
        "order": max(order, 0),
        "name": row.get("事项", "")[:200],
        "granted": bool(granted),
        "reason": reason[: LONGEST["reason"]],
        "fault": fault,
    }


def _cells(data: bytes) -> list[Sequence[Any]]:
    if len(data) > MOST_BYTES:
        raise Refused(f"表超过 {MOST_BYTES // 2**20} MB，请用模板，不要放图片。")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MOST_UNPACKED:
                raise Refused("表展开后太大，没有打开。请用模板重新填写。")
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
        sheet = book.worksheets[0]
        rows: list[Sequence[Any]] = []
        for row in sheet.iter_rows(max_col=len(HEAD) + 5, max_row=20 * MOST, values_only=True):
            rows.append(row)
    except Refused:
        raise
    except Exception as error:  # whatever a broken file makes of the library
        raise Refused("文件打不开，请用 Excel 或 WPS 另存为 .xlsx 后再导入。") from error
    return rows


def _text(cell: Any) -> str:
    """A cell as it reads: numbers as Excel shows them."""
    if cell is None:
        return ""
    return str(int(cell) if isinstance(cell, float) and cell.is_integer() else cell).strip()
