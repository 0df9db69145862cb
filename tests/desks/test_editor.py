"""A procedure from the document to a published version: read, set right, compared, published once, never changed."""

import uuid
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from tests.world import World, key
from tongban.cases.models import ProcedureDraft, ProcedureVersion
from tongban.cases.publish import in_force, save_draft
from tongban.people.models import City, Duty, Notice, Staff
from tongban.procedure import yaml

pytestmark = pytest.mark.django_db
DOCUMENT = Path(__file__).parents[1] / "procedure" / "fixtures" / "official.doc"
ABOUT = {"issuer": "示例市政务服务局", "legal_basis": "示例办〔2026〕1 号"}


@pytest.fixture
def editor(client: Client, world: World) -> Client:
    client.force_login(world.editor)
    return client


def text_of(world: World) -> str:
    return yaml.dump(world.procedure)


def start(client: Client, text: str, name: str = "规程.yaml") -> ProcedureDraft:
    answer = client.post("/editor/upload/", {"key": key(), "file": SimpleUploadedFile(name, text.encode())})
    assert answer.headers["Location"].startswith("/editor/drafts/"), answer.headers["Location"]
    return ProcedureDraft.objects.get(pk=answer.headers["Location"].split("/")[3])


def publish(client: Client, draft: ProcedureDraft, **changes: Any) -> Any:
    given = {"key": key(), "effective": str(timezone.localdate()), "accept": "1"} | ABOUT
    return client.post(f"/editor/drafts/{draft.pk}/publish/", given | changes)


def test_an_old_word_document_is_read_with_what_is_odd_beside_the_text(editor: Client) -> None:
    upload = SimpleUploadedFile("附件6.doc", DOCUMENT.read_bytes())
    answer = editor.post("/editor/upload/", {"key": key(), "file": upload}, follow=True)
    html = answer.content.decode()
    assert "需要留意" in html
    assert 'class="clause now"' in html
    assert ProcedureDraft.objects.get().source == "附件6.doc"
    assert len(ProcedureDraft.objects.get().source_digest) == 64


@pytest.mark.parametrize(
    ("name", "data"), [("a.docx", b"PK\x03\x04 no"), ("a.doc", b""), ("a.yaml", b"- 1"), ("a.exe", b"MZ")]
)
def test_what_is_no_procedure_is_said_so(editor: Client, name: str, data: bytes) -> None:
    answer = editor.post("/editor/upload/", {"key": key(), "file": SimpleUploadedFile(name, data)}, follow=True)
    assert 'class="error"' in answer.content.decode()
    assert not ProcedureDraft.objects.exists()


def test_edited_compared_and_published_it_is_in_force_from_its_day(editor: Client, world: World) -> None:
    draft = start(editor, text_of(world))
    name = world.procedure.materials[0].name
    changed = draft.text.replace(name, f"{name}（新）")
    editor.post(f"/editor/drafts/{draft.pk}/save/", {"key": key(), "text": changed, "saves": 0})
    html = editor.get(f"/editor/drafts/{draft.pk}/").content.decode()
    assert f"{name}（新）" in html
    assert "比现行的第 1 版" in html
    later = timezone.localdate() + timedelta(days=30)
    answer = publish(editor, draft, effective=str(later))
    made = ProcedureVersion.objects.get(version=2)
    assert answer.headers["Location"] == f"/editor/versions/{made.pk}/"
    assert (made.effective, made.issuer, made.published_by) == (later, ABOUT["issuer"], world.editor)
    assert (made.source, made.legal_basis) == ("规程.yaml", ABOUT["legal_basis"])
    assert [v.version for v in in_force(world.version.city, timezone.localdate())] == [1]
    assert [v.version for v in in_force(world.version.city, later)] == [2]
    assert not ProcedureDraft.objects.exists()
    page = editor.get(f"/editor/versions/{made.pk}/").content.decode()
    assert f"{name}（新）" in page
    assert ABOUT["issuer"] in page


@pytest.mark.parametrize(
    "lacks", [{"issuer": ""}, {"legal_basis": " "}, {"effective": ""}, {"effective": "2020-01-01"}, {"key": ""}]
)
def test_what_must_be_known_at_publication_is_asked_for(editor: Client, world: World, lacks: dict[str, str]) -> None:
    draft = start(editor, text_of(world).replace(world.procedure.materials[0].name, "新材料"))
    answer = publish(editor, draft, **lacks)
    assert answer.status_code == 422
    assert ProcedureVersion.objects.count() == 1
    assert ProcedureDraft.objects.filter(pk=draft.pk).exists()


