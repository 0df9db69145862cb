"""An office closes: in whose favour, and its open work carried over, so many cases in a request."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.cases.actions import transfer
from tongban.custody.acts import follow
from tongban.desks.admin.places import items_of
from tongban.desks.admin.rail import rail
from tongban.desks.admin.views import id_of
from tongban.desks.doors import desk, key_of, new_key, perform, staff_of
from tongban.people import places as acts
from tongban.people.models import Region, Role, Unit, Window


def _unit(unit_id: int) -> Unit:
    found = Unit.objects.select_related("region", "successor").filter(pk=unit_id).first()
    if found is None:
        raise Http404
    return found


def _window(window_id: int) -> Window:
    found = Window.objects.select_related("region", "successor").filter(pk=window_id).first()
    if found is None:
        raise Http404
    return found


@desk(Role.ADMINISTRATOR)
def unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """One unit: its name and what it decides, changed when it is posted, and closing it."""
    found = _unit(unit_id)
    if request.method == "POST":
        name, items = request.POST.get("name", "")[:200], request.POST.getlist("items")[:200]
        act = lambda: acts.save_unit(  # noqa: E731
            staff_of(request), key=key_of(request), unit_id=unit_id, region_id=found.region_id, name=name, items=items
        )
        return perform(request, act, "部门已保存。", reverse("admin-unit", args=[unit_id]))
    context = {
        "pickable": dict.fromkeys(found.items, "现在办理") | items_of(found.region.city),
        "unit": found,
        "others": Unit.objects.filter(region=found.region, closed_at=None).exclude(pk=unit_id).select_related("region"),
        "left": transfer.left_at_unit(found).count(),
        "drafts": 0,
        "key": new_key(),
        "rail": rail(staff_of(request), "admin-places"),
    }
    return render(request, "admin/unit.html", context)


def _carried(request: HttpRequest, act: Callable[[], object], done: str, back: str, place_id: int) -> HttpResponse:
    return perform(request, act, done, reverse(back, args=[place_id]))


@desk(Role.ADMINISTRATOR)
@require_POST
def close_window(request: HttpRequest, window_id: int) -> HttpResponse:
    """Close a window and begin to carry its work."""
    window, staff = _window(window_id), staff_of(request)
    left, drafts = transfer.left_at_window(window).count(), transfer.drafts_at(window).count()

    def act() -> None:
        key = key_of(request)
        work = f"在办 {left} 件、草稿 {drafts} 份"
        heir = id_of(request, "successor") or 0
        acts.close_window(staff, key=key, window_id=window_id, successor_id=heir, work=work)
        transfer.carry_window(staff, _window(window_id), key=key)

    return _carried(request, act, "窗口已撤销，有关的人都已通知。", "admin-window", window_id)


@desk(Role.ADMINISTRATOR)
@require_POST
def carry_window(request: HttpRequest, window_id: int) -> HttpResponse:
    """Carry on where it stopped."""
    act = lambda: transfer.carry_window(staff_of(request), _window(window_id), key=key_of(request))  # noqa: E731
    return _carried(request, act, "已继续移交。", "admin-window", window_id)


@desk(Role.ADMINISTRATOR)
@require_POST
def close_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Close a unit and begin to carry its work."""
    found, staff = _unit(unit_id), staff_of(request)
    left = transfer.left_at_unit(found).count()

    def act() -> None:
        key = key_of(request)
        if request.POST.get("successor") == "nobody":
            transfer.end_unit(staff, found, key=key)
            return
        heir = id_of(request, "successor") or 0
        acts.close_unit(staff, key=key, unit_id=unit_id, successor_id=heir, work=f"在办 {left} 件")
        transfer.carry_unit(staff, _unit(unit_id), key=key)
        follow(_unit(unit_id))

    return _carried(request, act, "部门已撤销，有关的人都已通知。", "admin-unit", unit_id)


@desk(Role.ADMINISTRATOR)
@require_POST
def close_region(request: HttpRequest, region_id: int) -> HttpResponse:
    """Close a region where nothing stands and nothing is open."""
    found = Region.objects.filter(pk=region_id).first()
    if found is None:
        raise Http404
    act = lambda: transfer.end_region(staff_of(request), found, key=key_of(request))  # noqa: E731
    return perform(request, act, f"承办地{found.name}已撤销。", reverse("admin-places"))


@desk(Role.ADMINISTRATOR)
@require_POST
def carry_unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Carry on where it stopped."""

    def act() -> None:
        transfer.carry_unit(staff_of(request), _unit(unit_id), key=key_of(request))
        follow(_unit(unit_id))

    return _carried(request, act, "已继续移交。", "admin-unit", unit_id)
