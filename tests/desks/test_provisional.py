"""A due day beyond the last notice of days off is marked 暂定 wherever somebody reads it, until the notice is there."""

import io

import openpyxl
import pytest
from django.test import Client

from tests.cases.test_recount import accepted_on, notice
from tests.world import World, key
from tongban.cases import decision_table, fields, opinions, recount, sheets
from tongban.cases.models import Case, CaseItem
from tongban.messages.models import Message
from tongban.messages.relay import relay

pytestmark = pytest.mark.django_db
DUE = "2027-02-18（暂定）"


def read(client: Client, world: World, case: Case) -> dict[str, str]:
    """Where the due day of a case is read → what stands there."""
    item = CaseItem.objects.select_related("case__version", "case__region", "case__window").get(case=case)
    found = {
        "table": str(openpyxl.load_workbook(io.BytesIO(decision_table.table([item]))).worksheets[0]["E2"].value),
        "copy panel and folder": dict(fields.fields(item.case, [item]))["应办结日"],
        "wording": opinions.filled("{应办结日}", item.case, [item]),
        "resume notice": sheets.clock_sheet(item.case, item, world.department)["due"],
    }
    for who, url in (
        (world.department, "/department/accepted/"),
        (world.oversight, "/oversight/list/open/"),
        (world.oversight, f"/cases/{case.number}/"),
    ):
        client.force_login(who)
        found[url] = client.get(url).content.decode()
    asked = {"number": case.number, "phone_end": "0000"}
    found["public"] = client.post("/progress/", asked, follow=True).content.decode()
    return found


def test_it_is_marked_everywhere_until_the_notice_is_there(client: Client, world: World) -> None:
    case = world.case("accepted")
    accepted_on(case, "11-23")
    relay()
    assert "（暂定）" in Message.objects.get(case=case, kind="accepted").text
    first = read(client, world, case)
    assert {where for where, said in first.items() if "暂定" not in said} == set()
    assert {first[name] for name in ("table", "copy panel and folder", "wording", "resume notice")} == {DUE}
    recount.take(world.administrator, key=key(), notice=notice(), reason="")
    assert sum(recount.steps()) == 1
    client.force_login(world.oversight)
    assert "2027-02-18 → 2027-0" in client.get(f"/cases/{case.number}/").content.decode(), (
        "the reason stands on the case"
    )
    Message.objects.all().delete()  # what was sent stays as it was
    assert {where for where, said in read(client, world, case).items() if "暂定" in said} == set()
