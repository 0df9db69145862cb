"""The post desk: paper received by list and carried to units (九), results sent to applicants (十.1)."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.cases import readings
from tongban.cases.actions import release
from tongban.cases.models import CaseItem, Purpose
from tongban.cases.queries import after, items_visible_to
from tongban.cases.states import ItemState
from tongban.custody import acts
from tongban.custody.models import Thing
from tongban.desks.doors import desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.law import standing
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic

Place = Thing.Place


def rail(staff: Staff, here: str = "-") -> list[dict[str, object]]:
    """The desk's lists with their counts: two grouped queries."""
    lists = (
        acts.things_visible_to(staff, Role.POST)
        .filter(kind=Thing.Kind.MATERIALS)
        .filter(Q(place=Place.POST) | Q(place=Place.SENT, handovers__taken_at=None, handovers__target=Place.POST))
        .order_by()
        .values("place")
        .annotate(n=Count("id"))
    )
    places = {row["place"]: row["n"] for row in lists}
    going = (ItemState.WITH_POST, ItemState.POSTED)
    items = (
        items_visible_to(staff, Role.POST).filter(state__in=going).order_by().values("state").annotate(n=Count("id"))
    )
    states = {row["state"]: row["n"] for row in items}
    entries = [
        ("待接收材料", "post", places.get(Place.SENT, 0)),
        ("待送单位窗口", "post-units", places.get(Place.POST, 0)),
        ("待寄出结果", "post-results", states.get(ItemState.WITH_POST, 0)),
        ("已寄出待签收", "post-posted", states.get(ItemState.POSTED, 0)),
    ]
    return [
        {
            "label": "邮政专递",
            "entries": [
                {"label": label, "url": reverse(name), "count": count, "on": name == here}
                for label, name, count in entries
            ],
        }
    ]


def _page(request: HttpRequest, name: str, title: str, rows: "QuerySet[Any]", topic: Topic) -> HttpResponse:
    """One of the desk's lists, oldest first; ``name`` is its route, and says what may be done in its rows."""
    staff = staff_of(request)
    shown, more = after(rows.select_related("case__version"), page_key(request))
    if name == "post-results":  # whole names and addresses, to be written on what is sent
        readings.shown(staff, [item.case.number for item in shown], "收件人：姓名、地址", Purpose.POST)
    procedure = shown[0].case.version.procedure if shown else standing(staff)
    context = {
        "title": title,
        "rows": shown,
        "more": more,
        "step": name,
        "rail": rail(staff, name),
        "key": new_key(),
        "procedure": procedure,
        "clauses_now": procedure.cite(topic) if procedure else (),
        "differences": acts.DIFFERENCES,
    }
    return render(request, "post/lists.html" if topic is Topic.DISTRIBUTION else "post/results.html", context)


def _lists(request: HttpRequest, place: str) -> "QuerySet[Thing]":
    rows = acts.things_visible_to(staff_of(request), Role.POST).filter(place=place, kind=Thing.Kind.MATERIALS)
    if place == Place.SENT:
        rows = rows.filter(handovers__taken_at=None, handovers__target=Place.POST)
    return rows.prefetch_related("handovers")


def _results(request: HttpRequest, state: str) -> "QuerySet[CaseItem]":
    return items_visible_to(staff_of(request), Role.POST).filter(state=state)


@desk(Role.POST)
def incoming(request: HttpRequest) -> HttpResponse:
    """Paper on its way to this hall."""
    return _page(request, "post", "待接收材料", _lists(request, Place.SENT), Topic.DISTRIBUTION)


@desk(Role.POST)
def units(request: HttpRequest) -> HttpResponse:
    """Paper here, to be carried to units' windows."""
    return _page(request, "post-units", "待送单位窗口", _lists(request, Place.POST), Topic.DISTRIBUTION)


@desk(Role.POST)
def results(request: HttpRequest) -> HttpResponse:
    """Results given to post, to be sent."""
    return _page(request, "post-results", "待寄出结果", _results(request, ItemState.WITH_POST), Topic.RELEASE_POST)


@desk(Role.POST)
def posted(request: HttpRequest) -> HttpResponse:
    """Results on their way to applicants."""
    return _page(request, "post-posted", "已寄出待签收", _results(request, ItemState.POSTED), Topic.RELEASE_POST)


def _number_of(staff: Staff, list_id: int) -> str:
    row = acts.things_visible_to(staff, Role.POST).filter(pk=list_id).first()
    if row is None:
        raise Http404
    return row.case.number


def _differences(request: HttpRequest) -> list[dict[str, str]]:
    text = request.POST.get("difference", "").strip()
    return [{"what": request.POST.get("what", ""), "text": text}] if text else []


@desk(Role.POST)
@require_POST
def receive(request: HttpRequest, list_id: int) -> HttpResponse:
    """Take paper over, with what does not agree with the list."""
    staff = staff_of(request)
    number = _number_of(staff, list_id)
    return perform(
        request,
        lambda: acts.take(staff, number, key=key_of(request), thing_id=list_id, differences=_differences(request)),
        "已接收，请送到单位窗口。",
        reverse("post"),
    )


@desk(Role.POST)
@require_POST
def deliver(request: HttpRequest, list_id: int) -> HttpResponse:
    """Paper was signed for at the unit's window."""
    staff = staff_of(request)
    number = _number_of(staff, list_id)
    return perform(
        request,
        lambda: acts.deliver(
            staff, number, key=key_of(request), thing_id=list_id, signed_by=request.POST.get("signed_by", "")
        ),
        "已送达并签收。",
        reverse("post-units"),
    )


def _orders(request: HttpRequest) -> list[int] | None:
    given = [int(order) for order in request.POST.getlist("order") if order.isdecimal()]
    return given or None


@desk(Role.POST)
@require_POST
def send(request: HttpRequest, number: str) -> HttpResponse:
    """Send a result off under its waybill."""
    waybill = request.POST.get("waybill", "")
    return perform(
        request,
        lambda: release.post(staff_of(request), number, key=key_of(request), waybill=waybill, orders=_orders(request)),
        "已寄出，短信告知申请人邮件号。",
        reverse("post-results"),
    )


@desk(Role.POST)
@require_POST
def signed(request: HttpRequest, number: str) -> HttpResponse:
    """The applicant signed for the result."""
    return perform(
        request,
        lambda: release.confirm_posted(staff_of(request), number, key=key_of(request), orders=_orders(request)),
        "已登记签收。",
        reverse("post-posted"),
    )


@desk(Role.POST)
@require_POST
def returned(request: HttpRequest, number: str) -> HttpResponse:
    """A result came back and goes to the issuing desk again."""
    reason = request.POST.get("reason", "")
    return perform(
        request,
        lambda: release.return_from_post(
            staff_of(request), number, key=key_of(request), reason=reason, orders=_orders(request)
        ),
        "已退回发证岗位，短信告知申请人。",
        reverse("post-posted"),
    )
