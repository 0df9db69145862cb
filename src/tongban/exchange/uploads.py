"""Files that come in parts, and go on after a cut: each part is written before it is confirmed, and sealed."""

import base64
import hashlib
import re
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from tongban.exchange.models.clients import Client, Part, Upload
from tongban.people.refused import Refused
from tongban.vault import store
from tongban.vault.kinds import NotAccepted
from tongban.vault.uploads import take, tidy

PART = 4 * 2**20  # bytes of one part at most
OPEN = 20  # files of one client on their way at once
KEPT = timedelta(days=1)
SHA256 = re.compile(r"[0-9a-f]{64}")


class WrongOffset(Refused):
    """A part does not begin where the last one ended; ``received`` says where to go on."""

    def __init__(self, received: int) -> None:
        super().__init__(f"已经收到 {received} 字节，请从这里接着传。")
        self.received = received


def begin(client: Client, filename: str, size: int, sha256: str) -> Upload:
    """A file of ``size`` bytes will come. Raises :class:`Refused` (too large, too many at once) ."""
    if size > store.limit():
        most = store.limit() // 2**20
        raise Refused("文件太大。", {"size": f"文件最多 {most} MB，请压缩或降低扫描分辨率后再上传。"})
    with transaction.atomic():
        Client.objects.select_for_update().get(pk=client.pk)
        if client.uploads.filter(digest="").count() >= OPEN:
            raise Refused(f"没有传完的文件已有 {OPEN} 个，请先传完或取消。")
        return Upload.objects.create(client=client, filename=tidy(filename), size=size, sha256=sha256)


def of(client: Client, upload_id: UUID) -> Upload | None:
    """An upload of this client, or None."""
    return Upload.objects.filter(client=client, pk=upload_id).first()


@transaction.atomic
def add(client: Client, upload_id: UUID, offset: int, content: bytes) -> Upload | None:
    """Put ``content`` at ``offset``, which must be where the upload stands. None where there is no such upload.

    Raises :class:`WrongOffset`, :class:`Refused`. The same part sent again after a lost answer is a :class:`WrongOffset`
    that says how far it is.
    """
    upload = Upload.objects.select_for_update().filter(client=client, pk=upload_id).first()
    if upload is None:
        return None
    if upload.digest or offset != upload.received:
        raise WrongOffset(upload.received)
    if not content:
        raise Refused("这一段是空的，请检查后再传。")
    if len(content) > PART:
        raise Refused(f"一段最多 {PART} 字节，请分小一些再传。")
    if offset + len(content) > upload.size:
        raise Refused(f"比说好的 {upload.size} 字节多，请核对文件，重新开始上传。")
    Part.objects.create(upload=upload, offset=offset, content=base64.b64encode(content).decode())
    upload.received += len(content)
    upload.save(update_fields=["received"])
    return upload


def finish(client: Client, upload_id: UUID) -> Upload | None:
    """All is there: compare the digest, look inside (``vault.uploads``), keep it. Done twice it is done once.

    Raises :class:`WrongOffset` while bytes are missing, :class:`NotAccepted` where the file is not taken: it is gone then,
    and comes again as a new upload; ``OSError`` where it could not be kept: then it may be finished again.
    """
    upload = of(client, upload_id)
    if upload is None or upload.digest:
        return upload
    if upload.received != upload.size:
        raise WrongOffset(upload.received)
    parts = upload.parts.order_by("offset").values_list("content", flat=True)
    data = b"".join(base64.b64decode(part) for part in parts)
    if len(data) != upload.size:  # somebody else has just finished it
        return of(client, upload_id)
    open_still = Upload.objects.filter(pk=upload.pk, digest="")
    try:
        if hashlib.sha256(data).hexdigest() != upload.sha256:
            raise NotAccepted("收到的内容和 sha256 对不上，可能传坏了，请重新上传。")
        kept = take(data, upload.filename)  # outside a transaction: an antivirus may take its time
    except NotAccepted:
        open_still.delete()
        raise
    with transaction.atomic():
        open_still.update(digest=kept.digest, media_type=kept.media_type)
        Part.objects.filter(upload=upload).delete()
    return of(client, upload_id)


def sweep() -> int:
    """Forget uploads older than a day, whole or not; returns how many. What a case holds of them stays in the vault."""
    return Upload.objects.filter(made_at__lt=timezone.now() - KEPT).delete()[0]
