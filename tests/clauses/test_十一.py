"""发证人员完成办理结果交付工作后，应将……工作资料按要求移交归档人员进行归档。"""

import io

import pytest
from django.test import Client

from tests.clauses.walk import event, in_force, page
from tests.world import World, key
from tongban.archive.acts import archive, ask
from tongban.archive.pack import pack
from tongban.archive.package import verify
from tongban.cases.actions import papers
from tongban.cases.actions.door import Conflict, Refused
from tongban.cases.models import MaterialFile
from tongban.vault import store


def test_only_after_the_result_was_handed_over(world: World) -> None:
    case = world.case(until="sent")
    with pytest.raises(Conflict):
        papers.papers_to_archive(world.issuing, case.number, key=key())


def test_the_archive_takes_it_over_checks_it_and_closes_it(client: Client, world: World) -> None:
    case = world.case(until="passed")
    html = page(client, world.archive, f"/archive/cases/{case.number}/")
    assert "资料齐全" in html
    assert in_force(html) == {"十一"}
    archive(world.archive, case.number, key=key())
    case.refresh_from_db()
    assert case.state == "archived"
    assert case.closed_at is not None
    assert [file["name"] for file in case.package.contents] == ["1-身份证/0.jpg", "2-寸照/1.jpg"]
    assert event(case, "archived")[0] == ("十一",)


def test_what_is_missing_stops_it_unless_the_reason_is_written(world: World) -> None:
    case = world.case(until="passed")
    MaterialFile.objects.filter(material__case=case, material__index=1).update(withdrawn=True)
    with pytest.raises(Refused, match="材料“寸照”没有电子件"):
        archive(world.archive, case.number, key=key())
    archive(world.archive, case.number, key=key(), note="原件已遗失，附情况说明。")
    assert event(case, "archived")[1]["missing"] == ["材料“寸照”没有电子件"]


def test_the_clause_has_no_printed_number(world: World) -> None:
    clause = world.procedure.clause("十一")
    assert clause is not None
    assert clause.inferred


def test_what_is_missing_is_asked_of_the_window_that_owes_it(client: Client, world: World) -> None:
    case = world.case(until="passed")
    MaterialFile.objects.filter(material__case=case, material__index=1).update(withdrawn=True)
    ask(world.archive, case.number, key=key())
    assert event(case, "archive_asked") == (("十一",), {"missing": ["材料“寸照”没有电子件"]})
    assert "材料“寸照”没有电子件" in page(client, world.window_clerk, "/window/asks/")


def test_after_the_closing_the_package_is_made_and_proves_itself(world: World) -> None:
    case = world.case(until="archived")
    assert pack() == 1
    clauses, data = event(case, "packed")
    assert clauses == ("十一",)
    package = verify(io.BytesIO(store.read(str(data["sha256"]))))
    assert package.number == data["number"]
    assert {"材料/01-身份证/1-0.jpg", "材料/02-寸照/1-1.jpg"} <= {row.path for row in package.rows}
