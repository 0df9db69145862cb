"""Automatic numbering of Word paragraphs: what Word prints before the text, computed as Word does."""

import re
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DIGITS = "〇一二三四五六七八九"
CIRCLED = "①②③④⑤⑥⑦⑧⑨⑩⑪⑫⑬⑭⑮⑯⑰⑱⑲⑳"
STEMS = "甲乙丙丁戊己庚辛壬癸"
ROMAN = ((1000, "M"), (900, "CM"), (500, "D"), (400, "CD"), (100, "C"), (90, "XC"), (50, "L"), (40, "XL"), (10, "X"),
         (9, "IX"), (5, "V"), (4, "IV"), (1, "I"))  # fmt: skip


def chinese(number: int) -> str:
    """A number from 1 to 9999 as 一, 十一, 二十, 一百零一."""
    if number >= 10_000 or number < 1:
        return str(number)
    text, zero = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, number = divmod(number, unit)
        if digit:
            text += (
                ("零" if zero and text else "")
                + ("" if unit == 10 and digit == 1 and not text else DIGITS[digit])
                + name
            )
            zero = False
        else:
            zero = True
    return text


def _roman(number: int) -> str:
    text = ""
    for value, letters in ROMAN:
        while number >= value:
            text, number = text + letters, number - value
    return text


def formatted(number: int, kind: str) -> str:
    """``number`` in a numbering format of WordprocessingML (``w:numFmt``)."""
    if kind.startswith(
        ("chineseCounting", "ideographDigital", "japaneseCounting", "taiwaneseCounting", "chineseLegal")
    ):
        return chinese(number)
    if kind == "decimalEnclosedCircle" or kind == "decimalEnclosedCircleChinese":
        return CIRCLED[number - 1] if 1 <= number <= 20 else str(number)
    if kind == "decimalEnclosedParen":
        return f"({number})"
    if kind == "decimalEnclosedFullstop":
        return f"{number}."
    if kind == "decimalFullWidth" or kind == "decimalFullWidth2":
        return str(number).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    if kind == "decimalZero":
        return f"{number:02d}"
    if kind in ("upperLetter", "lowerLetter") and 1 <= number <= 26:
        return chr((65 if kind == "upperLetter" else 97) + number - 1)
    if kind in ("upperRoman", "lowerRoman"):
        return _roman(number) if kind == "upperRoman" else _roman(number).lower()
    if kind == "ideographTraditional" and 1 <= number <= 10:
        return STEMS[number - 1]
    return "" if kind in ("none", "bullet") else str(number)


class Numbering:
    """The counters of one document. ``label`` must be asked in document order, once a numbered paragraph."""

    def __init__(self, numbering: Any | None, styles: Any | None) -> None:
        self.abstract: dict[str, Any] = {}
        self.of: dict[str, str] = {}
        self.overrides: dict[tuple[str, int], Any] = {}
        self.by_style: dict[str, tuple[str, int]] = {}
        self.counters: dict[str, list[int | None]] = {}
        self.started: set[tuple[str, int]] = set()
        if numbering is None:
            return
        for node in numbering.findall(f"{W}abstractNum"):
            self.abstract[node.get(f"{W}abstractNumId", "")] = node
        for node in numbering.findall(f"{W}num"):
            number = node.get(f"{W}numId", "")
            target = node.find(f"{W}abstractNumId")
            self.of[number] = target.get(f"{W}val", "") if target is not None else ""
            for override in node.findall(f"{W}lvlOverride"):
                self.overrides[number, int(override.get(f"{W}ilvl", "0"))] = override
        for style in styles.findall(f"{W}style") if styles is not None else ():
            found = style.find(f"{W}pPr/{W}numPr/{W}numId")
            level = style.find(f"{W}pPr/{W}numPr/{W}ilvl")
            if found is not None:
                ilvl = int(level.get(f"{W}val", "0")) if level is not None else 0
                self.by_style[style.get(f"{W}styleId", "")] = (found.get(f"{W}val", ""), ilvl)

    def _place(self, p: Any) -> tuple[str, int] | None:
        own = p.find(f"{W}pPr/{W}numPr")
        style = p.find(f"{W}pPr/{W}pStyle")
        inherited = self.by_style.get(style.get(f"{W}val", "")) if style is not None else None
        if own is None:
            return inherited
        number, level = own.find(f"{W}numId"), own.find(f"{W}ilvl")
        num = number.get(f"{W}val", "") if number is not None else (inherited[0] if inherited else "")
        return num, int(level.get(f"{W}val", "0")) if level is not None else (inherited[1] if inherited else 0)

    def _level(self, num: str, ilvl: int) -> Any | None:
        override = self.overrides.get((num, ilvl))
        if override is not None and override.find(f"{W}lvl") is not None:
            return override.find(f"{W}lvl")
        abstract = self.abstract.get(self.of.get(num, ""))
        if abstract is None:
            return None
        return next((lvl for lvl in abstract.findall(f"{W}lvl") if lvl.get(f"{W}ilvl") == str(ilvl)), None)

    def _value(self, level: Any, name: str, default: str) -> str:
        node = level.find(f"{W}{name}")
        return default if node is None else str(node.get(f"{W}val", default))

    def label(self, p: Any) -> str:
        """What is printed before the text of paragraph ``p``; empty when it is not numbered or only has a bullet."""
        place = self._place(p)
        if place is None or place[0] in ("", "0") or not 0 <= place[1] <= 8:
            return ""
        num, ilvl = place
        level = self._level(num, ilvl)
        if level is None:
            return ""
        counters = self.counters.setdefault(self.of.get(num, num), [None] * 9)
        override = self.overrides.get((num, ilvl))
        start = int(self._value(level, "start", "1"))
        if override is not None and (num, ilvl) not in self.started and override.find(f"{W}startOverride") is not None:
            start, counters[ilvl] = int(self._value(override, "startOverride", "1")), None
        self.started.add((num, ilvl))
        now = counters[ilvl]
        counters[ilvl] = start if now is None else now + 1
        counters[ilvl + 1 :] = [None] * (8 - ilvl)

        def part(match: re.Match[str]) -> str:
            at = int(match[1]) - 1
            other = level if at == ilvl else self._level(num, at)
            if other is None:
                return ""
            value = counters[at]
            if value is None:
                counters[at] = value = int(self._value(other, "start", "1"))
            return formatted(value, self._value(other, "numFmt", "decimal"))

        if self._value(level, "numFmt", "decimal") == "bullet":
            return ""
        return re.sub(r"%([1-9])", part, self._value(level, "lvlText", ""))
