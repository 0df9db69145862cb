"""What is kept: log-ins, right and wrong, and every change of accounts, duties and places."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from tongban.desks.admin.rail import rail
from tongban.desks.doors import desk, new_key, page_key, staff_of
from tongban.people import accounts as acts
from tongban.people.labels import LABELS
from tongban.people.models import Change, Role

PAGE = 50


@desk(Role.ADMINISTRATOR)
@require_GET
def tries(request: HttpRequest) -> HttpResponse:
    """Who logged in, where from and by what; wrong tries of the last day, and which accounts wait."""
    typed = request.GET.get("q", "").strip()[:60]
    found = acts.log_ins(typed)
    before = page_key(request)
    page = list((found.filter(pk__lt=before) if before else found)[: PAGE + 1])
    context = {
        "wrong": [] if before or typed else acts.wrong_tries(timezone.now())[:200],
        "rows": page[:PAGE],
        "more": page[PAGE - 1].pk if len(page) > PAGE else None,
        "typed": typed,
        "keep": {"q": typed} if typed else {},
        "key": new_key(),
        "rail": rail(staff_of(request), "admin-tries"),
    }
    return render(request, "admin/tries.html", context)


@desk(Role.ADMINISTRATOR)
@require_GET
def changes(request: HttpRequest) -> HttpResponse:
    """Every change, newest first; ``?q=`` looks for who did it or what it is about."""
    typed = request.GET.get("q", "").strip()[:60]
    rows = Change.objects.order_by("-sequence")
    if typed:
        rows = rows.filter(Q(about__icontains=typed) | Q(by_name__icontains=typed))
    if before := page_key(request):
        rows = rows.filter(sequence__lt=before)
    page = list(rows[: PAGE + 1])
    for row in page:
        row.label = LABELS.get(row.kind, row.kind)  # type: ignore[attr-defined]
        keys = list(dict.fromkeys([*row.before, *row.after]))
        row.lines = [(key, _text(row.before.get(key, "")), _text(row.after.get(key, ""))) for key in keys[:12]]  # type: ignore[attr-defined]
        row.more = max(0, len(keys) - 12)  # type: ignore[attr-defined]
    context = {
        "rows": page[:PAGE],
        "more": page[PAGE - 1].sequence if len(page) > PAGE else None,
        "typed": typed,
        "keep": {"q": typed} if typed else {},
        "rail": rail(staff_of(request), "admin-changes"),
    }
    return render(request, "admin/changes.html", context)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, list):
        return "、".join(str(one) for one in value if one)
    return str(value)
