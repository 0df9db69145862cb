"""Pushes to an outside platform: how many a second leave, how soon after the commit they arrive, what an outage costs a window.

The platform is a process of its own on this machine that says yes to everything and notes when what came.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.world import World

PUSHES = 200  # for each number of workers
CASES = 60  # taken in one after the other, while a worker runs
WORKERS = (1, 2, 4)
HERE = Path(__file__).parents[1]


def receive(port: int, noted: str) -> None:
    """Be the platform: write the number of each case and the time it came, a line each."""
    out = open(noted, "a", buffering=1)  # noqa: SIM115 - as long as the process

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["content-length"])))
            out.write(f"{body['subject']} {time.time()}\n")
            answer = b'{"state": "done"}'
            self.send_response(200)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            pass

    ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()


def drain() -> None:
    """Be a worker: say ready, wait for the word, send until nothing waits."""
    from tongban.ready import django_ready

    django_ready()
    from django.db import connection

    from tongban.exchange.models import PlatformPush
    from tongban.exchange.relay import relay, send

    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    while relay() + send() or PlatformPush.objects.filter(state="waiting").exists():
        pass


@contextmanager
def platform(world: "World", noted: Path) -> Iterator[int]:
    """The platform, and our side of it: cases of the world's region go there."""
    from tests.exchange.conftest import keyed, platform_of

    from tongban.exchange import platforms
    from tongban.people.models import Region

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    name = world.procedure.platforms[0].platform
    found = keyed(platform_of(world, code="bench", name=name, regions=(world.region.name,))).platform
    platforms.set_address(None, key=None, code=found.code, address=f"http://127.0.0.1:{port}/exchange/us/")
    world.region.refresh_from_db()
    with _as("receive", str(port), str(noted)):
        _until(lambda: not _open(port))
        yield port
    Region.objects.filter(pk=world.region.pk).update(outside={})


def _open(port: int) -> int:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port))


def _until(there: Any) -> None:
    while not there():
        time.sleep(0.02)


@contextmanager
def _as(*words: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.exchange", *words], text=True, cwd=HERE,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def through(world: "World", workers: int) -> float:
    """Pushes a second with so many workers, from the word to the last one sent."""
    from contextlib import ExitStack

    for _ in range(PUSHES):
        world.case()
    with ExitStack() as stack:
        started = [stack.enter_context(_as("drain")) for _ in range(workers)]
        for worker in started:
            assert worker.stdout
            worker.stdout.readline()
        start = time.perf_counter()
        for worker in started:
            assert worker.stdin
            worker.stdin.write("go\n")
            worker.stdin.flush()
        for worker in started:
            worker.wait()
        return PUSHES / (time.perf_counter() - start)


def intakes(world: "World") -> tuple[dict[str, float], float]:
    """When each case was committed, and the 95th percentile of what an intake took, in seconds."""
    done, took = {}, []
    for _ in range(CASES):
        start = time.perf_counter()
        case = world.case()
        took.append(time.perf_counter() - start)
        done[case.number] = time.time()
        time.sleep(0.05)  # a window types meanwhile: not the whole machine is ours
    return done, statistics.quantiles(took, n=20)[-1]


def measure(world: "World", folder: str) -> list[str]:
    """Lines of a report."""
    noted = Path(folder) / "came.txt"
    lines = ["| workers | pushes/s |", "|--:|--:|"]
    with platform(world, noted):
        for workers in WORKERS:
            lines.append(f"| {workers} | {through(world, workers):.0f} |")
        worker = subprocess.Popen([sys.executable, "-m", "tongban", "work"])
        intakes(world)  # warm
        done, up = intakes(world)
        _until(lambda: all(number in noted.read_text() for number in done))
        came = dict(line.split() for line in noted.read_text().splitlines())
        lag = sorted(float(came[number]) - at for number, at in done.items())
    _, down = intakes(world)  # the platform is gone, the worker goes on asking
    worker.terminate()
    worker.wait()
    lines.append(
        f"\nfrom commit to the platform: median {statistics.median(lag):.2f} s, p99 {lag[int(0.99 * len(lag))]:.2f} s "
        f"(a worker that looks every 2 s).\nintake p95 with the platform down {1000 * down:.0f} ms, up {1000 * up:.0f} ms: "
        f"{down / up:.2f}."
    )
    return lines


def main() -> None:
    """One of the processes, or the whole on its own."""
    if sys.argv[1:2] == ["receive"]:
        receive(int(sys.argv[2]), sys.argv[3])
    elif sys.argv[1:2] == ["drain"]:
        drain()


if __name__ == "__main__":
    os.environ.setdefault("PYTHONPATH", str(HERE))
    main()
