"""``tongban archive transfer NUMBER FOLDER``: the packages of a batch as plain files, with their list."""

import argparse
import sys
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban archive transfer``."""
    parser.add_argument("number", help="移交批次编号（归档岗位编好的）")
    parser.add_argument("folder", type=Path, help="写到哪个文件夹；中断以后再运行，接着写")
    parser.add_argument("--quiet", action="store_true", help="不显示进度")


def run(args: argparse.Namespace) -> int:
    """Write what is not there yet. Exit 2 with one line when it cannot be done."""
    from tongban.ready import django_ready

    django_ready()
    from tqdm import tqdm

    from tongban.archive.keeping import LIST, transfer_list
    from tongban.archive.models import Transfer
    from tongban.vault import store

    batch = Transfer.objects.filter(number=args.number).first()
    if batch is None:
        print(f"没有移交批次 {args.number}，请核对编号。", file=sys.stderr)
        return 2
    if batch.finished_at is None:
        print(
            f"移交批次 {args.number} 还没有编好（{batch.looked}/{batch.total}），请等后台编好再导出。", file=sys.stderr
        )
        return 2
    rows = list(batch.packages.order_by("pk").values_list("number", "digest"))
    try:
        args.folder.mkdir(parents=True, exist_ok=True)
        for number, digest in tqdm(rows, disable=args.quiet, unit="包", desc="导出", file=sys.stderr):
            file = args.folder / f"{number}.zip"
            if file.exists() and store.digest_of(file.read_bytes()) == digest:
                continue
            part = file.with_suffix(".part")
            part.write_bytes(store.read(digest))
            part.rename(file)
        (args.folder / LIST).write_bytes(transfer_list(batch))
    except (OSError, store.Damaged) as error:
        print(f"没有导完：{error}", file=sys.stderr)
        return 2
    print(f"已导出 {len(rows)} 个信息包和{LIST}到 {args.folder}。文件没有加密，请妥善保管。")
    return 0
