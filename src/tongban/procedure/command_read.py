"""``tongban procedure read``: what a document says, as data."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from tongban.procedure import yaml
from tongban.procedure.document import Unreadable
from tongban.procedure.files import read_file
from tongban.procedure.model import Procedure


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban procedure read``."""
    parser.add_argument("file", help="工作规程文件：.txt、.docx、.doc，或由它生成的 .yaml")
    parser.add_argument("--json", action="store_true", help="输出 JSON")
    parser.add_argument("--out", help="另存为可编辑的 YAML 文件")


def run(args: argparse.Namespace) -> int:
    """Print the procedure. Exit 2 with one line on stderr when the file is not such a document."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    try:
        procedure = read_file(args.file)
    except Unreadable as error:
        print(" ".join(str(error).split("\n")), file=sys.stderr)
        return 2
    if args.out:
        try:
            Path(args.out).write_text(yaml.dump(procedure), encoding="utf-8")
        except OSError as error:
            print(f"{args.out}：写不进去（{error.strerror}），请换一个位置。", file=sys.stderr)
            return 2
    if args.json:
        print(json.dumps(_printed(procedure), ensure_ascii=False, indent=1))
    elif not args.out:
        print(summary(procedure))
    return 0


def _printed(procedure: Procedure) -> dict[str, Any]:
    """What the text says, and nothing we infer for our own desks."""
    return procedure.model_dump(mode="json", exclude={"materials": {"__all__": {"check"}}})


def summary(procedure: Procedure) -> str:
    """The procedure for a person: what it is, what it asks, what is odd about it."""
    limit = procedure.time_limit
    unit = {"working_day": "个工作日", "natural_day": "个自然日"}
    lines = [
        f"{procedure.annex or ''}　{procedure.city or '（城市未写明）'}　{procedure.name}".strip("　"),
        f"办结时限：自受理起 {limit.days} {unit[limit.unit]}" if limit else "办结时限：没有共同时限",
        "事项：",
        *(f"  {item.name}（{item.code or '无编码'}）{'，分组标题' if item.group else ''}" for item in procedure.items),
        "材料：",
        *(f"  {m.clause}　{m.name}：{m.requirement}{'；可容缺' if m.tolerable else ''}" for m in procedure.materials),
        "咨询电话：",
        *(
            f"  {contact.region}：{'、'.join(contact.phones) or '无'}{'' if contact.valid else '（号码待核实）'}"
            for contact in procedure.contacts
        ),
        f"条款 {len(procedure.clauses)} 条；需要留意 {len(procedure.anomalies)} 处：",
    ]
    marks = {"error": "错误", "warning": "注意", "info": "提示"}
    lines += [f"  [{marks[a.severity]}] {a.clause or '全文'}　{a.message}" for a in procedure.anomalies]
    return "\n".join(lines)
