"""Serials without gaps whoever issues at once; a sheet that cannot be drawn takes no number; sheets of no single case."""

import pytest
from django.db import connection
from django.test import Client

from tests.cases.test_races import together
from tests.world import World, build, key
from tongban.cases import tokens
from tongban.cases.actions.door import Conflict, NotFound, Refused
from tongban.cases.actions.forms import NOT_HANDED, SERIES, issue_form, issue_sheet, sign_drawn
from tongban.cases.models import Case, Event, IssuedForm
from tongban.cases.queries import sheets_visible_to
from tongban.cases.sheets import label_head, release_sheet, sheet_head, window_sheet
from tongban.paperwork.form import KINDS
from tongban.paperwork.samples import OWN
from tongban.people.models import Region
from tongban.vault import store

pytestmark = pytest.mark.django_db(transaction=True)
ISSUERS = 50


@pytest.fixture
def world() -> World:
    return build()


def data_of(world: World, case: Case) -> dict[str, object]:
    whole = Case.objects.select_related("version", "region", "window").get(pk=case.pk)
    return window_sheet(whole, "intake_receipt", world.window_clerk)


def test_fifty_issue_at_once_and_no_number_is_missing_or_given_twice(world: World) -> None:
    cases = [world.case() for _ in range(5)]
    sheets = [data_of(world, case) for case in cases]

    def issue(place: int) -> object:
        data = sheets[place % 5] if place % 10 else {**sheets[0], "materials": "坏"}  # every tenth cannot be printed
        return issue_form(world.window_clerk, cases[place % 5].number, key=key(), kind="intake_receipt", data=data)

    answers = together([lambda place=place: issue(place) for place in range(ISSUERS)])
    refused = [answer for answer in answers if isinstance(answer, Refused)]
    assert [answer for answer in answers if not isinstance(answer, Case | Refused)] == []
    assert len(refused) == ISSUERS // 10
    serials = sorted(IssuedForm.objects.values_list("serial", flat=True))
    year = IssuedForm.objects.all()[0].issued_at.year
    assert serials == [f"南收〔{year}〕{n:06d}号" for n in range(1, ISSUERS - ISSUERS // 10 + 1)]
    assert Event.objects.filter(kind="form_issued").count() == len(serials)
    assert all(tokens.read(form.token or "") for form in IssuedForm.objects.all())


def test_a_day_list_is_issued_once_however_often_it_is_sent(world: World) -> None:
    data = sheet_head(world.post, world.region, {"name": "邮政专递窗口（示例）"}) | OWN["post_list"]
    once = key()
    answers = together(
        [lambda: issue_sheet(world.post, world.region, key=once, kind="post_list", data=data).serial] * 8
    )
    assert len(set(answers)) == 1, answers
    assert IssuedForm.objects.get().region == world.region


def test_a_sheet_of_no_case_is_seen_in_its_region_alone(world: World) -> None:
    data = sheet_head(world.post, world.region, {"name": "邮政专递窗口（示例）"}) | OWN["bag_label"]
    sheet = issue_sheet(world.post, world.region, key=key(), kind="bag_label", data=data)
    elsewhere = Region.objects.create(city="示例市", name="别县", abbreviation="BX", short="别")
    stranger = world.staff("post", region=elsewhere)
    assert list(sheets_visible_to(world.post)) == [sheet]
    assert list(sheets_visible_to(stranger)) == []
    with pytest.raises(NotFound):
        issue_sheet(stranger, world.region, key=key(), kind="bag_label", data=data)


def test_a_label_of_a_case_names_nobody_but_the_receiver(world: World) -> None:
    case = Case.objects.select_related("version", "region", "window").get(pk=world.case().pk)
    data = label_head(case, world.window_clerk) | OWN["post_label"]
    issue_form(world.window_clerk, case.number, key=key(), kind="post_label", data=data)
    assert IssuedForm.objects.get().serial.startswith("南邮")


def test_every_kind_has_its_own_word_and_title() -> None:
    assert set(SERIES) == set(KINDS)
    assert len({word for word, _ in SERIES.values()}) == len(SERIES)
    assert set(NOT_HANDED) <= set(KINDS)
    connection.close()


def test_drawn_on_the_screen_a_signed_copy_stands_beside_the_sheet(world: World, client: Client) -> None:
    case = world.case("handed")
    data = release_sheet(
        Case.objects.select_related("version", "region", "window").get(pk=case.pk),
        world.issuing, {"items": [1]}, "样例·张㛃", ["示例"],
    )  # fmt: skip
    issue_form(world.issuing, case.number, key=key(), kind="release_receipt", data=data)
    sheet = IssuedForm.objects.get()
    client.force_login(world.issuing)
    url = f"/cases/{case.number}/forms/{sheet.pk}/sign/"
    assert "样例·张㛃" not in client.get(url).content.decode()  # masked where a case is shown
    for wrong in ("", "{", "[]", "[[[9999,0]]]"):
        client.post(url, {"key": key(), "strokes": wrong})
        assert IssuedForm.objects.get().signed_at is None
    client.post(url, {"key": key(), "strokes": "[[[10,10],[800,200]]]"})
    signed = IssuedForm.objects.get()
    assert signed.signed_at is not None
    assert signed.digest == sheet.digest, "the sheet itself stays"
    assert store.read(signed.signed_digest) != store.read(signed.digest)
    event = Event.objects.get(kind="form_signed")
    assert event.data == {"serial": sheet.serial, "digest": signed.signed_digest, "drawn": True}
    assert client.get(url).status_code == 404
    with pytest.raises(Conflict):
        sign_drawn(world.issuing, case.number, key=key(), form_id=sheet.pk, strokes=[[[1, 1]]])
