"""申请政务服务事项不属于“一件事一次办”跨域通办窗口收件范围的，应不予收件并当场告知理由。"""

from django.test import Client

from tests.clauses.walk import at_the_window, forms, in_force, page
from tests.world import World
from tongban.cases.queries import visible_to


def test_it_is_declined_on_the_spot_with_the_reason_on_paper(client: Client, world: World) -> None:
    case = at_the_window(client, world, in_scope="no", scope_reason="事项不在收件范围。")
    assert case is not None
    assert (case.state, case.outcome_clauses, forms(case)) == ("declined", ["八（一）"], ["decline_notice"])
    assert case.forms.get().data["reason"] == "事项不在收件范围。"
    assert "八（一）" in in_force(page(client, world.window_clerk, f"/window/done/{case.number}/"))


def test_nothing_is_pushed_and_no_department_sees_it(world: World) -> None:
    case = world.case(in_scope=False, scope_reason="不在收件范围。", items=(), materials=())
    assert not case.events.filter(kind="pushed").exists()
    assert not visible_to(world.department).filter(pk=case.pk).exists()


def test_no_reason_no_decline(client: Client, world: World) -> None:
    assert at_the_window(client, world, in_scope="no", scope_reason="") is None
