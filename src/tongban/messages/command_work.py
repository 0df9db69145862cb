"""``tongban work``: relays what must leave, until stopped."""

import argparse
import signal
import threading
from datetime import date


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban work``."""
    parser.add_argument("--every", type=float, default=2.0, help="没有待发内容时的等待秒数，默认 2")
    parser.add_argument("--once", action="store_true", help="发完现有内容即退出")


def run(args: argparse.Namespace) -> int:
    """Relay and send until SIGTERM or SIGINT; a failing round is logged and tried again."""
    from tongban.ready import django_ready

    django_ready()
    import logging

    from django.db import DatabaseError, close_old_connections
    from django.utils import timezone

    from tongban.cases import roots
    from tongban.messages.relay import relay, send

    stop = threading.Event()
    rooted_on = date.min
    if not args.once:
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, lambda *_: stop.set())
    while not stop.is_set():
        try:
            close_old_connections()
            done = relay() + send()
            if rooted_on < timezone.localdate() and not args.once:
                if roots.due(timezone.now()):
                    roots.write(timezone.now())
                rooted_on = timezone.localdate()
        except (DatabaseError, OSError):
            logging.getLogger(__name__).exception("a round of work failed; trying again")
            done = 0
        if not done:
            if args.once:
                break
            stop.wait(args.every)
    return 0
