"""Taking turns at one counter: the draft stays, the first person's session ends, nobody is entered without proof."""

import pyotp
import pytest
from django.test import Client
from django.utils import timezone

from tests.world import World, key
from tongban.cases.models import Draft
from tongban.people import factor
from tongban.people.models import Duty, LoginTry, Role, Staff
from tongban.vault.models import Tally

pytestmark = pytest.mark.django_db
PASSWORD = "township-window-7"


@pytest.fixture
def other(world: World) -> Staff:
    """Somebody else of the same window."""
    staff = world.staff(Role.WINDOW, "样例·李")
    staff.set_password(PASSWORD)
    staff.save()
    return staff


@pytest.fixture
def page(world: World, client: Client) -> str:
    """The intake page of a draft of the first person, who is logged in."""
    draft = Draft.objects.create(
        staff=world.window_clerk, window=world.window, version=world.version,
        body={"fields": {"applicant_name": ["样例·张㛃"]}, "files": {}},
    )  # fmt: skip
    client.force_login(world.window_clerk)
    return f"/window/intake/{draft.pk}/"


def test_the_next_person_goes_on_with_the_draft(client: Client, world: World, other: Staff, page: str) -> None:
    html = client.get("/switch/", {"next": page}).content.decode()
    assert other.name in html
    before = client.session.session_key
    answer = client.post("/switch/", {"who": other.pk, "proof": PASSWORD, "next": page})
    assert answer.headers["Location"] == page
    assert "样例·张㛃" in client.get(page).content.decode()
    assert client.session["_auth_user_id"] == str(other.pk)
    assert client.session.session_key != before
    first = Client()
    first.cookies["sessionid"] = before or ""
    assert first.get(page).status_code == 302  # it is over everywhere


def test_wrong_proof_leaves_the_first_person_there_and_counts(
    client: Client, world: World, other: Staff, page: str
) -> None:
    codes = [client.post("/switch/", {"who": other.pk, "proof": "错", "next": page}).status_code for _ in range(6)]
    assert codes == [422] * 5 + [429]
    assert client.session["_auth_user_id"] == str(world.window_clerk.pk)
    assert client.post("/switch/", {"who": other.pk, "proof": PASSWORD}).status_code == 429
    Tally.objects.all().delete()
    assert client.post("/switch/", {"who": other.pk, "proof": PASSWORD}).status_code == 302


@pytest.mark.parametrize("role", [Role.WINDOW, Role.DEPARTMENT, Role.ADMINISTRATOR])
def test_only_who_works_at_this_counter_can_be_chosen(client: Client, world: World, page: str, role: str) -> None:
    from tests.desks.test_access import stranger

    elsewhere = stranger(world, role)
    elsewhere.set_password(PASSWORD)
    elsewhere.save()
    assert elsewhere.username not in client.get("/switch/").content.decode()
    assert client.post("/switch/", {"who": elsewhere.pk, "proof": PASSWORD}).status_code == 422
    assert LoginTry.objects.count() == 0


def test_a_code_alone_is_enough_where_the_duties_ask_for_no_more(
    client: Client, world: World, other: Staff, page: str
) -> None:
    Staff.objects.filter(pk=other.pk).update(demo=False)
    secret = factor.new_secret()
    code = lambda: pyotp.TOTP(secret).generate_otp(int(timezone.now().timestamp()) // 30)  # noqa: E731
    factor.set_up(other, key=key(), secret=secret, code=code())
    Staff.objects.filter(pk=other.pk).update(factor_step=0)
    Duty.objects.create(staff=other, role=Role.OVERSIGHT)
    assert client.post("/switch/", {"who": other.pk, "proof": code()}).status_code == 422  # both are needed
    other.duties.filter(role=Role.OVERSIGHT).delete()
    Tally.objects.all().delete()
    assert client.post("/switch/", {"who": other.pk, "proof": code(), "next": page}).headers["Location"] == page
    assert client.get(page).status_code == 200


def test_with_both_the_code_is_asked_next_and_then_the_draft(
    client: Client, world: World, other: Staff, page: str
) -> None:
    Staff.objects.filter(pk=other.pk).update(demo=False, factor_secret=factor.new_secret())
    Duty.objects.create(staff=other, role=Role.OVERSIGHT)
    client.post("/switch/", {"who": other.pk, "proof": PASSWORD, "next": page})
    assert client.get(page).headers["Location"] == f"/login/code/?next={page}"
