"""The rail of a person's own desk, for pages that belong to no desk: a case, a search."""

from typing import Any

from tongban.desks.admin.rail import rail as admin
from tongban.desks.archive.views import rail as archive
from tongban.desks.department.lists import rail as department
from tongban.desks.editor.views import rail as editor
from tongban.desks.issuing.views import rail as issuing
from tongban.desks.oversight.views import rail as oversight
from tongban.desks.post.views import rail as post
from tongban.desks.window.rail import rail as window
from tongban.people.models import Role, Staff

RAILS = {
    Role.WINDOW: window,
    Role.DEPARTMENT: department,
    Role.POST: post,
    Role.ISSUING: issuing,
    Role.ARCHIVE: archive,
    Role.OVERSIGHT: oversight,
    Role.EDITOR: editor,
    Role.ADMINISTRATOR: admin,
}


def rail_of(staff: Staff, role: str = "", here: str = "-") -> list[dict[str, Any]]:
    """The rail of the desk of ``role``, else of the first desk ``staff`` holds; empty for who has none."""
    if role:
        return RAILS[Role(role)](staff, here)
    return next((rail(staff) for role, rail in RAILS.items() if staff.holds(role)), [])
