"""The nightly sweep, and a new calendar, over 100 000 open cases: made by copying rows, so that nothing waits for the making."""

import time
from collections.abc import Callable
from datetime import timedelta

from django.db import connection
from django.db.models import F
from django.utils import timezone
from tests.cases.test_recount import NOTICE_2027
from tests.world import World

from tongban.cases import recount
from tongban.cases.due import count
from tongban.cases.models import Case, CaseItem
from tongban.cases.sweep import sweep
from tongban.rules.notices import Notice

OPEN_CASES = 100_000
# Of forty cases: as many taken as far as this.
MIX = {"taken_in": 4, "accepted": 30, "sent": 6}


def fill(world: World, total: int = OPEN_CASES) -> None:
    """``total`` open cases: forty made by the acts, of different ages, then copied row by row in the database."""
    made = []
    for until, n in MIX.items():
        for place in range(n):
            case = world.case(until)
            age = timedelta(days=place * (100 if until == "accepted" else 40) // n)
            for item in case.items.all():
                item.accepted_at = item.accepted_at and item.accepted_at - age
                item.state_since -= age
                if until == "accepted":
                    count(case.procedure, item, (), 0)
                CaseItem.objects.bulk_update([item], ["accepted_at", "state_since", "due", "due_provisional"])
                Case.objects.filter(pk=case.pk).update(due=item.due, due_provisional=item.due_provisional)
            made.append(case.pk)
    each = total // len(made) - 1
    series = (
        f"(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {each}) SELECT n FROM s) series"
    )
    columns = [column.column for column in Case._meta.concrete_fields if column.column not in ("id", "number")]
    of_item = [column.column for column in CaseItem._meta.concrete_fields if column.column not in ("id", "case_id")]
    chosen = ",".join(map(str, made))
    quoted, item_columns = ", ".join(f'"{name}"' for name in columns), ", ".join(f'"{name}"' for name in of_item)
    copied = ", ".join(f'i."{name}"' for name in of_item)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO cases_case (number, {quoted}) "
            f"SELECT 'BENCH-' || id || '-' || series.n, {quoted} FROM cases_case, {series} WHERE id IN ({chosen})"
        )
        cursor.execute(
            f"INSERT INTO cases_caseitem (case_id, {item_columns}) SELECT c.id, {copied} FROM cases_case c "
            "JOIN cases_caseitem i ON c.number LIKE 'BENCH-' || i.case_id || '-%' "
            f"WHERE i.case_id IN ({chosen})"
        )
        if connection.vendor == "postgresql":
            cursor.execute("ANALYZE")
    Case.objects.filter(number__startswith="BENCH-").update(rooted=F("events_count"))


def timed(work: Callable[[], object]) -> float:
    """Processor and waiting time together, in seconds."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(world: World) -> list[str]:
    """Lines to print: rates of a first night, of the next, of the preview of a notice, of counting again."""
    fill(world)
    now = timezone.localtime().replace(hour=2) + timedelta(days=1)  # tonight's was done by a worker that ran before
    lines = []
    for label, night in (("first night", now), ("the next night", now + timedelta(days=1))):
        last = None

        def work(night: object = night) -> None:
            nonlocal last
            for last in sweep(night):  # type: ignore[arg-type]  # noqa: B007
                pass

        spent = timed(work)
        assert last is not None
        lines.append(
            f"sweep, {label}: {last.seen} open cases, {last.turned} lights turned, {last.reminded} reminders: "
            f"{spent:.1f} s, {last.seen / spent:.0f} cases/s"
        )
    notice = Notice.model_validate(NOTICE_2027)
    spent = timed(lambda: recount.preview(notice))
    lines.append(
        f"preview of a notice: {CaseItem.objects.filter(state='accepted').count()} running items: {spent:.1f} s"
    )
    recount.take(None, key=None, notice=notice, reason="")
    done = [0]
    spent = timed(lambda: done.__setitem__(0, sum(recount.steps())))
    lines.append(f"counted again after a notice: {done[0]} cases: {spent:.1f} s, {done[0] / spent:.0f} cases/s")
    return lines
