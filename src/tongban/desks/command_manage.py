"""``tongban manage …``: Django's own commands with this project's settings."""

import os
import sys


def manage(argv: list[str]) -> None:
    """Run Django's command line; ``argv`` begins with ``manage``."""
    from django.core.management import execute_from_command_line

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tongban.settings")
    sys.argv[0] = "tongban manage"
    execute_from_command_line(argv)
