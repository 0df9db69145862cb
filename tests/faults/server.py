"""A real server on a demo of its own: started, killed, cut off; and an instance for it."""

import os
import select
import shlex
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from benchmarks.instance import TONGBAN

LONGEST = 60  # seconds until a server answers


def free_port() -> int:
    """A port nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as line:
        return int(line.getsockname()[1])


@dataclass
class Server:
    """``tongban serve`` in a process group of its own, its worker beside it."""

    port: int = field(default_factory=free_port)
    log: IO[bytes] = field(default_factory=tempfile.TemporaryFile)
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start and wait until it answers: its own process, for who was killed lets go of the port a moment later."""
        self._until(answers=False)
        self.process = subprocess.Popen(
            [*TONGBAN, "serve", "--port", str(self.port)],
            stdout=subprocess.DEVNULL, stderr=self.log, start_new_session=True,
        )  # fmt: skip
        self._until(answers=True)

    def _until(self, *, answers: bool) -> None:
        ends = time.monotonic() + LONGEST
        while time.monotonic() < ends:
            with socket.socket() as line:
                if (line.connect_ex(("127.0.0.1", self.port)) == 0) == answers:
                    return
            if answers and self.process.poll() is not None:
                raise RuntimeError(self.said())
            select.select((), (), (), 0.05)
        raise TimeoutError(f"port {self.port}: {self.said() if answers else 'still held'}")

    def kill(self) -> None:
        """Kill -9: server, its processes and its worker."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def said(self) -> str:
        """The last lines of what it and its worker wrote to stderr."""
        self.log.seek(max(0, self.log.seek(0, os.SEEK_END) - 4000))
        return self.log.read().decode(errors="replace")

    def cut(self) -> None:
        """Kill and start again."""
        self.kill()
        self.start()


def postgres_cut() -> None:
    """Stop PostgreSQL as a power cut does, and start it again."""
    ctl = shlex.split(os.environ["PG_CTL"])
    for step in (["stop", "-m", "immediate", "-w"], ["start", "-w"]):
        subprocess.run([*ctl, *step], check=True, stdout=subprocess.DEVNULL, cwd="/tmp", timeout=LONGEST)


def demo(folder: str) -> None:
    """The demo in the database of this environment, whatever was in it before."""
    from django.core.management import call_command

    from tongban.vault import keys

    for name in ("roots", "vault"):
        shutil.rmtree(Path(folder) / name, ignore_errors=True)
    (Path(folder) / "setup.digest").unlink(missing_ok=True)
    subprocess.run([*TONGBAN, "manage", "migrate", "--verbosity", "0"], check=True)
    call_command("flush", interactive=False, verbosity=0)
    keys.make_missing()
    subprocess.run([*TONGBAN, "setup", "--demo"], check=True, stdout=subprocess.DEVNULL)
    keys.forget()
