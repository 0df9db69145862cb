"""Regions, halls, units, windows: seen, and changed where the city's files do not fix them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.cases.actions.transfer import drafts_at, left_at_unit, left_at_window
from tongban.cases.models import ProcedureVersion
from tongban.desks.admin.rail import rail
from tongban.desks.doors import desk, key_of, new_key, perform, staff_of
from tongban.people import places as acts
from tongban.people.city import Malformed, WindowData, read_windows
from tongban.people.models import City, Region, Role, Unit, Window

LARGEST = 5 * 2**20  # bytes of a window list


@desk(Role.ADMINISTRATOR)
def overview(request: HttpRequest) -> HttpResponse:
    """Every region with its hall, its units and its windows."""
    regions = Region.objects.select_related("hall").prefetch_related("units__successor", "windows__successor")
    windows, units = Window.objects.filter(stands_for="").exclude(closed_at=None), Unit.objects.exclude(closed_at=None)
    left = left_at_window(*windows).count() + left_at_unit(*units).count() if windows or units else 0
    shown = list(regions.order_by("city", "order", "id"))
    items = {city: items_of(city) for city in {region.city for region in shown}}
    for region in shown:
        region.pickable = items[region.city]  # type: ignore[attr-defined]
    context = {"regions": shown, "cities": _cities(), "left": left, "key": new_key()}
    return render(request, "admin/places.html", context | {"rail": rail(staff_of(request), "admin-places")})


def _window(window_id: int) -> Window:
    found = Window.objects.select_related("region", "successor").filter(pk=window_id).first()
    if found is None:
        raise Http404
    return found


def _given(request: HttpRequest) -> dict[str, str]:
    return {field: request.POST.get(field, "")[:400] for field in acts.FIELDS}


@desk(Role.ADMINISTRATOR)
def window(request: HttpRequest, window_id: int) -> HttpResponse:
    """One window: looked at, or brought up to date when it is posted."""
    found = _window(window_id)
    if request.method == "POST":
        act = lambda: acts.save_window(  # noqa: E731
            staff_of(request),
            key=key_of(request),
            window_id=window_id,
            region_id=found.region_id,
            given=_given(request),
        )
        return perform(request, act, "窗口已保存。", reverse("admin-window", args=[window_id]))
    others = Window.objects.filter(region__city=found.region.city, closed_at=None).exclude(pk=window_id)
    context = {
        "window": found,
        "others": others.select_related("region"),
        "left": left_at_window(found).count(),
        "drafts": drafts_at(found).count(),
        "key": new_key(),
        "rail": rail(staff_of(request), "admin-places"),
    }
    return render(request, "admin/window.html", context)


@desk(Role.ADMINISTRATOR)
@require_POST
def add_window(request: HttpRequest, region_id: int) -> HttpResponse:
    """A new window in a region."""
    act = lambda: acts.save_window(  # noqa: E731
        staff_of(request), key=key_of(request), window_id=None, region_id=region_id, given=_given(request)
    )
    return perform(request, act, "窗口已增加。", reverse("admin-places"))


@desk(Role.ADMINISTRATOR)
@require_POST
def hall(request: HttpRequest, region_id: int) -> HttpResponse:
    """Name, address and telephone of a hall."""
    given = {field: request.POST.get(field, "")[:400] for field in ("name", "address", "phone")}
    act = lambda: acts.save_hall(staff_of(request), key=key_of(request), region_id=region_id, **given)  # noqa: E731
    return perform(request, act, "政务大厅已保存。", reverse("admin-places"))


@desk(Role.ADMINISTRATOR)
@require_POST
def add_region(request: HttpRequest) -> HttpResponse:
    """A new region of a city."""
    given = {field: request.POST.get(field, "")[:80] for field in ("city", "name", "abbreviation", "short", "code")}
    act = lambda: acts.add_region(staff_of(request), key=key_of(request), **given)  # noqa: E731
    return perform(request, act, "承办地已增加，请接着增加它的部门、窗口和大厅。", reverse("admin-places"))


@desk(Role.ADMINISTRATOR)
@require_POST
def add_unit(request: HttpRequest, region_id: int) -> HttpResponse:
    """A new unit in a region."""
    name, items = request.POST.get("name", "")[:200], request.POST.getlist("items")[:200]
    act = lambda: acts.save_unit(  # noqa: E731
        staff_of(request), key=key_of(request), unit_id=None, region_id=region_id, name=name, items=items
    )
    return perform(request, act, "部门已增加。", reverse("admin-places"))


def items_of(city: str) -> dict[str, str]:
    """Codes of the items of the packages in force or to come in a city, with their names."""
    newest = {version.name: version for version in ProcedureVersion.objects.filter(city=city).order_by("version")}
    return {i.code or i.name: i.name for version in newest.values() for i in version.procedure.items if i.pickable}


def _cities() -> list[str]:
    return list(City.objects.order_by("id").values_list("name", flat=True)) or list(
        Region.objects.order_by("city").values_list("city", flat=True).distinct()
    )


@desk(Role.ADMINISTRATOR)
def import_page(request: HttpRequest) -> HttpResponse:
    """Choose a window list; posted, it is held against what is there and shown. Nothing is changed yet."""
    context: dict[str, Any] = {"cities": _cities(), "rail": rail(staff_of(request), "admin-import")}
    if request.method != "POST":
        return render(request, "admin/import.html", context)
    city, upload = request.POST.get("city", ""), request.FILES.get("file")
    try:
        if city not in context["cities"]:
            raise Malformed("请选择城市。")
        if upload is None:
            raise Malformed("请选择窗口名录文件（.csv 或 .xlsx）。")
        if (upload.size or 0) > LARGEST:
            raise Malformed("文件超过 5 MB，窗口名录不会这么大，请核对是否选错了文件。")
        windows = read_windows(upload.read(), (upload.name or "").lower())
    except Malformed as error:
        return render(request, "admin/import.html", context | {"said": str(error), "city": city}, status=422)
    rows = acts.preview(city, windows)
    counts = {status: sum(row.status == status for row in rows) for status in ("新增", "更新", "不变", "有误")}
    request.session["import"] = {"city": city, "rows": [data.model_dump() for data in windows]}
    ready = not counts["有误"] and (counts["新增"] or counts["更新"])
    return render(
        request,
        "admin/import.html",
        context | {"rows": rows, "counts": counts, "ready": ready, "city": city, "key": new_key()},
    )


@desk(Role.ADMINISTRATOR)
@require_POST
def import_now(request: HttpRequest) -> HttpResponse:
    """Do the import that was shown last."""
    kept = request.session.get("import")
    if not kept:
        messages.error(request, "请先选择文件，看过要改什么再导入。")
        return redirect("admin-import")

    def act() -> None:
        windows = [WindowData(**row) for row in kept["rows"]]
        acts.import_windows(staff_of(request), key=key_of(request), city=kept["city"], windows=windows)
        del request.session["import"]

    return perform(request, act, "窗口名录已导入。", reverse("admin-places"))
