"""Text that somebody typed stays text: every form of every page is filled with marked text, every column of text in the
database is marked, and then every page is shown. Both lists are walked, so a new page, form or column joins by itself.
"""

import io
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import models, transaction
from django.test import Client
from lxml import html as parsed
from openpyxl import load_workbook

from tests.desks.test_access import OWNER, ROUTES, enter, full, url  # noqa: F401
from tests.world import World, jpeg, key
from tongban.capture.drafts import entry
from tongban.cases.models import Draft
from tongban.messages.relay import relay
from tongban.people.models import Role, Staff
from tongban.ratings.acts import rate
from tongban.vault import store
from tongban.vault.sealed import SealedJSON

pytestmark = [pytest.mark.django_db, pytest.mark.once]
MARK = "=\"' onxss=1><xss>{{xss}}"
NOT_TEXT = re.compile(
    # what a program reads: keys, digests, codes, kinds, states, types, sizes, places of rules
    r".*(digest|key|head|code|kind|category|retention|media_type|hash|nonce|token|serial|number|waybill|area|algorithm|level)$"
    r"|(password|sessions_salt|factor_secret|single_sign_on|username|light_cause|clauses|outcome_clauses|clause|ground|said|merged_into"
    r"|outgoing|items|orders|prices|photo|templates|ratings|archive|messages|registration|mapping|abbreviation|secret|wrapped|previous"
    r"|mark|sm3|fonds|key|module|result|digests|given|body|forms|files|where|role|source|box|shelf|codename|app_label|model|session_data"
    r"|tolerance_until|email|to)"
)
READ_ANYHOW = {"said": "cases.MaterialFinding", "text": "", "source": "cases.ProcedureVersion"}
ENDS = {"logout", "account-end-sessions", "demo-switch"}


def marked(value: Any) -> Any:
    """A value with every text in it that a person may have typed replaced."""
    if isinstance(value, dict):
        return {name: one if NOT_TEXT.fullmatch(name) else marked(one) for name, one in value.items()}
    if isinstance(value, list):
        return [marked(one) for one in value]
    return MARK if isinstance(value, str) and value else value


def mark_columns() -> int:
    """Write the mark into every column of free text of every row; returns how many columns were marked."""
    done = 0
    for model in apps.get_models():
        if model._meta.app_label in ("auth", "contenttypes", "sessions", "vault"):
            continue
        for field in model._meta.concrete_fields:
            texts = isinstance(field, models.CharField | models.TextField)
            sealed = isinstance(field, SealedJSON)
            if not (texts or sealed) or field.choices or field.primary_key or (field.max_length or 99) < len(MARK):
                continue
            if NOT_TEXT.fullmatch(field.name) and READ_ANYHOW.get(field.name) != model._meta.label:
                continue
            for row in model._default_manager.all():
                value = getattr(row, field.attname)
                with transaction.atomic():
                    model._default_manager.filter(pk=row.pk).update(
                        **{field.attname: marked(value) if sealed else MARK}
                    )
            done += model._default_manager.exists()
    return done


