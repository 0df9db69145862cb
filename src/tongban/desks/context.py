"""What every page's frame needs."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject

from tongban.cases.calendars import shown
from tongban.desks.places import PLACES
from tongban.people.models import Role, Staff

DESKS = (
    (Role.WINDOW, "收件", "window"),
    (Role.DEPARTMENT, "承办", "department"),
    (Role.POST, "邮政专递", "post"),
    (Role.ISSUING, "发证", "issuing"),
    (Role.ARCHIVE, "归档", "archive"),
    (Role.OVERSIGHT, "督办", "oversight"),
    (Role.EDITOR, "规程管理", "editor"),
    (Role.ADMINISTRATOR, "系统管理", "admin"),
)

PAPER = (Role.WINDOW, Role.DEPARTMENT, Role.POST, Role.ISSUING, Role.ARCHIVE)  # desks where paper changes hands
COUNTERS = (Role.WINDOW, Role.POST, Role.ISSUING, Role.ARCHIVE)  # where people take turns at one machine


def desk(request: HttpRequest) -> dict[str, Any]:
    """The person, where they work, and the desks they may go to."""
    user = getattr(request, "user", None)
    if not isinstance(user, Staff):
        return {"demo": settings.DEMO}
    calendar = SimpleLazyObject(shown)  # read by the first tag that counts days
    desks = [{"label": label, "url": reverse(name)} for role, label, name in DESKS if user.holds(role)]
    where = next((duty.window or duty.unit or duty.region for duty in user.duties_now if duty.role), None)
    return {
        "demo": settings.DEMO,
        "places": PLACES,
        "desks": desks,
        "works_at": where,
        "paper": user.holds(*PAPER),
        "counter": user.holds(*COUNTERS),
        "calendar": calendar,
        "mail": bool(settings.EMAIL_HOST),
    }
