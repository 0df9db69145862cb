"""Sibling annexes: other packages, other forms of the same facts; nothing is guessed, what is odd is said."""

from typing import Any

import pytest
from docx.enum.text import WD_BREAK
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn

from tests.official import OFFICIAL, official
from tests.procedure.make import ROWS, build, official_lines, saved, tracked
from tongban.procedure.model import Procedure, TimeLimit, Tolerance, Topic
from tongban.procedure.phones import dialable, split
from tongban.procedure.reader import read

pytestmark = pytest.mark.pure
TEXT = OFFICIAL.read_text(encoding="utf-8")


def with_text(old: str, new: str) -> Procedure:
    assert old in TEXT
    return read(TEXT.replace(old, new).encode())


def codes(procedure: Procedure) -> set[str]:
    return {anomaly.code for anomaly in procedure.anomalies}


def row(*cells: str) -> Procedure:
    """The materials table with its first row replaced by ``cells`` (from the requirement on)."""
    return read(saved(build(rows=[["1", "证明", *cells], ROWS[1]])))


@pytest.mark.parametrize(
    ("cell", "tolerable", "tolerance", "code"),
    [
        ("是，5个工作日内", True, Tolerance(days=5, unit="working_day"), None),
        ("是（办结前补齐）", True, Tolerance(until="办结前"), None),
        ("是，办结前", True, Tolerance(until="办结前"), None),
        ("是，十五个自然日", True, Tolerance(days=15, unit="natural_day"), None),
        ("是，5日内", True, Tolerance(days=5, unit="natural_day"), "days-assumed-natural"),
        ("是", True, Tolerance(), "tolerance-without-limit"),
        ("可容缺，3 个工作日内", True, Tolerance(days=3, unit="working_day"), None),
        ("否", False, Tolerance(), None),
        ("不可容缺", False, Tolerance(), None),
        ("/", False, Tolerance(), None),
        ("", False, Tolerance(), "cell-blank"),
    ],
)
def test_tolerance_cells(cell: str, tolerable: bool, tolerance: Tolerance, code: str | None) -> None:
    found = row("验原件", cell, "邮寄、现场提交", "1.缺页。", "退回申请人")
    material = found.materials[0]
    assert material.tolerable == tolerable
    expected = tolerance.model_copy(update={"channels": ("邮寄", "现场提交")}) if tolerable else Tolerance()
    assert material.tolerance == expected
    assert code is None or code in codes(found)


@pytest.mark.parametrize(
    ("requirement", "original", "copies", "electronic"),
    [
        ("验原件，留复印件1份", True, 1, False),
        ("复印件2份，加盖公章", False, 2, False),
        ("原件1份、复印件三份", True, 3, False),
        ("提供复印件", False, 1, False),
        ("电子版，不收纸质", False, 0, True),
        ("无需原件，提供电子照片", False, 0, True),
        ("一式两份", False, 0, False),
    ],
)
def test_requirements(requirement: str, original: bool, copies: int, electronic: bool) -> None:
    material = row(requirement, "否", "/", "1.缺页。", "退回申请人").materials[0]
    assert (material.original, material.copies, material.electronic) == (original, copies, electronic)


@pytest.mark.parametrize(
    ("sentence", "limit", "code"),
    [
        ("自受理之日起二十个工作日内办结。", TimeLimit(days=20, unit="working_day"), None),
        ("自受理之日起15个自然日内作出决定。", TimeLimit(days=15, unit="natural_day"), None),
        ("自受理之日起15日内作出决定。", TimeLimit(days=15, unit="natural_day"), "days-assumed-natural"),
        ("即办件，当场办结。", TimeLimit(days=0, unit="working_day"), None),
        ("自受理之日起 ６０ 个工作日内。", TimeLimit(days=60, unit="working_day"), None),
        ("尽快办理。", None, "time-limit-missing"),
        ("3个月内办结。", None, "time-limit-unclear"),
        ("简易的5个工作日，复杂的20个工作日。", TimeLimit(days=5, unit="working_day"), None),
        ("简易的5个工作日。复杂的20个工作日。", None, "time-limit-several"),
    ],
)
def test_time_limits(sentence: str, limit: TimeLimit | None, code: str | None) -> None:
    found = with_text("自受理之日起60个工作日内作出决定。", sentence)
    if "简易" not in sentence or "。复杂" in sentence:
        assert found.time_limit == limit
    assert code is None or code in codes(found)