def test_errors_of_the_text_must_be_confirmed(editor: Client, world: World) -> None:
    text = text_of(world).replace(world.procedure.materials[0].name, "新材料")
    body = yaml.load(text)
    from tongban.procedure.model import Anomaly

    bad = body.model_copy(update={"anomalies": (Anomaly(code="x", severity="error", message="样例错误。"),)})
    draft = start(editor, yaml.dump(bad))
    answer = publish(editor, draft, accept="")
    assert "样例错误" in answer.content.decode()
    assert ProcedureVersion.objects.count() == 1
    assert publish(editor, draft).status_code == 302


def test_published_twice_it_is_one_version(editor: Client, world: World) -> None:
    draft = start(editor, text_of(world).replace(world.procedure.materials[0].name, "新材料"))
    assert publish(editor, draft).status_code == 302
    assert publish(editor, draft).status_code == 404
    same = start(editor, yaml.dump(ProcedureVersion.objects.get(version=2).procedure))
    answer = publish(editor, same, effective=str(timezone.localdate() + timedelta(days=1)))
    assert "完全一样" in answer.content.decode()
    assert ProcedureVersion.objects.count() == 2


def test_a_yaml_that_is_wrong_is_kept_and_said_so(editor: Client, world: World) -> None:
    draft = start(editor, text_of(world))
    editor.post(f"/editor/drafts/{draft.pk}/save/", {"key": key(), "text": "name: [", "saves": 0})
    html = editor.get(f"/editor/drafts/{draft.pk}/").content.decode()
    assert "YAML 有误" in html
    assert "name: [" in html
    assert publish(editor, draft).status_code == 422


def test_two_editors_do_not_overwrite_each_other(editor: Client, world: World) -> None:
    draft = start(editor, text_of(world))
    other = world.staff("editor", "样例·另")
    save_draft(other, draft.pk, "name: 别人的", 0)
    answer = editor.post(f"/editor/drafts/{draft.pk}/save/", {"key": key(), "text": "name: 我的", "saves": 0})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "样例·另" in html
    assert "name: 我的" in html  # what was typed is still there
    assert ProcedureDraft.objects.get(pk=draft.pk).text == "name: 别人的"


def test_a_new_version_begins_as_the_old_one(editor: Client, world: World) -> None:
    sent = key()
    for _ in range(2):
        answer = editor.post(f"/editor/versions/{world.version.pk}/edit/", {"key": sent})
        assert answer.headers["Location"] == f"/editor/drafts/{uuid.UUID(sent)}/"
    assert ProcedureDraft.objects.count() == 1
    assert "对办事人没有变化" in editor.get(answer.headers["Location"]).content.decode()
    editor.post(f"/editor/drafts/{uuid.UUID(sent)}/discard/", {"key": key()})
    assert not ProcedureDraft.objects.exists()


def test_a_published_version_never_changes(editor: Client, world: World) -> None:
    before = ProcedureVersion.objects.values().get(pk=world.version.pk)
    draft = start(editor, text_of(world).replace(world.procedure.materials[0].name, "新材料"))
    publish(editor, draft)
    assert ProcedureVersion.objects.values().get(pk=world.version.pk) == before
    assert before["effective"] == date(2026, 1, 1)


@pytest.fixture
def second(world: World) -> Client:
    """Another editor, at another browser."""
    client = Client()
    client.force_login(world.staff("editor", name="样例·二", region=None))
    return client


def test_with_two_editors_one_puts_forward_and_the_other_confirms(editor: Client, second: Client, world: World) -> None:
    draft = start(editor, text_of(world).replace(world.procedure.materials[0].name, "新材料"))
    assert "已经提请发布" in publish(editor, draft).client.get(f"/editor/drafts/{draft.pk}/").content.decode()
    assert ProcedureVersion.objects.count() == 1
    other = Staff.objects.get(name="样例·二")
    assert "请到规程管理核对后确认" in Notice.objects.get(staff=other).text
    confirm = {"key": key(), "saves": 0}
    assert "不能确认自己" in editor.post(f"/editor/drafts/{draft.pk}/confirm/", confirm).content.decode()
    assert "确认发布" in second.get(f"/editor/drafts/{draft.pk}/").content.decode()
    made_at = second.post(f"/editor/drafts/{draft.pk}/confirm/", confirm).headers["Location"]
    made = ProcedureVersion.objects.get(version=2)
    assert (made.published_by, made.confirmed_by, made.issuer) == (world.editor, other, ABOUT["issuer"])
    assert "样例·二确认" in second.get(made_at).content.decode()
    assert not ProcedureDraft.objects.exists()


