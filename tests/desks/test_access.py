"""Every route of the program, found by walking the URL map, asked by everybody who has no business there."""

import inspect
import re
import uuid
from collections.abc import Iterator
from dataclasses import asdict
from types import CodeType
from typing import Any

import pytest
from django.apps import apps
from django.db import transaction
from django.http import FileResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from tests.world import ADULT, World, key
from tongban.capture import phone
from tongban.capture.models import Scan
from tongban.cases.models import Batch, Case, DecisionDocument, Draft, MaterialFile, PrintBatch
from tongban.cases.publish import start_draft
from tongban.messages.models import Message
from tongban.messages.relay import relay
from tongban.people.models import Region, Role, Staff, Unit, Window
from tongban.ratings.models import FollowUp, Rating
from tongban.rules.card import Card

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PUBLIC = {
    "public-home", "public-windows", "public-guide", "public-progress", "public-rating", "public-appeal", "public-rate",
    "public-tablet", "public-elder", "public-write", "public-bag", "public-check-ask", "public-check", "login", "logout", "sso", "sso-back",
    "demo", "demo-switch", "demo-phone",
    "sms-report",  # signed by the gateway
    "exchange-events", "exchange-file", "exchange-cases",  # signed by the platform (tests/exchange)
}  # fmt: skip
OWNER = {
    "window": Role.WINDOW, "department": Role.DEPARTMENT, "post": Role.POST, "issuing": Role.ISSUING,
    "archive": Role.ARCHIVE, "oversight": Role.OVERSIGHT, "admin": Role.ADMINISTRATOR, "editor": Role.EDITOR,
}  # fmt: skip

PUBLIC |= {"phone", "public-photo"}  # whoever has the token; anybody
PUBLIC |= {"api-docs", "api-description"}
API = "api/v1/"  # no log-in opens it; each of its routes with tokens: tests/exchange/test_api_access.py


def routes(patterns: list[URLPattern | URLResolver] | None = None, prefix: str = "") -> Iterator[tuple[str, str]]:
    """(name, path with converters) of every route there is."""
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        else:
            yield str(pattern.name), path


def everything() -> dict[str, list[Any]]:
    """Every row there is, but what looking, logging in, typing and knocking without a key leave."""
    rows: dict[str, list[Any]] = {}
    for model in apps.get_models():
        if model._meta.label in (
            "sessions.Session",
            "cases.Reading",
            "people.LoginTry",
            "vault.Tally",
            "cases.Draft",
            "exchange.Letter",
        ):
            continue
        columns = [c.attname for c in model._meta.concrete_fields if c.attname not in ("last_login", "prints")]
        rows[model._meta.label] = list(model._default_manager.order_by("pk").values_list(*columns))
    return rows


ROUTES = sorted(set(routes()))
GUARDED = [(name, path) for name, path in ROUTES if name not in PUBLIC and not path.startswith(API)]


@pytest.fixture
def full(world: World) -> dict[str, str]:
    """A case with a file, a form and a draft, and what stands for each converter of a path."""
    world.case("archived")
    case = world.case("sent")
    draft = Draft.objects.create(
        staff=world.window_clerk, window=world.window, version=world.version,
        body={
            "fields": {},
            "files": {"0": [{"id": "abc", "digest": "0" * 64, "size": 1, "filename": "a.jpg", "media_type": "x"}]},
        },
    )  # fmt: skip
    ticket = phone.issue(world.window_clerk, draft, 0)
    tokens = {"<uuid:ticket_id>": str(ticket.pk), "<str:token>": phone.token(ticket), "<int:scan_id>": "1"}
    file = MaterialFile.objects.filter(material__case=case)[0]
    there = things(world, case, draft, file.digest)
    text = start_draft(world.editor, uuid.uuid4(), "name: 套餐", "规程.docx", "0" * 64)
    return tokens | {
        "<str:number>": case.number, "<uuid:draft_id>": str(draft.pk), "<int:place>": "0", "<str:file_id>": "abc",
        "<int:file_id>": str(file.pk), "<int:form_id>": "1", "<int:list_id>": "1", "<int:document_id>": "1", "<int:question_id>": "1", "<int:opinion_id>": "1", "<int:ask_id>": "1", "<str:signature>": "abc", "<str:step>": "call", "<str:batch>": "NX-YJ-2026-0001", "<str:kind>": "intake_receipt",
        "<str:state>": "accepted", "<str:which>": "open", "<int:version_id>": str(world.version.pk),
        "<int:row>": "1", "<int:message_id>": "1", "<slug:platform>": "nobody", "<str:digest>": "0" * 64, "<int:letter_id>": "1",
        "<str:username>": "nobody", "<str:token>": "0" * 20, "<int:batch_id>": "1", "<int:staff_id>": str(world.department.pk), "<int:region_id>": str(world.region.pk),
        "<int:duty_id>": str(world.post.duties.get().pk), "<int:window_id>": str(world.window.pk),
        "<int:unit_id>": str(world.unit.pk), "<uuid:text_id>": str(text.pk),
        "<int:missing_id>": "1", "<int:consignment_id>": "1", "<int:thing_id>": "1", "<str:code>": "B00000000000", "<int:permit_id>": "1",
        "<int:client_id>": "1", "<int:token_id>": "1", "<number>": case.number,
        "<procedure_id>": str(world.version.pk), "<file_id>": str(file.pk), "<form_id>": "1", "<webhook_id>": "1", "<place>": "0",
        "<upload_id>": str(uuid.uuid4()),
    } | there  # fmt: skip


