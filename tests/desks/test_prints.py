"""The sheets of a day as one PDF: chosen by what one may see, put together by the worker, its progress told."""

import io
from datetime import timedelta

import pypdf
import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World, key
from tongban.cases import prints
from tongban.cases.actions.door import Refused
from tongban.cases.actions.forms import issue_form, issue_sheet, withdraw_form
from tongban.cases.models import Case, IssuedForm, PrintBatch, Reading
from tongban.cases.sheets import label_head, sheet_head
from tongban.paperwork.samples import OWN
from tongban.vault import store

pytestmark = pytest.mark.django_db


@pytest.fixture
def labels(world: World) -> list[IssuedForm]:
    """Three labels of three cases."""
    for _ in range(3):
        case = Case.objects.select_related("version", "region", "window").get(pk=world.case().pk)
        data = label_head(case, world.window_clerk) | OWN["post_label"]
        issue_form(world.window_clerk, case.number, key=key(), kind="post_label", data=data)
    return list(IssuedForm.objects.order_by("id"))


def test_all_labels_of_today_are_one_pdf_in_their_order(client: Client, world: World, labels: list[IssuedForm]) -> None:
    today = timezone.localdate()
    client.force_login(world.window_clerk)
    assert "邮政标签" in client.get("/prints/").content.decode()
    where = client.post("/prints/start/", {"key": key(), "kind": "post_label", "day": today.isoformat()})["Location"]
    assert "正在合并：0 / 3 份" in client.get(where).content.decode()
    assert client.get(f"{where}all.pdf").status_code == 404
    assert prints.put_together() == 1
    assert prints.put_together() == 0
    assert "打印 3 份" in client.get(where, headers={"HX-Request": "true"}).content.decode()
    pdf = client.get(f"{where}all.pdf")
    assert pdf["Content-Type"] == "application/pdf"
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.content)).pages]
    assert [next(n for n, form in enumerate(labels) if form.serial in text.replace(" ", "")) for text in pages] == [
        0,
        1,
        2,
    ]
    assert set(IssuedForm.objects.values_list("prints", flat=True)) == {1}
    assert Reading.objects.filter(what__contains="成批打印").count() == 3


def test_only_what_one_may_see_and_what_still_holds(client: Client, world: World, labels: list[IssuedForm]) -> None:
    today = timezone.localdate()
    first = labels[0]
    assert first.case is not None
    withdraw_form(world.window_clerk, first.case.number, key=key(), form_id=first.pk, reason="打错了")
    data = sheet_head(world.post, world.region, {"name": "邮政专递窗口（示例）"}) | OWN["post_list"]
    issue_sheet(world.post, world.region, key=key(), kind="post_list", data=data)
    assert [(kind, count) for kind, _, count in prints.kinds_of_day(world.window_clerk, today)] == [
        ("post_label", 2),
        ("post_list", 1),
    ]
    assert [kind for kind, _, _ in prints.kinds_of_day(world.post, today)] == ["post_list"]
    assert prints.kinds_of_day(world.window_clerk, today - timedelta(days=1)) == []
    with pytest.raises(Refused, match="没有这种文书"):
        prints.ask(world.post, "post_label", today, key())


def test_nobody_else_sees_ones_request(client: Client, world: World, labels: list[IssuedForm]) -> None:
    batch = prints.ask(world.window_clerk, "post_label", timezone.localdate(), key())
    prints.put_together()
    client.force_login(world.staff("window"))
    assert client.get(f"/prints/{batch.pk}/").status_code == 404
    assert client.get(f"/prints/{batch.pk}/all.pdf").status_code == 404


def test_sent_twice_it_is_one_request_and_it_is_gone_after_a_day(world: World, labels: list[IssuedForm]) -> None:
    once, today = key(), timezone.localdate()
    batch = prints.ask(world.window_clerk, "post_label", today, once)
    assert prints.ask(world.window_clerk, "post_label", today, once) == batch
    prints.put_together()
    batch.refresh_from_db()
    assert prints.fetch(world.window_clerk, batch).startswith(b"%PDF")
    PrintBatch.objects.update(made_at=timezone.now() - timedelta(days=2))
    prints.put_together()
    assert not PrintBatch.objects.exists()
    with pytest.raises(Refused, match="过期"):
        prints.fetch(world.window_clerk, batch)


def test_a_sheet_that_is_damaged_is_said_and_a_worker_that_died_is_followed(
    client: Client, world: World, labels: list[IssuedForm], monkeypatch: pytest.MonkeyPatch
) -> None:
    today = timezone.localdate()
    died = prints.ask(world.window_clerk, "post_label", today, key())
    PrintBatch.objects.update(claimed_at=timezone.now())
    assert prints.put_together() == 0, "another worker is at it"
    PrintBatch.objects.update(claimed_at=timezone.now() - timedelta(hours=1))
    assert prints.put_together() == 1
    died.refresh_from_db()
    assert died.ready_at
    IssuedForm.objects.filter(pk=labels[0].pk).update(digest="0" * 64)
    batch = prints.ask(world.window_clerk, "post_label", today, key())
    assert prints.put_together() == 1
    client.force_login(world.window_clerk)
    assert "没有合并成功" in client.get(f"/prints/{batch.pk}/").content.decode()
    assert store.read(labels[1].digest)
