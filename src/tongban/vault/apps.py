"""Django's handle on this room."""

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class Room(AppConfig):
    """The room, under its own name."""

    name = "tongban.vault"
    label = "vault"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """A database gets its first keys as soon as it has a table for them: never inside somebody's transaction."""
        post_migrate.connect(_first_keys, sender=self)


def _first_keys(**_: Any) -> None:
    from tongban.vault import keys

    keys.make_missing()