def test_limits_by_item() -> None:
    lines = "1.社会保障卡申领：20个工作日。\n\n2.社会保障卡启用（含社会保障卡银行账户激活）：即办件。"
    found = with_text("自受理之日起60个工作日内作出决定。", lines)
    assert found.time_limit is None
    assert [item.time_limit for item in found.items][1:] == [
        TimeLimit(days=20, unit="working_day"),
        TimeLimit(days=0, unit="working_day"),
    ]
    assert "time-limit-by-item" in codes(found)


@pytest.mark.parametrize(
    ("line", "phones", "valid", "code"),
    [
        ("1.南县：0737-5212333、0737-5212334", ("0737-5212333", "0737-5212334"), True, None),
        ("1.南县：0737-5212333转801", ("0737-5212333转801",), True, None),
        ("1.南县：（0737）5212333", ("（0737）5212333",), True, None),
        ("1.南县：13800000000", ("13800000000",), True, None),
        ("1.南县：400-123-4567", ("400-123-4567",), True, None),
        ("1.南县：12345", ("12345",), True, None),
        ("1.南县：暂无", (), False, "phone-missing"),
        ("1.南县：", (), False, "phone-missing"),
        ("1.南县：5212333", ("5212333",), False, "phone-malformed"),
        ("1.南县：0999-5212333，0000-5212333", ("0999-5212333", "0000-5212333"), False, "phone-malformed"),
        ("1.南县：23800000000", ("23800000000",), False, "phone-malformed"),
    ],
)
def test_contacts(line: str, phones: tuple[str, ...], valid: bool, code: str | None) -> None:
    found = with_text("1.南县：0737-5212333", line)
    assert (found.contacts[0].region, found.contacts[0].phones, found.contacts[0].valid) == ("南县", phones, valid)
    assert code is None or code in codes(found)


def test_phone_forms() -> None:
    assert split("0737-1234567 / 0737-7654321；") == ("0737-1234567", "0737-7654321")
    assert [dialable(n) for n in ("0371-1234567", "010-62345678", "0737-62345678", "026-62345678")] == [
        True,
        True,
        True,
        False,
    ]


@pytest.mark.parametrize(
    ("line", "name", "code", "anomaly"),
    [
        ("2.社会保障卡申领，基本编码：002014010001", "社会保障卡申领", "002014010001", None),
        ("2.社会保障卡申领（基本编码：002014010001）", "社会保障卡申领", "002014010001", None),
        ("2.补领、换领，注销，基本编码：００２０１４０１０００１", "补领、换领，注销", "002014010001", None),
        ("2.社会保障卡申领，基本编码：0020140100", "社会保障卡申领", "0020140100", "item-code-malformed"),
        ("2.社会保障卡申领", "社会保障卡申领", None, "item-code-missing"),
    ],
)
def test_items(line: str, name: str, code: str | None, anomaly: str | None) -> None:
    found = with_text("2.社会保障卡申领，基本编码：002014010001", line)
    assert (found.items[1].name, found.items[1].code) == (name, code)
    assert anomaly is None or anomaly in codes(found)


def test_group_needs_children() -> None:
    found = with_text("2.社会保障卡申领，基本编码：002014010001\n", "").items
    assert found[0].group
    alone = read(TEXT.replace("：002014010001", "：003014010001").replace("：002014010002", "：003014010002").encode())
    assert [item.group for item in alone.items] == [False, False, False]


def test_departments() -> None:
    found = with_text("2.社会保障卡申领，", "2.社会保障卡申领（人力资源和社会保障局），")
    assert (found.items[1].name, found.items[1].department) == ("社会保障卡申领", "人力资源和社会保障局")
    grouped = with_text(
        "1.社会保障卡服务，基本编码：00201401000Y",
        "（一）人力资源和社会保障局：\n\n1.社会保障卡服务，基本编码：00201401000Y",
    )
    assert {item.department for item in grouped.items} == {"人力资源和社会保障局"}


def test_sections_missing_renumbered_and_in_another_order() -> None:
    missing = read(TEXT.replace("七、收件办理平台", "").encode())
    assert "section-missing" in codes(missing)
    assert missing.platforms == ()
    twice = read(TEXT.replace("六、申报材料收件要点", "五、申报材料收件要点").encode())
    assert [c.number for c in twice.clauses].count("五") == 2
    assert twice.materials[0].clause == "五.1"
    assert "section-number-repeated" in codes(twice)
    assert twice.materials[0].name == "身份证"
    head, rest = TEXT.split("四、业务咨询方式")
    contacts, after = rest.split("五、承诺办结时限")
    swapped = read(
        (
            head
            + "四、承诺办结时限"
            + after.split("六、申报")[0]
            + "五、业务咨询方式"
            + contacts
            + "六、申报"
            + after.split("六、申报")[1]
        ).encode()
    )
    assert swapped.time_limit == official().time_limit
    assert swapped.cite(Topic.TIME_LIMIT) == ("四",)
    assert len(swapped.contacts) == 9


