"""What a release leaves behind, kept for the upgrade test: ``python -m tests.upgrade.keep VERSION`` with that release's code.

Every row of every table as the database holds it, sealed as it is, and every stored file, in one zip; nobody in it is real.
"""

import json
import os
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

MASTER_KEY = "a master key for the upgrade test alone"


def keep(version: str) -> Path:
    """Make cases of every kind with this code and keep them. Returns the file."""
    os.environ["TONGBAN_DATA"] = tempfile.mkdtemp(prefix="tongban-keep-")
    os.environ["TONGBAN_MASTER_KEY"] = MASTER_KEY
    from tongban.ready import django_ready

    django_ready()
    from django.conf import settings
    from django.core.management import call_command
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder

    call_command("migrate", verbosity=0)
    make()
    tables: dict[str, Any] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("django_", "auth_")):
                continue
            cursor.execute(f'SELECT * FROM "{table}"')
            tables[table] = {
                "columns": [c[0] for c in cursor.description],
                "rows": [list(r) for r in cursor.fetchall()],
            }
    applied = sorted(MigrationRecorder(connection).applied_migrations())
    file = Path(__file__).parent / f"{version}.zip"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as out:
        out.writestr(
            "data.json", json.dumps({"migrations": applied, "tables": tables}, ensure_ascii=False, default=str)
        )
        for stored in sorted(Path(settings.VAULT).glob("??/??/*")):
            out.writestr(f"vault/{stored.parent.parent.name}/{stored.parent.name}/{stored.name}", stored.read_bytes())
    return file


def make() -> None:
    """Cases of every state that the fixture of tests knows, with forms, a pause and a refused release."""
    from tests import world as worlds
    from tests.world import build, key
    from tongban.cases import sheets
    from tongban.cases.actions import department
    from tongban.cases.actions.forms import issue_form
    from tongban.messages.relay import relay
    from tongban.messages.sending import send
    from tongban.rules.review import MaterialState

    whole = worlds.jpeg
    worlds.jpeg = lambda size=0, seed=0: whole(600, seed)  # small files: the kept zip stays small
    world = build()
    for until in ("taken_in", "accepted", "decided", "sent", "handed", "passed", "archived"):
        world.case(until=until)
    world.case(materials=world.materials({1: MaterialState.DEFECTIVE}))
    world.case(in_scope=False, scope_reason="样例理由")
    paused = world.case(until="accepted")
    department.pause(world.department, paused.number, key=key(), ground="hearing", note="样例说明")
    printed = world.case()
    issue_form(
        world.window_clerk, printed.number, key=key(), kind="intake_receipt",
        data=sheets.window_sheet(printed, "intake_receipt", world.window_clerk),
    )  # fmt: skip
    while relay() or send():
        pass


if __name__ == "__main__":
    print(keep(sys.argv[1]))
