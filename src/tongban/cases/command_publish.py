"""``tongban procedure publish``: a version into the database."""

import argparse
import sys
from datetime import date
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban procedure publish``."""
    parser.add_argument("file", help="规程 YAML（或工作规程文档）")
    parser.add_argument("--effective", help="施行日，如 2026-12-01；默认今天")
    parser.add_argument("--city", default="", help="城市；默认取规程里写的")
    parser.add_argument("--issuer", default="", help="发文机关")
    parser.add_argument("--legal-basis", default="", help="依据")
    parser.add_argument("--accept-anomalies", action="store_true", help="规程里的错误已核对，照样发布")


def run(args: argparse.Namespace) -> int:
    """Publish; exit 2 with one line on stderr when it cannot be."""
    from tongban.ready import django_ready

    django_ready()
    from django.utils import timezone

    from tongban.cases.publish import NotPublishable, publish
    from tongban.procedure.document import Unreadable
    from tongban.procedure.files import read_file

    try:
        effective = date.fromisoformat(args.effective) if args.effective else timezone.localdate()
    except ValueError:
        print(f"施行日“{args.effective}”不是有效日期，请写成 2026-12-01 这样。", file=sys.stderr)
        return 2
    try:
        version = publish(
            read_file(args.file),
            city=args.city,
            effective=effective,
            accept_anomalies=args.accept_anomalies,
            issuer=args.issuer[:120],
            legal_basis=args.legal_basis[:500],
            source=Path(args.file).name[:200],
        )
    except (Unreadable, NotPublishable) as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{version.city}“{version.name}”第 {version.version} 版，{version.effective} 起施行。")
    return 0
