"""The token in a form's QR code: opaque, random, and signed, so that a made-up one is known without looking anything up."""

import hashlib
import hmac
import re
import secrets

from tongban.cases.numbers import ALPHABET
from tongban.vault.keys import from_master

RANDOM, SIGNED = 13, 7  # characters of five bits
SHAPE = re.compile(rf"[{ALPHABET}]{{{RANDOM + SIGNED}}}")


def _signature(body: str) -> str:
    value = int.from_bytes(hmac.digest(from_master("form token"), body.encode(), hashlib.sha256), "big")
    return "".join(ALPHABET[value >> 5 * place & 31] for place in range(SIGNED))


def new() -> str:
    """A new token: 20 characters, 65 random bits and a keyed signature of 35."""
    body = "".join(secrets.choice(ALPHABET) for _ in range(RANDOM))
    return body + _signature(body)


def read(scanned: str) -> str:
    """The token in what a scanner or a person typed (an address ending in it, spaces, O for 0); empty if none is ours."""
    text = scanned.strip().rstrip("/").rpartition("/")[2]
    text = re.sub(r"[\s-]", "", text).upper().translate(str.maketrans("OIL", "011"))
    whole = SHAPE.fullmatch(text) and hmac.compare_digest(_signature(text[:RANDOM]), text[RANDOM:])
    return text if whole else ""
