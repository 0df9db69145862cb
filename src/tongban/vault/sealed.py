"""Sealing bytes and columns: the id of the key stands before what it closed."""

import base64
import json
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from django.db import models

from tongban.vault import keys
from tongban.vault.cipher import NONCE, TAG, decrypt, encrypt

if TYPE_CHECKING:
    Column = models.Field[Any, Any]
    Text = models.TextField[Any, str]
    Value = models.JSONField[Any, Any]
else:
    Column, Text, Value = object, models.TextField, models.TextField

MARK = b"TB1\n"  # opens a sealed file; the key's id follows in four bytes


class Altered(RuntimeError):
    """What was sealed does not open: it was altered, cut off, or put in another's place."""


def seal(data: bytes, about: str) -> bytes:
    """``data`` closed with the key in use, bound to ``about``."""
    key = keys.newest(keys.Purpose.SEAL)
    return MARK + key.serial.to_bytes(4, "big") + encrypt(key.algorithm, key.secret, data, about.encode())


def unseal(sealed: bytes, about: str) -> bytes:
    """What was given to :func:`seal` with the same ``about``. Raises :class:`Altered` or :class:`keys.NoKey`."""
    if not sealed.startswith(MARK) or len(sealed) < len(MARK) + 4 + NONCE + TAG:
        raise Altered(f"{about} 不是加密的内容。")
    return _open(key_of(sealed), sealed[len(MARK) + 4 :], about)


def key_of(sealed: bytes) -> int:
    """The id of the key that closed a file."""
    return int.from_bytes(sealed[len(MARK) : len(MARK) + 4], "big")


def _open(serial: int, closed: bytes, about: str) -> bytes:
    key = keys.by_serial(serial)
    try:
        return decrypt(key.algorithm, key.secret, closed, about.encode())
    except (InvalidTag, ValueError) as error:
        raise Altered(f"{about} 的内容被改动过，打不开。") from error


class _Closed(Column):
    """A text column closed on the way in and opened on the way out: ``key id.base64``, bound to table and column.

    It cannot be searched, sorted or compared in the database: any lookup but ``isnull`` is an error. Look-up goes
    through a column of :func:`keys.digest`.
    """

    @property
    def about(self) -> str:
        """What a value of this column is bound to."""
        return f"{self.model._meta.db_table}.{self.column}"

    def close(self, text: str) -> str:
        """``text`` as the database keeps it."""
        key = keys.newest(keys.Purpose.SEAL)
        closed = encrypt(key.algorithm, key.secret, text.encode(), self.about.encode())
        return f"{key.serial}.{base64.b64encode(closed).decode()}"

    def open(self, kept: str) -> str:
        """The text that was kept. Raises :class:`Altered` or :class:`keys.NoKey`."""
        serial, dot, closed = kept.partition(".")
        if not dot or not serial.isdigit():
            raise Altered(f"{self.about} 不是加密的内容。")
        return _open(int(serial), base64.b64decode(closed), self.about).decode()

    def get_lookup(self, lookup_name: str) -> Any:
        """No lookup but ``isnull``."""
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None


class Sealed(_Closed, Text):
    """Sealed text. Empty text stays empty: that nothing is there is no secret."""

    def get_prep_value(self, value: Any) -> Any:
        """Text as the database keeps it."""
        return self.close(str(value)) if value else value

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        """Text as it was given."""
        return self.open(value) if value else value


class SealedJSON(_Closed, Value):
    """A JSON value, sealed as text."""

    def get_prep_value(self, value: Any) -> Any:
        """The value as the database keeps it."""
        return self.close(json.dumps(value, ensure_ascii=False))

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        """The value as it was given; None where there is no row."""
        return json.loads(self.open(value)) if value else None
