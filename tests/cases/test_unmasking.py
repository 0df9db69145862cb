"""Personal data whole: only with a purpose, once, recorded first, listed for oversight, told when there are too many."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.world import ADULT, World, key
from tongban.cases import unmasking
from tongban.cases.actions.door import NotFound, Refused
from tongban.cases.models import Case, Purpose, Reading
from tongban.people.models import Notice, Role, Staff

pytestmark = pytest.mark.django_db
NAME = "样例·张㛃"
POST = {"delivery": "post", "delivery_name": NAME, "delivery_phone": "13800000000", "delivery_address": "示例路 9 号"}


def form(**changes: object) -> dict[str, object]:
    return {"key": key(), "person": "applicant", "fields": ["id_number"], "purpose": "contact", "note": ""} | changes


@pytest.fixture
def case(world: World) -> Case:
    return world.case("accepted", **POST)


def test_what_was_asked_for_is_shown_once_and_nothing_else(client: Client, world: World, case: Case) -> None:
    client.force_login(world.department)
    page = client.get(f"/cases/{case.number}/").content.decode()
    assert ADULT not in page
    assert NAME not in page
    asked = form(note="电话不通，核对号码")
    answer = client.post(f"/cases/{case.number}/unmask/", asked)
    html = answer.content.decode()
    assert ADULT in html
    assert NAME not in html
    assert "no-store" in answer.headers["Cache-Control"]
    look = Reading.objects.exclude(purpose="").get()
    assert (look.case_number, look.staff, look.what) == (case.number, world.department, "申请人：证件号码")
    assert (look.purpose, look.note) == ("contact", "电话不通，核对号码")
    again = client.post(f"/cases/{case.number}/unmask/", asked, follow=True).content.decode()
    assert ADULT not in again
    assert "已经显示过一次" in again
    assert client.get(f"/cases/{case.number}/unmask/").status_code == 405


@pytest.mark.parametrize(
    "wrong",
    [
        {"purpose": ""}, {"purpose": "post"}, {"purpose": "x"}, {"fields": []}, {"fields": ["head"]},
        {"purpose": "other", "note": " "}, {"note": "长" * 201}, {"note": "a\x00b"}, {"key": ""},
    ],
)  # fmt: skip
def test_without_a_purpose_nothing_is_shown(client: Client, world: World, case: Case, wrong: dict[str, object]) -> None:
    client.force_login(world.department)
    answer = client.post(f"/cases/{case.number}/unmask/", form(**wrong))
    assert answer.status_code == 302
    assert not Reading.objects.exclude(purpose="").exists()


def test_every_person_and_field_there_is_can_be_asked_for_and_no_other(world: World, case: Case) -> None:
    people = {one.which: set(one.values) for one in unmasking.persons(case, case.parties.all())}
    assert people == {
        "applicant": {"name", "id_number", "phone", "address"}, "delivery": {"name", "phone", "address"},
    }  # fmt: skip
    for which, fields in people.items():
        _, shown = unmasking.unmask(
            world.department, case.number, key=key(), person=which, fields=[*fields, "head"], purpose="verify", note=""
        )
        assert len(shown) == len(fields)
    with pytest.raises(NotFound):
        unmasking.unmask(world.department, case.number, **form(person="agent"))  # type: ignore[arg-type]


def test_who_may_not_see_the_case_may_not_ask(client: Client, world: World, case: Case) -> None:
    for role in ("editor", "administrator", "archive"):
        client.force_login(world.people[role])
        assert client.post(f"/cases/{case.number}/unmask/", form()).status_code == 404
    assert not Reading.objects.exists()


def test_oversight_sees_every_look_and_how_often(client: Client, world: World, case: Case) -> None:
    for _ in range(3):
        unmasking.unmask(world.department, case.number, **form())  # type: ignore[arg-type]
    client.force_login(world.oversight)
    html = client.get("/oversight/unmaskings/").content.decode()
    assert world.department.name in html
    assert "联系申请人" in html
    row = unmasking.by_person(world.oversight)[0]
    assert (row["today"], row["month"], row["unusual"]) == (3, 3, False)
    client.force_login(world.department)
    assert client.get("/oversight/unmaskings/").status_code == 404


def test_oversight_elsewhere_sees_none_and_the_record_outlives_the_case(world: World, case: Case) -> None:
    from tests.desks.test_access import stranger

    unmasking.unmask(world.department, case.number, **form())  # type: ignore[arg-type]
    assert not unmasking.listed(stranger(world, Role.OVERSIGHT)).exists()
    everywhere = world.staff(Role.OVERSIGHT, region=None)
    Reading.objects.update(case_number="GONE-1")
    assert unmasking.listed(everywhere).count() == 1


def test_too_many_are_told_to_oversight_once_a_day(world: World, case: Case) -> None:
    for _ in range(unmasking.UNUSUAL):
        unmasking.unmask(world.department, case.number, **form())  # type: ignore[arg-type]
    assert not Notice.objects.exists()
    Reading.objects.update(at=timezone.now() - timedelta(hours=2))
    unmasking.unmask(world.department, case.number, **form())  # type: ignore[arg-type]
    assert not Notice.objects.exists()  # within the hour, one
    Reading.objects.update(at=timezone.now() - timedelta(minutes=5))
    for _ in range(3):
        unmasking.unmask(world.department, case.number, **form())  # type: ignore[arg-type]
    assert "请核实" in Notice.objects.get(staff=world.oversight).text
    assert Staff.objects.get(pk=world.oversight.pk).unread == 1
    assert unmasking.by_person(world.oversight)[0]["unusual"]


def test_the_post_desk_has_what_it_must_write_and_it_is_recorded_once_a_day(client: Client, world: World) -> None:
    from tongban.cases.actions import release
    from tongban.custody import post

    case = world.case("sent", **POST)
    release.give_to_post(world.issuing, case.number, key=key())
    client.force_login(world.post)
    for _ in range(2):
        assert "示例路 9 号" in client.get("/post/results/").content.decode()
    assert Reading.objects.filter(purpose=Purpose.POST, staff=world.post, case_number=case.number).count() == 1
    post.post(world.post, case.number, key=key(), waybill="1234567890123")
    html = client.get("/post/posted/").content.decode()
    assert case.number in html
    assert "示例路 9 号" not in html
    assert NAME not in html


def test_the_name_in_large_letters_is_whole_only_while_there_is_something_to_hand_over(
    client: Client, world: World
) -> None:
    from tests.clauses.walk import at_the_window
    from tongban.cases.actions.forms import hand_form
    from tongban.cases.models import IssuedForm

    case = at_the_window(client, world)
    assert case is not None
    assert case.applicant_name in client.get(f"/window/done/{case.number}/").content.decode()
    assert Reading.objects.filter(purpose=Purpose.HAND, case_number=case.number).exists()
    for sheet in IssuedForm.objects.filter(case=case):
        hand_form(world.window_clerk, case.number, key=key(), form_id=sheet.pk)
    assert case.applicant_name not in client.get(f"/window/done/{case.number}/").content.decode()


def test_a_refusal_says_what_is_missing(world: World, case: Case) -> None:
    with pytest.raises(Refused, match="用途"):
        unmasking.unmask(world.department, case.number, **form(purpose=""))  # type: ignore[arg-type]
