"""Keys in two steps: a master key outside the database wraps random data keys inside it.

The newest key of a purpose is the one in use. A process learns of a new one when it first meets a value sealed with it;
until then it goes on with the old one, which stays readable for ever.
"""

import base64
import os
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from tongban.vault.cipher import SIZES, decrypt, encrypt
from tongban.vault.models import DataKey

Purpose = DataKey.Purpose


class NoKey(RuntimeError):
    """A key is missing or the master key is not the one this database was made with; the message is Chinese."""


@dataclass(frozen=True)
class Key:
    """A key in use: its id in the database, its algorithm (``sm4``, ``aes`` or ``hmac``), its bytes."""

    serial: int
    algorithm: str
    secret: bytes


_by_serial: dict[int, Key] = {}
_newest: dict[str, Key] = {}


def forget() -> None:
    """Drop what was read: the database is another one."""
    _by_serial.clear()
    _newest.clear()


def from_master(use: str, size: int = 32) -> bytes:
    """``size`` bytes derived from the master key for one ``use`` (HKDF-SHA-256, RFC 5869)."""
    return HKDF(hashes.SHA256(), size, salt=None, info=f"tongban {use}".encode()).derive(settings.MASTER_KEY.encode())


def _wrapping(algorithm: str) -> tuple[str, bytes]:
    cipher = algorithm if algorithm in SIZES else settings.CIPHER
    return cipher, from_master(f"wrap {cipher}", SIZES[cipher])


def make(purpose: str) -> Key:
    """A new random key of ``purpose``, written to the database; from now on the one in use here."""
    algorithm = settings.CIPHER if purpose == Purpose.SEAL else "hmac"
    secret = os.urandom(SIZES.get(algorithm, 32))
    cipher, over = _wrapping(algorithm)
    wrapped = f"{cipher}.{base64.b64encode(encrypt(cipher, over, secret, purpose.encode())).decode()}"
    row = DataKey.objects.create(purpose=purpose, algorithm=algorithm, wrapped=wrapped)
    _load()
    return _by_serial[row.pk]


def make_missing() -> None:
    """One key of each purpose where there is none; what was read of another database is dropped."""
    forget()
    there = set(DataKey.objects.values_list("purpose", flat=True))
    for purpose in Purpose.values:
        if purpose not in there:
            make(purpose)


def _load() -> None:
    for row in DataKey.objects.order_by("pk"):
        cipher, _, wrapped = row.wrapped.partition(".")
        over = from_master(f"wrap {cipher}", SIZES[cipher])
        try:
            secret = decrypt(cipher, over, base64.b64decode(wrapped), row.purpose.encode())
        except InvalidTag as error:
            raise NoKey(
                "主密钥打不开这个数据库的密钥：TONGBAN_MASTER_KEY 或数据目录里的 master.key 不是建库时的那一个。"
                "请找回原来的主密钥，不要新建。"
            ) from error
        _by_serial[row.pk] = _newest[row.purpose] = Key(row.pk, row.algorithm, secret)


def newest(purpose: str) -> Key:
    """The key in use for ``purpose``. Raises :class:`NoKey`."""
    if purpose not in _newest:
        _load()
    if purpose not in _newest:
        raise NoKey("数据库里还没有密钥，请先运行 tongban setup。")
    return _newest[purpose]


def by_serial(serial: int) -> Key:
    """The key with this id. Raises :class:`NoKey`."""
    if serial not in _by_serial:
        _load()
    if serial not in _by_serial:
        raise NoKey(f"数据是用 {serial} 号密钥加密的，数据库里没有这个密钥。")
    return _by_serial[serial]


def digest(value: str) -> str:
    """HMAC-SHA-256 (hex) of a normalised ``value`` under the index key, empty for an empty one.

    Finds a person by number or phone; tells nothing to who lacks the key.
    """
    return value and _hmac(Purpose.INDEX, hashes.SHA256(), value.encode())


def link(content: bytes) -> str:
    """HMAC-SM3 (hex) of ``content`` under the chain key: who can write the database alone cannot make a link."""
    return _hmac(Purpose.CHAIN, hashes.SM3(), content)


def _hmac(purpose: str, algorithm: hashes.HashAlgorithm, content: bytes) -> str:
    made = HMAC(newest(purpose).secret, algorithm)
    made.update(content)
    return made.finalize().hex()
