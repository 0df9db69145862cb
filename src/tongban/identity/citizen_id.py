"""Identity numbers of citizens (GB 11643-1999) and of others, by kind of document."""

import re
import unicodedata
from datetime import date

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"
SHAPE = re.compile(r"[1-9]\d{5}\d{8}\d{3}[\dX]", re.ASCII)
RESIDENCE_PERMIT_PREFIXES = ("81", "82", "83")  # 港、澳、台居民居住证
NUMBERED = ("resident_id", "residence_permit")


def normalise(number: str) -> str:
    """A typed number as it is written: half-width, upper case, without spaces."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", number)).upper()


def check_character(first17: str) -> str:
    """The 18th character of a number whose first 17 digits are ``first17``."""
    return CHECKS[sum(int(digit) * weight for digit, weight in zip(first17, WEIGHTS, strict=True)) % 11]


def birth_of(number: str) -> date | None:
    """The birth date an 18-character number tells, or None where it tells none."""
    text = normalise(number)
    if not SHAPE.fullmatch(text):
        return None
    try:
        return date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return None


def sex_of(number: str) -> str | None:
    """男 or 女 as the 17th digit tells, or None."""
    text = normalise(number)
    if not SHAPE.fullmatch(text):
        return None
    return "男" if int(text[16]) % 2 else "女"


def age_on(birth: date, day: date) -> int:
    """Full years from ``birth`` on ``day``."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def check(number: str, kind: str = "resident_id", today: date | None = None) -> str | None:
    """What is wrong with a number of a kind of document (Chinese), or None. Kinds without a rule are only bounded."""
    text = normalise(number)
    if not text:
        return "请填写证件号码。"
    if kind not in NUMBERED:
        if not re.fullmatch(r"[0-9A-Z()（）\-]{5,30}", text, re.ASCII) and not re.fullmatch(r"[0-9A-Z\-]{5,30}", text):
            return "证件号码应为 5 到 30 位字母或数字，请对照证件重新填写。"
        return None
    if len(text) != 18:
        return f"身份证号应为 18 位，现在是 {len(text)} 位，请对照证件重新填写。"
    if not SHAPE.fullmatch(text):
        return "身份证号前 17 位应为数字，最后一位是数字或 X，请对照证件重新填写。"
    if kind == "residence_permit" and not text.startswith(RESIDENCE_PERMIT_PREFIXES):
        return "港澳台居民居住证号码以 81、82 或 83 开头，请核对证件种类和号码。"
    if check_character(text[:17]) != text[17]:
        return "身份证号的校验位不对，可能有一位输错，请对照证件重新填写。"
    birth = birth_of(text)
    if birth is None:
        return f"身份证号第 7 到 14 位“{text[6:14]}”不是有效的出生日期，请对照证件重新填写。"
    if birth > (today or date.today()):
        return f"身份证号里的出生日期 {birth} 在今天之后，请对照证件重新填写。"
    return None
