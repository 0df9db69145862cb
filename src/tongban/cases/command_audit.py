"""``tongban audit verify``: is any event of any case altered, removed or put in?"""

import argparse
import sys


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban audit verify``."""
    parser.add_argument("--quiet", action="store_true", help="不显示进度")


def run(args: argparse.Namespace) -> int:
    """Verify every case's chain; print the first broken event of each broken case. Exit 1 when there is one."""
    from tongban.ready import django_ready

    django_ready()
    from tqdm import tqdm

    from tongban.cases.events import verify_all
    from tongban.cases.models import Case

    total = Case.objects.count()
    broken = 0
    for case, found in tqdm(verify_all(), total=total, disable=args.quiet, unit="件", desc="核验", file=sys.stderr):
        if found:
            broken += 1
            print(f"{case.number}：{found.what}")
    print(f"共核验 {total} 个办件，{'全部完好' if not broken else f'{broken} 个有异常'}。")
    return 1 if broken else 0
