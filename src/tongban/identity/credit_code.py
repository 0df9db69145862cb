"""Unified social credit codes (GB 32100-2015): 18 characters with a check character.

Real codes are met that fail the check: callers warn and never block.
"""

import re
import unicodedata

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # without I, O, S, V, Z
LENGTH = 18


def normalise(code: str) -> str:
    """A typed code as it is written: half-width, upper case, without spaces and hyphens."""
    return re.sub(r"[\s\-]", "", unicodedata.normalize("NFKC", code)).upper()


def check_character(first17: str) -> str:
    """The 18th character of a code whose first 17 are ``first17``: weights 3^i modulo 31."""
    total = sum(ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(first17))
    return ALPHABET[-total % 31]


def warning(code: str) -> str | None:
    """What looks wrong with a code (Chinese), or None."""
    text = normalise(code)
    if len(text) != LENGTH:
        return f"统一社会信用代码应为 {LENGTH} 位，现在是 {len(text)} 位，请核对。"
    if odd := next((char for char in text if char not in ALPHABET), None):
        return f"统一社会信用代码里不应有“{odd}”，请核对。"
    if check_character(text[:-1]) != text[-1]:
        return "统一社会信用代码的校验位不对，请对照证照核对；确实如此的可以继续。"
    return None
