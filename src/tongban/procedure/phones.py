"""Enquiry phones as a document prints them: kept as written, and said whether they can be dialled."""

import re
import unicodedata

# Area codes of the mainland in use; three digits for ten cities, four for the rest.
_THREE = "010 020 021 022 023 024 025 027 028 029"
_FOUR = (
    "0310-0319 0335 0349-0359 0370-0377 0379 0391-0396 0398 0411 0412 0414-0419 0421 0427 0429 0431-0439 0448 0451-0459"
    " 0464 0467-0479 0482 0483 0510-0519 0523 0527 0530-0539 0543 0546 0550-0559 0561-0564 0566 0570-0580 0591-0599"
    " 0631-0635 0660 0662 0663 0668 0691 0692 0701 0710-0719 0722 0724 0728 0730 0731 0734-0739 0743-0746 0750-0760"
    " 0762 0763 0766 0768-0779 0790-0799 0812 0813 0816-0818 0825-0827 0830-0839 0851 0854-0859 0870-0879 0883"
    " 0886-0888 0891-0898 0901-0903 0906 0908 0909 0911-0917 0919 0930-0939 0941 0943 0951-0955 0970-0977 0979 0990-0999"
)


def _codes() -> frozenset[str]:
    found = set(_THREE.split())
    for span in _FOUR.split():
        first, _, last = span.partition("-")
        found |= {f"0{number}" for number in range(int(first), int(last or first) + 1)}
    return frozenset(found)


AREA_CODES = _codes()
_EXTENSION = r"(?:(?:转|轉|分机|ext\.?|EXT\.?|-)\s*(\d{1,6}))?"
_LANDLINE = re.compile(r"(?:\((0\d{2,3})\)|(0\d{2,3})[- ]?)\s*([1-9]\d{2,3}[- ]?\d{4})" + _EXTENSION, re.ASCII)
_MOBILE = re.compile(r"1[3-9]\d[- ]?\d{4}[- ]?\d{4}", re.ASCII)
_SERVICE = re.compile(r"[48]00[- ]?(?:\d{7}|\d{3}[- ]?\d{4}|\d{4}[- ]?\d{3})" + _EXTENSION, re.ASCII)
_HOTLINE = re.compile(r"(?:1[02-9]\d{3}|9[56]\d{3})(?:" + _EXTENSION + ")", re.ASCII)
NONE = re.compile(r"(暂无|暂缺|暂未.*|无|待定|待公布|/|-|—+|——|空)?[。．.]?")
_HEAD = re.compile(r"(电话|联系电话|咨询电话|手机)[:：]\s*")


def dialable(phone: str) -> bool:
    """Whether ``phone`` has the form of a number that can be dialled in the mainland (with its area code)."""
    text = unicodedata.normalize("NFKC", phone)
    text = re.sub(r"\s*[-—–―−‐‑]+\s*", "-", text).strip()
    text = re.sub(r"^(?:\+?86|0086)[- ]?(?=1[3-9])", "", text)
    if match := _LANDLINE.fullmatch(text):
        return (match[1] or match[2]) in AREA_CODES
    return any(pattern.fullmatch(text) for pattern in (_MOBILE, _SERVICE, _HOTLINE))


def split(written: str) -> tuple[str, ...]:
    """The phones in a line's text as written, trimmed, in order; empty for none or 暂无."""
    text = _HEAD.sub("", written.strip().rstrip("。；;，,、"))
    if NONE.fullmatch(text.strip()):
        return ()
    parts = re.split(r"\s*(?:[、，,；;/／]|或者?|和|及|\s{2,}|\s(?=0\d{2,3}[-－—]|1[3-9]\d{9}))\s*", text)
    return tuple(part.strip() for part in parts if part.strip())
