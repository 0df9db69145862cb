"""Asking an outside instance: signed GETs, for files by their digest and for its view of the cases both keep.

What is signed of a GET is ``GET`` and the path with its query, as the receiver sees it behind its own prefix.
"""

import time
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings

from tongban.cases.outbox import NobodyThere, NotSent
from tongban.cases.signed import exchange, said_in, signed_headers
from tongban.exchange import wire
from tongban.exchange.models import Platform
from tongban.vault import store, uploads
from tongban.vault.kinds import NotAccepted


class NotFetched(RuntimeError):
    """A file cannot be had, or is not what it was said to be; the sentence says which."""


def asked(path: str) -> bytes:
    """What is signed of a GET for ``path`` (behind ``/exchange/``, with its query)."""
    return f"GET {path}".encode()


def get(platform: Platform, what: str, seconds: float, longest: int) -> tuple[int, bytes]:
    """Ask a platform for ``what`` (a path behind its address). Raises :class:`NotSent`."""
    code = urlsplit(platform.address).path.rstrip("/").rpartition("/")[2]
    secrets = platform.secrets()
    if not platform.address or not secrets:
        raise NotSent("还没有登记对方的地址或密钥。")
    headers = signed_headers(secrets, uuid.uuid4().hex, time.time(), asked(f"{code}/{what}"))
    return exchange("GET", platform.address + what, None, headers, seconds, who="对方", longest=longest)


def files_of(data: wire.Data) -> Iterator[wire.FileSaid]:
    """Every file a letter names."""
    if isinstance(data, wire.Submitted):
        for material in data.materials:
            yield from material.files
    elif isinstance(data, wire.Supplied):
        yield from data.files
    elif isinstance(data, wire.Document):
        yield data.file


def fetch(platform: Platform, data: wire.Data) -> None:
    """Bring every file a letter names into the vault, by digest. Raises :class:`NotFetched` or :class:`NobodyThere`."""
    for file in files_of(data):
        if store.there(file.digest):
            continue
        if file.size > store.limit():
            raise NotFetched(f"文件“{file.filename}”超过 {store.limit() // 2**20} MB。")
        status, content = get(platform, f"files/{file.digest}/", settings.EXCHANGE_TIMEOUT * 6, store.limit())
        if status != 200:
            raise NobodyThere(f"取文件时对方应答 {status}{said_in(content)}")
        if store.digest_of(content) != file.digest:
            raise NotFetched(f"文件“{file.filename}”和对方所说的摘要不一致，没有收下。")
        try:
            uploads.take(content, file.filename)
        except NotAccepted as error:
            raise NotFetched(f"文件“{file.filename}”没有收下：{error}") from error


def view(platform: Platform) -> Iterator[dict[str, Any]]:
    """The platform's view of every case both keep, page by page. Raises :class:`NotSent`."""
    import json

    after = 0
    while True:
        status, content = get(platform, f"cases/?{urlencode({'after': after})}", settings.EXCHANGE_TIMEOUT * 3, 2**24)
        if status != 200:
            raise NotSent(f"对方应答 {status}{said_in(content)}")
        try:
            page = json.loads(content)
            rows, after = page["cases"], page["next"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise NotSent("对方的应答看不懂。") from error
        yield from rows
        if not after:
            return
