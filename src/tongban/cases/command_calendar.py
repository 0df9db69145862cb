"""``tongban calendar import``: a year's notice of days off, what it moves, and every running case counted again."""

import argparse
import sys
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban calendar import``."""
    parser.add_argument("file", type=Path, help="放假安排：.csv、.yaml 或 .json")
    parser.add_argument("--dry-run", action="store_true", help="只检查和预览，不导入")
    parser.add_argument("--reason", default="", help="更正已有年份时的理由")
    parser.add_argument("--quiet", action="store_true", help="不显示进度")


def run(args: argparse.Namespace) -> int:
    """Check, preview, import, recount. Exit 2 with the faults on stderr when the file is no notice of a year."""
    from tongban.ready import django_ready

    django_ready()
    from tqdm import tqdm

    from tongban.cases import recount
    from tongban.rules.notices import Malformed, read, sums_of

    try:
        notice = read(args.file.read_bytes(), args.file.name)
        sums = sums_of(notice)
        print(
            f"{notice.title}：放假 {sums.off} 天（其中星期一至五 {sums.weekdays_off} 天），调休上班 {sums.worked} 天。"
        )
        was = recount.known(notice.year)
        print(f"{notice.year} 年原来{f'按：{was}' if was else '没有放假安排，按暂定推算'}。")
        days = "、".join(f"{day}{'上班' if works else '休息'}" for day, works in recount.changed_days(notice))
        print(f"与原来推算不同的日子：{days or '无'}。")
        moves = recount.preview(notice)
        for move, n in sorted(moves.items(), key=lambda pair: (pair[0].accepted, pair[0].limit.days)):
            unit = "个工作日" if move.limit.unit == "working_day" else "天"
            was_due = f"{move.was or '计时中止'}{'（暂定）' if move.was_provisional else ''}"
            due = f"{move.due or '计时中止'}{'（暂定）' if move.provisional else ''}"
            print(f"{move.accepted} 受理，{move.limit.days} {unit}：{was_due} → {due}　{n} 件")
        print(
            f"共 {sum(moves.values())} 个在办事项要变，其中日期变的 {sum(n for m, n in moves.items() if m.due != m.was)} 个。"
        )
        if args.dry_run:
            print("以上是预览，没有导入。")
            return 0
        recount.take(None, key=None, notice=notice, reason=args.reason)
    except OSError as error:
        print(f"{args.file} 读不了：{error.strerror}。", file=sys.stderr)
        return 2
    except Malformed as error:
        print(error, file=sys.stderr)
        return 2
    total = recount.stale().values("case").distinct().count()
    with tqdm(total=total, disable=args.quiet, unit="件", desc="重算时限", file=sys.stderr) as bar:
        for done in recount.steps():
            bar.update(done)
    print("已导入，在办件的时限已经重算。")
    return 0