def things(world: World, case: Case, draft: Draft, digest: str) -> dict[str, str]:
    """What else stands for a converter: a sheet, a decision's document, a scan, a card, batches, a message that failed, a bad rating."""
    now, size = timezone.now(), 50_000
    world.receipt(case)
    kept = {"digest": digest, "size": size, "filename": "样例.jpg"}
    document = DecisionDocument.objects.create(item=case.items.get(), added_by=world.department, added_at=now, **kept)
    scan = Scan.objects.create(window=world.window, media_type="image/jpeg", came_at=now, **kept)
    draft.body["card"] = {"card": asdict(Card("样例·张㛃", ADULT, "", None)), "photo": digest}
    draft.save()
    PrintBatch.objects.create(pk=BATCH, staff=world.window_clerk, kind="intake_receipt", day=now.date(), key=key())
    Batch.objects.create(pk=BATCH, staff=world.department, kind=Batch.Kind.ACCEPT, key=key())
    Message.objects.filter(case=case).delete()
    relay()
    message = Message.objects.filter(case=case).latest("pk")
    Message.objects.filter(pk=message.pk).update(state=Message.State.FAILED)
    rating = Rating.objects.create(case=case, level=5, rated_at=now)
    FollowUp.objects.create(case=case, rating=rating, opened_at=now, due_on=now.date())
    return {
        "<int:form_id>": str(case.forms.latest("pk").pk), "<form_id>": str(case.forms.latest("pk").pk),
        "<int:document_id>": str(document.pk), "<int:scan_id>": str(scan.pk), "<int:batch_id>": str(BATCH),
        "<int:message_id>": str(message.pk),
    }  # fmt: skip


BATCH = 4711
# Of these nothing stands in ``full``: they are asked here only for what does not exist, and more in the tests of their rooms.
ABSENT = {
    "admin-client", "admin-platform", "archive-check", "archive-disposal", "archive-list", "archive-transfer",
    "archive-transfer-list", "case-form-sign", "case-form-signed", "case-permit", "issuing-list",
    "oversight-evidence", "paper-bag", "paper-sheet", "prints-pdf", "window-bound", "window-supply",
}  # fmt: skip
NOTHING = {
    "<str:number>": "NX-20260101-ZZZZZZZZ", "<uuid:draft_id>": str(uuid.UUID(int=1)), "<uuid:ticket_id>": str(uuid.UUID(int=1)),
    "<uuid:text_id>": str(uuid.UUID(int=1)),
}  # fmt: skip


def nothing_like(values: dict[str, str]) -> dict[str, str]:
    """Addresses of the same shape that lead to nothing."""
    return {
        name: NOTHING.get(name, "987654321" if name.startswith("<int:") else value) for name, value in values.items()
    }


def url(path: str, values: dict[str, str]) -> str:
    for converter, value in values.items():
        path = path.replace(converter, value)
    assert "<" not in path, f"请在 full 里为 {path} 写一个值"
    return "/" + path


def stranger(world: World, role: str) -> Staff:
    """The same role in another region."""
    region, _ = Region.objects.get_or_create(
        city=world.version.city, name="别县", defaults={"abbreviation": "BX", "short": "别"}
    )
    unit, _ = Unit.objects.get_or_create(region=region, name="别县承办局", defaults={"items": world.unit.items})
    window, _ = Window.objects.get_or_create(region=region, name="别县窗口", defaults={"township": "别镇"})
    scope = {"window": {"window": window}, "department": {"unit": unit}}.get(role, {"region": region})
    return world.staff(role, **scope)


def untold(answer: object, values: dict[str, str], where: str) -> None:
    """Refused, and nothing of the case is told (a search or a list of one's own may answer, empty)."""
    content = getattr(answer, "content", b"").decode(errors="replace")
    assert "样例·张㛃" not in content, where
    if values["<str:number>"] in content:
        assert getattr(answer, "status_code", 0) in (404, 405), where


