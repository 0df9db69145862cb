"""``make faults``: a real server is killed, and its PostgreSQL stopped and started, while people take cases in.

Prints what was tried and what was found, as a table; ends with 1 when anything was lost, doubled or left half.
"""

import os
import random
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError

from benchmarks.instance import TONGBAN, own_database

CLERKS, CASES = 3, 12  # cases a clerk takes in
CUTS = 6
BETWEEN = (1.0, 4.0)  # seconds between two cuts
BROKEN = (HTTPError, URLError, ConnectionError, TimeoutError, OSError)
COUNTED = (
    "from collections import Counter\nfrom tongban.cases.models import Case, IssuedForm, Draft\n"
    "from tongban.messages.models import Message\n"
    "people = Counter(Case.objects.values_list('applicant_id_digest', flat=True))\n"
    "print(len(people), sum(people.values()), IssuedForm.objects.filter(kind='intake_receipt').count(),"
    " Message.objects.filter(kind='received').count(), Draft.objects.count())"
)


@dataclass
class Server:
    """``tongban serve`` in a process group of its own, its worker beside it."""

    port: int
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start and wait until it answers."""
        self.process = subprocess.Popen(
            [*TONGBAN, "serve", "--port", str(self.port)],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        while socket.socket().connect_ex(("127.0.0.1", self.port)):
            time.sleep(0.1)

    def kill(self) -> None:
        """Kill -9: server, its processes and its worker."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def cut(self) -> None:
        """Kill and start again."""
        self.kill()
        self.start()


def postgres_cut() -> None:
    """Stop PostgreSQL as a power cut does, and start it again."""
    ctl = shlex.split(os.environ["PG_CTL"])
    for step in (["stop", "-m", "immediate", "-w"], ["start", "-w"]):
        subprocess.run([*ctl, *step], check=True, stdout=subprocess.DEVNULL, cwd="/tmp")


def take_in(port: int, world: Any, clerk: int, refused: list[str]) -> None:
    """One clerk takes cases in; whatever breaks, the same form is sent again until it is answered."""
    from benchmarks.visitor import Http, Visitor

    from tests.world import jpeg
    from tongban.identity.citizen_id import check_character
    from tongban.people.demo import PASSWORD

    visitor: Visitor | None = None

    def again(step: Callable[[], None]) -> None:
        while True:
            try:
                return step()
            except BROKEN as error:
                refused.append(type(error).__name__)
                time.sleep(0.3)

    def log_in() -> None:
        nonlocal visitor
        visitor = Visitor(Http(port), world.window_clerk.username, PASSWORD)

    again(log_in)
    assert visitor is not None
    chosen = {"in_scope": "yes", "region": str(world.region.pk), "delivery": "collect", "applicant_name": "样例·张㛃"}
    chosen |= {"items": world.application().items[0], "applicant_phone": "13800000000", "applicant_address": "示例路"}
    chosen |= {"state_0": "conforms", "original_0": "1", "state_1": "conforms"}
    for n in range(CASES):
        first17 = f"4309031990{clerk + 1:02}{n + 1:02}101"
        number = first17 + check_character(first17)
        again(lambda: visitor.get("/window/"))
        again(lambda: visitor.submit("/window/start/", version=str(world.version.pk)))
        for place in range(2):
            again(lambda place=place, n=n: visitor.upload(place, jpeg(seed=1000 * clerk + 10 * n + place)))  # type: ignore[misc]
        again(lambda number=number: visitor.submit("/submit/", applicant_id_number=number, **chosen))  # type: ignore[misc]
        assert "/done/" in visitor.path or "/cases/" in visitor.path, visitor.path


def run(name: str, cut: Callable[[], None], server: Server) -> tuple[str, str, str]:
    """Clerks at work while ``cut`` happens again and again; what was tried and what was found."""
    from benchmarks.path import demo_world

    server.start()
    refused: list[str] = []
    world = demo_world()
    clerks = [threading.Thread(target=take_in, args=(server.port, world, n, refused)) for n in range(CLERKS)]
    for clerk in clerks:
        clerk.start()
    cuts = 0
    chance = random.Random(1)
    while any(clerk.is_alive() for clerk in clerks) and cuts < CUTS:
        time.sleep(chance.uniform(*BETWEEN))
        cut()
        cuts += 1
    for clerk in clerks:
        clerk.join()
    server.kill()
    subprocess.run([*TONGBAN, "work", "--once"], check=True, stderr=subprocess.DEVNULL)
    shell = [*TONGBAN, "manage", "shell", "--verbosity", "0", "-c", COUNTED]
    people, cases, receipts, messages, drafts = map(
        int, subprocess.run(shell, check=True, capture_output=True, text=True).stdout.split()
    )
    wanted = CLERKS * CASES
    found = []
    if (people, cases) != (wanted, wanted):
        found.append(f"办件 {cases} 个、申请人 {people} 个，应为 {wanted}")
    if receipts != wanted:
        found.append(f"回执 {receipts} 份，应为 {wanted}")
    if messages != wanted:
        found.append(f"收件短信 {messages} 条，应为 {wanted}")
    for words in (["audit", "verify"], ["vault", "verify", "--quiet"]):
        done = subprocess.run([*TONGBAN, *words], capture_output=True, text=True)
        if done.returncode:
            found.append(f"{' '.join(words)}：{done.stdout.strip()}")
    tried = f"{CLERKS} 人收件 {wanted} 件，断 {cuts} 次，{len(refused)} 次请求失败后重发，余草稿 {drafts} 份"
    return name, tried, "；".join(found) or "没有丢失、重复、半截"


def main() -> int:
    """Every fault on the database that TONGBAN_DATABASE names (SQLite by default)."""
    rows = []
    with tempfile.TemporaryDirectory() as folder, own_database(folder) as database:
        os.environ |= {"TONGBAN_DATA": folder, "TONGBAN_DATABASE": database, "TONGBAN_DEMO": "1"}
        from tongban.ready import django_ready

        kind = "PostgreSQL" if database.startswith("postgres") else "SQLite"
        cuts = [("服务和后台程序被 kill -9", None)]
        if "PG_CTL" in os.environ:
            cuts.append(("PostgreSQL 被立即停止再启动", postgres_cut))
        django_ready()
        for name, cut in cuts:
            subprocess.run([*TONGBAN, "setup", "--demo"], check=True, stdout=subprocess.DEVNULL)
            server = Server(20000 + random.randrange(9000))
            rows.append(run(f"{kind}：{name}", cut or server.cut, server))
            from django.core.management import call_command

            call_command("flush", interactive=False, verbosity=0)
            (Path(folder) / "setup.digest").unlink(missing_ok=True)
    for row in rows:
        print("| " + " | ".join(row) + " |")
    return int(any(not row[2].startswith("没有") for row in rows))


if __name__ == "__main__":
    sys.exit(main())
