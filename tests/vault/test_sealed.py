"""What lies in the database and in the file store says nothing about anybody to who has no key."""

import argparse
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidTag
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.core.exceptions import FieldError
from django.db import connection, models
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from tests.world import ADULT, World
from tongban.cases import readings
from tongban.cases.events import verify
from tongban.cases.models import Case, Draft, Reading
from tongban.checks.models import Check
from tongban.identity.masking import mask_name
from tongban.messages.models import Message
from tongban.messages.relay import relay
from tongban.messages.sending import send
from tongban.vault import command_keys, keys, rotation, store
from tongban.vault.cipher import SIZES, decrypt, encrypt
from tongban.vault.models import DataKey
from tongban.vault.sealed import Altered

ALGORITHMS = st.sampled_from(sorted(SIZES))


@pytest.fixture
def keys_of_this_test(db: None) -> Iterator[None]:
    """A key made in a test goes with its transaction."""
    yield
    keys.forget()


@given(ALGORITHMS, st.binary(max_size=300), st.binary(max_size=40), st.data())
def test_opens_as_it_was_and_only_so(algorithm: str, data: bytes, about: bytes, draw: st.DataObject) -> None:
    key = bytes(range(SIZES[algorithm]))
    closed = encrypt(algorithm, key, data, about)
    assert decrypt(algorithm, key, closed, about) == data
    at = draw.draw(st.integers(0, len(closed) - 1))
    other = closed[:at] + bytes([closed[at] ^ 1]) + closed[at + 1 :]
    for wrong, where, over in (
        (other, about, key),
        (closed, about + b"x", key),
        (closed, about, key[::-1]),
        (closed[:-1], about, key),
    ):
        with pytest.raises((InvalidTag, ValueError)):
            decrypt(algorithm, over, wrong, where)


def everything_stored() -> bytes:
    """Every value of every table as the database gives it, and every byte in the data folder but the keys'."""
    found = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found += [str(value).encode() for row in cursor.fetchall() for value in row]
    if connection.vendor == "sqlite":
        file = Path(str(connection.settings_dict["NAME"]))
        found += [path.read_bytes() for path in file.parent.glob(f"{file.name}*")]
    found += [path.read_bytes() for path in Path(settings.VAULT).rglob("*") if path.is_file()]
    return b"\0".join(found)


@pytest.mark.django_db(transaction=True)
def test_a_dump_names_nobody(world: World) -> None:
    case = world.case(until="archived")
    Draft.objects.create(
        staff=world.window_clerk, window=world.window, version=world.version,
        body={"fields": {"applicant_name": ["样例·陈草稿"], "applicant_phone": ["13811112222"]}},
    )  # fmt: skip
    session = SessionStore()
    session["said"] = "样例·陈会话"
    session.save()
    readings.note(world.department, case.number, "申请人：姓名", "other")
    Reading.objects.update(note="样例·陈说明")
    Check.objects.create(
        key="k", kind="idcard", digests=[], given={}, asked_at=timezone.now(), result={"name": case.applicant_name}
    )
    while relay() or send():  # what left, and to whom
        pass
    assert Message.objects.filter(state="sent").exists()
    case = Case.objects.get(number=case.number)
    people = {"样例·陈说明"} | {
        case.applicant_name,
        case.applicant_id_number,
        case.applicant_phone,
        case.applicant_address,
    }
    people |= {value for party in case.parties.all() for value in (party.name, party.id_number, party.phone)}
    people |= {"样例·陈草稿", "13811112222", "样例·陈会话", mask_name(case.applicant_name)}
    dump = everything_stored()
    assert case.number.encode() in dump, "这一查要能查到东西"
    for value in people - {""}:
        assert value.encode() not in dump
        assert value.encode("utf-16-le") not in dump
        assert value.encode("unicode_escape") not in dump
    assert b"%PDF" not in dump
    assert SessionStore(session.session_key)["said"] == "样例·陈会话"


# Long columns that are plain, of which none holds what somebody typed of an applicant: places, staff, procedures, codes, digests,
# what a receiver answered.
PLAIN = {
    "vault.DataKey": "wrapped",
    "people.City": "title templates registration archive ratings messages",
    "people.Region": "photo outside",
    "people.Hall": "address",
    "people.Unit": "items",
    "people.Window": "name address listed_as",
    "people.Staff": "password name single_sign_on",
    "people.Notice": "text",
    "people.Change": "by_name about",
    "checks.Check": "digests given",
    "cases.ProcedureVersion": "name body issuer legal_basis source",
    "cases.ProcedureDraft": "text source proposal",
    "cases.Case": "outcome_clauses",
    "cases.CaseItem": "name",
    "cases.Pause": "by_name",
    "cases.Opinion": "text",
    "cases.Event": "by_name clauses outgoing",
    "cases.CaseMaterial": "name",
    "cases.MaterialFinding": "error",
    "cases.HolidayNotice": "title body reason by_name",
    "cases.PrintBatch": "forms fault",
    "custody.Thing": "materials",
    "custody.Consignment": "orders",
    "custody.Missing": "what",
    "sms.Message": "error kind",
    "ratings.Rating": "reasons",
    "archive.Transfer": "damaged",
    "archive.DisposalEntry": "files",
    "archive.Ask": "what",
    "capture.Scan": "refused",
    "exchange.Client": "scopes receivers",
    "exchange.Webhook": "url why",
    "exchange.Push": "error",
    "exchange.Platform": "address mapping error",
    "exchange.PlatformPush": "error",
    "exchange.Letter": "headers",
}


