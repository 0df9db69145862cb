"""All sheets of a kind and a day, or all materials of a case, as one PDF: asked for at a desk, put together by the worker (a few
small files at once), gone after a day.
"""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from tongban.cases.actions.door import Refused
from tongban.cases.models import Case, IssuedForm, MaterialFile, PrintBatch, Reading
from tongban.cases.queries import sheets_visible_to, visible_to
from tongban.identity.masking import mask_name
from tongban.paperwork.batch import one_pdf
from tongban.paperwork.form import KINDS
from tongban.paperwork.materials import Enclosed, Unreadable, materials_pdf
from tongban.people.models import City, Staff
from tongban.vault import store
from tongban.vault.sealed import Altered, seal, unseal

MOST = 2000  # sheets in one PDF
MATERIALS = "materials"  # the kind of a request for the materials of a case
SMALL = 3 * 2**20  # bytes of materials that are put together while one waits
STEP = 50  # sheets between two reports of progress
KEPT, LOST = timedelta(days=1), timedelta(minutes=10)


def forms_of_day(staff: Staff, day: date) -> QuerySet[IssuedForm]:
    """The sheets issued on an Asia/Shanghai ``day`` that ``staff`` may see and that still hold."""
    start = timezone.make_aware(datetime.combine(day, time.min))
    seen = Q(Exists(visible_to(staff).filter(pk=OuterRef("case")))) | Q(pk__in=sheets_visible_to(staff).values("pk"))
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


def title(batch: PrintBatch) -> str:
    """What a request is of."""
    return f"{batch.case} 全部材料" if batch.case else KINDS[batch.kind]


def ask_materials(staff: Staff, case: Case, key: str) -> PrintBatch:
    """Ask for the materials of a visible case, without those that were replaced. Raises :class:`Refused`."""
    counted = MaterialFile.objects.filter(material__case=case, withdrawn=False).order_by("material__index", "id")
    files = list(counted.values_list("pk", "size"))
    if not files:
        raise Refused("这个办件没有材料文件。")
    facts = {"kind": MATERIALS, "day": timezone.localdate(), "case": case, "forms": [pk for pk, _ in files]}
    batch, new = PrintBatch.objects.get_or_create(key=key, staff=staff, defaults=facts)
    if new and sum(size for _, size in files) <= SMALL:
        batch.claimed_at = timezone.now()
        batch.save(update_fields=["claimed_at"])
        _make(batch)
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
    _make(batch)
    return 1


def _make(batch: PrintBatch) -> None:
    """Put a claimed request together and keep it, or say why not."""
    try:
        pdf = _materials(batch) if batch.case else one_pdf(_sheets(batch))
        path = _file(batch)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.write_bytes(seal(pdf, f"prints {batch.pk}"))
    except (store.Damaged, Unreadable, OSError) as error:
        batch.fault = str(error)[:200]
    else:
        batch.ready_at = timezone.now()
    batch.save(update_fields=["ready_at", "fault"])


def _materials(batch: PrintBatch) -> bytes:
    """Cover and files of a case; how far it is is written after each."""
    case = batch.case
    assert case is not None
    rows = MaterialFile.objects.filter(pk__in=batch.forms, material__case=case).exclude(digest="")
    files = [
        Enclosed(row.material.name, row.filename, row.get_source_display(), row.media_type, row.digest)
        for row in rows.select_related("material").order_by("material__index", "id")
    ]
    city = City.objects.filter(name=case.version.city).first()
    head = {
        "title_line": city.title if city else case.version.city,
        "case_number": case.number,
        "package": case.version.name,
        "applicant": mask_name(case.applicant_name),
        "officer": batch.staff.name,
    }

    def progress(done: int) -> None:
        batch.done, batch.claimed_at = done, timezone.now()
        batch.save(update_fields=["done", "claimed_at"])

    return materials_pdf(head, files, lambda file: store.read(file.digest), timezone.now(), progress)


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
    return PrintBatch.objects.filter(staff=staff, pk=batch_id).select_related("case__version").first()


def fetch(staff: Staff, batch: PrintBatch) -> bytes:
    """The PDF; every sheet counts as printed once more, every file as looked at. Raises :class:`Refused`."""
    try:
        pdf = unseal(_file(batch).read_bytes(), f"prints {batch.pk}")
    except (OSError, Altered) as error:
        raise Refused("打印文件已经过期，请重新合并。") from error
    now = timezone.now()
    if batch.case:
        if not visible_to(staff).filter(pk=batch.case.pk).exists():
            raise Refused("这个办件现在不归你查看了。")
        Reading.objects.bulk_create(
            Reading(case_number=batch.case.number, staff=staff, what=f"材料 {pk}，合并成一个 PDF", at=now)
            for pk in batch.forms
        )
        return pdf
    forms = IssuedForm.objects.filter(pk__in=batch.forms)
    with transaction.atomic():
        named = forms.exclude(case=None).values_list("case__number", "serial")
        Reading.objects.bulk_create(
            Reading(case_number=number, staff=staff, what=f"文书 {serial}，成批打印", at=now)
            for number, serial in named
        )
        forms.update(prints=F("prints") + 1)
    return pdf
