"""What the archive asks of a desk: shown where it is owed, answered with a file or a word."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.archive.acts import answer
from tongban.archive.queries import asks_owed_by
from tongban.cases.actions.door import Refused
from tongban.cases.models import Case
from tongban.cases.queries import after
from tongban.desks.doors import desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.rails import rail_of
from tongban.desks.uploads import taken
from tongban.people.models import Role
from tongban.vault import uploads
from tongban.vault.kinds import NotAccepted


def _listing(request: HttpRequest, role: str) -> HttpResponse:
    staff = staff_of(request)
    page, more = after(asks_owed_by(staff, role), page_key(request))
    context = {"rows": page, "more": more, "role": role, "key": new_key(), "rail": rail_of(staff, role, f"{role}-asks")}
    return render(request, "desks/asks.html", context)


@desk(Role.WINDOW)
def of_window(request: HttpRequest) -> HttpResponse:
    """What windows owe the archive, oldest first."""
    return _listing(request, Role.WINDOW)


@desk(Role.ISSUING)
def of_issuing(request: HttpRequest) -> HttpResponse:
    """What the issuing desk owes the archive, oldest first."""
    return _listing(request, Role.ISSUING)


@desk(Role.WINDOW, Role.ISSUING)
@require_POST
def answered(request: HttpRequest, number: str, ask_id: int) -> HttpResponse:
    """Bring what was asked, or say why not."""
    staff, upload = staff_of(request), request.FILES.get("file")
    role = Role.ISSUING if request.POST.get("role") == Role.ISSUING else Role.WINDOW

    def act() -> Case:
        kept = None
        if upload:
            try:
                kept = taken(upload)
            except NotAccepted as error:
                raise Refused(f"“{upload.name}”：{error}") from error
        note, name = request.POST.get("note", ""), uploads.tidy(upload.name or "") if upload else ""
        return answer(staff, number, key=key_of(request), ask_id=ask_id, note=note, file=kept, filename=name)

    return perform(request, act, "已答复归档岗位。", reverse(f"{role}-asks"))
