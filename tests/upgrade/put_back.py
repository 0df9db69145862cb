"""Puts what a release left behind into an empty database, as that release had it: ``python -m tests.upgrade.put_back FILE``."""

import json
import sys
import zipfile
from pathlib import Path
from typing import Any


def put_back(file: Path) -> None:
    """Migrate to the release's own migrations, then write its rows and stored files."""
    from tongban.ready import django_ready

    django_ready()
    from django.conf import settings
    from django.core.management.color import no_style
    from django.db import connection, transaction
    from django.db.migrations.executor import MigrationExecutor

    with zipfile.ZipFile(file) as kept:
        data = json.loads(kept.read("data.json"))
        for name in kept.namelist():
            if name.startswith("vault/"):
                kept.extract(name, settings.DATA)
    newest = dict(sorted(data["migrations"]))  # app → its last migration then
    MigrationExecutor(connection).migrate(list(newest.items()))
    with connection.constraint_checks_disabled(), transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET TIME ZONE 'UTC'")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        for table, content in data["tables"].items():
            for row in content["rows"]:
                insert(cursor, table, dict(zip(content["columns"], row, strict=True)))
    from django.apps import apps

    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), apps.get_models()):
            if any(f'"{table}"' in statement for table in data["tables"]):
                cursor.execute(statement)


def insert(cursor: Any, table: str, row: dict[str, Any]) -> None:
    """One row as it was kept; PostgreSQL casts it from JSON, where true JSON columns must be JSON again."""
    if cursor.db.vendor == "sqlite":
        names = ", ".join(f'"{name}"' for name in row)
        cursor.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join(["%s"] * len(row))})', list(row.values()))
        return
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s AND data_type = 'jsonb'", [table]
    )
    for (name,) in cursor.fetchall():
        row[name] = json.loads(row[name])
    cursor.execute(f'INSERT INTO "{table}" SELECT * FROM json_populate_record(NULL::"{table}", %s)', [json.dumps(row)])


if __name__ == "__main__":
    put_back(Path(sys.argv[1]))
