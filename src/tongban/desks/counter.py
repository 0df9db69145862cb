"""A shared counter: the next person takes over in the same browser, on the same page, without losing the draft.

The first person's session ends; the next one shows who they are by their own password, or by a code of their telephone
alone where their duties do not ask for both.
"""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth import login as log_in
from django.contrib.auth import logout as log_out
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from tongban.desks.context import COUNTERS
from tongban.desks.doors import desk, staff_of
from tongban.desks.rails import rail_of
from tongban.desks.steps import onward, step
from tongban.people import factor
from tongban.people.accounts import in_force
from tongban.people.login import Way, came, failed, right, succeeded, tried
from tongban.people.models import Duty, Staff

BACKEND = "tongban.people.login.StaffBackend"


def colleagues(staff: Staff) -> list[Staff]:
    """Who works at the same counter as ``staff`` now, by name."""
    here = Q(pk__in=())
    for duty in staff.duties_as(*COUNTERS):
        here |= Q(role=duty.role, window=duty.window_id, region=duty.region_id)
    same = Duty.objects.filter(here, in_force(timezone.now())).values("staff_id")
    found = Staff.objects.filter(pk__in=same, is_active=True, machine=False).exclude(pk=staff.pk).order_by("name", "pk")
    return list(found if settings.DEMO else found.filter(demo=False))


def _proved(request: HttpRequest, other: Staff) -> str:
    """By what ``other`` showed who they are: ``password``, ``code``, or nothing."""
    typed = request.POST.get("proof", "")[:200]
    if other.factor_secret and not factor.required(other) and factor.check(other, typed, timezone.now()):
        return "code"
    return "password" if authenticate(request, username=other.username, password=typed) == other else ""


@desk(*COUNTERS)
@never_cache
def change(request: HttpRequest) -> HttpResponse:
    """Choose the next person, who types their password or code."""
    others = colleagues(staff_of(request))
    said, status = "", 200
    if request.method == "POST":
        chosen = request.POST.get("who", "")
        other = next((one for one in others if str(one.pk) == chosen), None)
        address, now = request.META.get("REMOTE_ADDR", ""), timezone.now()
        if other is None:
            said, status = "请选择换成谁。", 422
        elif minutes := tried(other.username, address):
            said, status = f"输错次数太多，请 {minutes} 分钟后再试。", 429
        elif proof := _proved(request, other):
            right(other.username, address)
            wanted = onward(request)
            log_out(request)
            log_in(request, other, backend=BACKEND)
            came(other, address, now, Way.COUNTER)
            if proof == "code":
                request.session["factor"] = True
            if step(request) is None:
                succeeded(other.username)
            return redirect(wanted)
        else:
            failed(other.username, address, now, Way.COUNTER)
            said, status = "密码或验证码不对，没有换人。", 422
    context: dict[str, Any] = {
        "others": others,
        "said": said,
        "chosen": request.POST.get("who", ""),
        "next": onward(request),
        "rail": rail_of(staff_of(request)),
    }
    return render(request, "desks/counter.html", context, status=status)
