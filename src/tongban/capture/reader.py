"""What a card reader on the clerk's machine said, checked before it is believed. The contract is in docs/devices.md."""

import base64
import binascii
from datetime import date
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, StringConstraints, ValidationError

from tongban.rules.card import Card
from tongban.vault import store, uploads
from tongban.vault.kinds import NotAccepted

LARGEST = 4 * 2**20  # characters of the whole answer


class Unreadable(ValueError):
    """The reader's answer is not what the contract says; the message (Chinese) says what to do."""


def _bytes(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error as error:
        raise ValueError("not base64") from error


Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=300)]
Image = Annotated[bytes, BeforeValidator(_bytes)]


class Chip(BaseModel):
    """The fields of a card's chip, its portrait, and pictures of both sides where the reader also takes them."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    name: Text
    sex: Text = ""
    ethnicity: Text = ""
    birth: date | None = None
    address: Text = ""
    number: Text
    issuer: Text = ""
    valid_from: date | None = None
    valid_until: date | None = None
    long_term: bool = False
    photo: Image = b""
    front: Image = b""
    back: Image = b""

    @property
    def card(self) -> Card:
        """What is compared with the form."""
        return Card(self.name, self.number, self.address, self.valid_until, self.long_term)


def chip(text: str) -> Chip:
    """The chip's content in a reader's answer. Raises :class:`Unreadable`."""
    if len(text) > LARGEST:
        raise Unreadable("读卡器返回的内容太大，请检查读卡器程序。")
    try:
        return Chip.model_validate_json(text)
    except ValidationError as error:
        where = "、".join(str(fault["loc"][0]) for fault in error.errors()[:3] if fault["loc"])
        raise Unreadable(f"读卡器返回的内容不对（{where or '不是 JSON'}），请重读一次；还不行就手工填写。") from error


def keep(found: Chip) -> tuple[store.Stored | None, list[store.Stored]]:
    """The portrait and the pictures of the sides, in the vault; one that is no picture is left out."""

    def stored(data: bytes) -> store.Stored | None:
        try:
            return uploads.take(data, "") if data else None
        except NotAccepted:
            return None

    sides = [kept for side in (found.front, found.back) if (kept := stored(side))]
    return stored(found.photo), sides
