"""The department's desk: many cases at once, tables of decisions in and out."""

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Concat, Right
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.official import sample
from tests.world import World, build, key
from tongban.cases import batches
from tongban.cases.actions import department
from tongban.cases.actions.door import NotAll, together
from tongban.cases.events import verify
from tongban.cases.models import (
    Batch,
    Case,
    CaseItem,
    Event,
    Reading,
)  # fmt: skip

pytestmark = pytest.mark.django_db


def many(world: World, number: int, until: str = "taken_in") -> list[CaseItem]:
    """``number`` cases taken as far as ``until``; all but two are copies of the second."""
    first, second = world.case(until), world.case(until)
    template, item = Case.objects.get(pk=second.pk), CaseItem.objects.get(case=second)
    columns = [f.attname for f in Case._meta.concrete_fields if f.name != "id"]
    rows = [Case(**{name: getattr(template, name) for name in columns}) for _ in range(number - 2)]
    for n, row in enumerate(rows):
        row.number, row.head, row.events_count = f"NX-20261124-T{n:07d}", "", 0
    Case.objects.bulk_create(rows)
    columns = [f.attname for f in CaseItem._meta.concrete_fields if f.name not in ("id", "case")]
    CaseItem.objects.bulk_create(
        CaseItem(case=row, **{n: getattr(item, n) for n in columns if n != "case_id"})
        for row in Case.objects.filter(number__in=[row.number for row in rows])
    )
    return list(CaseItem.objects.filter(case__gte=first.pk).order_by("pk"))


@pytest.mark.parametrize(("until", "state"), [("taken_in", "pushed"), ("accepted", "accepted")])
def test_three_hundred_cases_cost_the_inbox_no_more_than_two(
    client: Client, world: World, until: str, state: str
) -> None:
    many(world, 300, until)
    client.force_login(world.department)
    client.get(f"/department/{state}/")
    with CaptureQueriesContext(connection) as spent:
        html = client.get(f"/department/{state}/").content.decode()
    assert len(spent) <= 10, "\n".join(query["sql"][:150] for query in spent)
    assert html.count('name="item"') == 100
    seen, url = set(), f"/department/{state}/"
    while url:
        html = client.get(url).content.decode()
        seen |= {part.partition('"')[0] for part in html.split('name="item" value="')[1:]}
        after = html.partition("?after=")[2].partition('"')[0]
        url = f"/department/{state}/?after={after}" if after else ""
    assert len(seen) == 300


def test_many_are_accepted_each_with_its_answer_and_the_same_key_does_nothing_twice(
    client: Client, world: World
) -> None:
    items = many(world, 20)
    gone = items[3]
    department.accept(world.department, gone.case.number, key=key())
    other = world.staff("department", name="样例·同事")
    client.force_login(other)
    once = {"key": key(), "item": [item.pk for item in items]}
    where = client.post("/department/batches/start/accept/", once)["Location"]
    batch = Batch.objects.get()
    assert (batch.total, batch.done) == (20, batches.AT_ONCE), "the first while one waits, the rest by the worker"
    assert "正在受理：15 / 20" in client.get(where).content.decode()
    assert batches.work() == 1
    assert batches.work() == 0
    html = client.get(where, headers={"HX-Request": "true"}).content.decode()
    assert "19 件已受理" in html
    assert "1 件没有办成" in html
    assert f"最近一步：{world.department.name}" in html
    assert "应于" in html
    assert Event.objects.filter(kind="accepted").count() == 20
    assert client.post("/department/batches/start/accept/", once)["Location"] == where
    assert Event.objects.filter(kind="accepted").count() == 20
    client.force_login(world.department)
    assert client.get(where).status_code == 404, "somebody else's request"


def test_what_cannot_be_done_is_said_and_holds_up_no_other(client: Client, world: World) -> None:
    paid, unpaid = world.case("accepted"), world.case("accepted")
    CaseItem.objects.filter(case=unpaid).update(fee_asked=5)
    client.force_login(world.department)
    items = list(CaseItem.objects.values_list("pk", flat=True))
    where = client.post("/department/batches/start/grant/", {"key": key(), "item": items, "reason": "x"})["Location"]
    html = client.get(where).content.decode()
    assert "1 件已准予办结" in html
    assert "还没有确认缴纳" in html
    assert CaseItem.objects.get(case=paid).decision == "granted"
    assert CaseItem.objects.get(case=unpaid).decision == ""
    assert not CaseItem.objects.get(case=paid).reason, "the reason is for refusals"
    client.post("/department/batches/start/refuse/", {"key": key(), "item": items})
    assert Batch.objects.count() == 1, "no refusal without a reason"


def test_all_of_the_list_and_a_worker_that_died_is_followed(client: Client, world: World) -> None:
    many(world, 40)
    client.force_login(world.department)
    client.post("/department/batches/start/accept/", {"key": key(), "whole": "1"})
    batch = Batch.objects.get()
    assert batch.total == 40
    Batch.objects.update(claimed_at=timezone.now())
    assert batches.work() == 0, "another worker is at it"
    Batch.objects.update(claimed_at=timezone.now() - batches.LOST * 2)
    assert batches.work() == 1
    batch.refresh_from_db()
    assert [fine for fine, _ in batch.results] == [True] * 40
    Batch.objects.update(made_at=timezone.now() - batches.KEPT * 2)
    batches.work()
    assert not Batch.objects.exists()


