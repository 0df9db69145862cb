"""The department's lists: what waits for acceptance oldest first, what runs by its due day."""

from typing import Any

from django.db.models import Count, F, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tongban.cases.models import CaseItem
from tongban.cases.opinions import kept_by
from tongban.cases.queries import after, forms_to_hand, items_visible_to, questions_to
from tongban.cases.states import ItemState
from tongban.desks.doors import desk, new_key, page_key, staff_of
from tongban.desks.law import standing
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic

LISTS = {
    "pushed": ("待受理", (ItemState.PUSHED,)),
    "accepted": ("办理中", (ItemState.ACCEPTED,)),
    "paused": ("已中止", (ItemState.PAUSED,)),
    "decided": ("待送结果", (ItemState.DECIDED,)),
    "done": ("已送结果", (ItemState.AT_ISSUING, ItemState.WITH_POST, ItemState.POSTED, ItemState.DELIVERED)),
}
SIZE = 100  # an officer works through a list: more of it on a page than elsewhere


def rail(staff: Staff, here: str = "-") -> list[dict[str, Any]]:
    """The desk's lists with their counts: one grouped query; what is done is never counted: it grows."""
    open_states = [state for name, (_, states) in LISTS.items() if name != "done" for state in states]
    seen = items_visible_to(staff, Role.DEPARTMENT).filter(state__in=open_states)
    counted = seen.order_by().values("state").annotate(n=Count("id"))
    counts = {row["state"]: row["n"] for row in counted}
    asked, sheets = questions_to(staff).count(), forms_to_hand(staff, Role.DEPARTMENT).count()

    def entry(label: str, url: str, name: str, count: int | None, tone: str = "") -> dict[str, Any]:
        return {"label": label, "url": url, "count": count, "on": name == here, "tone": tone if count else ""}

    return [
        {
            "label": "承办",
            "entries": [
                entry(
                    label,
                    reverse("department-list", args=[name]),
                    name,
                    sum(counts.get(state, 0) for state in states) if name != "done" else None,
                    "soon" if name in ("pushed", "decided") else "",
                )
                for name, (label, states) in LISTS.items()
            ]
            + [
                entry("同事请教", reverse("department-questions"), "questions", asked, "soon"),
                entry("待交文书", reverse("department-forms"), "department-forms", sheets, "soon"),
            ],
        },
        {
            "label": "工具",
            "entries": [
                entry("导入决定", reverse("department-decisions"), "decisions", None),
                entry("常用语", reverse("department-opinions"), "opinions", None),
            ],
        },
    ]


@desk(Role.DEPARTMENT)
def inbox(request: HttpRequest, state: str) -> HttpResponse:
    """Items of the department's own units in one state: oldest first, running ones by their due day."""
    if state not in LISTS:
        raise Http404
    staff = staff_of(request)
    label, states = LISTS[state]
    mine = request.GET.get("mine") == "1"
    rows = (
        items_visible_to(staff, Role.DEPARTMENT)
        .filter(state__in=states, **({"holder": staff} if mine else {}))
        .select_related("case__version", "case__window", "holder")
    )
    page, more = _by_due(rows, page_key(request)) if state == "accepted" else after(rows, page_key(request), SIZE)
    procedure = page[0].case.procedure if page else standing(staff)
    rails = rail(staff, state)
    context = {
        "title": label,
        "rows": page,
        "more": more,
        "keep": {"mine": "1"} if mine else {},
        "mine": mine,
        "state": state,
        "total": next((entry["count"] for entry in rails[0]["entries"] if entry["on"]), None),
        "opinions": list(kept_by(staff)) if state == "accepted" else [],
        "key": new_key(),
        "rail": rails,
        "procedure": procedure,
        "clauses_now": procedure.cite(Topic.TIME_LIMIT) if procedure else (),
    }
    return render(request, "department/inbox.html", context)


def _by_due(rows: QuerySet[CaseItem], key: int | None) -> tuple[list[CaseItem], int | None]:
    """One page by due day, behind the item ``key``; what has no due day last."""
    ordered = rows.order_by(F("due").asc(nulls_last=True), "pk")
    if key is not None:
        due = rows.filter(pk=key).values_list("due", flat=True).first()
        same = Q(due=due, pk__gt=key) if due else Q(due=None, pk__gt=key)
        ordered = ordered.filter(same | Q(due__gt=due) | Q(due=None) if due else same)
    page = list(ordered[: SIZE + 1])
    return (page[:SIZE], page[SIZE - 1].pk) if len(page) > SIZE else (page, None)