class Attributes(HTMLParser):
    """Names of the attributes and elements of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {tag, *(name for name, _ in attrs)}


def harmless(answer: Any, where: str) -> bool:
    """Fail when the mark stands in the page as anything but text; whether it stands there at all."""
    assert answer.status_code < 500, where
    content = getattr(answer, "read", None) if answer.streaming else answer.content
    content = b"".join(answer) if content is None else content
    if "spreadsheet" in answer.headers.get("Content-Type", ""):
        cells = [c for sheet in load_workbook(io.BytesIO(content)) for row in sheet.iter_rows() for c in row]
        assert not [cell.coordinate for cell in cells if cell.data_type == "f"], where
        return any("onxss" in str(cell.value) for cell in cells)
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        assert b"<xss" not in content or answer.headers["X-Content-Type-Options"] == "nosniff", where
        return False
    text = content.decode()
    if "xss" not in text:
        return False
    assert "<xss" not in text, where
    seen = Attributes()
    seen.feed(text)
    assert not {name for name in seen.names if "xss" in name}, where
    return "&lt;xss&gt;" in text


def people(world: World, path: str) -> list[Staff]:
    """Who a page belongs to; of pages of no desk, who sees the most."""
    role = OWNER.get(path.split("/")[0])
    wanted = [role] if role else [Role.WINDOW, Role.DEPARTMENT, Role.OVERSIGHT]
    return [world.people["window_clerk" if one == Role.WINDOW else one] for one in wanted]


@pytest.fixture
def stages(world: World, full: dict[str, str]) -> dict[str, str]:  # noqa: F811
    """Something on every list."""
    for until in ("accepted", "decided"):
        world.case(until)
    rate(world.case("handed").number, "0000", key=key(), level=5, comment="慢")
    post = {"delivery": "post", "delivery_name": "样例", "delivery_phone": "13800000000", "delivery_address": "示例路"}
    world.case("sent", **post)
    world.receipt(world.case("sent"))
    relay()
    draft = Draft.objects.get()
    draft.body["files"] = {"0": [entry(store.store(jpeg(2000)), f"{MARK}.jpg", "file") | {"id": "abc"}]}
    draft.save()
    return full


def pages(client: Client, world: World, values: dict[str, str]) -> Iterator[tuple[str, str, Staff, Any]]:
    """Route, address, person and answer of every page."""
    for name, path in ROUTES:
        if name in ENDS:
            continue
        for staff in people(world, path):
            enter(client, staff)
            where = url(path, values)
            answer = client.get(where)
            if answer.streaming:
                answer.read = b"".join(answer)  # type: ignore[arg-type, attr-defined] # at its end it closes what it holds
            if answer.status_code not in (404, 405):
                yield name, where, staff, answer


def test_every_column_of_text_is_shown_as_text(client: Client, world: World, stages: dict[str, str]) -> None:
    assert mark_columns() > 38
    client.raise_request_exception = False
    told = {where for _, where, staff, answer in pages(client, world, stages) if harmless(answer, f"{staff} {where}")}
    assert len(told) > 40, sorted(told)


TEXTS = {"text", "search", "tel", "email", "password", "number", "date", "url", None}


def filled(form: Any, only: str | None) -> dict[str, Any]:
    """What a browser would send of ``form``, its fields of text marked: all, or ``only`` one and the rest as it stands."""
    sent: dict[str, Any] = {}
    for field in form.iter("input", "textarea", "select", "button"):
        name, kind = field.get("name"), field.get("type") if field.tag == "input" else field.tag
        if not name or kind == "submit":
            continue
        if kind == "hidden":
            sent[name] = key() if name == "key" else field.get("value", "")
        elif kind == "file":
            sent[name] = SimpleUploadedFile(f"{MARK}.jpg", jpeg(2000))
        elif kind in ("radio", "checkbox"):
            if field.get("checked") is not None or name not in sent:
                sent[name] = field.get("value", "on")
        elif kind == "select":
            options = [one.get("value", one.text) for one in field.iter("option")]
            sent[name] = next((one for one in options if one), "")
        elif kind == "button":
            sent.setdefault(name, field.get("value", ""))
        else:
            sent[name] = MARK if only in (None, name) else (field.get("value") or field.text or GOOD.get(name, "示例"))
    return sent


GOOD = {
    "applicant_id_number": "11010519491231002X", "applicant_phone": "13800000000", "collector_card": "11010519491231002X",
    "phone": "13800000000", "day": "2026-12-01", "until": "2027-01-05", "ends_at": "2027-01-05", "username": "zhang-san",
}  # fmt: skip


def texts_of(form: Any) -> list[str]:
    return [
        field.get("name")
        for field in form.iter("input", "textarea")
        if field.get("name") and (field.tag == "textarea" or field.get("type") in TEXTS)
    ]


def test_whatever_is_typed_into_any_form_is_shown_as_text(client: Client, world: World, stages: dict[str, str]) -> None:
    client.raise_request_exception = False
    forms: dict[tuple[str, ...], tuple[str, Staff, Any]] = {}
    for _, where, staff, answer in pages(client, world, stages):
        if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html") or not answer.content:
            continue
        for form in parsed.fromstring(answer.content.decode()).iter("form"):
            target = form.get("action") or where
            forms.setdefault((re.sub(r"\d+", "0", target), *texts_of(form)), (target, staff, form))
    tried = 0
    for (_, *names), (target, staff, form) in forms.items():
        for only in (None, *names):
            enter(client, staff)
            sent = filled(form, only)
            answer = (client.get if form.get("method", "get").lower() == "get" else client.post)(target, sent)
            harmless(answer, f"{target} {only}")
            tried += only is not None
    assert tried > 60
    kept = {where for _, where, staff, answer in pages(client, world, stages) if harmless(answer, f"{staff} {where}")}
    assert len(kept) > 5, sorted(kept)
