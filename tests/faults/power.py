"""A real server is killed, and its PostgreSQL stopped and started, while people take cases in."""

import random
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError

from benchmarks.instance import TONGBAN

from tests.faults.server import Server

CLERKS, CASES = 3, 8  # cases a clerk takes in
CUTS, BETWEEN = 6, (5, 20)  # answers between two cuts
TRIES = 40  # of one request: so often nobody is cut off
# What each applicant must have exactly once: a case, the sheet of its outcome (receipt or notice), the message about it.
COUNTED = (
    "from tongban.cases.models import Case, IssuedForm\nfrom tongban.messages.models import Message\n"
    "sheets = list(IssuedForm.objects.exclude(case=None).values_list('case', 'kind'))\n"
    "told = list(Message.objects.values_list('case', 'kind'))\n"
    "print(Case.objects.values('applicant_id_digest').distinct().count(), Case.objects.count(),"
    " len({case for case, _ in sheets}), len(sheets), len({case for case, _ in told}), len(told))"
)


@dataclass
class Power:
    """Whether there is power, and how many requests were answered: clerks wait for the one, the cutter for the other."""

    turn: threading.Condition = field(default_factory=threading.Condition)
    on: bool = True
    answered: int = 0
    failed: int = 0
    working: int = CLERKS
    faults: list[str] = field(default_factory=list)

    def again(self, what: str, step: Callable[[], Any]) -> None:
        """Do ``step``; whatever breaks, do it again when there is power."""
        last = ""
        for _ in range(TRIES):
            with self.turn:
                self.turn.wait_for(lambda: self.on)
            try:
                step()
            except HTTPError as error:
                last = f"{error.code} {error.url}"
                error.close()
                if error.code < 500:
                    raise RuntimeError(f"{what}：{error.code} {error.url}") from error
            except OSError as error:
                last = repr(error)
            else:
                with self.turn:
                    self.answered += 1
                    self.turn.notify_all()
                return
            with self.turn:
                self.failed += 1
        raise RuntimeError(f"{what}：{TRIES} 次都没有成功，最后是 {last}")

    def cuts(self, cut: Callable[[], None]) -> int:
        """Cut, each time after some answers, until ``CUTS`` or nobody works; returns how often."""
        chance = random.Random(1)
        for n in range(CUTS):
            with self.turn:
                goal = self.answered + chance.randint(*BETWEEN)
                self.turn.wait_for(lambda goal=goal: self.answered >= goal or not self.working)  # type: ignore[misc]
                if not self.working:
                    return n
                self.on = False
            cut()
            with self.turn:
                self.on = True
                self.turn.notify_all()
        return CUTS


def take_in(port: int, world: Any, clerk: int, power: Power) -> None:
    """One clerk takes cases in; whatever breaks, the same form is sent again until it is answered."""
    from benchmarks.visitor import Http, Visitor

    from tests.world import jpeg
    from tongban.identity.citizen_id import check_character
    from tongban.people.demo import PASSWORD

    at: dict[str, Visitor] = {}

    def log_in() -> None:
        at["desk"] = Visitor(Http(port), world.window_clerk.username, PASSWORD)

    chosen = {"in_scope": "yes", "region": str(world.region.pk), "delivery": "collect", "applicant_name": "样例·张㛃"}
    chosen |= {"items": world.application().items[0], "applicant_phone": "13800000000", "applicant_address": "示例路"}
    chosen |= {"state_0": "conforms", "original_0": "1", "state_1": "conforms"}
    try:
        power.again("登录", log_in)
        visitor = at["desk"]
        for n in range(CASES):
            first17 = f"4309031990{clerk + 1:02}{n + 1:02}101"
            number = first17 + check_character(first17)
            power.again("窗口", lambda: visitor.get("/window/"))
            power.again("新建", lambda: visitor.submit("/window/start/", version=str(world.version.pk)))
            for place in range(2):
                picture = jpeg(seed=1000 * clerk + 10 * n + place)
                power.again("文件", lambda place=place, picture=picture: visitor.upload(place, picture))  # type: ignore[misc]
            power.again("提交", lambda number=number: visitor.submit("/submit/", applicant_id_number=number, **chosen))  # type: ignore[misc]
            if "/done/" not in visitor.path and "/cases/" not in visitor.path:
                raise RuntimeError(f"提交后停在 {visitor.path}")
    except Exception as error:
        power.faults.append(f"窗口 {clerk + 1} {error}")
    finally:
        with power.turn:
            power.working -= 1
            power.turn.notify_all()


def run(name: str, cut: Callable[[Server], None]) -> tuple[str, str, str]:
    """Clerks at work while ``cut`` happens again and again; what was tried and what was found."""
    from benchmarks.path import demo_world

    server, power, world = Server(), Power(), demo_world()
    server.start()
    try:
        clerks = [threading.Thread(target=take_in, args=(server.port, world, n, power)) for n in range(CLERKS)]
        for clerk in clerks:
            clerk.start()
        cuts = power.cuts(lambda: cut(server))
        for clerk in clerks:
            clerk.join()
    finally:
        server.kill()
    if power.faults:
        print(server.said(), file=sys.stderr)
    tried = f"{CLERKS} 人收件 {CLERKS * CASES} 件，断 {cuts} 次，{power.failed} 次请求失败后重发"
    return name, tried, "；".join(power.faults + _found()) or "没有丢失、重复、半截"


def _found() -> list[str]:
    """What is lost, doubled or left half once the worker has done its work."""
    subprocess.run([*TONGBAN, "work", "--once"], check=True, stderr=subprocess.DEVNULL, timeout=120)
    shell = [*TONGBAN, "manage", "shell", "--verbosity", "0", "-c", COUNTED]
    counted = subprocess.run(shell, check=True, capture_output=True, text=True, timeout=60).stdout.split()
    wanted = CLERKS * CASES
    names = ("申请人", "办件", "有文书的办件", "文书", "发了短信的办件", "短信")
    found = [f"{name} {n}，应为 {wanted}" for name, n in zip(names, counted, strict=False) if int(n) != wanted]
    for words in (["audit", "verify", "--quiet"], ["vault", "verify", "--quiet"]):
        done = subprocess.run([*TONGBAN, *words], capture_output=True, text=True, timeout=120)
        if done.returncode:
            found.append(f"{' '.join(words)}：{done.stdout.strip()}")
    return found
