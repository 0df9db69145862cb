"""``tongban archive verify FILE…``: is any archive package altered? Needs nothing but the files."""

import argparse
import sys
from pathlib import Path
from typing import Any

ALTERED, UNREADABLE = 1, 2


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban archive verify``."""
    parser.add_argument("files", nargs="+", type=Path, metavar="文件", help="归档信息包（.zip），一个或许多个")
    parser.add_argument("--list", type=Path, metavar="移交清单", help="同时与移交清单核对：大小、摘要、有没有多和少")
    parser.add_argument("--quiet", action="store_true", help="不显示进度，只说有问题的")


def _listed(file: Path) -> dict[str, tuple[str, ...]]:
    """Number → bytes, SHA-256 and SM3 of every package on a transfer list. Raises OSError and :class:`Altered`."""
    from tongban.archive.package import parse

    rows = parse(file.read_bytes()).iterfind("package")
    return {r.findtext("number"): tuple(r.findtext(name) or "" for name in ("size", "sha256", "sm3")) for r in rows}


def _facts(sums: Any) -> tuple[str, ...]:
    return (str(sums.size), *sums.pair())


def run(args: argparse.Namespace) -> int:
    """Prove each file whole. 0: all are; 1: one is not, or two have the same number; 2: one could not be read at all."""
    from tqdm import tqdm

    from tongban.archive.package import Altered, Unreadable, digests, verify

    try:
        listed = _listed(args.list) if args.list else {}
    except (Altered, OSError) as error:
        print(f"{args.list}：读不了：{error}")
        return UNREADABLE
    numbers: dict[str, Path] = {}
    altered = unreadable = 0
    for path in tqdm(args.files, disable=args.quiet, unit="包", desc="核验", file=sys.stderr):
        try:
            with path.open("rb") as file:
                number = verify(file).number
                if args.list and (number not in listed or listed[number] != _facts(digests(file))):
                    raise Altered(
                        "", f"{number} 不在清单上。" if number not in listed else "与清单上的大小或摘要不符。"
                    )
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
    if not unreadable:
        for number in listed.keys() - numbers.keys():
            altered += 1
            print(f"清单上的 {number} 没有完好的文件。")
    if not args.quiet or altered or unreadable:
        bad = "、".join(
            text for n, text in ((altered, f"{altered} 个有异常"), (unreadable, f"{unreadable} 个读不了")) if n
        )
        print(f"共核验 {len(args.files)} 个归档信息包，{bad or '全部完好'}。")
    return ALTERED if altered else UNREADABLE if unreadable else 0
