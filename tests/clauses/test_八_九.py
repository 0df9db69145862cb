"""整理相关工作资料并移交发证人员。"""

import pytest
from django.test import Client

from tests.clauses.walk import event, page
from tests.official import sample
from tests.world import World, build, key
from tongban.cases.actions import papers
from tongban.cases.actions.door import Refused


def test_paper_kept_at_the_window_is_handed_on_before_the_archive_can_have_it(db: None) -> None:
    world = build(sample("药店"))
    case = world.case(until="handed")
    assert case.papers == "window"
    with pytest.raises(Refused, match="收件窗口还没有移交"):
        papers.papers_to_archive(world.issuing, case.number, key=key())
    papers.papers_to_issuing(world.window_clerk, case.number, key=key())
    assert event(case, "papers_to_issuing")[0] == ("八（九）",)
    with pytest.raises(Refused, match="途中"):
        papers.papers_to_archive(world.issuing, case.number, key=key())
    papers.take_papers(world.issuing, case.number, key=key())
    assert event(case, "papers_taken")[0] == ("八（九）",)
    papers.papers_to_archive(world.issuing, case.number, key=key())
    case.refresh_from_db()
    assert case.state == "archiving"


def test_what_is_waiting_stands_on_the_windows_list(client: Client, db: None) -> None:
    world = build(sample("药店"))
    case = world.case()
    assert case.number in page(client, world.window_clerk, "/window/papers/")


def test_without_paper_the_file_goes_on_by_itself(world: World) -> None:
    case = world.case()
    assert case.papers == "issuing"
    with pytest.raises(Refused, match="不需要再移交"):
        papers.papers_to_issuing(world.window_clerk, case.number, key=key())
