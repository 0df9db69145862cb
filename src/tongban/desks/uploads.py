"""Uploads in bounded memory: a request too large is refused before it is read, a file too large is not kept.

Nothing of an upload touches the disk before the vault has sealed it, so there is no handler that writes temporary files.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse

from tongban.vault import store
from tongban.vault.kinds import NotAccepted
from tongban.vault.store import Stored
from tongban.vault.uploads import take

FULL = f"{store.NO_ROOM}已填内容不受影响。"


def bounded(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: 413 with a sentence for a request announced as larger than ``REQUEST_LIMIT``, unread."""

    def answer(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.REQUEST_LIMIT:
            said = f"一次最多上传 {settings.REQUEST_LIMIT // 2**20} MB，请分几次上传，或压缩后再传。"
            return HttpResponse(said, status=413, content_type="text/plain; charset=utf-8")
        return get_response(request)

    return answer


class BoundedUpload(FileUploadHandler):
    """Keeps a file in memory up to ``UPLOAD_LIMIT``; of a larger one only its size, so that the view can name it."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """A file begins."""
        super().new_file(*args, **kwargs)
        self.kept = BytesIO()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """A portion of it."""
        if start + len(raw_data) <= settings.UPLOAD_LIMIT:
            self.kept.write(raw_data)
        else:
            self.kept = BytesIO()

    def file_complete(self, file_size: int) -> InMemoryUploadedFile:
        """The file with the size it had; empty inside where that is more than the limit."""
        self.kept.seek(0)
        return InMemoryUploadedFile(
            self.kept, self.field_name, self.file_name or "", self.content_type, file_size, self.charset
        )


def taken(upload: "UploadedFile[Any]") -> Stored:
    """The uploaded file, in the vault. Raises :class:`NotAccepted` (Chinese) when it cannot be taken or written."""
    if upload.size and upload.size > store.limit():
        raise NotAccepted(f"文件超过 {store.limit() // 2**20} MB，请压缩或降低扫描分辨率后再上传。")
    try:
        return take(upload.read(), upload.name or "")
    except OSError as error:
        raise NotAccepted(FULL) from error
