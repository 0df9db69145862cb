"""“一件事一次办”跨域通办窗口收件人员对照收件要求对申请材料进行形式审查。"""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.clauses.walk import FORM, in_force, page
from tests.world import World, jpeg, key
from tongban.cases.actions.door import Refused
from tongban.cases.actions.intake import take_in
from tongban.cases.models import Case


def test_the_review_is_the_windows_and_nobody_elses(world: World) -> None:
    for role in ("department", "post", "issuing", "archive", "oversight", "editor", "administrator"):
        with pytest.raises(Refused):
            take_in(world.people[role], world.application(), key=key())


def test_the_screen_answers_with_the_same_outcome_as_the_act(client: Client, world: World) -> None:
    client.force_login(world.window_clerk)
    url = client.post("/window/start/", {"version": world.version.pk}).headers["Location"]
    form = FORM | {"region": str(world.region.pk), "items": "002014010001", "state_0": "conforms", "state_1": "missing"}
    said = client.post(f"{url}check/", form).content.decode()
    assert "1 份材料需补正" in said
    client.post(f"{url}files/0/", {"file": SimpleUploadedFile("0.jpg", jpeg())})
    client.post(f"{url}submit/", form)
    assert Case.objects.get().outcome == "supplement"


def test_the_chapter_is_in_force_while_nothing_is_decided(client: Client, world: World) -> None:
    client.force_login(world.window_clerk)
    url = client.post("/window/start/", {"version": world.version.pk}).headers["Location"]
    assert in_force(page(client, world.window_clerk, url)) == {"八"}
