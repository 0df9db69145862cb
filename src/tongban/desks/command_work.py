"""``tongban work``: does what no request waits for, until stopped."""

import argparse
import logging
import os
import signal
import threading

logger = logging.getLogger(__name__)


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban work``."""
    parser.add_argument("--every", type=float, default=2.0, help="没有待发内容时的等待秒数，默认 2")
    parser.add_argument("--once", action="store_true", help="做完现有的即退出")
    parser.add_argument("--beside-server", action="store_true", help="启动它的服务结束时，它也结束")


def run(args: argparse.Namespace) -> int:
    """Do every round in turn until SIGTERM or SIGINT; one that fails is logged, tried again, and holds up no other."""
    from tongban.ready import django_ready

    django_ready()
    from django.db import close_old_connections

    from tongban.checks.looking import keep_looking, look
    from tongban.desks.rounds import ROUNDS

    stop = threading.Event()
    if not args.once:
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        signal.signal(signal.SIGINT, lambda *_: stop.set())
        threading.Thread(target=keep_looking, args=(stop,), daemon=True).start()
    rounds = (*ROUNDS, look) if args.once else ROUNDS
    parent = os.getppid()
    while not stop.is_set() and not (args.beside_server and os.getppid() != parent):
        close_old_connections()
        done = 0
        for work in rounds:
            try:
                done += work()
            except Exception:
                logger.exception("%s.%s failed; trying again", work.__module__, work.__name__)
        if not done:
            if args.once:
                break
            stop.wait(args.every)
    return 0
