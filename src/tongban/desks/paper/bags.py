"""A bag that came back: opened, what is in it scanned into the file, what is not named (八（四）)."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from tongban.cases import readings
from tongban.cases.actions.door import NotFound, Refused
from tongban.cases.actions.supplement import supply
from tongban.custody.acts import things_visible_to
from tongban.custody.bags import empty_bag, still_missing
from tongban.custody.models import Thing
from tongban.desks.doors import desk, key_of, new_key, staff_of
from tongban.desks.headers import and_the_reader
from tongban.desks.rails import rail_of
from tongban.desks.window import arrivals
from tongban.desks.window import draft as form
from tongban.people.models import Role
from tongban.procedure.model import Topic


@desk(Role.POST, Role.WINDOW)
def page(request: HttpRequest, thing_id: int) -> HttpResponse:
    """What was promised in the bag, each with its place for scans; what came is in the file, then the bag is done with."""
    staff = staff_of(request)
    bags = things_visible_to(staff, Role.POST, Role.WINDOW).filter(kind=Thing.Kind.BAG, pk=thing_id)
    bag = bags.filter(place__in=(Thing.Place.POST, Thing.Place.WINDOW)).select_related("case__version").first()
    if bag is None:
        raise Http404
    case, rows = bag.case, still_missing(bag.case)
    readings.note(staff, case.number, f"回寄袋 {bag.code}")
    draft = arrivals.draft_of(case, staff)
    errors: dict[str, str] = {}
    if request.method == "POST":
        draft = arrivals.save(request, draft.pk)
        found = {row.index: arrivals.given(draft, row.index) for row in rows}
        files = {place: given for place, (given, _) in found.items()}
        for place, (_, findings) in found.items():
            if any(one.standing for one in findings):
                errors[f"file_{place}"] = arrivals.OVERRULE
        try:
            if not errors:
                key = key_of(request)
                for place, (given, findings) in found.items():
                    if given:
                        told = {"material": place, "files": given, "findings": findings}
                        supply(staff, case.number, key=f"{key}{place}", **told)
                        arrivals.taken_over(draft, [place])
                note = request.POST.get("note", "").strip()[:300]
                if not any(files.values()) and not note:
                    raise Refused("什么都没有扫描。袋里没有要的材料，请写明情况。", {"note": "请写明袋里是什么。"})
                empty_bag(staff, case.number, key=key, thing_id=thing_id, note=note)
                messages.success(request, "已开袋清点，扫描件进了办件。")
                return redirect("paper")
        except NotFound as error:
            raise Http404 from error
        except Refused as error:
            errors.update(error.fields or {"": str(error)})
    today = timezone.localdate()
    context: dict[str, Any] = {
        **arrivals.context(draft, staff),
        "case": case,
        "bag": bag,
        "rows": [
            one | {"late": (today - due).days if (due := one["row"].tolerance_due) and due < today else 0}
            for one in arrivals.rows(draft, asks=False, errors=errors)
        ],
        "errors": errors,
        "note": form.one(draft.body.get("fields", {}), "note"),
        "key": request.POST.get("key") or new_key(),
        "procedure": case.procedure,
        "clauses_now": case.procedure.cite(Topic.TOLERANCE),
        "rail": rail_of(staff),
    }
    return and_the_reader(render(request, "paper/bag.html", context, status=422 if errors else 200))
