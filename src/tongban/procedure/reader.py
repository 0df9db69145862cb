"""From a file to a :class:`Procedure`. Nothing is guessed: what is missing or odd becomes an anomaly with its place."""

import re
import unicodedata

from tongban.procedure import phones
from tongban.procedure.amounts import Amount, amounts
from tongban.procedure.anomalies import whole
from tongban.procedure.document import Paragraph, Table, Unreadable, open_document
from tongban.procedure.materials import read_materials
from tongban.procedure.model import Anomaly, Clause, Contact, Item, Material, Platform, Procedure, TimeLimit, Topic
from tongban.procedure.sections import NAMES, Node, read_sections
from tongban.procedure.topics import set_topics

CODE = re.compile(r"\d{9}(\d{3}|00Y)")
NOT_ONE = "文件不是“一件事一次办”跨域通办窗口的工作规程，请核对是否选错了文件。"


def read(data: bytes, filename: str = "") -> Procedure:
    """Read the official document in ``data`` (.txt, .docx or .doc; decided by content, ``filename`` is not believed).

    Raises :class:`Unreadable` with one Chinese line when it is not such a document or cannot be read.
    """
    document = open_document(data)
    anomalies = list(document.anomalies)
    try:
        preamble, sections = read_sections(document, anomalies)
    except RecursionError as error:
        raise Unreadable("文档结构过于复杂，无法读取。") from error
    if not _is_procedure(preamble, sections):
        raise Unreadable(NOT_ONE)
    by_topic: dict[Topic, list[Node]] = {}
    for section in sections:
        if section.topic:
            by_topic.setdefault(section.topic, []).append(section)
    name = _name(by_topic.get(Topic.PACKAGE, []), anomalies)
    items = _items(by_topic.get(Topic.ITEMS, []), anomalies)
    contacts = tuple(c for section in by_topic.get(Topic.CONTACTS, []) for c in _contacts(section, anomalies))
    limit, items = _time_limit(by_topic.get(Topic.TIME_LIMIT, []), items, anomalies)
    materials = tuple(
        m for section in by_topic.get(Topic.MATERIALS, [])
        for m in read_materials(section.tables, section.number, anomalies)
    )  # fmt: skip
    if Topic.MATERIALS in by_topic and not materials:
        _add(
            anomalies,
            "materials-unread",
            by_topic[Topic.MATERIALS][0].number,
            "",
            "没有读到材料表，材料留空。",
            "error",
        )
    platforms = _platforms(by_topic.get(Topic.PLATFORMS, []), anomalies)
    set_topics(sections)
    clauses = _clauses(sections, materials)
    text = "\n".join([*preamble, *(clause.text for clause in clauses)])
    anomalies += whole(clauses, items, materials, text)
    head = "".join(preamble)
    return Procedure(
        annex=next((re.sub(r"\s+", "", m[0]) for m in [re.search(r"附\s*件\s*\d*", head)] if m), None),
        city=_city(preamble),
        name=name,
        directory=_directory(by_topic.get(Topic.WINDOWS, [])),
        items=items,
        contacts=contacts,
        time_limit=limit,
        materials=materials,
        platforms=platforms,
        clauses=clauses,
        anomalies=tuple(anomalies),
    )


def _add(
    anomalies: list[Anomaly], code: str, clause: str | None, text: str, message: str, severity: str = "warning"
) -> None:
    anomalies.append(Anomaly(code=code, severity=severity, clause=clause, text=text, message=message))


def _is_procedure(preamble: list[str], sections: list[Node]) -> bool:
    """A working procedure has several of the family's sections, and either its title or what only it has."""
    topics = {section.topic for section in sections if section.topic}
    title = re.sub(r"\s+", "", "".join(preamble))
    own = topics & {Topic.PACKAGE, Topic.ITEMS, Topic.MATERIALS, Topic.INTAKE, Topic.PLATFORMS}
    titled = "工作规程" in title or ("跨域通办" in title and "窗口" in title)
    return len(own) >= (2 if titled else 3) and len(topics) >= (3 if titled else 5)


