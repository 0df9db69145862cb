"""What ``make run`` stands on: every city of ``procedures/`` sets up with an account for each role, twice the same."""

from pathlib import Path

import pytest
from django.conf import settings

from tongban.people.demo import make
from tongban.people.load import city_folders, load
from tongban.people.models import Duty, Role, Staff

pytestmark = pytest.mark.django_db
CITIES = city_folders(settings.PROCEDURES)


def test_there_are_cities() -> None:
    assert len(CITIES) >= 2


@pytest.mark.parametrize("folder", CITIES, ids=lambda folder: folder.name)
def test_a_city_has_an_account_for_each_role_once(folder: Path) -> None:
    city = load(folder)
    first = [staff.username for staff in make(city.city)]
    assert len(first) == len(set(first))
    assert set(Duty.objects.values_list("role", flat=True)) == set(Role.values)
    assert [staff.username for staff in make(city.city)] == first
    assert Staff.objects.count() == len(first) == Duty.objects.count()
