"""Demo accounts: one for each role, invented people marked 样例, for trying the product on one machine."""

from typing import Any

from django.db import transaction

from tongban.people.models import City, Duty, Region, Role, Staff, Unit, Window

PASSWORD = "tongban-demo-2026"
SURNAMES = "陈周吴郑王冯褚卫"


@transaction.atomic
def make(city: str) -> list[Staff]:
    """One account a role in the first region of ``city`` that has a window, and one window and one department more.

    Accounts that exist are left as they are. Returns all of them in the order of the roles.
    """
    prefix = Region.objects.filter(city=city).order_by("order").values_list("abbreviation", flat=True).first() or ""
    windows = list(
        Window.objects.filter(region__city=city, closed_at=None)
        .select_related("region")
        .order_by("region__order", "id")
    )
    units = list(Unit.objects.filter(region__city=city, closed_at=None).exclude(items=[]).select_related("region"))
    if not windows or not units:
        return []
    here = next((w for w in windows if any(u.region_id == w.region_id for u in units)), windows[0])
    away = next((w for w in windows if w.region_id != here.region_id), here)
    own = [unit for unit in units if unit.region_id == here.region_id]
    others = [u for u in units if u.region_id == away.region_id != here.region_id and not u.region.outside]
    far = f"department-{away.region.abbreviation.lower()}"
    wanted: list[tuple[str, str, dict[str, Any]]] = [
        (role, role, {"region": here.region}) for role in (Role.POST, Role.ISSUING, Role.ARCHIVE)
    ]
    plan: list[tuple[str, str, dict[str, Any]]] = [
        ("window", Role.WINDOW, {"window": here}),
        ("window2", Role.WINDOW, {"window": away}),
        *((f"department{n or ''}", Role.DEPARTMENT, {"unit": unit}) for n, unit in enumerate(own)),
        *((f"{far}{n or ''}", Role.DEPARTMENT, {"unit": unit}) for n, unit in enumerate(others)),
        *wanted,
        *(
            (f"issuing-{away.region.abbreviation.lower()}", Role.ISSUING, {"region": away.region})
            for _ in away.region.outside
        ),
        ("oversight", Role.OVERSIGHT, {"region": None}),
        ("editor", Role.EDITOR, {"city": City.objects.filter(name=city).first()}),
        ("administrator", Role.ADMINISTRATOR, {}),
    ]
    made = []
    existing = {staff.username: staff for staff in Staff.objects.filter(demo=True)}
    for place, (name, role, scope) in enumerate(plan):
        username = f"{prefix.lower()}-{name}"
        staff = existing.get(username)
        if staff is None:
            staff = Staff(username=username, name=f"样例·{SURNAMES[place % len(SURNAMES)]}", demo=True)
            staff.set_password(PASSWORD)
            staff.save()
            Duty.objects.create(staff=staff, role=role, **scope)
        made.append(staff)
    return made
