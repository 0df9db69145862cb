"""Two instances with two databases: a case taken in at the city's window for the county goes there and comes back, whoever
dies on the way.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.exchange.two import LATER, Inside, Instance, two

ALL = "server worker"
NAMED = """
from tests.vault.test_sealed import everything_stored
from tests.world import ADULT
from tongban.exchange.models import Letter, PlatformPush
dump, own = everything_stored(), ("样例·张㛃", ADULT, "13800000000", "示例街道 1 号")
found = [one for one in own if one.encode() in dump or one.encode("unicode_escape") in dump]
print(found, "told", PlatformPush.objects.exists() and Letter.objects.exists())
"""


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Instance, Instance, Inside, Inside]]:
    """Both instances, serving and working, and a process inside each."""
    folder: Path = tmp_path_factory.mktemp("two")
    with two(folder) as (city, county):
        for one in (city, county):
            one.start()
            one.work()
        here, there = Inside(city), Inside(county)
        city.answers()
        county.answers()
        yield city, county, here, there
        here.close()
        there.close()


def test_a_case_goes_there_and_comes_back_whoever_dies(pair: tuple[Instance, Instance, Inside, Inside]) -> None:
    """SIGKILL between every two steps, on the side that has something in hand; everything arrives, once."""
    city, county, here, there = pair
    county.kill(ALL)  # it is away when the case is taken in
    number = here("take_in", seed=1)
    here("relay")
    city.kill("worker")  # with the push in its hand, or about to be
    here("waited")
    city.work()
    county.start()
    county.answers()
    there("waited")
    county.work()
    city.kill("server")  # the county has the case, and cannot fetch the files
    city.start()
    there.until(["pushed"], "items", origin=number)
    city.kill(ALL)  # it is away when the department accepts
    there("step", origin=number, name="accept")
    there("step", origin=number, name="pause", ground="testing", note="送检")
    county.kill(ALL)
    county.start()
    there("waited")
    county.work()
    city.start()
    city.answers()
    here("waited")
    city.work()
    here.until(["paused"], "items", origin=number)
    there("step", origin=number, name="resume")
    there("step", origin=number, name="decide", granted=True)
    county.kill("worker")
    there("step", origin=number, name="send_result")
    there("waited")
    county.work()
    here.until(["at_issuing"], "items", origin=number)
    county.kill("server")
    assert here("hand_over", origin=number) == "released"
    city.kill("worker")
    county.start()
    county.answers()
    here("waited")
    city.work()
    there.until(["delivered"], "items", origin=number)
    for side in (here, there):
        side.until(0, "waiting")
    same(here("seen", origin=number), there("seen", origin=number))
    assert here("failed") == there("failed") == []
    for one in (city, county):  # neither database nor file store names who was told of
        assert one.tongban("manage", "shell", "--verbosity", "0", "-c", NAMED).stdout.strip() == "[] told True"


def same(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """What both know of a case is the same, each step once; messages went out on one side alone."""
    assert ours["events"] == [
        "taken_in", "pushed", "confirmed_outside", "accepted", "paused", "resumed", "granted", "result_sent", "handed_over",
    ]  # fmt: skip
    assert theirs["events"] == [
        "taken_over", "accepted", "paused", "resumed", "granted", "result_sent", "delivered_elsewhere",
    ]  # fmt: skip
    for name in ("due", "accepted", "files"):
        assert ours[name] == theirs[name], name
    assert len(ours["files"]) == 2
    assert (ours["foreign"], theirs["foreign"]) == (theirs["number"], ours["number"])
    assert "".join(ours["messages"]).count("accepted") == 1
    assert theirs["messages"] == []
    assert ours["broken"] == theirs["broken"] == ""


def test_what_comes_later_and_what_comes_back(pair: tuple[Instance, Instance, Inside, Inside]) -> None:
    """A supplement, a tolerated material with its pledge, paper, a decision with its document, and its correction."""
    city, county, here, there = pair
    number = here("take_in", seed=3, package=LATER, without=[0, 1])
    assert here("supplement", origin=number, seed=3) == "pushed"
    for _ in range(3):
        here("relay")
    assert there("items", origin=number) == []  # not before the pledge is signed
    here("pledge", origin=number)
    there.until(["pushed"], "items", origin=number)
    here("send_paper", origin=number)
    there.until(["途中"], "paper", origin=number)
    there("step", origin=number, name="accept")
    here("supply", origin=number, seed=3)
    there.until(0, "missing", origin=number)
    there("step", origin=number, name="decide", granted=True)
    here.until(["decided"], "items", origin=number)
    there("document", origin=number, pages=1)
    county.kill("server")  # the city was told of the document, and cannot fetch it
    there("step", origin=number, name="send_result")
    there.until(1, "waiting")  # that the result was sent waits for its turn
    county.start()
    county.answers()
    here("waited")
    here.until(there("documents", origin=number), "documents", origin=number)
    there("waited")
    here.until(["at_issuing"], "items", origin=number)
    there("correct", origin=number)
    there("document", origin=number, pages=2)
    here.until(there("documents", origin=number), "documents", origin=number)
    assert [in_force for _, in_force in here("documents", origin=number)] == [False, True]
    there("step", origin=number, name="send_result")
    here.until(["at_issuing"], "items", origin=number)
    ours, theirs = here("seen", origin=number), there("seen", origin=number)
    assert ours["files"] == theirs["files"]
    assert len(ours["files"]) == 2
    assert "decision_corrected" in "".join(ours["messages"])
    assert theirs["messages"] == []
    assert (ours["broken"], theirs["broken"]) == ("", "")
    assert here("failed") == there("failed") == []
    done = city.tongban("exchange", "reconcile", check=False)
    assert (done.returncode, done.stdout.strip()) == (0, "")


def test_reconciliation_finds_what_differs(pair: tuple[Instance, Instance, Inside, Inside]) -> None:
    city, county, here, there = pair
    number = here("take_in", seed=2)
    there.until(["pushed"], "items", origin=number)
    here.until(True, "confirmed", origin=number)
    for one, code in ((city, "taojiang"), (county, "yiyang")):
        done = one.tongban("exchange", "reconcile", code, check=False)
        assert (done.returncode, done.stdout.strip()) == (0, "")
    there("spoil", origin=number)
    done = city.tongban("exchange", "reconcile", check=False)
    assert done.returncode == 1
    assert number in done.stdout
    assert "应办结日" in done.stdout
    assert "材料文件 0" in done.stdout
    county.kill("server")
    assert city.tongban("exchange", "reconcile", check=False).returncode == 2
