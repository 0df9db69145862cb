"""The window and the mail: paper of many cases into one bag for a hall (八（六）), the bag for tolerated materials (八（四）),
the postal address kept with consent (八（五）2).
"""

from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.cases import readings
from tongban.cases.actions.door import Refused
from tongban.cases.actions.forms import issue_form, issue_sheet
from tongban.cases.queries import sheets_visible_to
from tongban.custody import bags
from tongban.custody.acts import things_visible_to
from tongban.custody.labels import hall_bag, return_bag
from tongban.custody.models import Consignment, PostalAddress, Thing
from tongban.custody.post import agree_to_keep
from tongban.desks.doors import desk, key_of, new_key, perform, staff_of
from tongban.desks.law import standing
from tongban.desks.window.intake import draft_or_404
from tongban.desks.window.rail import rail
from tongban.identity import citizen_id
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic
from tongban.vault.keys import digest

MOST = 300  # things in one bag


def _here(staff: Staff) -> list[Thing]:
    windows = [duty.window_id for duty in staff.duties_as(Role.WINDOW)]
    rows = things_visible_to(staff, Role.WINDOW).filter(
        kind=Thing.Kind.MATERIALS, place=Thing.Place.WINDOW, case__window__in=windows
    )
    found = rows.select_related("case__region__hall", "case__window", "unit")
    return list(found.order_by("case__region__order", "case__region_id", "id")[: 2 * MOST])


@desk(Role.WINDOW)
def page(request: HttpRequest) -> HttpResponse:
    """Paper to be sent, by hall: tick, give the bag a waybill or none, F9."""
    staff = staff_of(request)
    groups = [
        {"region": region, "rows": list(rows)}
        for region, rows in groupby(_here(staff), key=lambda row: row.case.region)
    ]
    procedure = standing(staff)
    sent = Consignment.objects.filter(
        kind=Consignment.Kind.MATERIALS, window__in=[duty.window_id for duty in staff.duties_as(Role.WINDOW)]
    )
    shown = list(sent.select_related("region__hall").prefetch_related("things").order_by("-id")[:8])
    sheets = sheets_visible_to(staff, Role.WINDOW).filter(key__in=[f"label{bag.pk}" for bag in shown])
    labels = {sheet.key: sheet.pk for sheet in sheets}
    context: dict[str, Any] = {
        "groups": groups,
        "sent": [{"bag": bag, "label": labels.get(f"label{bag.pk}")} for bag in shown],
        "key": new_key(),
        "rail": rail(staff, "window-mail"),
        "procedure": procedure,
        "clauses_now": procedure.cite(Topic.PAPER_LISTS) if procedure else (),
    }
    return render(request, "window/mail.html", context)


@desk(Role.WINDOW)
@require_POST
def send(request: HttpRequest, region_id: int) -> HttpResponse:
    """One bag to one hall."""
    staff = staff_of(request)
    ticked = set(request.POST.getlist("thing"))
    rows = [row for row in _here(staff) if row.case.region_id == region_id and str(row.pk) in ticked]
    known = Consignment.objects.filter(key=request.POST.get("key", "-"), sent_by=staff).first()
    if not rows and not known:
        messages.error(request, "请勾选要装进这一袋的材料。")
        return redirect("window-mail")
    region, window = (known.region, known.window) if known else (rows[0].case.region, rows[0].case.window)
    if window is None:
        raise Http404
    try:
        waybill = request.POST.get("waybill", "")
        bag, refused = bags.send_materials(staff, window, region, rows, waybill=waybill, key=key_of(request))
    except Refused as error:
        messages.error(request, f"{error}{''.join(m for m in error.fields.values() if m != str(error))}")
        return redirect("window-mail")
    for line in refused:
        messages.error(request, line)
    try:
        issue_sheet(staff, window.region, key=f"label{bag.pk}", kind="bag_label", data=hall_bag(bag, staff))
    except (Refused, OSError) as error:
        messages.error(request, f"邮件袋标签没有打印成功：{error}")
    messages.success(request, f"已装袋寄往{region.name}，共 {bag.things.count()} 件；对方签收之前由你负责。")
    return redirect("window-mail")


@desk(Role.WINDOW)
@require_POST
def give_bag(request: HttpRequest, number: str) -> HttpResponse:
    """A bag for the tolerated materials into the applicant's hand."""
    staff = staff_of(request)

    def act() -> Any:
        done = bags.give_bag(staff, number, key=key_of(request))
        bag = things_visible_to(staff, Role.WINDOW).filter(case=done, kind=Thing.Kind.BAG).latest("pk")
        issue_form(staff, number, key=new_key(), kind="bag_label", data=return_bag(bag, staff))
        return done

    return perform(request, act, "回寄袋已登记给申请人，请打印袋上的标签。", reverse("window-done", args=[number]))


@desk(Role.WINDOW)
@require_POST
def kept_address(request: HttpRequest, draft_id: UUID) -> HttpResponse:
    """The fields of the postal address, filled with what the person agreed to have kept; the person stands at the window."""
    draft_or_404(staff_of(request), draft_id)
    person = digest(citizen_id.normalise(request.POST.get("applicant_id_number", "")[:40]))
    kept = PostalAddress.objects.filter(person_digest=person or "-").select_related("case").first()
    fields = {
        name: request.POST.get(name, "")[:600] for name in ("delivery_name", "delivery_phone", "delivery_address")
    }
    if kept:
        readings.note(staff_of(request), kept.case.number, "留存的邮寄地址")
        fields = {"delivery_name": kept.name, "delivery_phone": kept.phone, "delivery_address": kept.address}
    said = "" if kept else "这位申请人没有留存过地址。"
    return render(request, "window/address.html", {"fields": fields, "said": said, "errors": {}, "draft_id": draft_id})


@desk(Role.WINDOW)
@require_POST
def address(request: HttpRequest, number: str) -> HttpResponse:
    """The applicant agrees that the postal address is kept, or takes it back."""
    agreed = request.POST.get("agreed") == "1"
    act = lambda: agree_to_keep(staff_of(request), number, key=key_of(request), agreed=agreed)  # noqa: E731
    said = "已留存，下次办理时可以直接用。" if agreed else "已删去留存的地址。"
    return perform(request, act, said, reverse("window-done", args=[number]))
