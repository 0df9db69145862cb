"""``tongban sweep``: renew every open case's light and send the reminders that fall due; the worker does it each night."""

import argparse
import sys


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban sweep``."""
    parser.add_argument("--quiet", action="store_true", help="不显示进度")


def run(args: argparse.Namespace) -> int:
    """Sweep today, or go on where today's sweep was interrupted."""
    from tongban.ready import django_ready

    django_ready()
    from django.utils import timezone
    from tqdm import tqdm

    from tongban.cases import recount
    from tongban.cases.models import Case, Sweep
    from tongban.cases.states import OPEN
    from tongban.cases.sweep import sweep

    for _ in recount.steps():
        pass
    now = timezone.now()
    row = Sweep.objects.filter(day=timezone.localdate(now)).first()
    if row and row.finished_at:
        print(f"今天的巡检已在 {timezone.localtime(row.finished_at):%H:%M} 做完。")
        return 0
    total = Case.objects.filter(state__in=OPEN).count()
    with tqdm(
        total=total, initial=row.seen if row else 0, disable=args.quiet, unit="件", desc="巡检", file=sys.stderr
    ) as bar:
        for row in sweep(now):
            bar.update(row.seen - bar.n)
    assert row is not None
    print(f"巡检 {row.seen} 个在办件，灯变了 {row.turned} 个，提醒 {row.reminded} 个。")
    return 0
