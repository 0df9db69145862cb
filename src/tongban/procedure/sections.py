"""The clause tree: sections by what their heading says, numbers as they are printed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from tongban.procedure.document import Block, Document, Paragraph, Table
from tongban.procedure.model import Anomaly, Topic
from tongban.procedure.numbering import chinese

SECTION = re.compile(r"([一二三四五六七八九十百]+)\s*[、.．，,]\s*(.*)")
CHAPTER = re.compile(r"第([一二三四五六七八九十百]+)[章条节部分]+\s*[、:：]?\s*(.*)")
PAREN_CHINESE = re.compile(r"[（(]\s*([一二三四五六七八九十]+)\s*[）)]\s*[、.．]?\s*(.*)", re.S)
ARABIC = re.compile(r"(\d{1,3})\s*(?:[.．、](?!\d)|[)）])\s*(.*)", re.S)
PAREN_ARABIC = re.compile(r"[（(]\s*(\d{1,3})\s*[）)]\s*[、.．]?\s*(.*)", re.S)
CIRCLED = re.compile(r"([①-⑳])\s*(.*)", re.S)
FINAL = "。；;：:！？.）)”』」，,、"

# Heading → topic, tried in order: what a heading says decides, never its number.
HEADINGS: tuple[tuple[Topic, str], ...] = (
    (Topic.WINDOWS, r"窗口.*(电话|地址|名录)"),
    (Topic.PACKAGE, r"套餐名称|事项名称$|一件事.*名称"),
    (Topic.CONTACTS, r"咨询方式|咨询电话|联系方式"),
    (Topic.TIME_LIMIT, r"时限|办理期限|办结期限"),
    (Topic.ARCHIVING, r"归档"),
    (Topic.DISTRIBUTION, r"(纸质)?材料.*(分发|流转|传递)"),
    (Topic.RELEASE, r"结果.*(交付|送达|发放|领取)|发证流程|发证.*交付"),
    (Topic.MATERIALS, r"(申报|申请|办理)材料|收件要点|材料清单"),
    (Topic.PLATFORMS, r"(办理|收件|受理)平台"),
    (Topic.INTAKE, r"收件.*(流程|处理|程序)|处理流程|受理流程"),
    (Topic.ITEMS, r"(审批|办理|涉及|服务)事项|事项清单"),
)
WANTED = tuple(topic for topic, _ in HEADINGS)
NAMES = {
    Topic.PACKAGE: "套餐名称", Topic.WINDOWS: "窗口电话及地址", Topic.ITEMS: "需要办理的审批事项",
    Topic.CONTACTS: "业务咨询方式", Topic.TIME_LIMIT: "承诺办结时限", Topic.MATERIALS: "申报材料收件要点",
    Topic.PLATFORMS: "收件办理平台", Topic.INTAKE: "收件处理流程", Topic.DISTRIBUTION: "纸质材料分发流程",
    Topic.RELEASE: "办理结果交付流程", Topic.ARCHIVING: "工作资料归档",
}  # fmt: skip


@dataclass
class Node:
    """A clause while it is being read: its own lines, its children."""

    number: str
    level: int
    heading: str = ""
    lines: list[str] = field(default_factory=list)
    children: list["Node"] = field(default_factory=list)
    topic: Topic | None = None
    inferred: bool = False
    tables: list[Table] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Own lines, one a paragraph."""
        return "\n".join(self.lines)

    def walk(self) -> Iterable["Node"]:
        """This node and everything below it, in order."""
        yield self
        for child in self.children:
            yield from child.walk()


def topic_of(heading: str) -> Topic | None:
    """What a heading is about, or None."""
    if len(heading) > 40:
        return None
    return next((topic for topic, pattern in HEADINGS if re.search(pattern, heading)), None)


def chinese_number(text: str) -> int:
    """二十一 → 21; 0 where it is not a number."""
    return next((n for n in range(1, 100) if chinese(n) == text), 0)


def _heading(line: str) -> tuple[str, str] | None:
    """Number and heading of a line that opens a section, or None."""
    match = SECTION.fullmatch(line) or CHAPTER.fullmatch(line)
    if match is None or len(match[2]) > 60 or (match[2].endswith(("。", "；")) and topic_of(match[2]) is None):
        return None
    return match[1], match[2].rstrip("：: ")


def _bare_heading(line: str, seen: set[Topic], now: Topic | None) -> Topic | None:
    """A heading without its number: short, unpunctuated, and about a topic that has not had its section."""
    if len(line) > 20 or line[-1] in FINAL or re.search(r"[，。：:；、0-9“”]", line):
        return None
    topic = topic_of(line)
    known = topic is not None and topic not in seen and topic is not now
    exact = known and topic is not None and (line in NAMES[topic] or NAMES[topic] in line)
    return topic if exact else None


def read_sections(document: Document, anomalies: list[Anomaly]) -> tuple[list[str], list[Node]]:
    """Lines before the first section, and the sections with their clause trees."""
    preamble: list[str] = []
    sections: list[Node] = []
    seen: set[Topic] = set()
    blocks = list(document.blocks)
    place = 0
    while place < len(blocks):
        block = blocks[place]
        place += 1
        if isinstance(block, Table):
            if sections:
                sections[-1].tables.append(block)
            else:
                preamble += [text for row in block.rows for cell in row for text in cell]
            continue
        line = block.text.strip()
        opened, used = _open(line, blocks[place:], seen, sections, anomalies)
        place += used
        if opened:
            sections.append(opened)
            if opened.topic:
                seen.add(opened.topic)
        elif sections:
            _add(sections[-1], line, anomalies)
        elif line:
            preamble.append(line)
    _odd_order(sections, seen, anomalies)
    return preamble, sections


