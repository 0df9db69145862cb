"""The one way a file from outside comes in: its size, kind and inside are looked at before it is kept.

What a browser says of a file is not believed. Pixels are counted from the header, never by decoding. A PDF that could do
something when it is opened is refused. Where an antivirus daemon is configured it is asked, and no answer is a refusal.
"""

import io
import re
import socket
from collections.abc import Iterator
from typing import Any

import pypdf
from django.conf import settings
from PIL import Image
from pypdf.errors import PyPdfError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject

from tongban.imaging.decode import MOST_PIXELS
from tongban.vault import store
from tongban.vault.kinds import NotAccepted, media_type_of

MOST_OBJECTS = 50_000  # of a PDF; a scan of a hundred pages has some hundreds
ACTIVE = {"/JavaScript", "/JS", "/Launch", "/EmbeddedFile", "/EmbeddedFiles", "/RichMedia", "/XFA", "/SubmitForm"}
LONGEST_NAME = 120
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")


def take(data: bytes, filename: str) -> store.Stored:
    """Look at ``data`` and keep it. Raises :class:`NotAccepted` (Chinese: what is wrong, what to do) and OSError."""
    if len(data) > store.limit():
        raise NotAccepted(f"文件超过 {store.limit() // 2**20} MB，请压缩或降低扫描分辨率后再上传。")
    kind = media_type_of(data, tidy(filename))
    if kind == "application/pdf":
        _inert(data)
    else:
        _within_pixels(data)
    _clean(data)
    return store.store(data, tidy(filename))


def tidy(filename: str) -> str:
    """A file's name without folders, control and direction-changing characters, at most ``LONGEST_NAME`` characters."""
    name = _UNSEEN.sub("", re.split(r"[/\\]", filename)[-1]).strip(" .")
    stem, dot, suffix = name.rpartition(".")
    if len(name) > LONGEST_NAME and dot and len(suffix) < 10:
        name = f"{stem[: LONGEST_NAME - len(suffix) - 1]}.{suffix}"
    return name[:LONGEST_NAME] or "文件"


def _within_pixels(data: bytes) -> None:
    try:
        with Image.open(io.BytesIO(data)) as image:
            width, height = image.size
    except Image.DecompressionBombError as error:
        raise NotAccepted("图片的像素太多，没有打开。请缩小后再上传。") from error
    except Exception as error:  # whatever a broken header makes of the library
        raise NotAccepted("图片打不开，可能已经损坏，请重新扫描或重新复制原文件。") from error
    if width * height > MOST_PIXELS:
        raise NotAccepted(f"图片有 {width}×{height} 像素，太大了，没有打开。请缩小后再上传。")


def _inert(data: bytes) -> None:
    """Refuse a PDF that is locked, broken, or holds scripts, other files or anything that acts."""
    try:
        reader = pypdf.PdfReader(io.BytesIO(data), strict=False)
        if reader.is_encrypted:
            raise NotAccepted("PDF 文件有密码，请去掉密码、另存后再上传。")
        active = sorted(ACTIVE.intersection(_names(reader)))
        pages = len(reader.pages)
    except NotAccepted:
        raise
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError, OSError) as error:
        raise NotAccepted("PDF 文件打不开，可能已经损坏，请重新扫描或重新导出。") from error
    if active:
        raise NotAccepted("PDF 文件里带有脚本、附件或可执行的动作，不能收。请打印成新的 PDF 或扫描后再上传。")
    if not pages:
        raise NotAccepted("PDF 文件里没有一页，请重新扫描或重新导出。")


def _names(reader: pypdf.PdfReader) -> Iterator[str]:
    """Every key and name in the dictionaries of a PDF, each object once."""
    waiting: list[Any] = [reader.trailer]
    seen: set[tuple[int, int]] = set()
    looked = 0
    while waiting:
        here = waiting.pop()
        looked += 1
        if looked > MOST_OBJECTS * 20 or len(seen) > MOST_OBJECTS:
            raise NotAccepted("PDF 文件的结构太复杂，不能收。请打印成新的 PDF 或扫描后再上传。")
        if isinstance(here, IndirectObject):
            if (here.idnum, here.generation) not in seen:
                seen.add((here.idnum, here.generation))
                waiting.append(here.get_object())
        elif isinstance(here, DictionaryObject | StreamObject):
            for key, value in here.items():
                yield str(key)
                if isinstance(value, str) and value.startswith("/"):
                    yield str(value)
                else:
                    waiting.append(value)
        elif isinstance(here, ArrayObject):
            waiting.extend(here)


def _clean(data: bytes) -> None:
    """Ask the antivirus daemon (clamd's INSTREAM), where ``TONGBAN_CLAMD`` names one (host:port, or a socket's path)."""
    where = settings.CLAMD
    if not where:
        return
    try:
        with _line(where) as line:
            line.sendall(b"zINSTREAM\0" + len(data).to_bytes(4, "big") + data + bytes(4))
            answer = line.makefile("rb").read(1000).rstrip(b"\0\n").decode(errors="replace")
    except OSError as error:
        raise NotAccepted("病毒检查暂时用不了，文件没有收下。请稍后再传，或联系系统管理员。") from error
    if answer.endswith("FOUND"):
        raise NotAccepted("文件里发现病毒，没有收下。请换一份干净的文件，并请申请人检查自己的设备。")
    if answer != "stream: OK":
        raise NotAccepted("病毒检查没有给出结果，文件没有收下。请稍后再传，或联系系统管理员。")


def _line(where: str) -> socket.socket:
    host, colon, port = where.rpartition(":")
    if colon and port.isdecimal():
        return socket.create_connection((host, int(port)), timeout=30)
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(30)
    try:
        line.connect(where)
    except OSError:
        line.close()
        raise
    return line
