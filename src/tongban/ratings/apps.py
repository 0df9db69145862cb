"""Django's handle on this room."""

from django.apps import AppConfig


class Room(AppConfig):
    """The room, under its own name."""

    name = "tongban.ratings"
    label = "ratings"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """The nightly sweep lights what nobody followed up."""
        from tongban.cases.sweep import WATCHES
        from tongban.ratings.followup import due_days
        from tongban.rules.lights import Cause

        WATCHES[Cause.RATING] = due_days
