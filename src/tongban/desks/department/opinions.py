"""A unit's words for reasons: made, reworded and retired by its own people."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.cases import opinions
from tongban.cases.actions.door import Refused
from tongban.desks.department.lists import rail
from tongban.desks.doors import desk, key_of, new_key, perform, staff_of
from tongban.people.models import Role
from tongban.people.record import DoneBefore, Forbidden


@desk(Role.DEPARTMENT)
def page(request: HttpRequest) -> HttpResponse:
    """The wordings in use, and a field for a new one; what was refused is shown again as it was typed."""
    staff = staff_of(request)
    if request.method != "POST":
        return _render(request, {})
    unit = request.POST.get("unit", "")
    facts = {name: request.POST.get(name, "") for name in ("title", "text")}
    try:
        unit_id = int(unit) if unit.isdecimal() and len(unit) < 19 else 0
        opinions.make(staff, key=key_of(request), unit_id=unit_id, **facts)
    except DoneBefore:
        pass  # it stands in the list
    except Forbidden as error:
        raise Http404 from error
    except Refused as error:
        return _render(request, error.fields or {"text": str(error)})
    return redirect("department-opinions")


def _render(request: HttpRequest, errors: dict[str, str]) -> HttpResponse:
    staff = staff_of(request)
    context = {
        "rows": list(opinions.kept_by(staff)),
        "units": [duty.unit for duty in staff.duties_as(Role.DEPARTMENT)],
        "places": opinions.PLACES,
        "longest": opinions.TEXT,
        "errors": errors,
        "typed": request.POST if errors else {},
        "key": new_key(),
        "rail": rail(staff, "opinions"),
    }
    return render(request, "department/opinions.html", context, status=422 if errors else 200)


@desk(Role.DEPARTMENT)
@require_POST
def change(request: HttpRequest, opinion_id: int) -> HttpResponse:
    """Reword or retire one."""
    staff = staff_of(request)

    def act() -> object:
        if request.POST.get("retire"):
            return opinions.retire(staff, key=key_of(request), opinion_id=opinion_id)
        title, text = request.POST.get("title", ""), request.POST.get("text", "")
        return opinions.reword(staff, key=key_of(request), opinion_id=opinion_id, title=title, text=text)

    done = "已停用，以后不再出现。" if request.POST.get("retire") else "已修改。"
    return perform(request, act, done, reverse("department-opinions"))
