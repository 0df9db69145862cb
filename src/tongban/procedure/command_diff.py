"""``tongban procedure diff``: what changed for a person between two procedures."""

import argparse
import json
import sys
from dataclasses import asdict

from tongban.procedure.diff import diff
from tongban.procedure.document import Unreadable
from tongban.procedure.files import read_file


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban procedure diff``."""
    parser.add_argument("before", help="原来的工作规程（文档或 YAML）")
    parser.add_argument("after", help="新的工作规程（文档或 YAML）")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def run(args: argparse.Namespace) -> int:
    """Print the changes; exit 2 with one line on stderr when a file cannot be read."""
    try:
        changes = diff(read_file(args.before), read_file(args.after))
    except Unreadable as error:
        print(error, file=sys.stderr)
        return 2
    if args.json:
        print(json.dumps([asdict(change) for change in changes], ensure_ascii=False, indent=1))
    else:
        print("\n".join(str(change) for change in changes) or "对办事人没有变化。")
    return 0
