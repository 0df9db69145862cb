"""No page of a desk reads a whole table of what only grows: every list asks an index. Asked of SQLite, whose plans are simplest."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.desks.test_access import GUARDED, OWNER, full, url
from tests.world import World
from tongban.people.models import Role

__all__ = ("full",)
pytestmark = [pytest.mark.django_db, pytest.mark.once]
GROWS = {
    "cases_case", "cases_caseitem", "cases_casematerial", "cases_materialfile", "cases_materialfinding", "cases_event",
    "cases_issuedform", "cases_party", "cases_reading", "custody_thing", "custody_handover", "custody_consignment",
    "sms_message", "ratings_rating", "archive_archivepackage", "checks_check", "exchange_push", "exchange_platformpush",
}  # fmt: skip
SHARED = {  # pages of no single desk
    "paper": (Role.WINDOW, Role.POST, Role.ISSUING),
    "cases": (Role.DEPARTMENT, Role.OVERSIGHT),
    "disposals": (Role.ARCHIVE,),
    "prints": (Role.WINDOW,),
}
REPORTS = {"errors", "oversight-rates"}  # count all there was since a day


def whole_tables(sql: str) -> list[str]:
    """The growing tables that ``sql`` reads from end to end."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        steps = [row[-1].split() for row in cursor.fetchall()]
    return [step[1] for step in steps if step[0] == "SCAN" and step[1] in GROWS and "INDEX" not in step]


def test_every_page_asks_an_index(client: Client, world: World, full: dict[str, str]) -> None:
    found, asked = set(), set()
    for name, path in GUARDED:
        desk = path.split("/")[0]
        for role in SHARED.get(desk) or [OWNER[desk]] if desk in SHARED or desk in OWNER else []:
            client.force_login(world.people["window_clerk" if role == Role.WINDOW else str(role)])
            with CaptureQueriesContext(connection) as captured:
                answer = client.get(url(path, full))
            if answer.streaming:
                list(answer)
            for sql in {query["sql"] for query in captured.captured_queries} - asked:
                asked.add(sql)
                if sql.startswith("SELECT") and name not in REPORTS:
                    found |= {(name, table, sql) for table in whole_tables(sql)}
    assert not found
    assert len(asked) > 300