def filled(client: Client, **decisions: tuple[str, str]) -> bytes:
    """The table of decisions as downloaded, filled in by case number."""
    book = openpyxl.load_workbook(io.BytesIO(client.get("/department/decisions/table.xlsx").content))
    sheet = book.worksheets[0]
    for row in sheet.iter_rows(min_row=2):
        row[5].value, row[6].value = decisions.get(str(row[0].value), (None, None))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sent(client: Client, data: bytes, name: str = "决定.xlsx") -> Any:
    return client.post("/department/decisions/", {"key": key(), "file": SimpleUploadedFile(name, data)}, follow=True)


def test_a_table_of_decisions_is_tried_then_imported_once(client: Client, world: World) -> None:
    a, b = world.case("accepted"), world.case("accepted")
    client.force_login(world.department)
    data = filled(client, **{a.number: ("准予办结", ""), b.number: ("不予办理", "材料与登记不符")})
    assert Reading.objects.filter(what="决定表").count() == 2
    before = world.case_file()
    page = sent(client, data)
    assert "2 行可以导入" in page.content.decode()
    assert world.case_file() == before, "only tried"
    tried = Batch.objects.get()
    where = f"/department/batches/{tried.pk}/take/"
    for _ in range(2):
        done = client.post(where, {"key": key(), "which": "all"}, follow=True).content.decode()
        assert "2 件已导入决定" in done
    assert Event.objects.filter(kind__in=("granted", "refused")).count() == 2
    assert CaseItem.objects.get(case=b).reason == "材料与登记不符"
    again = sent(client, data).content.decode()
    assert again.count("已经导入过") == 2
    assert "只导入" not in again


def test_bad_rows_are_named_and_nothing_is_half_done(client: Client, world: World) -> None:
    good, unpaid, reasonless = (world.case("accepted") for _ in range(3))
    CaseItem.objects.filter(case=unpaid).update(fee_asked=5)
    client.force_login(world.department)
    data = filled(
        client, **{good.number: ("准予办结", ""), unpaid.number: ("准予办结", ""), reasonless.number: ("不予办理", "")}
    )
    html = sent(client, data).content.decode()
    assert "1 行可以导入" in html
    assert "不予办理要写理由" in html
    assert "还没有确认缴纳" in html
    tried = Batch.objects.get()
    where = f"/department/batches/{tried.pk}/take/"
    before = world.case_file()
    client.post(where, {"key": key(), "which": "all"})
    assert world.case_file() == before
    client.post(where, {"key": key(), "which": "good"})
    assert Event.objects.filter(kind="granted").count() == 1


def test_a_row_that_fails_at_the_import_takes_all_back(client: Client, world: World) -> None:
    a, b = world.case("accepted"), world.case("accepted")
    client.force_login(world.department)
    sent(client, filled(client, **{a.number: ("准予办结", ""), b.number: ("准予办结", "")}))
    CaseItem.objects.filter(case=max(a, b, key=lambda case: case.number)).update(fee_asked=5)  # meanwhile
    before = world.case_file()
    page = client.post(
        f"/department/batches/{Batch.objects.get().pk}/take/", {"key": key(), "which": "all"}, follow=True
    )
    assert "整张表都没有动" in page.content.decode()
    assert world.case_file() == before


def test_two_items_of_one_case_in_one_table_are_two_links_of_its_chain() -> None:
    world = build(sample("药店"))
    case = world.case("accepted", items=tuple(item.code or "" for item in world.procedure.items))
    rows = [(case.number, key(), {"granted": True, "reason": "", "orders": [order]}) for order in (1, 2)]
    with pytest.raises(NotAll, match="不能进行这一步") as fault:
        together(department.decide, world.department, [*rows, (case.number, key(), rows[0][2])])
    assert fault.value.place == 2
    assert not Event.objects.filter(kind="granted").exists()
    together(department.decide, world.department, rows)
    case.refresh_from_db()
    assert case.items.filter(state="decided").count() == 2
    assert not verify(case.events.order_by("sequence"), case)


def test_a_long_table_holds_the_database_no_longer_than_a_short_one(world: World) -> None:
    """Read, checked and tried before; the transaction has the same few statements for two rows and for fifty."""
    counted = []
    for size in (2, 50):
        items = many(world, size, "accepted")[-size:]
        rows = [
            (item.case.number, key(), {"granted": True, "reason": "", "orders": [item.order]})
            for item in CaseItem.objects.filter(pk__in=[one.pk for one in items]).select_related("case")
        ]
        world.department.duties_now  # noqa: B018
        with CaptureQueriesContext(connection) as seen:
            together(department.decide, world.department, rows)
        counted.append(len(seen))
        for _ in range(2):  # the same again changes nothing
            together(department.decide, world.department, rows)
        assert CaseItem.objects.filter(pk__in=[one.pk for one in items], decision="granted").count() == size
        assert Event.objects.filter(kind="granted", key__in=[row[1] for row in rows]).count() == size
        Case.objects.update(number=Concat(Value("Z"), Right("number", 20)))
    assert counted[0] == counted[1] <= 9


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04 no zip", b"\xd0\xcf\x11\xe0" * 200])
def test_what_is_no_table_is_said(client: Client, world: World, data: bytes) -> None:
    client.force_login(world.department)
    html = sent(client, data).content.decode()
    assert "打不开" in html or "请选择" in html
    assert not Batch.objects.exists()


def test_cells_that_look_like_formulas_are_text(client: Client, world: World) -> None:
    name = "=HYPERLINK(1)"
    case = world.case("accepted")
    CaseItem.objects.filter(case=case).update(name=name)
    client.force_login(world.department)
    book = openpyxl.load_workbook(io.BytesIO(client.get("/department/decisions/table.xlsx").content))
    cell = book.worksheets[0]["C2"]
    assert (cell.value, cell.data_type, cell.quotePrefix) == (name, "s", True)
