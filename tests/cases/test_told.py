"""What is told on paper: signed on the screen, and with the way to rate on the receipt."""

import pytest
from django.test import Client

from tests.world import World, key
from tongban.cases.actions.forms import issue_form
from tongban.cases.links import case_of
from tongban.cases.models import Case, IssuedForm
from tongban.cases.sheets import window_sheet
from tongban.rules.review import MaterialState

pytestmark = pytest.mark.django_db


def test_what_is_told_on_paper_is_signed_on_the_screen_too(world: World, client: Client) -> None:
    case = world.case(materials=world.materials({0: MaterialState.MISSING}))
    whole = Case.objects.select_related("version", "region", "window").get(pk=case.pk)
    data = window_sheet(whole, "supplement_notice", world.window_clerk)
    issue_form(world.window_clerk, case.number, key=key(), kind="supplement_notice", data=data)
    sheet = IssuedForm.objects.get()
    client.force_login(world.window_clerk)
    url = f"/cases/{case.number}/forms/{sheet.pk}/sign/"
    assert url in client.get(f"/window/done/{case.number}/").content.decode()
    assert "样例·张㛃" in client.get(url).content.decode(), "the name in large letters"
    client.post(url, {"key": key(), "strokes": "[[[10,10],[800,200]]]"})
    assert IssuedForm.objects.get().signed_at


def test_the_receipt_names_the_link_to_rate_by_where_the_instance_has_an_address(
    world: World, settings: object
) -> None:
    case = world.case()
    whole = Case.objects.select_related("version", "region", "window").get(pk=case.pk)
    assert window_sheet(whole, "intake_receipt", world.window_clerk)["rate_at"] == ""
    settings.PUBLIC_URL = "https://tongban.example"  # type: ignore[attr-defined]
    rate_at = window_sheet(whole, "intake_receipt", world.window_clerk)["rate_at"]
    assert rate_at.startswith(f"https://tongban.example/rate/{case.number}/")
    assert case_of(case.number, rate_at.split("/")[-2]) == case
