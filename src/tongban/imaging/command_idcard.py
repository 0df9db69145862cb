"""``tongban idcard read``: what stands on an identity card, and what is wrong with its picture."""

import argparse
import json
import sys

from tongban.imaging.card_findings import NAMES
from tongban.imaging.decode import read_file
from tongban.imaging.idcard import CardReading, read


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban idcard read``."""
    parser.add_argument("front", metavar="FRONT", help="身份证图像（JPEG、PNG、PDF），两面可以在一个文件里")
    parser.add_argument("back", metavar="BACK", nargs="?", help="另一面，次序不限")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(args: argparse.Namespace) -> int:
    """Print the reading. Exit 2 with one line on stderr when a file is missing or cannot be read."""
    try:
        files = [read_file(name) for name in (args.front, args.back) if name]
    except OSError as error:
        print(f"文件“{error.filename}”不存在或者读不了，请核对路径。", file=sys.stderr)
        return 2
    reading = read(files[0], files[1] if len(files) > 1 else None)
    print(json.dumps(reading.json(), ensure_ascii=False, indent=1) if args.json else table(reading))
    return 0


def table(reading: CardReading) -> str:
    """The reading for a person: a line a field, then the findings."""
    sure = dict(reading.confidence)
    rows = []
    for field, name in NAMES.items():
        value = getattr(reading, field)
        if field == "valid_until" and reading.long_term:
            value = "长期"
        rows.append(f"{name:　<6}　{'（没有读到）' if value is None else f'{value}　{sure[field]:.0%}'}")
    marks = {"failure": "不合格", "advice": "请核对"}
    rows += [f"{marks[finding.level]}　{finding.message}" for finding in reading.findings]
    return "\n".join(rows if reading.findings else [*rows, "没有发现问题。"])