def test_stray_spaces_and_half_width_marks() -> None:
    text = TEXT.replace("（一）", "( 一 )").replace("（1）", "(1)").replace("\n八、", "\n　八 、 ")
    assert [c.number for c in read(text.encode()).clauses] == [c.number for c in official().clauses]


def test_columns_in_another_order_or_missing() -> None:
    document = build()
    for line in document.tables[0].rows:
        line._tr.append(line._tr.tc_lst[1])  # the name last
    assert [m.name for m in read(saved(document)).materials] == ["身份证", "寸照"]


def test_automatic_numbering() -> None:
    document = build()
    numbering = document.part.numbering_part.element
    abstract = parse_xml(
        f'<w:abstractNum {nsdecls("w")} w:abstractNumId="90"><w:lvl w:ilvl="0"><w:start w:val="1"/>'
        '<w:numFmt w:val="chineseCountingThousand"/><w:lvlText w:val="（%1）"/></w:lvl></w:abstractNum>'
    )
    numbering.insert(0, abstract)
    numbering.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="90"><w:abstractNumId w:val="90"/></w:num>'))
    for paragraph in document.paragraphs:
        if paragraph.text[:3] in {f"（{n}）" for n in "一二三四五六七八九"}:
            paragraph.text = paragraph.text[3:]
            properties = paragraph._p.get_or_add_pPr()
            properties.append(parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="0"/><w:numId w:val="90"/></w:numPr>'))
    assert read(saved(document)) == official()


def wrapped(paragraph: Any, tag: str) -> None:
    """Put the runs of a paragraph into a hyperlink, a smart tag or a content control."""
    box = OxmlElement(f"w:{tag}")
    inner = box
    if tag == "sdt":
        inner = OxmlElement("w:sdtContent")
        box.append(inner)
    for run in list(paragraph.runs):
        inner.append(run._r)
    paragraph._p.append(box)


@pytest.mark.parametrize("tag", ["hyperlink", "smartTag", "sdt"])
def test_wrapped_text_is_text(tag: str) -> None:
    document = build()
    for paragraph in document.paragraphs:
        wrapped(paragraph, tag)
    assert read(saved(document)) == official()


def test_headers_footers_and_comments_are_not_text() -> None:
    document = build()
    document.sections[0].header.paragraphs[0].text = "一、页眉"
    document.sections[0].footer.paragraphs[0].text = "二、页脚"
    assert read(saved(document)) == official()


def test_tracked_changes_are_read_as_accepted() -> None:
    document = build()
    line = next(p for p in document.paragraphs if p.text.startswith("自受理之日起"))
    line.runs[0].text = "自受理之日起"
    tracked(line, "del", "60个工作日内作出决定。")
    tracked(line, "ins", "30个工作日内作出决定。")
    found = read(saved(document))
    assert found.time_limit == TimeLimit(days=30, unit="working_day")
    assert "tracked-changes" in codes(found)


def test_text_box_is_text() -> None:
    document = build([line for line in official_lines() if line != "我要办社保卡"])
    place = next(p for p in document.paragraphs if p.text.startswith("一、"))
    place.runs[0]._r.append(
        parse_xml(
            f'<w:pict {nsdecls("w")} xmlns:v="urn:schemas-microsoft-com:vml"><v:shape><v:textbox><w:txbxContent>'
            "<w:p><w:r><w:t>我要办社保卡</w:t></w:r></w:p></w:txbxContent></v:textbox></v:shape></w:pict>"
        )
    )
    assert read(saved(document)).name == "我要办社保卡"


def test_line_breaks_part_lines() -> None:
    document = build()
    first = next(p for p in document.paragraphs if p.text.startswith("1.南县"))
    second = next(p for p in document.paragraphs if p.text.startswith("2.安化县"))
    first.runs[0].add_break(WD_BREAK.LINE)
    first.add_run(second.text)
    second._p.getparent().remove(second._p)
    assert read(saved(document)) == official()


def test_vertical_merge_repeats() -> None:
    document = build(rows=[ROWS[0], ["2", "寸照", *ROWS[1][2:]]])
    table = document.tables[0]
    table.cell(2, 6).merge(table.cell(3, 6))
    found = read(saved(document))
    assert found.materials[1].paper_handling.startswith("扫描录入")
    assert qn("w:vMerge") in {child.tag for child in table._tbl.iter()}
