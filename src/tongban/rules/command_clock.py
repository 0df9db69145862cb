"""``tongban clock``: the ledger of a time limit, day by day."""

import argparse
import json
import sys
from datetime import date

from tongban.procedure.model import TimeLimit
from tongban.rules.clock import clock


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban clock``."""
    parser.add_argument("--from", dest="accepted", required=True, help="受理日，如 2026-11-23")
    parser.add_argument("--days", required=True, help="时限天数")
    parser.add_argument("--unit", default="working_day", help="working_day 工作日（默认）或 natural_day 自然日")
    parser.add_argument("--json", action="store_true", help="输出 JSON")


def _asked(args: argparse.Namespace) -> tuple[date, TimeLimit]:
    try:
        accepted = date.fromisoformat(args.accepted)
    except ValueError:
        raise ValueError(f"受理日“{args.accepted}”不是有效日期，请写成 2026-11-23 这样。") from None
    if not (args.days.isascii() and args.days.isdigit() and int(args.days) <= 1000):
        raise ValueError(f"时限“{args.days}”应为 0 到 1000 的整数。")
    if args.unit not in ("working_day", "natural_day"):
        raise ValueError(f"单位“{args.unit}”应为 working_day（工作日）或 natural_day（自然日）。")
    if not 2004 <= accepted.year <= 2100:
        raise ValueError(f"受理日“{args.accepted}”应在 2004 年到 2100 年之间。")
    return accepted, TimeLimit(days=int(args.days), unit=args.unit)


def run(args: argparse.Namespace) -> int:
    """Print the ledger. Exit 2 with one line on stderr when the question is malformed."""
    try:
        ledger = clock(*_asked(args))
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2
    assert ledger.due is not None  # no pause is open
    if args.json:
        days = [
            {"date": d.day.isoformat(), "counted": d.counted, "number": d.number, "reason": d.reason, "note": d.note}
            for d in ledger.days
        ]
        answer = {"due": ledger.due.isoformat(), "provisional": ledger.provisional, "ledger": days}
        print(json.dumps(answer, ensure_ascii=False, indent=1))
        return 0
    for entry in ledger.days:
        print(f"{entry.day}　{f'第 {entry.number} 日' if entry.counted else '　不计　'}　{entry.note}")
    print(f"应于 {ledger.due} 前办结{'（暂定）' if ledger.provisional else ''}。")
    return 0
