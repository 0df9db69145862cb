"""The table of materials (六): columns by what their header says, whatever their order; cells as facts."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from tongban.procedure.amounts import amounts, number
from tongban.procedure.document import Table
from tongban.procedure.model import Anomaly, Material, Tolerance

COLUMNS = (
    ("index", r"^序号$|^编号$"),
    ("name", r"材料名称|^材料$|^名称$"),
    ("tolerable", r"容缺.*(时限|期限)|是否.*容缺|可容缺"),
    ("channels", r"(容缺|提交).*方式|提交方式"),
    ("errors", r"常见错误|常见问题|易错"),
    ("paper", r"纸质.*处理|纸质.*材料|材料处理"),
    ("requirement", r"材料要求|收件要求|申报材料要求|要求$"),
)
NOT_APPLICABLE = re.compile(r"[/／\\\-—–－无]*")
_ORIGINAL = re.compile(r"原件")
_COUNT = r"(\d+|[一二两三四五六七八九十]+)\s*[份张]"
_COPIES = (re.compile(r"复印件[^，。；、]{0,4}?" + _COUNT), re.compile(_COUNT + r"[^，。；、]{0,2}复印件"))
_ELECTRONIC = re.compile(r"电子(档|件|版|照片|文档|文件|材料|证照)")
_NUMBERING = re.compile(r"^\s*(?:[（(]?\d{1,2}[）)]|\d{1,2}\s*[.．、]|[①-⑳])\s*")


@dataclass(frozen=True)
class Row:
    """The cells of one material by column; absent columns are None."""

    cells: dict[str, tuple[str, ...]]

    def text(self, column: str) -> str:
        """A cell's paragraphs as lines; empty for an absent or blank cell."""
        return "\n".join(self.cells.get(column, ())).strip()


def read_materials(tables: list[Table], clause: str, anomalies: list[Anomaly]) -> tuple[Material, ...]:
    """Materials of every table that has a column of names."""
    found: list[Material] = []
    for table in tables:
        columns, body = _header(table)
        if "name" not in columns:
            continue
        for row in _rows(columns, body):
            if not row.text("name") or row.text("name") == row.text("index"):
                if any(row.cells.values()):
                    _report(
                        anomalies,
                        "material-unnamed",
                        clause,
                        str(row.text("requirement")),
                        "有一行材料没有名称，未读取。",
                    )
                continue
            place = f"{clause}.{len(found) + 1}"
            found.append(_material(row, place, anomalies, set(columns)))
    return tuple(found)


def _header(table: Table) -> tuple[dict[str, int], list[tuple[tuple[str, ...], ...]]]:
    """Column → place by the header rows, and the rows below them (a row split in the text form is made whole)."""
    columns: dict[str, int] = {}
    depth = 0
    for depth, row in enumerate(table.rows):
        texts = ["".join(cell) for cell in row]
        named = dict(_named(texts))
        if not named and depth:
            break
        # The lower header row is the finer one; what only stands above (merged downwards) stays.
        for name, at in named.items():
            if name not in columns or name not in ("requirement",) or "材料要求" in texts[at]:
                columns[name] = at
        if any(cell == "1" for cell in texts):
            break
    width = max((len(row) for row in table.rows[:depth]), default=0)
    body = list(table.rows[depth:])
    if body and width and all(len(row) == len(body[0]) for row in body) and len(body[0]) > width:
        width = len(body[0])
    return columns, _whole(body, width)


def _named(texts: list[str]) -> list[tuple[str, int]]:
    found = []
    taken: set[str] = set()
    for place, text in enumerate(texts):
        plain = re.sub(r"\s+", "", text)
        name = next((name for name, pattern in COLUMNS if name not in taken and re.search(pattern, plain)), None)
        if name and len(plain) <= 20:
            found.append((name, place))
            taken.add(name)
    return found


def _whole(body: list[tuple[tuple[str, ...], ...]], width: int) -> list[tuple[tuple[str, ...], ...]]:
    """Rows of ``width`` cells: in the text form a blank line inside a row has parted it, here it is joined again."""
    rows: list[tuple[tuple[str, ...], ...]] = []
    for row in body:
        if rows and len(rows[-1]) + len(row) <= width and not re.fullmatch(r"\d{1,3}", "".join(row[0]) if row else ""):
            rows[-1] = rows[-1] + row
        else:
            rows.append(row)
    return rows


def _rows(columns: dict[str, int], body: list[tuple[tuple[str, ...], ...]]) -> list[Row]:
    return [
        Row({name: row[place] if place < len(row) else () for name, place in columns.items()})
        for row in body
        if any(cell for cell in row)
    ]


def _report(
    anomalies: list[Anomaly], code: str, clause: str, text: str, message: str, severity: str = "warning"
) -> None:
    anomalies.append(Anomaly(code=code, severity=severity, clause=clause, text=text, message=message))


