"""What is done in a process that may be killed."""

import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client

from tests.world import World, jpeg, key
from tongban.cases.actions import department
from tongban.cases.actions.door import Conflict
from tongban.cases.actions.forms import issue_form
from tongban.cases.actions.intake import take_in
from tongban.cases.models import Case, ProcedureVersion
from tongban.cases.sheets import window_sheet
from tongban.messages import relay
from tongban.messages.sending import send
from tongban.people.models import Region, Staff, Unit, Window


def told(work: Callable[..., None]) -> Callable[..., None]:
    """Print what was raised: the parent of the fork only sees that it failed."""

    @wraps(work)
    def do(*given: Any) -> None:
        try:
            work(*given)
        except Exception:
            traceback.print_exc()
            raise

    return do


def _clerk(staff: int) -> Client:
    client = Client(SERVER_NAME="127.0.0.1")
    client.force_login(Staff.objects.get(pk=staff))
    return client


@told
def submit(staff: int, url: str, form: dict[str, str]) -> None:
    """The clerk sends an intake."""
    assert _clerk(staff).post(url, form).status_code == 302


@told
def upload(staff: int, url: str, seed: int) -> None:
    """A file is dropped on a material."""
    answer = _clerk(staff).post(url, {"file": SimpleUploadedFile("0.jpg", jpeg(3000, seed=seed))})
    assert answer.status_code == 200


@told
def sending() -> None:
    """The worker's two rounds."""
    relay.relay()
    send()


@told
def accept(staff: int, number: str, once: str) -> None:
    """A department's step."""
    department.accept(Staff.objects.get(pk=staff), number, key=once)


def accept_race(staff: str, number: str) -> list[str]:
    """Accept a case: won, or who was first."""
    try:
        department.accept(Staff.objects.get(pk=staff), number, key=key())
    except Conflict as error:
        return ["lost", error.by, str(error.at), str(error)]
    return ["won"]


def intake_race(times: str, once: str = "") -> list[str]:
    """Take cases in, each under its own key or all under ``once``: their numbers."""
    people = {"window_clerk": Staff.objects.get(username__startswith="window-")}
    here = World(ProcedureVersion.objects.get(), Region.objects.get(), Unit.objects.get(), Window.objects.get(), people)
    application = here.application()
    return [take_in(here.window_clerk, application, key=once or key()).number for _ in range(int(times))]


def issue_race(staff: str, number: str, issuers: str) -> list[str]:
    """The same sheet of one case by several at once in this process; the serials that are there in the end, or what went wrong."""
    clerk = Staff.objects.get(pk=staff)
    case = Case.objects.select_related("version", "region", "window").get(number=number)
    data = window_sheet(case, "intake_receipt", clerk)

    def issue(place: int) -> str:
        try:
            issue_form(clerk, number, key=key(), kind="intake_receipt", data=data)
            return "issued"
        except Exception as error:
            return repr(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(int(issuers)) as pool:
        return list(pool.map(issue, range(int(issuers))))
