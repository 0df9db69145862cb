"""Sealing everything anew: rows by primary key in small transactions, then files, one by one."""

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models, transaction
from django.db.models.functions import Cast

from tongban.vault import keys, store
from tongban.vault.sealed import Sealed, SealedJSON

BATCH = 200  # rows locked at once: a desk waits for no more than these

Columns = list[Sealed | SealedJSON]


def sealed_columns() -> Iterator[tuple[type[models.Model], Columns]]:
    """Every model that has sealed columns, with these."""
    for model in apps.get_models():
        columns = [column for column in model._meta.concrete_fields if isinstance(column, Sealed | SealedJSON)]
        if columns:
            yield model, columns


def _rows(model: type[models.Model], columns: Columns) -> Any:
    """Rows with a value under an older key: the primary key and each value as the database holds it."""
    kept = {f"kept_{column.attname}": Cast(column.attname, models.TextField()) for column in columns}
    here = f"{keys.newest(keys.Purpose.SEAL).serial}."
    old = models.Q()
    for name in kept:
        old |= ~models.Q(**{f"{name}__startswith": here}) & ~models.Q(**{name: ""})
    return model._default_manager.annotate(**kept).filter(old).order_by("pk").values("pk", *kept)


def how_much() -> int:
    """Rows and files there are to look at: what a progress bar counts to."""
    return left() + sum(1 for _ in store.digests())


def left() -> int:
    """Rows that an older key still closes."""
    return sum(int(_rows(model, columns).count()) for model, columns in sealed_columns())


def rows() -> Iterator[bool]:
    """Seal every row with the key in use; yields True for each done."""
    for model, columns in sealed_columns():
        last = None
        while batch := _batch(model, columns, last):
            last = batch[-1]
            yield from (True for _ in batch)


def files() -> Iterator[bool | store.Damaged]:
    """Seal every file with the key in use; yields whether it had to be, or what is wrong with it."""
    for digest in store.digests():
        try:
            yield store.reseal(digest)
        except store.Damaged as error:
            yield error


@transaction.atomic
def _batch(model: type[models.Model], columns: Columns, after: object) -> list[object]:
    rows = _rows(model, columns)
    if after is not None:
        rows = rows.filter(pk__gt=after)
    found = list(rows.select_for_update()[:BATCH])
    for row in found:
        opened = {c.attname: c.from_db_value(row[f"kept_{c.attname}"]) for c in columns}
        model._default_manager.filter(pk=row["pk"]).update(**opened)
    return [row["pk"] for row in found]
