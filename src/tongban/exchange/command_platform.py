"""``tongban exchange platform``: what stands outside, where it is, which keys it shares with us."""

import argparse
import sys


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban exchange platform``."""
    parser.add_argument("code", nargs="?", default="", help="平台代号；不写则列出全部")
    parser.add_argument("--address", help="对方的地址；通办的地址由对方给，末尾是我方在对方的代号")
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--new-key", action="store_true", help="换一把新密钥，打印一次，请交给对方")
    group.add_argument("--take-key", action="store_true", help="从标准输入读对方给的密钥")
    parser.add_argument("--keep", type=int, default=7, help="旧密钥再认几天，默认 7")


def run(args: argparse.Namespace) -> int:
    """Change what was asked for and print what is; exit 2 with one line on stderr where it cannot be."""
    from tongban.ready import django_ready

    django_ready()
    from django.utils import timezone

    from tongban.exchange import platforms
    from tongban.exchange.models import Platform
    from tongban.people.refused import Refused

    try:
        if args.address is not None:
            platforms.set_address(None, key=None, code=args.code, address=args.address)
        if args.new_key:
            print(platforms.make_key(None, key=None, code=args.code, days=args.keep))
            return 0
        if args.take_key:
            platforms.take_key(None, key=None, code=args.code, secret=sys.stdin.read(), days=args.keep)
        found = [platforms.find(args.code)] if args.code else list(Platform.objects.all())
    except Refused as error:
        print(error, file=sys.stderr)
        return 2
    for platform in found:
        heard = f"{timezone.localtime(platform.heard_at):%Y-%m-%d %H:%M}" if platform.heard_at else "没有"
        print(
            f"{platform.code}\t{platform}\t{platform.get_way_display()}\t{platform.address or '没有地址'}\t"
            f"{len(platform.secrets())} 把密钥\t上次来信 {heard}"
        )
    return 0
