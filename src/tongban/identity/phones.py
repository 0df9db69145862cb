"""Phones of applicants: mobile numbers of the mainland, or a landline with its area code."""

import re
import unicodedata

MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
LANDLINE = re.compile(r"0\d{2,3}\d{7,8}", re.ASCII)


def normalise(phone: str) -> str:
    """A typed phone as digits: half-width, without spaces, hyphens, brackets and the prefix +86."""
    text = re.sub(r"[\s\-()（）—－]", "", unicodedata.normalize("NFKC", phone))
    return re.sub(r"^(\+|00)?86(?=1[3-9]\d{9}$)", "", text)


def check(phone: str) -> str | None:
    """What is wrong with an applicant's phone (Chinese), or None."""
    text = normalise(phone)
    if not text:
        return "请填写手机号码，办理进度用短信告知。"
    if not text.isascii() or not text.isdigit():
        return "电话号码只能有数字，请重新填写。"
    if text.startswith("1") and len(text) != 11:
        return f"手机号码应为 11 位，现在是 {len(text)} 位，请核对。"
    if not (MOBILE.fullmatch(text) or LANDLINE.fullmatch(text)):
        return "电话号码的格式不对：手机为 1 开头的 11 位，座机请带区号。"
    return None


def last_four(phone: str) -> str:
    """The last four characters of a normalised phone."""
    return normalise(phone)[-4:]


def is_mobile(phone: str) -> bool:
    """Whether a phone is a mobile number of the mainland: only these take a short message."""
    return MOBILE.fullmatch(normalise(phone)) is not None