def _city(preamble: list[str]) -> str | None:
    for line in preamble:
        text = re.sub(r"\s+", "", line)
        if match := re.match(r"([一-鿿]{1,12}?(?:市|自治州|州|地区|盟|县|区))(?=[“\"「]|一件事|跨域|政务)", text):
            return match[1]
    return None


def _name(found: list[Node], anomalies: list[Anomaly]) -> str:
    lines = [line for section in found for node in section.walk() for line in node.lines if line]
    if not lines:
        _add(anomalies, "name-missing", found[0].number if found else None, "", "没有写套餐名称，留空。", "error")
        return ""
    if len(lines) > 1:
        _add(anomalies, "name-several", found[0].number, "；".join(lines), "套餐名称不止一行，取第一行。")
    return lines[0].strip('。；; “”"')


def _directory(found: list[Node]) -> str | None:
    for section in found:
        for node in section.walk():
            if match := re.search(r"(?:详见|见|参见)\s*(.+?)\s*[。；]?$", node.text.replace("\n", "")):
                return match[1]
    return None


# ---- 三、items -------------------------------------------------------------------------------------------------------

_CODE_LABEL = re.compile(r"[，,；;（(\s]*(?:事项)?(?:基本)?编码\s*[:：]?\s*([^\s，,；;。）)]*)[)）]?")
_DEPARTMENT = re.compile(
    r"[，,；;（(\s]*(?:承办|责任|实施|办理|审批)(?:部门|单位|机关|主体)\s*[:：]\s*([^，,；;。）)]+)[)）]?"
)
_OWN_LIMIT = re.compile(r"[，,；;（(\s]*(?:承诺|办结|办理)(?:办结)?时限\s*[:：]?\s*([^，,；;。）)]+)[)）]?")
_TRAILING_DEPARTMENT = re.compile(r"[（(]\s*([^（）()]{2,20}(?:局|委|委员会|厅|办|办公室|中心|署|队|院|所))\s*[)）]$")


def _items(found: list[Node], anomalies: list[Anomaly]) -> tuple[Item, ...]:
    items: list[Item] = []
    for section in found:
        department: str | None = None
        for node in section.walk():
            for line in node.lines:
                coded = "编码" in line
                listed = coded or (node is not section and not node.children and node.level >= 2)
                if node is not section and node.children and not coded:
                    department = line.rstrip("：:；;。 ")
                elif listed and line:
                    items.append(_item(line, node.number, department, anomalies))
    if not items and found:
        _add(anomalies, "items-unread", found[0].number, found[0].text, "没有读到审批事项，留空。", "error")
    codes = [item.code for item in items if item.code]
    for code in sorted({code for code in codes if codes.count(code) > 1}):
        _add(anomalies, "item-code-repeated", found[0].number, code, f"基本编码 {code} 用了不止一次，按原文保留。")
    return tuple(
        item.model_copy(update={"group": True})
        if item.code and item.code.endswith("Y")
        and any(code != item.code and code.startswith(item.code[:9]) for code in codes)
        else item
        for item in items
    )  # fmt: skip


def _item(line: str, clause: str, department: str | None, anomalies: list[Anomaly]) -> Item:
    text = line.strip().rstrip("。；;")
    code: str | None = None
    if match := _CODE_LABEL.search(text):
        code = unicodedata.normalize("NFKC", match[1]).strip() or None
        text = text[: match.start()] + text[match.end() :]
    own = None
    if match := _OWN_LIMIT.search(text):
        own = _limit(amounts(match[1]), clause, match[1], anomalies)
        text = text[: match.start()] + text[match.end() :]
    if match := _DEPARTMENT.search(text) or _TRAILING_DEPARTMENT.search(text):
        department = match[1].strip()
        text = text[: match.start()] + text[match.end() :]
    if code is None:
        _add(anomalies, "item-code-missing", clause, line, "没有基本编码，留空。")
    elif not CODE.fullmatch(code):
        _add(anomalies, "item-code-malformed", clause, code, f"基本编码“{code}”不是 12 位的规定形式，按原文保留。")
    name = text.strip(" ，,；;。：:")
    if not name:
        _add(anomalies, "item-name-missing", clause, line, "没有事项名称，留空。", "error")
    return Item(name=name, code=code, department=department, time_limit=own)


