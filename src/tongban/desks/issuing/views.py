"""The issuing desk: the release rule on the screen as the text has it, in its order (十)."""

from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongban.archive.queries import asks_owed_by
from tongban.cases.actions import release as acts
from tongban.cases.actions.collecting import uncollected_since
from tongban.cases.actions.papers import papers_to_archive
from tongban.cases.models import Delivery, Papers
from tongban.cases.queries import after, forms_to_hand, visible_to
from tongban.cases.states import CaseState, ItemState
from tongban.custody.models import Consignment
from tongban.desks.doors import desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.law import standing
from tongban.people.models import Role, Staff
from tongban.procedure.model import Topic

State = Consignment.State
HERE = Q(items__state=ItemState.AT_ISSUING)
HERE_STILL = (CaseState.IN_PROGRESS, CaseState.DELIVERING, CaseState.NOT_ACCEPTED, CaseState.RELEASED)
LISTS = {
    "collect": ("待领取", HERE & Q(delivery=Delivery.COLLECT)),
    "post": ("待交邮政", HERE & Q(delivery=Delivery.POST)),
    "uncollected": ("久未领取", HERE & Q(delivery=Delivery.COLLECT)),
    "returned": ("邮件退回", HERE & Q(consignments__state=State.RETURNED, consignments__settled_at=None)),
    "papers": ("待移交归档", Q(state__in=(CaseState.RELEASED, CaseState.NOT_ACCEPTED))),
}


def _long() -> Q:
    """Results that have waited long enough to go back to their department."""
    return Q(items__state=ItemState.AT_ISSUING, items__state_since__lt=timezone.now() - uncollected_since())


def rail(staff: Staff, here: str = "-") -> list[dict[str, Any]]:
    """The desk's lists with their counts: one query over what is not archived."""
    seen = visible_to(staff, Role.ISSUING).filter(state__in=HERE_STILL)
    lists = {name: which & _long() if name == "uncollected" else which for name, (_, which) in LISTS.items()}
    counts = seen.aggregate(**{name: Count("pk", filter=which, distinct=True) for name, which in lists.items()})
    return [
        {
            "label": "发证",
            "entries": [
                {"label": label, "url": reverse("issuing-list", args=[name]), "count": counts[name], "on": name == here}
                for name, (label, _) in LISTS.items()
            ]
            + [
                {
                    "label": "归档催要",
                    "url": reverse("issuing-asks"),
                    "count": asks_owed_by(staff, Role.ISSUING).count(),
                    "on": here == "issuing-asks",
                },
                {
                    "label": "待交文书",
                    "url": reverse("issuing-forms"),
                    "count": forms_to_hand(staff, Role.ISSUING).count(),
                    "on": here == "issuing-forms",
                },
            ],
        }
    ]


@desk(Role.ISSUING)
def waiting(request: HttpRequest, which: str) -> HttpResponse:
    """Results waiting here, oldest first."""
    if which not in LISTS:
        raise Http404
    staff = staff_of(request)
    label, wanted = LISTS[which]
    if which == "uncollected":
        wanted &= _long()
    rows = visible_to(staff, Role.ISSUING).filter(wanted).distinct().select_related("version", "region")
    page, more = after(rows, page_key(request))
    procedure = page[0].procedure if page else standing(staff)
    now = {
        "uncollected": Topic.RELEASE,
        "returned": Topic.RELEASE_POST,
        "collect": Topic.RELEASE_ON_SITE,
        "post": Topic.RELEASE_POST,
        "papers": Topic.ARCHIVING,
    }[which]
    context = {
        "title": label,
        "which": which,
        "rows": page,
        "more": more,
        "key": new_key(),
        "on_its_way": (Papers.WINDOW, Papers.TO_ISSUING),
        "procedure": procedure,
        "clauses_now": procedure.cite(now) if procedure else (),
        "rail": rail(staff, which),
    }
    return render(request, "issuing/list.html", context)


@desk(Role.ISSUING)
@require_POST
def to_post(request: HttpRequest, number: str) -> HttpResponse:
    """Give results to the post window."""
    act = lambda: acts.give_to_post(staff_of(request), number, key=key_of(request))  # noqa: E731
    return perform(request, act, "已交邮政专递窗口。", reverse("issuing-list", args=["post"]))


@desk(Role.ISSUING)
@require_POST
def pass_on(request: HttpRequest, number: str) -> HttpResponse:
    """Pass the working papers to the archive."""
    act = lambda: papers_to_archive(staff_of(request), number, key=key_of(request))  # noqa: E731
    return perform(request, act, "工作资料已移交归档人员。", reverse("issuing-list", args=["papers"]))