def enter(client: Client, staff: Staff) -> None:
    """Log in as the account is now: a page may have logged it out everywhere."""
    client.force_login(Staff.objects.get(pk=staff.pk))


def test_nobody_gets_past_the_log_in(client: Client, full: dict[str, str]) -> None:
    for _, path in GUARDED:
        where = url(path, full)
        for answer in (client.get(where), client.post(where, {"key": key()})):
            assert answer.status_code in (302, 405), where
            if answer.status_code == 302:
                assert answer.headers["Location"].startswith("/login/"), where
            untold(answer, full, where)


@pytest.mark.parametrize("role", Role.values)
def test_the_same_role_elsewhere_sees_and_changes_nothing(
    client: Client, world: World, full: dict[str, str], role: str
) -> None:
    before = world.case_file()
    staff = stranger(world, role)
    for name, path in GUARDED:
        if role == Role.ADMINISTRATOR and path.startswith("admin/"):
            continue  # administers the whole instance
        enter(client, staff)
        shown, posted = client.get(url(path, full)), client.post(url(path, full), {"key": key(), "reason": "试"})
        if "<" in path and (name, role) not in EVERYWHERE:
            nothing = client.get(url(path, nothing_like(full)))
            assert (shown.status_code, told(shown)) == (nothing.status_code, told(nothing)), f"{role}: {path}"
        for answer in (shown, posted):
            untold(answer, full, f"{role}: {path}")
            if "<str:number>" in path or "<uuid:draft_id>" in path:
                assert answer.status_code in (404, 405), f"{role}: {path}: {answer.status_code}"
        assert world.case_file() == before, path


EVERYWHERE = {
    ("editor-version", "editor"),
    ("editor-draft", "editor"),
}  # versions and drafts are every editor's to read


def test_each_address_leads_to_something_for_somebody(client: Client, world: World, full: dict[str, str]) -> None:
    """So that a refusal is one, and not a thing that is not there."""
    empty = set()
    for name, path in GUARDED:
        seen = set()
        for staff in world.people.values():
            with transaction.atomic():  # a draft begun by one page is not the next one's
                enter(client, staff)
                answer = client.get(url(path, full))
                seen.add(answer.status_code)
                if isinstance(answer, FileResponse):
                    b"".join(answer)  # type: ignore[arg-type]
                transaction.set_rollback(True)
        if seen == {404}:
            empty.add(name)
    assert empty == ABSENT


def told(answer: Any) -> str:
    """A page without its tokens, which are new at each request, and without the address that was asked for."""
    if isinstance(answer, FileResponse):
        return b"".join(answer).hex()  # type: ignore[arg-type]
    text = answer.content.decode().replace(answer.request["PATH_INFO"], "/")
    return re.sub(r'(csrf-token" content|csrfmiddlewaretoken" value)="\w+"', "", text)


@pytest.mark.parametrize("role", Role.values)
def test_another_role_of_the_same_region_is_told_there_is_no_such_page(
    client: Client, world: World, full: dict[str, str], role: str
) -> None:
    before = everything()
    staff = world.people["window_clerk" if role == "window" else role]
    for _, path in GUARDED:
        if OWNER.get(path.split("/")[0], role) == role:
            continue
        enter(client, staff)
        nothing = told(client.get("/no/such/page/"))
        for answer in (client.get(url(path, full)), client.post(url(path, full), {"key": key()})):
            assert answer.status_code in (404, 405), f"{role}: {path}: {answer.status_code}"
            if answer.status_code == 404:
                assert told(answer) == nothing, f"{role}: {path}: 和不存在的页面不一样"
    assert everything() == before


def test_no_post_without_a_token(world: World, full: dict[str, str]) -> None:
    strict = Client(enforce_csrf_checks=True)
    before = everything()
    for staff in world.people.values():
        enter(strict, staff)
        for _, path in ROUTES:
            assert strict.post(url(path, full), {"key": key()}).status_code in REFUSED, path
    assert everything() == before


REFUSED = (401, 403, 404, 405, 415)


def test_no_log_in_opens_the_api(client: Client, world: World, full: dict[str, str]) -> None:
    paths = [path for _, path in ROUTES if path.startswith(API) and path not in (API, f"{API}openapi.json")]
    assert len(paths) > 20
    before = everything()
    for staff in (world.administrator, world.window_clerk):
        enter(client, staff)
        for path in paths:
            where = url(path, full)
            for answer in (client.get(where), client.post(where, "{}", "application/json"), client.delete(where)):
                assert answer.status_code in (401, 405), where
                untold(answer, {"<str:number>": full["<str:number>"]}, where)
    assert everything() == before