# ---- 四、contacts ----------------------------------------------------------------------------------------------------


def _contacts(section: Node, anomalies: list[Anomaly]) -> list[Contact]:
    found = []
    for node in section.walk():
        for line in node.lines:
            match = re.match(r"\s*([^:：0-9（(]{1,30}?(?:[（(][^）)0-9]*[）)])?)\s*[:：]\s*(.*)$", line)
            spaced = match or re.match(
                r"\s*([一-鿿（）()]{2,30}?)\s*((?:[（(]?0\d{2,3}|1[3-9]\d|[48]00|暂无).*)$", line
            )
            if not spaced:
                if node is not section or re.search(r"\d{5,}", line):
                    _add(anomalies, "contact-unread", node.number, line, "看不出是哪里的电话，未读取。")
                continue
            mark = line[spaced.end(1) : spaced.start(2)].strip()
            found.append(_contact(spaced[1].strip(), spaced[2], mark, node.number, anomalies))
    if not found:
        _add(anomalies, "contacts-unread", section.number, section.text, "没有读到咨询电话，留空。")
    regions = [contact.region for contact in found]
    for region in sorted({r for r in regions if regions.count(r) > 1}):
        _add(anomalies, "contact-repeated", section.number, region, f"“{region}”列了不止一次，都保留。")
    return found


def _contact(region: str, written: str, mark: str, clause: str, anomalies: list[Anomaly]) -> Contact:
    numbers = phones.split(written)
    bad = [number for number in numbers if not phones.dialable(number)]
    for number in bad:
        _add(
            anomalies,
            "phone-malformed",
            clause,
            number,
            f"“{region}”的号码“{number}”不像能拨通的号码，按原文保留，号码待核实。",
        )
    if not numbers:
        _add(anomalies, "phone-missing", clause, written, f"“{region}”没有电话。")
    if re.search(r"[－—―–]", written) or ":" in mark:
        text = f"{region}{mark}{written}"
        _add(anomalies, "mark-mixed", clause, text, "标点全角、半角或连接号和别处不一致，按同一意思来读。", "info")
    return Contact(region=region, phones=numbers, valid=bool(numbers) and not bad)


# ---- 五、time limit --------------------------------------------------------------------------------------------------


def _limit(found: list[Amount], clause: str, text: str, anomalies: list[Anomaly]) -> TimeLimit | None:
    usable = [amount for amount in found if amount.unit]
    if not usable:
        _add(anomalies, "time-limit-unclear", clause, text, "时限不是以日计的，或看不出天数，留空。", "error")
        return None
    amount = usable[0]
    if amount.assumed:
        _add(
            anomalies,
            "days-assumed-natural",
            clause,
            amount.text,
            f"“{amount.text}”没有写工作日还是自然日，按自然日来读。",
        )
    return TimeLimit(days=amount.days, unit=amount.unit or "natural_day")


