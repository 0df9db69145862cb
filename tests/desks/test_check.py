"""The public check page: says whether a sheet is ours, unaltered and valid, and names nobody."""

import re

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.world import World, key
from tongban.cases import tokens
from tongban.cases.actions.door import Refused
from tongban.cases.actions.forms import issue_form, withdraw_form
from tongban.cases.models import Case, IssuedForm
from tongban.cases.sheets import window_sheet
from tongban.desks import check
from tongban.vault import store

pytestmark = pytest.mark.django_db


@pytest.fixture
def sheet(world: World) -> IssuedForm:
    case = world.case()
    data = window_sheet(
        Case.objects.select_related("version", "region", "window").get(), "intake_receipt", world.window_clerk
    )
    issue_form(world.window_clerk, case.number, key=key(), kind="intake_receipt", data=data)
    return IssuedForm.objects.get()


def names_nobody(text: str, case: Case) -> None:
    for private in (
        case.applicant_name,
        case.applicant_id_number,
        case.applicant_phone,
        case.number,
        "样例·window",
        "样*",
    ):
        assert private not in text


def test_a_sheet_of_ours_is_known_and_names_nobody(client: Client, sheet: IssuedForm) -> None:
    answer = client.get(f"/check/{sheet.token}/")
    text = answer.content.decode()
    assert answer.status_code == 200
    assert "收件回执（收文清单）" in text
    assert sheet.serial in text
    assert "示例镇 1 号窗口" in text
    assert sheet.case is not None
    names_nobody(text, sheet.case)


def test_a_copy_is_compared_byte_by_byte_and_not_kept(client: Client, sheet: IssuedForm) -> None:
    pdf, before = store.read(sheet.digest), sorted(store.digests())
    for data, said in ((pdf, check.SAME), (pdf[:-1] + b" ", check.OTHER), (b"x", check.OTHER)):
        answer = client.post(f"/check/{sheet.token}/", {"file": SimpleUploadedFile("a.pdf", data)})
        assert said in answer.content.decode()
    assert "请选择" in client.post(f"/check/{sheet.token}/").content.decode()
    assert sorted(store.digests()) == before


def test_a_token_that_is_not_ours_is_refused_without_looking_anything_up(
    client: Client, sheet: IssuedForm, django_assert_num_queries: object
) -> None:
    assert sheet.token is not None
    forged = sheet.token[:-1] + ("0" if sheet.token[-1] != "0" else "1")
    for token in (forged, "0" * 20, "x", sheet.case.number if sheet.case else ""):
        with django_assert_num_queries(1):  # the count of tries;  type: ignore[operator]
            answer = client.get(f"/check/{token}/")
        assert answer.status_code == 404
        assert check.UNKNOWN in answer.content.decode()
    assert client.get(f"/check/{tokens.new()}/").status_code == 404  # signed with our key, and no sheet's


def test_it_may_be_typed_with_spaces_and_look_alikes(client: Client, sheet: IssuedForm) -> None:
    assert sheet.token is not None
    typed = " ".join(re.findall(".{5}", sheet.token)).lower().replace("0", "o")
    assert client.get("/check/", {"token": typed})["Location"] == f"/check/{sheet.token}/"
    assert check.UNKNOWN in client.get("/check/", {"token": "没有"}).content.decode()
    assert check.UNKNOWN not in client.get("/check/").content.decode()


def test_a_withdrawn_sheet_is_kept_and_said_to_be_withdrawn(client: Client, world: World, sheet: IssuedForm) -> None:
    assert sheet.case is not None
    with pytest.raises(Refused, match="理由"):
        withdraw_form(world.window_clerk, sheet.case.number, key=key(), form_id=sheet.pk, reason=" ")
    with pytest.raises(Refused):
        withdraw_form(world.issuing, sheet.case.number, key=key(), form_id=sheet.pk, reason="不是我出具的")
    withdraw_form(world.window_clerk, sheet.case.number, key=key(), form_id=sheet.pk, reason="样例·张㛃 的名字打错了")
    with pytest.raises(Refused, match="已于"):
        withdraw_form(world.window_clerk, sheet.case.number, key=key(), form_id=sheet.pk, reason="又一次")
    text = client.get(f"/check/{sheet.token}/").content.decode()
    assert "已作废" in text
    assert "打错" not in text
    assert store.read(sheet.digest)
    client.force_login(world.window_clerk)
    assert "打错了" in client.get(f"/cases/{sheet.case.number}/").content.decode()


def test_who_asks_again_and_again_waits(client: Client, sheet: IssuedForm) -> None:
    answers = [client.get(f"/check/{tokens.new()}/").status_code for _ in range(check.TRIES + 1)]
    assert answers == [404] * check.TRIES + [429]
    assert client.get(f"/check/{sheet.token}/").status_code == 429


def test_scanned_at_a_desk_it_opens_the_case_for_who_may_see_it(
    client: Client, world: World, sheet: IssuedForm
) -> None:
    assert sheet.case is not None
    client.force_login(world.window_clerk)
    for scanned in (sheet.token, f"https://somewhere.example/check/{sheet.token}", f"http://x/check/{sheet.token}/"):
        assert client.post("/cases/", {"q": scanned})["Location"] == f"/cases/{sheet.case.number}/"
    assert f"/cases/{sheet.case.number}/" in client.get(f"/check/{sheet.token}/").content.decode()
    client.force_login(world.staff("issuing"))  # not there yet
    assert client.post("/cases/", {"q": sheet.token}).status_code == 200
    assert sheet.case.number not in client.get(f"/check/{sheet.token}/").content.decode()


def test_the_qr_code_is_an_address_where_the_instance_knows_its_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "PUBLIC_URL", "https://tongban.example")
    case = world.case()
    data = window_sheet(
        Case.objects.select_related("version", "region", "window").get(), "intake_receipt", world.window_clerk
    )
    issue_form(world.window_clerk, case.number, key=key(), kind="intake_receipt", data=data)
    assert IssuedForm.objects.get().data["check_at"] == "https://tongban.example/check/"


def test_reprints_are_the_same_bytes_counted_in_the_record(client: Client, world: World, sheet: IssuedForm) -> None:
    from tongban.cases.models import Reading

    assert sheet.case is not None
    client.force_login(world.window_clerk)
    url = f"/cases/{sheet.case.number}/forms/{sheet.pk}.pdf"
    first, second, third = (client.get(url).content for _ in range(3))
    assert first == second == third == store.read(sheet.digest)
    looked = list(Reading.objects.filter(what__startswith="文书").order_by("pk").values_list("what", flat=True))
    assert [what.partition("，")[2] for what in looked] == ["", "补打第 1 次", "补打第 2 次"]
    assert "补打 2 次" in client.get(f"/cases/{sheet.case.number}/").content.decode()
