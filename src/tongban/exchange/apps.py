"""Django's handle on this room."""

from django.apps import AppConfig


class Room(AppConfig):
    """The room, under its own name."""

    name = "tongban.exchange"
    label = "exchange"
    default_auto_field = "django.db.models.BigAutoField"
