"""Times the whole path of a case on the database server that TONGBAN_DATABASE names (SQLite by default).

Nothing of the user's is touched: data go to a temporary folder, PostgreSQL gets a database of its own for the run.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import timeit
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks.instance import TONGBAN, own_database

SECONDS = 3.0  # each row
WARM = 5  # cases before the clock starts
CONTROL = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


@contextmanager
def server() -> Iterator[int]:
    """``tongban serve`` on a port of its own, its worker beside it."""
    port = 20000 + os.getpid() % 10000
    process = subprocess.Popen([*TONGBAN, "serve", "--port", str(port)], stdout=subprocess.DEVNULL)
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            time.sleep(0.05)
            assert process.poll() is None, "the server did not start"
        yield port
    finally:
        process.terminate()
        process.wait(timeout=20)


def measure(case: Callable[[int], object], first: int) -> tuple[float, int]:
    """Seconds a case takes, one after the other, and the statements of one (transaction control left out)."""
    from django.db import connection

    seen: list[str] = []

    def count(execute: Any, sql: str, *rest: Any) -> Any:
        seen.append(sql)
        return execute(sql, *rest)

    for n in range(first, first + WARM):
        case(n)
    with connection.execute_wrapper(count):
        case(first + WARM)
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < SECONDS:
        done += 1
        case(first + WARM + done)
    return (time.perf_counter() - start) / done, sum(not sql.startswith(CONTROL) for sql in seen)


def database() -> str:
    """The database, and whether a commit waits for the disk."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA synchronous" if connection.vendor == "sqlite" else "SHOW fsync")
        waits = "on" if cursor.fetchone()[0] in (2, "on") else "off"
    return f"{connection.display_name} {'.'.join(map(str, connection.get_database_version()))}, fsync {waits}"


def main() -> None:
    """Print the table."""
    with tempfile.TemporaryDirectory(prefix="tongban-bench-") as folder, own_database(folder) as url:
        os.environ |= {"TONGBAN_DATA": folder, "TONGBAN_DATABASE": url, "TONGBAN_DEMO": "1"}
        os.environ["TONGBAN_PROCEDURES"] = str(Path(__file__).parents[1] / "procedures")
        set_up = partial(subprocess.run, [*TONGBAN, "setup", "--demo"], check=True)
        first, again = timeit.repeat(set_up, repeat=2, number=1)
        from tongban.ready import django_ready

        django_ready()
        from benchmarks.archive import archive
        from benchmarks.path import acts, demo_world, pages
        from benchmarks.visitor import Http, Inside

        world, name = demo_world(), database()
        rows = {"in-process, the acts alone": measure(acts(world), 1000)}
        rows["in-process, through the views"] = measure(pages(world, Inside), 3000)
        from benchmarks.custody import MANY, in_one_go, one_by_one

        taken, many = one_by_one(world), in_one_go(world)
        from benchmarks import finding

        found = finding.measure(world)
        with server() as port:
            rows["over HTTP (granian)"] = measure(pages(world, lambda: Http(port)), 5000)
        packages = archive(world)
        from benchmarks import exchange, lists, sweep
        from tongban.cases.models import Case

        pushed = exchange.measure(world, folder)
        before, few = Case.objects.count(), lists.measure(world)
        swept = sweep.measure(world)
        paged = lists.lines(few, lists.measure(world), (before, Case.objects.count()))
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; one case after the other")
    print("\n| database | how | cases/s | ms/case | queries/case |\n|---|---|--:|--:|--:|")
    for how, (spent, queries) in rows.items():
        print(f"| {name} | {how} | {1 / spent:.1f} | {1000 * spent:.1f} | {queries or '–'} |")
    inside, views, http = (spent for spent, _ in rows.values())
    print(f"\ncases/s over HTTP / in-process: {inside / http:.2f} of the acts alone, {views / http:.2f} of the views.")
    print("\n| archive package | bytes | packages/s | MB/s |\n|---|--:|--:|--:|")
    for what, size, each, megabytes in packages:
        print(f"| {what} | {size} | {each:.1f} | {megabytes:.0f} |")
    print(f"\n{name}, one process:", *swept, sep="\n")
    print(f"\n{name}, through the views:", *paged, sep="\n")
    print(f"\n{name}, to an outside platform:", *pushed, sep="\n")
    print(f"\nhandovers/s: {1 / taken:.0f} one by one, {MANY / many:.0f} of {MANY} scanned in one go ({many:.2f} s).")
    print("", *found, sep="\n")
    print(f"tongban setup --demo: first {first:.2f} s, again {again:.2f} s.")


main()
if not os.environ.get("TONGBAN_DATABASE", "").startswith("postgres"):  # forms know no database: once is enough
    from benchmarks import forms

    forms.main()
