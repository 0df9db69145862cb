"""What stands on the label of a thing: a code that cannot be guessed, with a check character; and what a scanner reads."""

import re
import secrets

from tongban.cases.numbers import ALPHABET, check_character
from tongban.cases.numbers import normalise as as_number

SHAPE = re.compile(r"[MB][0-9A-HJKMNP-TV-Z]{11}")
LETTER = {"materials": "M", "bag": "B"}


def new_code(kind: str) -> str:
    """A new code for a thing of ``kind``: a letter, ten random characters, a check character."""
    body = LETTER[kind] + "".join(secrets.choice(ALPHABET) for _ in range(10))
    return body + check_character(body)


def normalise(scanned: str) -> str:
    """What was scanned or typed, as codes and case numbers are written; of an address its last part."""
    text = as_number(scanned.strip().rstrip("/").rpartition("/")[2])
    if "-" in text or text[:1] not in LETTER.values():
        return text
    return text[0] + text[1:].translate(str.maketrans("OIL", "011"))


def mistyped(code: str) -> bool:
    """Whether ``code`` looks like a label's and its check character says that it was read or typed wrongly."""
    return bool(SHAPE.fullmatch(code)) and check_character(code[:-1]) != code[-1]
