"""``tongban audit verify``: is any event of any case altered, removed or put in, or any case gone?"""

import argparse
import sys


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban audit verify``."""
    parser.add_argument("--quiet", action="store_true", help="不显示进度")


def run(args: argparse.Namespace) -> int:
    """Verify every case's chain, the heads noted outside the database, and the record of changes. Exit 1 when something does not hold."""
    from tongban.ready import django_ready

    django_ready()
    from tqdm import tqdm

    from tongban.cases import roots
    from tongban.cases.events import verify_all
    from tongban.cases.models import Case
    from tongban.people import record

    total = Case.objects.count()
    broken = 0
    for case, found in tqdm(verify_all(), total=total, disable=args.quiet, unit="件", desc="核验", file=sys.stderr):
        if found:
            broken += 1
            print(f"{case.number}：{found.what}")
    noted = differ = 0
    for found in tqdm(roots.verify(), disable=args.quiet, unit="条", desc="对照根记录", file=sys.stderr):
        noted += 1
        if found:
            differ += 1
            print(f"{found.number}：{found.what}")
    print(f"共核验 {total} 个办件，{'全部完好' if not broken else f'{broken} 个有异常'}；", end="")
    print(f"对照根记录 {noted} 条，{'全部相符' if not differ else f'{differ} 条不符'}。")
    changes = list(record.verify())
    for line in changes:
        print(line)
    print(f"账号、岗位和单位的变更记录{'完好' if not changes else '有异常'}。")
    return 1 if broken or differ or changes else 0
