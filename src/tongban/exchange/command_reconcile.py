"""``tongban exchange reconcile``: our cases held against those of the other side."""

import argparse
import sys


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban exchange reconcile``."""
    parser.add_argument("platform", nargs="?", default="", help="平台代号，默认逐个核对全部")


def run(args: argparse.Namespace) -> int:
    """One line a difference; exit code 0 where there is none, 1 where there is one, 2 where a platform could not be asked."""
    from tongban.ready import django_ready

    django_ready()
    from tqdm import tqdm

    from tongban.cases.outbox import NotSent
    from tongban.exchange.models import Platform, Way
    from tongban.exchange.platforms import find
    from tongban.exchange.reconcile import compared
    from tongban.people.refused import Refused

    try:
        asked = [find(args.platform)] if args.platform else list(Platform.objects.filter(way=Way.PEER))
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    code = 0
    for platform in asked:
        if platform.way != Way.PEER:
            print(f"{platform}：不是另一套通办，不能这样核对。", file=sys.stderr)
            code = 2
            continue
        cases = found = 0
        with tqdm(unit="件", desc=platform.name, leave=False) as bar:
            try:
                for many, differences in compared(platform):
                    bar.update(many)
                    cases += many
                    found += len(differences)
                    for one in differences:
                        bar.write(
                            f"{platform.code}\t{one.number}\t{one.what}\t我方 {one.ours or '—'}\t对方 {one.theirs or '—'}"
                        )
            except NotSent as error:
                print(f"{platform}：没有核对完，{error}。", file=sys.stderr)
                code = 2
                continue
        print(f"{platform}：核对 {cases} 件，{f'有 {found} 处不一致' if found else '全部一致'}。", file=sys.stderr)
        code = code or int(found > 0)
    return code
