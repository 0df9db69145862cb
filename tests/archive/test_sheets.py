"""The cover of a closed case and the list of what it holds."""

import pytest
from django.test import Client

from tests.world import World, key
from tongban.archive import pack
from tongban.archive.models import ArchivePackage
from tongban.cases.events import verify_all

pytestmark = pytest.mark.django_db


def test_cover_and_list_are_issued_once_the_number_is_there_and_once_only(client: Client, world: World) -> None:
    case = world.case("archived")
    client.force_login(world.archive)
    url = f"/archive/cases/{case.number}/sheets/"
    client.post(url, {"key": key()})
    assert not case.forms.filter(kind__startswith="archive_").exists(), "no number yet"
    pack.pack()
    package = ArchivePackage.objects.get(case=case)
    for _ in range(2):
        client.post(url, {"key": key()})
    cover, listed = case.forms.filter(kind__startswith="archive_").order_by("id")
    assert (cover.data["archive_number"], cover.data["files"]) == (package.number, len(listed.data["rows"]))
    assert {row["digest"] for row in listed.data["rows"]} >= {
        file.digest for material in case.materials.all() for file in material.files.all()
    }
    assert cover.handed_at, "it goes into the file, not into a hand"
    assert [broken for _, broken in verify_all() if broken] == []
