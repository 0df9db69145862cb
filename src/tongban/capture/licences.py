"""The region's electronic licence service (电子证照): what it holds of a person, and a document of it. The contract is in
docs/devices.md; what comes back is checked before it is believed.
"""

import hashlib
import json
import time
import uuid
from datetime import date
from typing import Annotated, Any

from django.conf import settings
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from tongban.cases.outbox import NotSent
from tongban.cases.signed import cleaned, exchange, signed_headers
from tongban.identity import citizen_id, credit_code
from tongban.identity.masking import mask_id
from tongban.vault import store, uploads
from tongban.vault.kinds import NotAccepted

MOST = 10  # licences of one answer

Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class Unavailable(RuntimeError):
    """The service gave nothing that can be used; the message (Chinese) says what to do."""


class Licence(BaseModel):
    """A licence the service holds of the person that was asked about."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    id: Word
    name: Word
    holder: Word
    holder_number: Word
    number: Word
    issuer: Word
    issued_on: date | None = None
    valid_until: date | None = None  # None: for good
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]

    @property
    def number_shown(self) -> str:
        """The licence's number: whole where it is an organisation's, else masked."""
        organisation = credit_code.warning(self.number) is None and citizen_id.check(self.number)
        return self.number if organisation else mask_id(self.number)

    def expired(self, today: date) -> bool:
        """Whether it has run out on ``today``; the last day is valid."""
        return self.valid_until is not None and self.valid_until < today

    @property
    def said(self) -> str:
        """In words, for the record of the case: no personal data."""
        until = f"有效期至 {self.valid_until}" if self.valid_until else "长期有效"
        return f"{self.name}，{self.issuer}签发，编号 {self.number_shown}，{until}"


class _Found(BaseModel):
    licences: Annotated[list[Licence], Field(max_length=MOST)]


def there() -> bool:
    """Whether a licence service is set up."""
    return bool(settings.LICENCE_URL)


def find(number: str, name: str, material: str, why: dict[str, str]) -> list[Licence]:
    """What the service holds of the person with this id ``number`` and ``name`` for a ``material`` (its name in the text).

    ``why``: for what, at which window, by whom; the service may keep it. Raises :class:`Unavailable`.
    """
    body = {"number": number, "holder": name, "material": material, **why}
    answer = _ask("/find", body, 65_536)
    try:
        found = _Found.model_validate_json(answer).licences
    except ValidationError as error:
        where = "、".join(str(fault["loc"][-1]) for fault in error.errors()[:3] if fault["loc"])
        raise Unavailable(f"{_who()}返回的内容看不懂（{where or '不是 JSON'}）。{INSTEAD}") from error
    if any(citizen_id.normalise(one.holder_number) != number for one in found):
        raise Unavailable(f"{_who()}返回了别人的证照，没有用，请告诉系统管理员。{INSTEAD}")
    return found


def fetch(licence: Licence, why: dict[str, str]) -> store.Stored:
    """The document of a licence, in the vault. Raises :class:`Unavailable`."""
    content = _ask("/document", {"id": licence.id, "number": licence.holder_number, **why}, store.limit())
    if hashlib.sha256(content).hexdigest() != licence.sha256:
        raise Unavailable(f"{_who()}给的文件和它说的不一致，没有用。请再调取一次。{INSTEAD}")
    try:
        return uploads.take(content, f"{licence.name}.pdf")
    except NotAccepted as error:
        raise Unavailable(f"{_who()}给的文件不能用：{error}") from error
    except OSError as error:
        raise Unavailable("没有存下，磁盘可能已满，请联系系统管理员。已填内容不受影响。") from error


INSTEAD = "也可以请申请人出示原件，照常扫描。"


def _who() -> str:
    return str(settings.LICENCE_NAME)


def _ask(path: str, body: dict[str, Any], longest: int) -> bytes:
    sent = json.dumps(body, ensure_ascii=False).encode()
    headers = signed_headers(settings.LICENCE_SECRETS, uuid.uuid4().hex, time.time(), sent)
    headers["Content-Type"] = "application/json"
    try:
        status, answer = exchange(
            "POST", settings.LICENCE_URL + path, sent, headers, settings.LICENCE_TIMEOUT, who=_who(), longest=longest
        )
    except NotSent as error:
        raise Unavailable(f"{error}。请稍后再试。{INSTEAD}") from error
    if status != 200:
        raise Unavailable(f"{_who()}没有给（应答 {status}{_reason(answer)}）。{INSTEAD}")
    return answer


def _reason(answer: bytes) -> str:
    """What a refusal says under ``error``, short; empty where it says nothing."""
    try:
        said = json.loads(answer)
    except (ValueError, RecursionError):
        return ""
    words = said.get("error") if isinstance(said, dict) else None
    return f"：{cleaned(words)}" if isinstance(words, str) and words.strip() else ""