def test_looking_changes_nothing(client: Client, world: World, full: dict[str, str]) -> None:
    before = everything()
    for staff in world.people.values():
        for _, path in ROUTES:
            enter(client, staff)
            answer = client.get(url(path, full))
            assert answer.status_code < 500, path
            if isinstance(answer, FileResponse):
                b"".join(answer)  # type: ignore[arg-type] # read to its end, it closes what it holds
    assert everything() == before


def test_no_act_without_a_submission_key(client: Client, world: World, full: dict[str, str]) -> None:
    for name, path in GUARDED:
        before = everything()
        for staff in world.people.values():
            enter(client, staff)
            for wrong in ({}, {"key": ""}, {"key": "1"}, {"key": "a b" * 10}):
                assert client.post(url(path, full), wrong).status_code < 500, path
        if name not in KEYLESS:
            assert everything() == before, path


# What may be posted without a submission key, and why doing it twice is doing it once.
KEYLESS = {
    "window-start": "a draft is no act",
    "window-check": "saves the draft as it is typed",
    "window-submit": "the draft's own id is the key",
    "window-discard": "what is thrown away is gone",
    "window-file-add": "of a draft",
    "window-file-fix": "of a draft: cut again it is the same file",
    "window-card": "of a draft: read again it is the same card",
    "window-phone": "of a draft: a newer code ends the one before",
    "window-tray-put": "a scan leaves the tray once",
    "window-tray-away": "a scan leaves the tray once",
    "window-file-remove": "of a draft",
    "window-file-reuse": "of a draft",
    "window-licences": "of a draft: asks, keeps what was found with it",
    "window-licence-use": "of a draft: the same document is one file",
    "case-search": "looks, changes nothing",
    "window-seen": "of a draft",
    "window-arrivals-check": "of a draft",
    "issuing-answer": "asks the rule, changes nothing",
    "issuing-release": "shows again what was refused",
    "issuing-card": "shows what the reader read, keeps nothing",
    "paper-camera": "looks at a picture, keeps nothing",
    "issuing-tablet": "makes a signed address, keeps nothing",
    "step-codes": "shows them",
    "paper-missing": "a list, of the place that was chosen",
    "account": "a password is what it is set to",
    "account-end-sessions": "ended is ended",
    "notices-seen": "seen is seen",
    "counter": "logs in",
    "step-code": "each code is taken once",
    "step-password": "a password is what it is set to",
    "oversight-verify": "changes nothing",
    "admin-import": "shows what an import would do",
    "admin-platform-rehearse": "shows what an answer would do",
    "editor-draft": "shows the draft",
}


def functions(view: Any) -> Iterator[Any]:
    """The functions of the desks that a view runs through, itself first."""
    waiting, seen = [inspect.unwrap(view)], set()
    while waiting:
        function = waiting.pop()
        if function in seen or not getattr(function, "__module__", "").startswith("tongban.desks"):
            continue
        seen.add(function)
        yield function
        codes = [function.__code__]
        while codes:
            code = codes.pop()
            codes += [const for const in code.co_consts if isinstance(const, CodeType)]
            found = (function.__globals__.get(name) for name in code.co_names)
            waiting += [inspect.unwrap(one) for one in found if inspect.isfunction(one)]


def views(patterns: list[URLPattern | URLResolver] | None = None) -> Iterator[tuple[str, Any]]:
    for pattern in patterns if patterns is not None else get_resolver().url_patterns:
        if isinstance(pattern, URLResolver):
            yield from views(pattern.url_patterns)
        else:
            yield str(pattern.name), pattern.callback


def test_whatever_takes_a_post_asks_for_a_submission_key() -> None:
    """Read from the source of each route's view, and of what it calls: a new route joins by itself."""
    names = {name: {function.__name__ for function in functions(view)} for name, view in views() if name not in PUBLIC}
    source = {
        name: "".join(inspect.getsource(function) for function in functions(view))
        for name, view in views()
        if name not in PUBLIC
    }
    posted = {name for name, text in source.items() if "request.POST" in text or "@require_POST" in text}
    assert {name for name in posted if "key_of" not in names[name]} == set(KEYLESS) & posted, "请用 key_of，或写明理由"
    assert len(posted) > 50


def test_a_duty_that_ended_or_has_not_begun_opens_nothing(client: Client, world: World, full: dict[str, str]) -> None:
    from datetime import timedelta

    from django.utils import timezone

    now = timezone.now()
    for ends, starts in ((now - timedelta(minutes=1), now - timedelta(days=9)), (None, now + timedelta(days=1))):
        staff = world.staff("issuing")
        staff.duties.update(starts_at=starts, ends_at=ends)
        client.force_login(Staff.objects.get(pk=staff.pk))
        assert client.get(f"/cases/{full['<str:number>']}/").status_code == 404
        assert client.get("/issuing/").status_code == 404
