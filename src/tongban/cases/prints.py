"""All sheets of a kind and a day as one PDF: asked for at a desk, put together by the worker, gone after a day."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone

from tongban.cases.actions.door import Refused
from tongban.cases.models import IssuedForm, PrintBatch, Reading
from tongban.cases.queries import sheets_visible_to, visible_to
from tongban.paperwork.batch import one_pdf
from tongban.paperwork.form import KINDS
from tongban.people.models import Staff
from tongban.vault import store
from tongban.vault.sealed import Altered, seal, unseal

MOST = 2000  # sheets in one PDF
STEP = 50  # sheets between two reports of progress
KEPT, LOST = timedelta(days=1), timedelta(minutes=10)


def forms_of_day(staff: Staff, day: date) -> QuerySet[IssuedForm]:
    """The sheets issued on an Asia/Shanghai ``day`` that ``staff`` may see and that still hold."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    seen = Q(case__in=visible_to(staff)) | Q(pk__in=sheets_visible_to(staff).values("pk"))
    issued = IssuedForm.objects.filter(issued_at__gte=start, issued_at__lt=start + timedelta(days=1))
    return issued.filter(seen, withdrawn_at=None)


def kinds_of_day(staff: Staff, day: date) -> list[tuple[str, str, int]]:
    """(kind, title, number of sheets) of a day, in the order of the kinds."""
    counted = dict(forms_of_day(staff, day).order_by().values_list("kind").annotate(Count("id")))
    return [(kind, title, counted[kind]) for kind, title in KINDS.items() if kind in counted]


def ask(staff: Staff, kind: str, day: date, key: str) -> PrintBatch:
    """Ask for the sheets of a kind and a day; the same ``key`` again is the same request. Raises :class:`Refused`."""
    forms = list(forms_of_day(staff, day).filter(kind=kind).order_by("id").values_list("pk", flat=True)[: MOST + 1])
    if not forms:
        raise Refused("这一天没有这种文书。")
    if len(forms) > MOST:
        raise Refused(f"这一天的{KINDS[kind]}超过 {MOST} 份，请分窗口打印。")
    batch, _ = PrintBatch.objects.get_or_create(
        key=key, staff=staff, defaults={"kind": kind, "day": day, "forms": forms}
    )
    return batch


def _file(batch: PrintBatch) -> Path:
    return Path(settings.DATA) / "prints" / str(batch.pk)


def put_together() -> int:
    """The worker's round: one request that waits (or whose worker died), and what is older than a day thrown away."""
    for old in PrintBatch.objects.filter(made_at__lt=timezone.now() - KEPT)[:STEP]:
        _file(old).unlink(missing_ok=True)
        old.delete()
    with transaction.atomic():
        waiting = PrintBatch.objects.filter(
            Q(claimed_at=None) | Q(claimed_at__lt=timezone.now() - LOST), ready_at=None, fault=""
        ).order_by("id")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        batch = waiting.first()
        if batch is None:
            return 0
        batch.claimed_at, batch.done = timezone.now(), 0
        batch.save(update_fields=["claimed_at", "done"])
    try:
        pdf = one_pdf(_sheets(batch))
        path = _file(batch)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(seal(pdf, f"prints {batch.pk}"))
    except (store.Damaged, OSError) as error:
        batch.fault = str(error)[:200]
    else:
        batch.ready_at = timezone.now()
    batch.save(update_fields=["ready_at", "fault"])
    return 1


def _sheets(batch: PrintBatch) -> Iterator[bytes]:
    """The sheets in their order; how far it is is written every ``STEP``."""
    digests = dict(IssuedForm.objects.filter(pk__in=batch.forms).values_list("pk", "digest"))
    for done, pk in enumerate(batch.forms, 1):
        if pk in digests:  # its case may have been destroyed since
            yield store.read(digests[pk])
        if done % STEP == 0 or done == batch.total:
            batch.done = done
            batch.save(update_fields=["done"])


def batch_of(staff: Staff, batch_id: int) -> PrintBatch | None:
    """A request of ``staff``'s own, or None."""
    return PrintBatch.objects.filter(staff=staff, pk=batch_id).first()


def fetch(staff: Staff, batch: PrintBatch) -> bytes:
    """The PDF; every sheet counts as printed once more, and who printed it stands with its case. Raises :class:`Refused`."""
    try:
        pdf = unseal(_file(batch).read_bytes(), f"prints {batch.pk}")
    except (OSError, Altered) as error:
        raise Refused("打印文件已经过期，请重新合并。") from error
    forms = IssuedForm.objects.filter(pk__in=batch.forms)
    now = timezone.now()
    with transaction.atomic():
        named = forms.exclude(case=None).values_list("case__number", "serial")
        Reading.objects.bulk_create(
            Reading(case_number=number, staff=staff, what=f"文书 {serial}，成批打印", at=now)
            for number, serial in named
        )
        forms.update(prints=F("prints") + 1)
    return pdf
