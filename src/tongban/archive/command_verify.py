"""``tongban archive verify FILE…``: is any archive package altered? Needs nothing but the files."""

import argparse
import sys
from pathlib import Path

ALTERED, UNREADABLE = 1, 2


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban archive verify``."""
    parser.add_argument("files", nargs="+", type=Path, metavar="文件", help="归档信息包（.zip），一个或许多个")
    parser.add_argument("--quiet", action="store_true", help="不显示进度，只说有问题的")


def run(args: argparse.Namespace) -> int:
    """Prove each file whole. 0: all are; 1: one is not, or two have the same number; 2: one could not be read at all."""
    from tqdm import tqdm

    from tongban.archive.package import Altered, Unreadable, verify

    numbers: dict[str, Path] = {}
    altered = unreadable = 0
    for path in tqdm(args.files, disable=args.quiet, unit="包", desc="核验", file=sys.stderr):
        try:
            with path.open("rb") as file:
                number = verify(file).number
        except Altered as error:
            altered += 1
            print(f"{path}：{error}")
        except (Unreadable, OSError) as error:
            unreadable += 1
            print(f"{path}：读不了：{error.strerror if isinstance(error, OSError) else error}")
        else:
            if number in numbers:
                altered += 1
                print(f"{path}：电子文件号 {number} 与 {numbers[number]} 重复。")
            numbers.setdefault(number, path)
    if not args.quiet or altered or unreadable:
        bad = "、".join(
            text for n, text in ((altered, f"{altered} 个有异常"), (unreadable, f"{unreadable} 个读不了")) if n
        )
        print(f"共核验 {len(args.files)} 个归档信息包，{bad or '全部完好'}。")
    return ALTERED if altered else UNREADABLE if unreadable else 0