def _material(row: Row, clause: str, anomalies: list[Anomaly], columns: set[str]) -> Material:
    name = re.sub(r"\s+", "", row.text("name"))
    requirement = row.text("requirement")
    tolerable, tolerance = _tolerance(row, clause, anomalies)
    paper = row.text("paper")
    if not requirement:
        _report(anomalies, "requirement-missing", clause, name, f"“{name}”没有写材料要求，留空。")
    for column, what in (("tolerable", "是否可容缺"), ("errors", "常见错误"), ("paper", "纸质申报材料处理")):
        if column not in columns:
            continue
        if not row.text(column):
            _report(anomalies, "cell-blank", clause, what, f"“{name}”的“{what}”一格是空白，按没有写来读。")
    material = Material(
        name=name,
        requirement=requirement,
        original=_original(requirement),
        copies=_copies(requirement),
        electronic=_ELECTRONIC.search(_demanded(requirement)) is not None,
        tolerable=tolerable,
        tolerance=tolerance,
        common_errors=_errors(row.cells.get("errors", ())),
        paper_handling=paper,
        forwarded=_forwarded(paper),
        check=_check(name, requirement),
        clause=clause,
    )
    _contradictions(material, anomalies)
    return material


def _demanded(requirement: str) -> str:
    """The requirement without mentions of standards that are themselves named after electronic things."""
    return re.sub(r"符合[^，。；]*?要求的?", "", requirement)


def _check(name: str, requirement: str) -> Literal["photo", "idcard", "scan"]:
    """How the machine looks at a material, by its name: what is neither a portrait nor the card is looked at as a scan."""
    if re.search(r"寸照|证件照|登记照|免冠|^(\S{0,6})照片$", name) or re.search(r"白底|免冠", requirement):
        return "photo"
    return "idcard" if re.search(r"(?<!临时)(居民)?身份证(?!明)", name) else "scan"


def _original(requirement: str) -> bool:
    plain = re.sub(r"(不|无需|不需|免)[^，。；]{0,4}原件", "", requirement)
    return _ORIGINAL.search(plain) is not None


def _copies(requirement: str) -> int:
    plain = unicodedata.normalize("NFKC", requirement)
    for pattern in _COPIES:
        if match := pattern.search(plain):
            return number(match[1])
    refused = re.search(r"(不|无需|不需|免)[^，。；,;]{0,4}复印件", plain)
    return 1 if "复印件" in plain and not refused else 0


def _tolerance(row: Row, clause: str, anomalies: list[Anomaly]) -> tuple[bool, Tolerance]:
    """The cell 是否可容缺受理及时限 holds two facts; the ways of handing in stand in the next."""
    cell = unicodedata.normalize("NFKC", row.text("tolerable"))
    ways = row.text("channels")
    if not re.match(r"\s*(是|可|能|允许)", cell) or re.match(r"\s*(是否|可否|不)", cell):
        if cell and not re.match(r"\s*(否|不|无)", cell) and not NOT_APPLICABLE.fullmatch(cell):
            _report(anomalies, "tolerance-unclear", clause, row.text("tolerable"), "看不出是否可容缺，按不可容缺来读。")
        return False, Tolerance()
    channels = () if NOT_APPLICABLE.fullmatch(ways) else tuple(
        part for part in (p.strip(" 。.") for p in re.split(r"[、，,;；/／\n]|或者?|和", ways)) if part
    )  # fmt: skip
    found = amounts(cell)
    until = re.search(r"([一-鿿]{2,8}?前)", re.sub(r"^[是可能允许容缺受理]*[,，;；:：(（\s]*", "", cell))
    days = found[0] if found and found[0].unit else None
    if days and days.assumed:
        _report(
            anomalies,
            "days-assumed-natural",
            clause,
            row.text("tolerable"),
            f"“{days.text}”没有写工作日还是自然日，按自然日来读。",
        )
    if not days and not until:
        _report(anomalies, "tolerance-without-limit", clause, row.text("tolerable"), "可容缺，但没有写补齐的时限。")
    if not channels:
        _report(anomalies, "tolerance-without-channel", clause, ways, "可容缺，但没有写补交的方式。", "info")
    return True, Tolerance(
        days=days.days if days else None,
        unit=days.unit if days else None,
        until=until[1] if until and not days else None,
        channels=channels,
    )


def _errors(paragraphs: tuple[str, ...]) -> tuple[str, ...]:
    """Common errors without their numbers and final marks; several in one paragraph are parted at their numbers."""
    found = []
    for paragraph in paragraphs:
        for part in re.split(r"(?<=[；;。])\s*(?=[（(]?\d{1,2}\s*[.．、）)])", paragraph):
            text = _NUMBERING.sub("", part).strip().rstrip("；;。.，, ")
            if text and not NOT_APPLICABLE.fullmatch(text):
                found.append(text)
    return tuple(found)


def _forwarded(paper: str) -> bool:
    """Whether the paper itself goes on to the department; paper that is scanned and given back does not."""
    if re.search(r"退[回还]|返还|自行保管|不收|无需", paper):
        return False
    return re.search(r"寄|转交|移交|送|收取|收原件|报送|留存原件", paper) is not None


def _contradictions(material: Material, anomalies: list[Anomaly]) -> None:
    given_back = re.search(r"退[回还]", material.paper_handling)
    if material.copies and given_back and re.search(r"留|收取|提交", material.requirement):
        _report(
            anomalies, "copy-kept-or-returned", material.clause, f"{material.requirement}；{material.paper_handling}",
            "一处写留复印件，一处写扫描后退回申请人：按验原件后退回、复印件扫描后退回来读。",
        )  # fmt: skip
    if material.electronic and "扫描" in material.paper_handling:
        _report(
            anomalies, "electronic-or-scanned", material.clause, f"{material.requirement}；{material.paper_handling}",
            "要求是电子档，处理却写扫描录入：按收电子档来读，扫描纸质照片属于“非电子档”。",
        )  # fmt: skip
