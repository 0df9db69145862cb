"""``tongban serve``: the server (granian) and the worker that sends what must leave."""

import argparse
import os
import secrets
import subprocess
import sys
import threading
from http.server import ThreadingHTTPServer


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban serve``."""
    parser.add_argument("--host", default="127.0.0.1", help="监听地址，默认 127.0.0.1")
    parser.add_argument("--port", type=int, default=8000, help="端口，默认 8000")
    parser.add_argument("--workers", type=int, default=1, help="进程数，默认 1")


def run(args: argparse.Namespace) -> int:
    """Serve until interrupted; prints the address, and in a demo its accounts."""
    from tongban.ready import django_ready

    demo = os.environ.get("TONGBAN_DEMO") == "1" and not os.environ.get("TONGBAN_LICENCE_URL")
    licences = _simulated_licences() if demo else None  # before settings are read
    django_ready()
    from django.conf import settings
    from django.db import connections
    from granian import Granian
    from granian.constants import Interfaces

    print(f"通办已启动：http://{args.host}:{args.port}/　按 Ctrl-C 停止。")
    if settings.DEMO:
        _print_accounts(f"http://{args.host}:{args.port}/demo/")
    connections.close_all()
    stop = threading.Event()
    worker = threading.Thread(target=_keep_working, args=(stop,))
    worker.start()
    try:
        Granian(
            "tongban.wsgi:application",
            address=args.host,
            port=args.port,
            interface=Interfaces.WSGI,
            workers=args.workers,
            blocking_threads=8,
            workers_kill_timeout=5,  # one that was told twice at once (Ctrl-C reaches all) may not hear it
            log_enabled=False,
        ).serve()
    finally:
        stop.set()
        worker.join()
        if licences:
            licences.shutdown()
    return 0


def _simulated_licences() -> ThreadingHTTPServer:
    """A licence service for the demo, on a port of its own: the server's processes are told by their environment."""
    from tongban.capture.command_licences import service

    secret = secrets.token_urlsafe(32)
    server = ThreadingHTTPServer(("127.0.0.1", 0), service((secret,)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ |= {
        "TONGBAN_LICENCE": "模拟电子证照库（示例）",
        "TONGBAN_LICENCE_URL": f"http://127.0.0.1:{server.server_port}",
        "TONGBAN_LICENCE_SECRET": secret,
    }
    return server


def _keep_working(stop: threading.Event) -> None:
    """Run the worker beside the server; one that dies is started again."""
    while not stop.is_set():
        worker = subprocess.Popen([sys.executable, "-m", "tongban", "work", "--beside-server"])
        while not stop.wait(1) and worker.poll() is None:
            pass
        worker.terminate()
        try:
            worker.wait(timeout=10)
        except subprocess.TimeoutExpired:
            worker.kill()


def _print_accounts(demo: str) -> None:
    from tongban.people.demo import PASSWORD
    from tongban.people.models import Duty

    print(f"示例账号（密码都是 {PASSWORD}），或在 {demo} 点一下就进：", flush=True)
    for duty in (
        Duty.objects.filter(staff__demo=True).select_related("staff", "region", "unit", "window").order_by("id")
    ):
        print(f"  {duty.staff.username:24}{duty.staff.name}　{duty}", flush=True)
