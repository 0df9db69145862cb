"""Two instances on this machine, each with its own database, vault, server and workers, that know each other."""

import json
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

LATER = "我要办样例卡"
ROOT = Path(__file__).parents[2]
TONGBAN = (sys.executable, "-m", "tongban")


def _packages(folder: Path) -> Path:
    """The folder of a city with its package, and of another that both sides know: its photo may come later (容缺), its card's copy
    goes as paper.
    """
    made = folder / "procedures"
    shutil.copytree(ROOT / "procedures/two" / folder.name, made)
    (own,) = made.glob("*/附件*.yaml")
    package = yaml.safe_load(own.read_text(encoding="utf-8")) | {"name": LATER}
    package["materials"][0] |= {"forwarded": True}
    package["materials"][1] |= {
        "tolerable": True,
        "tolerance": {"days": 5, "unit": "working_day", "channels": ["邮寄"]},
    }
    own.with_name("附件7.yaml").write_text(yaml.safe_dump(package, allow_unicode=True), encoding="utf-8")
    return made


class Instance:
    """One of the two: its settings, its processes, a way to run code inside of it."""

    def __init__(self, name: str, folder: Path, port: int, database: str) -> None:
        self.name, self.port = name, port
        self.env = os.environ | {
            "TONGBAN_DATA": str(folder / name),
            "TONGBAN_DATABASE": database or f"sqlite:///{folder / name / 'tongban.sqlite3'}",
            "TONGBAN_PROCEDURES": str(_packages(folder / name)),
            "TONGBAN_DEMO": "1",
            "TONGBAN_SMS_WAIT": "0",
            "TONGBAN_QUIET": "",
            "TONGBAN_EXCHANGE_TIMEOUT": "3",
            "PYTHONPATH": str(ROOT),
        }
        self.server: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None

    def tongban(self, *words: str, said: str = "", check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a command of this instance."""
        done = subprocess.run([*TONGBAN, *words], env=self.env, input=said, capture_output=True, text=True, timeout=120)
        if check and done.returncode:
            raise AssertionError(f"{self.name}: tongban {' '.join(words)}: {done.stdout}{done.stderr}")
        return done

    def start(self) -> None:
        """Serve; one process that answers, without the worker that ``tongban serve`` starts beside it."""
        code = (
            "from granian import Granian; from granian.constants import Interfaces; "
            f"Granian('tongban.wsgi:application', address='127.0.0.1', port={self.port}, interface=Interfaces.WSGI, "
            "blocking_threads=4, log_enabled=False).serve()"
        )
        self.server = subprocess.Popen([sys.executable, "-c", code], env=self.env, start_new_session=True)

    def work(self) -> None:
        """Start a worker."""
        self.worker = subprocess.Popen(
            [*TONGBAN, "work", "--every", "0.1"], env=self.env, start_new_session=True, stderr=subprocess.DEVNULL
        )

    def answers(self) -> None:
        """Wait until the server answers."""
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with socket.socket() as line:
                if not line.connect_ex(("127.0.0.1", self.port)):
                    return
            time.sleep(0.05)
        raise AssertionError(f"{self.name} does not answer")

    def kill(self, what: str = "server worker") -> None:
        """SIGKILL the server, the worker, or both, with whatever they started."""
        for name in what.split():
            process: subprocess.Popen[bytes] | None = getattr(self, name)
            if process is not None:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                setattr(self, name, None)

    def __enter__(self) -> "Instance":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


class Inside:
    """A process inside an instance that does what it is told, line by line: starting one costs a second."""

    def __init__(self, instance: Instance) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.exchange.inside"], env=instance.env, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def __call__(self, what: str, **facts: Any) -> Any:
        """Do ``what`` (a function of ``tests.exchange.inside``) and return what it returns."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps([what, facts]) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"{what} ended the process"
        right, value = json.loads(line)
        assert right, f"{what}: {value}"
        return value

    def until(self, wanted: Any, what: str, seconds: float = 20, **facts: Any) -> Any:
        """Ask until the answer is ``wanted``; the last answer where it never is."""
        until = time.monotonic() + seconds
        while (found := self(what, **facts)) != wanted:
            assert time.monotonic() < until, f"{what} stays {found}, not {wanted}"
            time.sleep(0.05)
        return found

    def close(self) -> None:
        with self.process:  # closes its lines and waits
            pass


def free_ports(many: int) -> list[int]:
    """Ports nobody listens on."""
    held = [socket.socket() for _ in range(many)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    found = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return found


@contextmanager
def databases(names: list[str]) -> Iterator[dict[str, str]]:
    """The URL of an empty database for each name on the server TONGBAN_DATABASE names; empty: SQLite in its folder."""
    given = os.environ.get("TONGBAN_DATABASE", "")
    if not given.startswith("postgres"):
        yield dict.fromkeys(names, "")
        return
    import psycopg

    with psycopg.connect(given, autocommit=True) as server:
        made = {name: f"tongban_two_{name}_{os.getpid()}" for name in names}
        for name in made.values():
            server.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
        try:
            yield {name: urlsplit(given)._replace(path=f"/{database}").geturl() for name, database in made.items()}
        finally:
            for name in made.values():
                server.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[call-overload]


def introduce(city: Instance, county: Instance) -> None:
    """Tell each where the other is, and give both one key."""
    secret = city.tongban(
        "exchange", "platform", "taojiang", "--new-key", "--address", f"http://127.0.0.1:{county.port}/exchange/yiyang"
    ).stdout
    county.tongban(
        "exchange", "platform", "yiyang", "--take-key", "--address", f"http://127.0.0.1:{city.port}/exchange/taojiang",
        said=secret,
    )  # fmt: skip


@contextmanager
def two(folder: Path) -> Iterator[tuple[Instance, Instance]]:
    """The city's and the county's instance, set up and introduced; nothing runs yet."""
    ports = free_ports(2)
    with databases(["city", "county"]) as urls:
        city = Instance("city", folder, ports[0], urls["city"])
        county = Instance("county", folder, ports[1], urls["county"])
        with city, county:
            if not urls["city"]:  # tables are made once, and copied with the master key; on PostgreSQL each has its own
                city.tongban("manage", "migrate", "-v0")
                shutil.copy(folder / "city/master.key", folder / "county")
                with closing(sqlite3.connect(folder / "city/tongban.sqlite3")) as made:
                    made.execute("VACUUM INTO ?", [str(folder / "county/tongban.sqlite3")])
            setting = [
                subprocess.Popen([*TONGBAN, "setup", "--demo"], env=one.env, stderr=subprocess.PIPE)
                for one in (city, county)
            ]
            for process in setting:
                assert process.wait(timeout=120) == 0, process.stderr and process.stderr.read()
                if process.stderr:
                    process.stderr.close()
            introduce(city, county)
            yield city, county
