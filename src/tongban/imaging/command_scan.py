"""``tongban scan check``: how good a scan is, page by page."""

import argparse
import json
import sys

from tongban.imaging.decode import read_file
from tongban.imaging.scan import check


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban scan check``."""
    parser.add_argument("files", metavar="FILE", nargs="+", help="扫描件（JPEG、PNG、TIFF、PDF）")
    parser.add_argument("--json", action="store_true", help="每个文件输出一行 JSON")


def run(args: argparse.Namespace) -> int:
    """Print each file's check. Exit 2 with one line on stderr for a file that is missing or cannot be read."""
    code = 0
    for name in args.files:
        try:
            data = read_file(name)
        except OSError:
            print(f"文件“{name}”不存在或者读不了，请核对路径。", file=sys.stderr)
            code = 2
            continue
        found = check(data)
        if args.json:
            print(json.dumps(found.json(), ensure_ascii=False))
            continue
        print(f"{name}　{found.pages} 页　{'可以使用' if found.accepted else '不能使用'}")
        for page in found.checked:
            sharp = "–" if page.sharpness is None else f"{page.sharpness:.1f}"
            print(
                f"　第 {page.page} 页　{page.width}×{page.height}　{page.dpi} dpi　边缘宽 {sharp}　墨迹 {page.ink_share:.2%}"
            )
        for finding in found.findings:
            print(f"　{finding.message}")
    return code
