"""Names of persons: one separator (· U+00B7), every character of GB 18030-2022, nothing invisible."""

import re
import unicodedata

LONGEST = 100
SEPARATORS = "•‧∙⋅・･．●"  # look-alikes of · that input methods give
_TO_DOT = str.maketrans(dict.fromkeys(SEPARATORS, "·"))


def normalise(name: str) -> str:
    """A typed name as it is kept: · as separator, no outer spaces, one space inside at most.

    Canonical normalisation is left out: it would replace compatibility ideographs that stand on identity cards.
    """
    text = re.sub(r"\s+", " ", name.replace("\u3000", " ")).strip().translate(_TO_DOT)
    text = re.sub(r" ?· ?", "·", text)
    return re.sub(r"(?<=[^\x00-\x7f]) (?=[^\x00-\x7f])", "", text)


def check(name: str) -> str | None:
    """What is wrong with a name (Chinese), or None."""
    text = normalise(name)
    if not text:
        return "请填写姓名。"
    if len(text) > LONGEST:
        return f"姓名最多 {LONGEST} 个字，现在 {len(text)} 个，请核对。"
    for char in text:
        if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Zl", "Zp"):
            return "姓名里有看不见的控制字符，请删去后重新输入。"
        if not (char.isalpha() or char in "·〇.-' ’" or unicodedata.category(char) in ("Mn", "Mc", "Lo", "Co", "Cn")):
            return f"姓名里不应有“{char}”，请对照证件重新填写。"
    if text.startswith("·") or text.endswith("·") or "··" in text:
        return "姓名里的间隔号“·”应在两个部分之间，请对照证件重新填写。"
    return None
