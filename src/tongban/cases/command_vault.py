"""``tongban vault verify``: is any stored file missing, altered, or there for nobody?"""

import argparse
import sys
from collections.abc import Iterator


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban vault verify``."""
    parser.add_argument("--quiet", action="store_true", help="不显示进度")


def _kept() -> Iterator[tuple[str, str]]:
    """(digest, what it belongs to, in Chinese) of every file the database points at, read in portions."""
    from tongban.cases.models import Draft, IssuedForm, MaterialFile

    files = MaterialFile.objects.values_list("digest", "material__case__number", "filename")
    yield from ((digest, f"{number} 的材料“{name}”") for digest, number, name in files.iterator())
    forms = IssuedForm.objects.values_list("digest", "signed_digest", "serial", "case__number")
    for digest, signed, serial, number in forms.iterator():
        yield digest, f"{number} 的文书 {serial}"
        if signed:
            yield signed, f"{number} 的文书 {serial} 签字件"
    for body in Draft.objects.values_list("body", flat=True).iterator():
        for rows in body.get("files", {}).values():
            yield from ((row["digest"], f"草稿里的“{row['filename']}”") for row in rows)


def run(args: argparse.Namespace) -> int:
    """Look at every file the database points at, then at every file there is. Exit 1 when one is missing or altered.

    A file that belongs to nobody is named and left: a draft thrown away leaves such.
    """
    from tongban.ready import django_ready

    django_ready()
    from tqdm import tqdm

    from tongban.vault import store

    known: set[bytes] = set()
    damaged = 0
    for digest, what in tqdm(_kept(), disable=args.quiet, unit="份", desc="核对", file=sys.stderr):
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
