"""The post desk: paper received by list and carried to units (九)."""

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.cases.queries import after, items_visible_to
from tongban.cases.states import ItemState
from tongban.custody import acts
from tongban.custody.models import Consignment, Thing
from tongban.custody.post import consignments_visible_to
from tongban.desks.doors import desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.law import standing
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic

Place, State, Kind = Thing.Place, Consignment.State, Consignment.Kind


def rail(staff: Staff, here: str = "-") -> list[dict[str, object]]:
    """The desk's lists with their counts: two grouped queries."""
    lists = (
        acts.things_visible_to(staff, Role.POST)
        .filter(kind=Thing.Kind.MATERIALS, place__in=(Place.POST, Place.SENT))
        .filter(Q(place=Place.POST) | Q(place=Place.SENT, handovers__taken_at=None, handovers__target=Place.POST))
        .order_by()
        .values("place")
        .annotate(n=Count("id"))
    )
    places = {row["place"]: row["n"] for row in lists}
    waiting = items_visible_to(staff, Role.POST).filter(state=ItemState.WITH_POST)
    under_way = consignments_visible_to(staff, Role.POST).filter(state=State.SENT, kind=Kind.RESULT)
    entries = [
        ("待接收材料", "post", places.get(Place.SENT, 0)),
        ("待送单位窗口", "post-units", places.get(Place.POST, 0)),
        ("待寄出结果", "post-results", waiting.aggregate(n=Count("case", distinct=True))["n"]),
        ("已寄出待签收", "post-posted", under_way.count()),
        ("邮件号码", "post-numbers", None),
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
    return render(request, "post/lists.html", context)


def _lists(request: HttpRequest, place: str) -> "QuerySet[Thing]":
    rows = acts.things_visible_to(staff_of(request), Role.POST).filter(place=place, kind=Thing.Kind.MATERIALS)
    if place == Place.SENT:
        rows = rows.filter(handovers__taken_at=None, handovers__target=Place.POST)
    return rows.prefetch_related("handovers")


@desk(Role.POST)
def incoming(request: HttpRequest) -> HttpResponse:
    """Paper on its way to this hall."""
    return _page(request, "post", "待接收材料", _lists(request, Place.SENT), Topic.DISTRIBUTION)


@desk(Role.POST)
def units(request: HttpRequest) -> HttpResponse:
    """Paper here, to be carried to units' windows."""
    return _page(request, "post-units", "待送单位窗口", _lists(request, Place.POST), Topic.DISTRIBUTION)


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