def _time_limit(
    found: list[Node], items: tuple[Item, ...], anomalies: list[Anomaly]
) -> tuple[TimeLimit | None, tuple[Item, ...]]:
    """The package's limit, and items with limits of their own where a line names the item."""
    common: list[tuple[TimeLimit, str]] = []
    own: dict[str, TimeLimit] = {}
    for section in found:
        for node in section.walk():
            for sentence in (part for line in node.lines for part in re.split(r"[；;。]", line) if part.strip()):
                named = [item for item in items if item.name and item.name in sentence]
                if not amounts(sentence):
                    continue
                limit = _limit(amounts(sentence), node.number, sentence, anomalies)
                if limit and named:
                    own |= {item.name: limit for item in named if len(item.name) == max(len(i.name) for i in named)}
                elif limit:
                    common.append((limit, sentence))
    items = tuple(
        item.model_copy(update={"time_limit": own[item.name]}) if item.name in own and not item.time_limit else item
        for item in items
    )
    number = found[0].number if found else None
    kinds = list(dict.fromkeys(limit for limit, _ in common))
    if len(kinds) == 1:
        return kinds[0], items
    if len(kinds) > 1:
        text = "；".join(sentence for _, sentence in common)
        _add(anomalies, "time-limit-several", number, text, "写了几个不同的时限，没有共同的时限，套餐时限留空。")
    elif own or any(item.time_limit for item in items):
        _add(anomalies, "time-limit-by-item", number, "", "各事项时限不同，没有共同的时限，套餐时限留空。", "info")
    elif found:
        _add(anomalies, "time-limit-missing", number, found[0].text, "没有读到办结时限，留空。", "error")
    return None, items


# ---- 七、platforms ---------------------------------------------------------------------------------------------------

_USE = re.compile(
    r"(?:使用|通过|登录|用)\s*([^“”，,。；;]*?平台|[^“”，,。；;]*?系统)\s*(?:的)?\s*(?:[“\"「]([^”\"」]+)[”\"」])?"
)
_WHERE = re.compile(
    r"(?:若|如|如果|凡)?\s*(?:承办)?(?:部门|单位|地)\s*(?:为|是|在|属于?)\s*([^，,的“”]+?)\s*(?:的部门|的单位)?(?:的)?[，,]"
)


def _platforms(found: list[Node], anomalies: list[Anomaly]) -> tuple[Platform, ...]:
    platforms: list[Platform] = []
    for section in found:
        text = "".join(line for node in section.walk() for line in node.lines)
        for sentence in re.split(r"[；;。]", text):
            where = _WHERE.search(sentence)
            use = _USE.search(sentence, where.end() if where else 0)
            if use is None:
                continue
            regions: list[str | None] = list(re.split(r"[、和及或]", where[1])) if where else [None]
            platforms += [Platform(region=region, platform=use[1].strip(), module=use[2]) for region in regions]
        if not any(platform.region is None for platform in platforms):
            _add(anomalies, "platform-missing", section.number, text, "没有读到一般情形使用的收件办理平台。", "error")
    return tuple(platforms)


# ---- clauses ---------------------------------------------------------------------------------------------------------


def _clauses(sections: list[Node], materials: tuple[Material, ...]) -> tuple[Clause, ...]:
    clauses = []
    for section in sections:
        for node in section.walk():
            heading = node.heading
            if not heading and (match := re.match(r"([^。；，：:]{2,30})[：:]", node.text)):
                heading = match[1]
            clauses.append(
                Clause(number=node.number, heading=heading, text=node.text, inferred=node.inferred, topic=node.topic)
            )
        if section.topic is Topic.MATERIALS:
            clauses += [
                Clause(number=material.clause, heading=material.name, text=_material_text(material)) for material in materials
            ]  # fmt: skip
    return tuple(clauses)


def _material_text(material: Material) -> str:
    """A row of the table as readable lines."""
    tolerance = "否"
    if material.tolerable:
        unit = {"working_day": "个工作日内", "natural_day": "日内", None: ""}[material.tolerance.unit]
        days = f"，{material.tolerance.days}{unit}" if material.tolerance.days is not None else ""
        tolerance = f"是{days}{'，' + material.tolerance.until if material.tolerance.until else ''}"
    parts = [
        f"要求：{material.requirement}",
        f"可容缺：{tolerance}",
        "常见错误：" + "；".join(material.common_errors) if material.common_errors else "",
        f"纸质材料：{material.paper_handling}" if material.paper_handling else "",
    ]
    return "\n".join(part for part in parts if part)


__all__ = ["NAMES", "Paragraph", "Table", "Unreadable", "read"]
