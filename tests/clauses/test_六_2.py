"""要求：符合身份证电子证照要求的电子档白底彩色寸照。"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.clauses.walk import at_the_window, page
from tests.world import World


def test_it_is_asked_as_a_file(client: Client, world: World) -> None:
    material = world.procedure.materials[1]
    assert (material.name, material.electronic, material.original) == ("寸照", True, False)
    client.force_login(world.window_clerk)
    url = client.post("/window/start/", {"version": world.version.pk}).headers["Location"]
    assert "选择、拖入或粘贴电子档" in page(client, world.window_clerk, url)


@pytest.mark.parametrize("error", ["非电子档", "不符合身份证电子证照的要求", "非白底彩色寸照"])
def test_each_common_error_asks_for_a_supplement(client: Client, world: World, error: str) -> None:
    case = at_the_window(client, world, defect_1=error)
    assert case is not None
    assert (case.state, case.defects[0]["defects"]) == ("supplementing", [error])


def test_a_page_that_calls_itself_a_photo_is_refused(client: Client, world: World) -> None:
    client.force_login(world.window_clerk)
    url = client.post("/window/start/", {"version": world.version.pk}).headers["Location"]
    file = SimpleUploadedFile("寸照.jpg", b"<html><body>photo</body></html>")
    answer = client.post(f"{url}files/1/", {"file": file})
    assert "寸照.jpg" in answer.content.decode()
    assert "error-text" in answer.content.decode()
