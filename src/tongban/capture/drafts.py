"""Files into a draft, under its lock: a file that arrives while the form is being saved is not lost."""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from tongban.cases.models import Draft
from tongban.vault.store import Stored

MOST = 30  # files of one material


def entry(kept: Stored, name: str, source: str, reused_from: int | None = None) -> dict[str, Any]:
    """A stored file as a draft keeps it."""
    return {
        "id": uuid.uuid4().hex[:12],
        "digest": kept.digest,
        "size": kept.size,
        "media_type": kept.media_type,
        "filename": name[:200],
        "source": source,
        "reused_from": reused_from,
    }


@transaction.atomic
def put(drafts: QuerySet[Draft], draft_id: uuid.UUID, place: int, entries: list[dict[str, Any]]) -> str:
    """Put files, stored before, to the material at ``place`` of one of ``drafts``.

    Returns what is wrong in Chinese, empty when all were put. Raises ``Draft.DoesNotExist``.
    """
    draft = drafts.select_for_update(of=("self",)).get(pk=draft_id)
    rows: list[dict[str, Any]] = draft.body.setdefault("files", {}).setdefault(str(place), [])
    rows += entries
    too_many = len(rows) > MOST
    del rows[MOST:]
    draft.save(update_fields=["body", "updated_at"])
    return f"一份材料最多 {MOST} 个文件。" if too_many else ""
