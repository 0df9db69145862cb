"""放假安排 on the administrator's desk: checked, shown, imported; progress until nothing is left; no case is shown."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.cases.test_recount import NOTICE_2027, accepted_on
from tests.rules.test_notices import NOTICE_2026
from tests.world import World, key
from tongban.cases import recount
from tongban.cases.models import HolidayNotice
from tongban.people.models import Change

pytestmark = pytest.mark.django_db


def upload(client: Client, body: object, name: str = "2027.json") -> tuple[int, str]:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    answer = client.post("/admin/calendar/", {"file": SimpleUploadedFile(name, data)})
    return answer.status_code, answer.content.decode()


def test_shown_then_imported_then_counted_again(client: Client, world: World) -> None:
    case = world.case("accepted")
    accepted_on(case, "11-23")
    client.force_login(world.administrator)
    status, page = upload(client, NOTICE_2027)
    assert status == 200
    assert "2027-02-18（暂定）" in page
    assert "1 个在办事项要变" in page
    assert case.number not in page
    assert not HolidayNotice.objects.exists()
    done = client.post("/admin/calendar/import/", {"key": key()}, follow=True).content.decode()
    assert "已导入" in done
    assert "还有 1 个事项" in done
    assert "还有 1 个事项" in client.get("/admin/calendar/progress/").content.decode()
    assert sum(recount.steps()) == 1
    assert "都是按现在的放假安排算的" in client.get("/admin/calendar/progress/").content.decode()
    row = HolidayNotice.objects.get()
    assert (row.by, row.by_name) == (world.administrator, world.administrator.name)
    assert "先选择文件" in client.post("/admin/calendar/import/", {"key": key()}, follow=True).content.decode()
    assert HolidayNotice.objects.count() == 1
    change = Change.objects.get(kind="calendar_imported")
    assert (change.by, change.after["title"]) == (world.administrator, NOTICE_2027["title"])


def test_a_correction_asks_for_its_reason(client: Client, world: World) -> None:
    client.force_login(world.administrator)
    off = [*NOTICE_2026["off"], {"name": "抗洪", "from": "2026-08-03", "to": "2026-08-04"}]
    _, page = upload(client, {**NOTICE_2026, "off": off}, "2026.json")
    assert "更正的理由" in page
    answer = client.post("/admin/calendar/import/", {"key": key(), "reason": ""})
    assert answer.status_code == 422
    assert "写明理由" in answer.content.decode()
    client.post("/admin/calendar/import/", {"key": key(), "reason": "全省停工两天"})
    assert HolidayNotice.objects.get().reason == "全省停工两天"


@pytest.mark.parametrize("body", [b"", b"{", b"\x00" * 300_000, b"PK\x03\x04"])
def test_bad_files_are_answered(client: Client, world: World, body: bytes) -> None:
    client.force_login(world.administrator)
    status, page = upload(client, body)
    assert status == 422
    assert 'role="alert"' in page
    assert client.post("/admin/calendar/").status_code == 422
