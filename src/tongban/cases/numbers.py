"""Case numbers: 区域缩写-日期-8 位, random so that one cannot be guessed from another, with a check character.

The alphabet is Crockford's base 32 (no I, L, O, U). 35 random bits a region and day; the database holds the number unique
and the act that takes a case in tries again in the (rare) case of a collision.
"""

import re
import secrets
from datetime import date

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
RANDOM_LENGTH = 7
SHAPE = re.compile(r"([A-Z]{1,8})-(\d{8})-([0-9A-HJKMNP-TV-Z]{8})")


def check_character(text: str) -> str:
    """A character that changes with any one character of ``text`` (odd weights modulo 32)."""
    total = sum((2 * place + 1) * ALPHABET.find(char) for place, char in enumerate(text) if char in ALPHABET)
    return ALPHABET[total % len(ALPHABET)]


def new_number(abbreviation: str, day: date) -> str:
    """A new case number for a region (its pinyin abbreviation) and the Asia/Shanghai day of intake."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM_LENGTH))
    return f"{abbreviation}-{day:%Y%m%d}-{body}{check_character(body)}"


def normalise(typed: str) -> str:
    """What a person typed, as a number is written: upper case, no spaces, O→0, I and L→1 in the last part."""
    text = re.sub(r"\s+", "", typed).upper().replace("－", "-").replace("—", "-")
    head, dash, tail = text.rpartition("-")
    return head + dash + tail.translate(str.maketrans("OIL", "011"))


def well_formed(number: str) -> bool:
    """Whether ``number`` has the shape of a case number and its check character is right."""
    match = SHAPE.fullmatch(number)
    return match is not None and check_character(match[3][:-1]) == match[3][-1]
