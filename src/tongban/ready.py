"""Django with this project's settings, for commands that need the database."""

import os
import sys


def django_ready() -> None:
    """Load Django."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.settings")
    django.setup()


def manage(argv: list[str]) -> None:
    """Run Django's own command line; ``argv`` begins with ``manage``."""
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.settings")
    sys.argv[0] = "tongban manage"
    execute_from_command_line(argv)
