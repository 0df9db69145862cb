"""``tongban backup FILE``: one sealed file of the database and every stored file, while the system runs."""

import argparse
import sys
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban backup``."""
    parser.add_argument("file", type=Path, help="备份写到哪个文件（不存在的）")
    parser.add_argument("--quiet", action="store_true", help="不显示进度")


def run(args: argparse.Namespace) -> int:
    """Make a copy; exit 2 with one line on stderr when it cannot be made."""
    from tongban.ready import django_ready

    django_ready()
    from tqdm import tqdm

    from tongban.vault import backup, store

    if args.file.exists():
        print(f"{args.file} 已经存在，备份不会覆盖它，请换一个文件名。", file=sys.stderr)
        return 2
    total = sum(1 for _ in store.digests())
    try:
        count = backup.backup(
            args.file,
            lambda digests: tqdm(digests, total=total, disable=args.quiet, unit="份", desc="备份", file=sys.stderr),
        )
    except (backup.NotRestorable, store.Damaged, OSError) as error:
        print(f"备份没有做成：{error}", file=sys.stderr)
        return 2
    print(f"已备份到 {args.file}（{args.file.stat().st_size} 字节，{count} 个文件）。恢复它要用现在的主密钥。")
    return 0
