"""Several administrators and several codes at once, for real: the last administrator stays, a code opens once."""

import pyotp
import pytest
from django.utils import timezone

from tests.cases.test_races import together
from tests.world import World, build, key
from tongban.people import accounts, factor, record
from tongban.people.models import Change, Duty, Role, Staff
from tongban.people.refused import Refused

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world() -> World:
    return build()


def test_administrators_who_take_away_each_other_leave_one(world: World) -> None:
    people = [world.administrator, *(world.staff(Role.ADMINISTRATOR) for _ in range(3))]
    duties = [staff.duties.get().pk for staff in people]
    answers = together(
        [
            lambda by=people[n], duty=duties[(n + 1) % 4]: accounts.end_duty(by, key=key(), duty_id=duty)  # type: ignore[misc]
            for n in range(4)
        ]
    )
    assert all(answer is None or isinstance(answer, Refused) for answer in answers), answers
    left = Duty.objects.filter(accounts.in_force(timezone.now()), role=Role.ADMINISTRATOR)
    assert left.count() >= 1
    assert left.count() == 4 - answers.count(None)
    assert list(record.verify()) == []


def test_the_same_submission_eight_times_is_one_account_and_one_entry(world: World) -> None:
    sent = key()
    answers = together(
        [
            lambda: accounts.create_account(world.administrator, key=sent, username="once", name="样例·一次")
            for _ in range(8)
        ]
    )
    assert sum(isinstance(answer, str) for answer in answers) == 1
    assert sum(isinstance(answer, record.DoneBefore) for answer in answers) == 7, answers
    assert Staff.objects.filter(username="once").count() == Change.objects.filter(kind="account_created").count() == 1


def test_a_code_sent_eight_times_at_once_opens_once(world: World) -> None:
    secret = factor.new_secret()
    code = pyotp.TOTP(secret).generate_otp(int(timezone.now().timestamp()) // 30)
    codes = factor.set_up(world.post, key=key(), secret=secret, code=code)
    Staff.objects.filter(pk=world.post.pk).update(factor_step=0)
    staff = Staff.objects.get(pk=world.post.pk)
    for typed in (code, codes[0]):
        answers = together([lambda typed=typed: factor.check(staff, typed, timezone.now()) for _ in range(8)])  # type: ignore[misc]
        assert answers.count(True) == 1, answers
