"""``tongban restore FILE``: a copy put back where nothing is yet, and looked through."""

import argparse
import sys
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban restore``."""
    parser.add_argument("file", type=Path, help="tongban backup 做的文件")
    parser.add_argument("--quiet", action="store_true", help="不显示进度")


def run(args: argparse.Namespace) -> int:
    """Restore, then verify chains, roots and files. Exit 2 when it cannot be restored, 1 when something does not hold."""
    from tongban.ready import django_ready

    django_ready()
    from django.conf import settings
    from tqdm import tqdm

    from tongban.cases import command_audit, command_vault
    from tongban.vault import backup, keys

    settings.DATA.mkdir(parents=True, exist_ok=True)
    settings.DATA.chmod(0o700)
    try:
        count = backup.restore(
            args.file, lambda digests: tqdm(digests, disable=args.quiet, unit="份", desc="恢复", file=sys.stderr)
        )
    except (backup.NotRestorable, keys.NoKey, OSError) as error:
        print(f"没有恢复：{error}", file=sys.stderr)
        return 2
    print(f"已恢复数据库和 {count} 个文件，现在核验。")
    return command_audit.run(args) | command_vault.run(args)
