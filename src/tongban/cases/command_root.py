"""``tongban audit root``: note the heads of all cases outside the database, now; the worker does it once a day."""

import argparse


def add(parser: argparse.ArgumentParser) -> None:
    """No arguments."""


def run(args: argparse.Namespace) -> int:
    """Write a file of roots and print the root."""
    from tongban.ready import django_ready

    django_ready()
    from django.utils import timezone

    from tongban.cases import roots

    file = roots.write(timezone.now())
    print(f"{file.name}　{roots.last_line(file)['root']}")
    return 0
