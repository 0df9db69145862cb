"""``tongban vault verify``: is any stored file missing, altered, or there for nobody?"""

import argparse
import sys


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban vault verify``."""
    parser.add_argument("--quiet", action="store_true", help="不显示进度")


def run(args: argparse.Namespace) -> int:
    """Look at every file the database points at, then at every file there is. Exit 1 when one is missing or altered.

    A file that belongs to nobody is named and left: a draft thrown away leaves such.
    """
    from tongban.ready import django_ready

    django_ready()
    from tqdm import tqdm

    from tongban.vault import keepers, store

    known: set[bytes] = set()
    damaged = 0
    for digest, what in tqdm(keepers.kept(), disable=args.quiet, unit="份", desc="核对", file=sys.stderr):
        if bytes.fromhex(digest) in known:
            continue
        known.add(bytes.fromhex(digest))
        try:
            store.read(digest)
        except store.Damaged as error:
            damaged += 1
            print(f"{what}：{error}")
    loose = sum(1 for digest in store.digests() if bytes.fromhex(digest) not in known)
    print(
        f"共核对 {len(known)} 个文件，{f'{damaged} 个有异常' if damaged else '全部完好'}；另有 {loose} 个不属于任何办件。"
    )
    return 1 if damaged else 0
