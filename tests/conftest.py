"""Fixtures that more than one room uses."""

import pytest
from django.conf import settings

from tests.world import World, build
from tongban.cases import calendars
from tongban.cases.due import unpaused
from tongban.cases.models.version import procedure_of


@pytest.fixture
def world(db: None) -> World:
    """One region with its people, the official procedure published."""
    return build()


@pytest.fixture(autouse=True)
def versions_of_this_test() -> None:
    """Rows of versions and notices never change while a program runs; between tests the same key is another row."""
    procedure_of.cache_clear()
    calendars.forget()
    unpaused.cache_clear()


@pytest.fixture(scope="session", autouse=True)
def static_files() -> None:
    """Static files under their own names: the test server finds them where they lie."""
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
