"""``tongban archive read FILE``: an archived case for a person, without a database."""

import argparse
import sys
from pathlib import Path
from typing import Any


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban archive read``."""
    parser.add_argument("file", type=Path, metavar="文件", help="归档信息包（.zip）")


def run(args: argparse.Namespace) -> int:
    """Prove the file whole, then show it; what was altered is not shown. Exit codes as of ``archive verify``."""
    from tongban.archive.package import Altered, Unreadable, digests, verify

    try:
        with args.file.open("rb") as file:
            package = verify(file)
            sums = digests(file)
    except Altered as error:
        print(f"{args.file}：{error}内容不可信，不显示。", file=sys.stderr)
        return 1
    except (Unreadable, OSError) as error:
        print(f"{args.file}：读不了：{error}", file=sys.stderr)
        return 2
    sha256, sm3 = sums.pair()
    print(f"归档信息包 {package.number}　完好\nSHA-256 {sha256}\nSM3     {sm3}\n{sums.size} 字节")
    print("\n".join(shown(package)))
    return 0


def shown(package: Any) -> list[str]:
    """The lines a person reads: what the case is, its items, its files, what happened."""
    from tongban.archive.package import BASE, EVENTS, parse

    lines = ["", "── 基本信息"]
    lines += _facts(parse(package.records[BASE]), "")
    for item in package.nested:
        lines += ["", f"── 事项 {item.number}"]
        lines += _facts(parse(item.records[BASE]), "")
    lines += ["", "── 文件"]
    lines += [
        f"{row.path}　{row.title}　{row.media_type}　{row.size} 字节\n    SHA-256 {row.sha256}" for row in package.rows
    ]
    lines += ["", "── 经过"]
    for event in parse(package.records[EVENTS]).iterfind("event"):
        what = {child.tag: child.text or "" for child in event}
        cited = "、".join(clause.text or "" for clause in event.iterfind("clause"))
        lines.append(f"{what['at']}　{what['name']}　{what['by']}{f'　依据 {cited}' if cited else ''}")
        if what.get("data"):
            lines.append(f"    {what['data']}")
    return lines


def _facts(element: Any, indent: str) -> list[str]:
    """Elements as “label: value”; the label is the attribute ``label``, or the name itself."""
    lines = []
    for child in element:
        label = child.get("label") or child.tag
        if len(child):
            lines += [f"{indent}{label}", *_facts(child, indent + "  ")]
        elif child.text:
            lines.append(f"{indent}{label}：{child.text}")
    return lines