def test_a_long_column_is_sealed_or_named_here() -> None:
    found: dict[str, str] = {}
    for model in apps.get_models():
        if model._meta.app_label in ("auth", "contenttypes", "sessions"):  # sessions are sealed as a whole
            continue
        long = [
            column.attname
            for column in model._meta.concrete_fields
            if not column.choices
            and type(column) in (models.JSONField, models.TextField, models.CharField)
            and (column.max_length or 100) >= 100
        ]
        if long:
            found[model._meta.label] = " ".join(long)
    assert found == PLAIN, "请用 Sealed 列，或说明它不会记下申请人的情况"


def test_a_sealed_column_cannot_be_searched(world: World) -> None:
    with pytest.raises(FieldError):
        Case.objects.filter(applicant_name="样例").first()


def test_a_value_put_into_another_column_or_altered_does_not_open(world: World) -> None:
    case = world.case()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_case SET applicant_address = applicant_name WHERE id = %s", [case.pk])
    with pytest.raises(Altered, match="applicant_address"):
        Case.objects.get(pk=case.pk)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_case SET applicant_address = '湖南' WHERE id = %s", [case.pk])
    with pytest.raises(Altered, match="不是加密"):
        Case.objects.get(pk=case.pk)


@pytest.fixture
def own_vault(settings: object, tmp_path: Path) -> Path:
    """A file store for this test alone."""
    settings.VAULT = tmp_path / "vault"  # type: ignore[attr-defined]
    return tmp_path / "vault"


def contents() -> dict[object, object]:
    """Every sealed value and every file, opened."""
    found: dict[object, object] = {digest: store.read(digest) for digest in store.digests()}
    for model, columns in rotation.sealed_columns():
        for pk, *values in model._default_manager.values_list("pk", *(column.attname for column in columns)):
            found[model, pk] = values
    return found


@pytest.mark.parametrize("cipher", sorted(SIZES))
def test_rotation_seals_everything_anew(
    own_vault: Path, world: World, keys_of_this_test: None, settings: object, cipher: str
) -> None:
    world.case(until="archived")
    before = contents()
    settings.CIPHER = cipher  # type: ignore[attr-defined]
    key = keys.make(keys.Purpose.SEAL)
    assert key.algorithm == cipher
    assert rotation.left() > 10
    rotated = sum(rotation.rows()) + sum(bool(done) for done in rotation.files())
    assert rotated == len([name for name in before if before[name] != [""]])  # what is empty is not sealed
    assert rotation.left() == 0
    assert not any(rotation.rows())
    assert not any(rotation.files())
    DataKey.objects.filter(purpose="seal").exclude(pk=key.serial).delete()  # nothing needs the old ones any more
    keys.forget()
    assert contents() == before


@pytest.mark.django_db(transaction=True)
def test_rotation_while_people_work(own_vault: Path, world: World) -> None:
    """Cases are taken in and acted on in another thread all the while; nothing is lost and nothing overwritten."""
    cases = [world.case() for _ in range(12)]
    stop = threading.Event()
    taken: list[Case] = []

    def work() -> None:
        try:
            while not stop.is_set() or len(taken) < 3:
                taken.append(world.case(until="accepted"))
        finally:
            connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    while len(taken) < 2:
        stop.wait(0.01)
    keys.make(keys.Purpose.SEAL)
    list(rotation.rows())
    list(rotation.files())
    stop.set()
    worker.join()
    list(rotation.rows())
    assert rotation.left() == 0
    for case in [*cases, *taken]:
        case.refresh_from_db()
        assert case.applicant_id_number == ADULT
        assert verify(case.events.all(), case) is None


def test_a_damaged_file_is_named_and_the_others_are_done(
    own_vault: Path, world: World, keys_of_this_test: None, capsys: pytest.CaptureFixture[str]
) -> None:
    world.case(until="archived")
    victim = next(own_vault.glob("??/??/*"))
    victim.write_bytes(victim.read_bytes()[:-1])
    assert command_keys.run(argparse.Namespace(resume=False, quiet=True)) == 1
    said = capsys.readouterr().out
    assert victim.name[:12] in said
    assert rotation.left() == 0


def test_another_master_key_is_said_and_makes_no_new_keys(keys_of_this_test: None, settings: object) -> None:
    count = DataKey.objects.count()
    settings.MASTER_KEY = "another"  # type: ignore[attr-defined]
    keys.forget()
    with pytest.raises(keys.NoKey, match="不要新建"):
        keys.newest(keys.Purpose.SEAL)
    keys.make_missing()
    assert DataKey.objects.count() == count
