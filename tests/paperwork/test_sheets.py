"""Sheets as the person at the counter holds them: read back by other programs, decoded from the drawn page, long ones too."""

import io
import itertools
from typing import Any

import pdfplumber
import pypdfium2
import pytest
import zxingcpp

from tongban.paperwork.form import KINDS, form, undrawn
from tongban.paperwork.samples import sample

pytestmark = pytest.mark.pure
LABELS = ("bag_label", "post_label")
NEVER_FIRST = "。，、）》；：！？”’"
MM = 72 / 25.4
LONG_NAME = "样例·" + "长" * 97
LONG_ADDRESS = ("示例市样板区样板街道样板路九十九号三栋二单元五〇一室，" * 12)[:300]
ASKED = {
    "name": "样例材料",
    "defects": ["问题一：没有签名、没有日期（需补）。", "问题二"],
    "requirement": "原件一份，复印件两份。",
}


def letters(pdf: bytes) -> list[list[dict[str, Any]]]:
    """Page → its characters with their places, in points from the top left, in reading order."""
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        return [list(page.chars) for page in opened.pages]


def long(kind: str) -> dict[str, Any]:
    """The longest content a form has to bear."""
    data = sample(kind) | {"officer": LONG_NAME}
    party = {"name": LONG_NAME, "phone": "138****0000", "address": LONG_ADDRESS, "postcode": "000000"}
    for name, value in {
        "applicant": LONG_NAME, "agent": LONG_NAME, "collector": LONG_NAME, "reason": LONG_ADDRESS,
        "delivery": LONG_ADDRESS, "sender": party, "receiver": party, "unit": LONG_NAME, "note": LONG_ADDRESS[:60],
    }.items():  # fmt: skip
        if name in data or (name == "agent" and "applicant" in data):
            data[name] = value
    for name in ("materials", "rows", "open", "items"):
        if data.get(name):
            rows = [ASKED] if kind == "supplement_notice" and name == "materials" else data[name]
            data[name] = [rows[0]] * 40
    if "cases" in data:
        data["cases"] = data["cases"] * 40
    return data


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", [sample, long])
def test_nothing_leaves_its_margins_and_no_two_letters_share_a_place(kind: str, content: Any) -> None:
    pdf = form(kind, content(kind))
    left, right, top = (3 * MM, 3 * MM, 3 * MM) if kind in LABELS else (28 * MM, 20 * MM, 15 * MM)
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        for page in opened.pages:
            for char in page.chars:
                where = f"{char['text']} {char['x0']:.0f} {char['top']:.0f}"
                assert char["x0"] >= left - 1, where
                lean = 7 if char["text"] in NEVER_FIRST else 1  # the empty half of a mark at the end of a line
                assert char["x1"] <= float(page.width) - right + lean, where
                assert top - 2 <= char["top"] <= float(page.height), where
            drawn = [char for char in page.chars if char["text"].strip()]
            placed = {(round(char["x0"]), round(char["top"])) for char in drawn}
            assert len(placed) >= len(drawn) - 2


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", [sample, long])
def test_no_line_begins_with_a_mark_that_closes(kind: str, content: Any) -> None:
    for page in letters(form(kind, content(kind))):
        for before, char in itertools.pairwise(page):
            if char["text"] in NEVER_FIRST:
                assert char["bottom"] <= before["bottom"] + 5, f"{before['text']}{char['text']} 断在行首"


@pytest.mark.parametrize("kind", KINDS)
def test_the_codes_are_read_again_from_the_page_as_a_laser_prints_it(kind: str) -> None:
    data = sample(kind)
    page = pypdfium2.PdfDocument(form(kind, data))[0]
    picture = page.render(scale=300 / 72, grayscale=True).to_pil().convert("1").convert("L")
    read = {str(code.format): code.text for code in zxingcpp.read_barcodes(picture)}
    assert data["check_at"] + data["token"] in read.values(), read
    line = data.get("waybill") or data.get("bag") or data.get("case_number")
    assert line is None or line in read.values(), read


@pytest.mark.parametrize("kind", LABELS)
@pytest.mark.parametrize("content", [sample, long])
def test_a_label_is_one_page_whatever_stands_on_it(kind: str, content: Any) -> None:
    assert len(pypdfium2.PdfDocument(form(kind, content(kind)))) == 1


def test_forty_defects_flow_over_pages_under_a_repeated_head() -> None:
    pages = letters(form("supplement_notice", sample("supplement_notice") | {"materials": [ASKED] * 40}))
    assert len(pages) > 1
    texts = ["".join(char["text"] for char in page) for page in pages]
    assert all("序号" in text and "收件要求" in text for text in texts[:-1]), "表头在每页重复"
    assert sum(text.count("问题二") for text in texts) == 40
    assert f"共{len(pages)}页" in texts[0].replace(" ", "")
    assert "窗口人员（签名）" in texts[-1]
    assert "盖章处" in texts[-1], "签名和盖章在同一页"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind not in LABELS])
def test_title_number_facts_and_signatures_follow_in_this_order(kind: str) -> None:
    data = sample(kind)
    text = "".join(char["text"] for page in letters(form(kind, data)) for char in page).replace(" ", "")
    marks = [data["title_line"], KINDS[kind], f"编号：{data['serial']}", data["officer"], "咨询"]
    places = [text.find(mark.replace(" ", "")) for mark in marks]
    assert -1 not in places
    assert places == sorted(places), list(zip(marks, places, strict=True))


@pytest.mark.parametrize("kind", KINDS)
def test_tags_say_what_is_a_heading_a_table_a_picture(kind: str) -> None:
    import pypdf

    root = pypdf.PdfReader(io.BytesIO(form(kind, sample(kind)))).trailer["/Root"]
    kinds: dict[str, list[Any]] = {}

    def walk(node: Any) -> None:
        node = node.get_object()
        if isinstance(node, list):
            for one in node:
                walk(one)
        elif isinstance(node, dict) and "/S" in node:
            kinds.setdefault(str(node["/S"]), []).append(node)
            if "/K" in node:
                walk(node["/K"])

    walk(root["/StructTreeRoot"]["/K"])
    assert len(kinds["/H1"]) == 1
    assert all(figure.get("/Alt") for figure in kinds["/Figure"])
    if kind not in LABELS:
        assert kinds["/Table"]
        assert kinds["/TD"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]


def test_gb_18030_levels_1_and_2_have_every_glyph() -> None:
    """Level 1: 27 584 characters (two bytes, extension A); level 2: the 196 of 通用规范汉字表 beyond them."""
    two_bytes = {bytes((high, low)).decode("gb18030") for high in range(0x81, 0xFF) for low in (*range(0x40, 0x7F), *range(0x80, 0xFF))}  # fmt: skip
    level_1 = {char for char in two_bytes if "\u4e00" <= char <= "\u9fff"} | {chr(c) for c in range(0x3400, 0x4DB6)}
    assert len(level_1) > 27_000
    assert undrawn(sorted(level_1)) == ""


def test_what_cannot_be_drawn_is_said_before_and_each_once() -> None:
    assert undrawn(["样例·张㛃", "普通的字 abc 123，。", "𠮷"]) == ""
    assert undrawn(["样\U00031351", "\U00031352\U00031351"]) == "\U00031351\U00031352"
