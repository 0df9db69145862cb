"""``tongban setup``: a database, the cities and their procedures, the demo accounts; again changes nothing."""

import argparse
import hashlib
import sys
from datetime import date
from pathlib import Path


def add(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``tongban setup``."""
    parser.add_argument("--demo", action="store_true", help="建立示例账号")


def run(args: argparse.Namespace) -> int:
    """Set up; exit 2 with one line on stderr when a city's data cannot be taken."""
    from tongban.ready import django_ready

    django_ready()
    from django.conf import settings
    from django.core.management import call_command

    from tongban.cases.publish import NotPublishable
    from tongban.people.city import Malformed
    from tongban.people.load import city_folders
    from tongban.procedure.document import Unreadable

    settings.DATA.mkdir(parents=True, exist_ok=True)
    settings.DATA.chmod(0o700)  # identity numbers lie here
    done = settings.DATA / "setup.digest"
    now = _digest(settings.PROCEDURES, Path(__file__).parents[1], demo=args.demo)
    if done.exists() and done.read_text() == now and _there():
        return 0
    call_command("migrate", verbosity=0)
    call_command("collectstatic", verbosity=0, interactive=False)
    try:
        for folder in city_folders(settings.PROCEDURES):
            _load(folder, demo=args.demo)
    except (Malformed, NotPublishable, Unreadable) as error:
        print(error, file=sys.stderr)
        return 2
    done.write_text(now)
    return 0


def _there() -> bool:
    """Whether the database holds what a setup left in it: it may have been replaced behind the program's back."""
    from django.db import DatabaseError

    from tongban.people.models import City

    try:
        return City.objects.exists()
    except DatabaseError:
        return False


def _load(folder: Path, *, demo: bool) -> None:
    from tongban.cases.publish import publish
    from tongban.exchange import platforms
    from tongban.people.demo import make
    from tongban.people.load import load
    from tongban.procedure.files import read_file

    city = load(folder)
    platforms.load(city, folder)
    for file in sorted(folder.glob("*.yaml")):
        if file.name != "city.yaml":
            publish(read_file(str(file)), city=city.city, effective=date(2026, 1, 1), accept_anomalies=True)
    if demo:
        make(city.city)


def _digest(procedures: Path, program: Path, *, demo: bool) -> str:
    """What a setup depends on: the cities' data, the program's migrations and static files, the database it is for."""
    from django.conf import settings

    digest = hashlib.sha256(f"{settings.DATABASES['default']['NAME']} {demo}".encode())
    files = [*procedures.rglob("*"), *program.rglob("migrations/*.py"), *program.rglob("static/**/*")]
    for file in sorted(file for file in files if file.is_file()):
        digest.update(str(file).encode() + file.read_bytes())
    return digest.hexdigest()