def test_what_was_saved_since_is_not_what_was_put_forward(editor: Client, second: Client, world: World) -> None:
    draft = start(editor, text_of(world).replace(world.procedure.materials[0].name, "新材料"))
    publish(editor, draft)
    editor.post(f"/editor/drafts/{draft.pk}/save/", {"key": key(), "text": draft.text + "\n", "saves": 0})
    for saves in (0, 1, "x"):
        answer = second.post(f"/editor/drafts/{draft.pk}/confirm/", {"key": key(), "saves": saves})
        assert "已经作废" in answer.content.decode()
    assert ProcedureVersion.objects.count() == 1


def test_what_cannot_be_published_is_not_put_forward(editor: Client, second: Client, world: World) -> None:
    draft = start(editor, text_of(world).replace(world.procedure.materials[0].name, "新材料"))
    assert publish(editor, draft, issuer="").status_code == 422
    draft.refresh_from_db()
    assert draft.proposed_by is None


def test_one_editor_alone_publishes_and_administrators_are_told(editor: Client, world: World) -> None:
    draft = start(editor, text_of(world).replace(world.procedure.materials[0].name, "新材料"))
    assert "没有第二个人核对" in editor.get(f"/editor/drafts/{draft.pk}/").content.decode()
    page = editor.get(publish(editor, draft).headers["Location"]).content.decode()
    assert "没有第二个人确认" in page
    assert "一个人发布了" in Notice.objects.get(staff=world.administrator).text


def test_an_editor_who_left_confirms_nothing(editor: Client, second: Client, world: World) -> None:
    Duty.objects.filter(staff__name="样例·二").update(ends_at=timezone.now())
    draft = start(editor, text_of(world).replace(world.procedure.materials[0].name, "新材料"))
    assert publish(editor, draft).headers["Location"].startswith("/editor/versions/")
    assert second.post(f"/editor/drafts/{draft.pk}/confirm/", {"key": key(), "saves": 0}).status_code == 404


def of_city(staff: Staff, name: str) -> None:
    city, _ = City.objects.get_or_create(name=name, defaults={"title": name})
    Duty.objects.filter(staff=staff).update(city=city)


def test_an_editor_of_another_city_is_no_second_person(editor: Client, second: Client, world: World) -> None:
    other = Staff.objects.get(name="样例·二")
    of_city(other, "别市")
    draft = start(editor, text_of(world).replace("跨域", "全域"))
    publish(editor, draft)  # nobody else covers this city: published alone, and said so
    assert ProcedureVersion.objects.latest("pk").confirmed_by is None
    assert not Notice.objects.filter(staff=other).exists()
    of_city(world.editor, world.version.city)
    third = world.staff("editor", "样例·三")
    of_city(third, world.version.city)
    draft = start(editor, text_of(world).replace("跨域", "异地"))
    publish(editor, draft)
    assert list(Notice.objects.filter(text__contains="提请发布").values_list("staff", flat=True)) == [third.pk]
    page = f"/editor/drafts/{draft.pk}/"
    assert "由负责它的规程管理人员确认" in second.get(page).content.decode()
    for act in ("confirm", "save"):
        answer = second.post(f"{page}{act}/", {"key": key(), "saves": 0, "text": "name: 别的"})
        assert "不负责" in answer.content.decode(), act
    assert "不负责" in publish(second, draft).content.decode()
    second.post(f"{page}discard/", {"key": key()})
    draft.refresh_from_db()
    assert draft.proposed_by == world.editor
    client = Client()
    client.force_login(third)
    made = client.post(f"{page}confirm/", {"key": key(), "saves": 0})
    assert made.headers["Location"].startswith("/editor/versions/")
    assert ProcedureVersion.objects.latest("pk").confirmed_by == third


def test_an_administrator_gives_an_editor_a_city(client: Client, world: World) -> None:
    city = City.objects.create(name=world.version.city, title="示例")
    person = world.staff("archive", "样例·编")
    client.force_login(world.administrator)
    client.post(f"/admin/accounts/{person.pk}/duties/", {"key": key(), "role": "editor", "city": city.pk})
    assert person.duties.get(role="editor").city == city
    assert city.name in client.get(f"/admin/accounts/{person.pk}/").content.decode()