def _open(
    line: str, following: list[Block], seen: set[Topic], sections: list[Node], anomalies: list[Anomaly]
) -> tuple[Node | None, int]:
    """A new section opened by ``line`` (and by how many following blocks its broken heading used), or None."""
    if found := _heading(line):
        number, heading = found
        topic = topic_of(heading)
        if topic is None and following and isinstance(following[0], Paragraph):
            joined = heading + following[0].text.strip()
            if (not heading or len(joined) <= 30) and joined[-1:] not in FINAL and topic_of(joined):
                _broken(number, heading, following[0].text.strip(), anomalies)
                return Node(number, 0, heading=joined, topic=topic_of(joined)), 1
        return Node(number, 0, heading=heading, topic=topic), 0
    if sections and (topic := _bare_heading(line, seen, sections[-1].topic) if line else None):
        number = chinese(chinese_number(sections[-1].number) + 1)
        anomalies.append(
            Anomaly(
                code="section-without-number",
                severity="warning",
                clause=number,
                text=line,
                message=f"标题“{line}”没有编号，按顺序推定为“{number}”。",
            )
        )
        return Node(number, 0, heading=line, topic=topic, inferred=True), 0
    return None, 0


def _broken(number: str, first: str, second: str, anomalies: list[Anomaly]) -> None:
    anomalies.append(
        Anomaly(
            code="line-broken",
            severity="info",
            clause=number,
            text=f"{first}⏎{second}",
            message=f"“{first}”和“{second}”断成两行，已连成一行来读。",
        )
    )


MARKERS = ((PAREN_CHINESE, 1), (ARABIC, 2), (PAREN_ARABIC, 3), (CIRCLED, 4))


def _add(section: Node, line: str, anomalies: list[Anomaly]) -> None:
    """Put a line where it belongs in a section's tree."""
    if not line:
        return
    path = [section]
    while path[-1].children:
        path.append(path[-1].children[-1])
    for pattern, level in MARKERS:
        if match := pattern.fullmatch(line):
            while path[-1].level >= level:
                path.pop()
            # A deeper kind of number than was ever opened stays where it is written: 十.1 and 八（五）1 alike.
            path[-1].children.append(Node(_number(path[-1], level, match[1]), level, lines=[match[2].strip()]))
            return
    last = path[-1]
    if last is not section and last.lines and last.lines[-1] and last.lines[-1][-1] not in FINAL:
        _broken(last.number, last.lines[-1], line, anomalies)
        last.lines[-1] += line
    elif last is not section and last.lines == [""]:
        last.lines = [line]
    else:
        section.lines.append(line)


def _number(parent: Node, level: int, printed: str) -> str:
    if level == 1 or level == 3:
        return f"{parent.number}（{printed}）"
    if level == 4:
        return f"{parent.number}{printed}"
    return f"{parent.number}{printed}" if parent.number.endswith("）") else f"{parent.number}.{printed}"


def _odd_order(sections: list[Node], seen: set[Topic], anomalies: list[Anomaly]) -> None:
    """Report numbers that repeat, skip or run backwards, sections about nothing known, and sections that are missing."""
    used: set[str] = set()
    expected = 1
    for section in sections:
        value = chinese_number(section.number)
        if section.number in used:
            code, text = "section-number-repeated", f"编号“{section.number}”用了不止一次，按原文保留。"
        elif value != expected:
            code, text = (
                "section-number-out-of-order",
                f"编号“{section.number}”不连续，此处应为“{chinese(expected)}”，按原文保留。",
            )
        else:
            code, text = "", ""
        if code:
            anomalies.append(
                Anomaly(code=code, severity="warning", clause=section.number, text=section.heading, message=text)
            )
        used.add(section.number)
        expected = value + 1 if value else expected + 1
        if section.topic is None:
            anomalies.append(
                Anomaly(
                    code="section-unknown",
                    severity="info",
                    clause=section.number,
                    text=section.heading,
                    message=f"“{section.number}、{section.heading}”不是常见的章节，只作为条款保留。",
                )  # fmt: skip
            )
    topics = [section.topic for section in sections if section.topic]
    for topic in {t for t in topics if topics.count(t) > 1}:
        later = [section for section in sections if section.topic is topic][1]
        anomalies.append(
            Anomaly(
                code="section-repeated",
                severity="warning",
                clause=later.number,
                text=later.heading,
                message=f"“{NAMES[topic]}”出现不止一次，两处都已读取，请核对以哪处为准。",
            )  # fmt: skip
        )
    for topic in NAMES:
        if topic not in seen:
            anomalies.append(
                Anomaly(
                    code="section-missing",
                    severity="error" if topic in ESSENTIAL else "warning",
                    message=f"没有找到“{NAMES[topic]}”一章，相应内容留空。",
                )  # fmt: skip
            )


ESSENTIAL = (Topic.PACKAGE, Topic.ITEMS, Topic.MATERIALS, Topic.TIME_LIMIT, Topic.INTAKE)
