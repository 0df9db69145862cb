"""外部来件: what outside platforms sent that could not be done; done again, or let lie, on a person's word."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from tongban.cases.labels import label
from tongban.cases.queries import after
from tongban.desks.doors import desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.oversight.views import rail
from tongban.exchange import letters, wire
from tongban.people.models import Role
from tongban.people.record import DoneBefore
from tongban.people.refused import Refused

CALLED = {
    wire.SUBMITTED: "推送办件", wire.SUPPLIED: "补齐容缺材料", wire.RECEIVED: "对方已收到", wire.DELIVERED: "结果已交付",
    wire.CAME_BACK: "结果退回", wire.PAPER: "纸质件去向", wire.DOCUMENT: "决定文书", "corrected": "更正决定",
}  # fmt: skip


@desk(Role.OVERSIGHT)
def listing(request: HttpRequest) -> HttpResponse:
    """Letters that were not done, oldest first, without what is personal."""
    staff = staff_of(request)
    page, more = after(letters.failed(staff), page_key(request), 20)
    rows = [
        {
            "letter": one,
            "body": letters.shown(one),
            "what": CALLED.get(one.kind) or (label(one.kind) if one.kind else ""),
        }
        for one in page
    ]
    context = {"rows": rows, "more": more, "key": new_key(), "rail": rail(staff, "letters")}
    return render(request, "oversight/letters.html", context)


@desk(Role.OVERSIGHT)
@require_POST
def retry(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Do one again."""
    try:
        messages.success(request, letters.retry(staff_of(request), key=key_of(request), letter_id=letter_id))
    except DoneBefore as error:
        messages.warning(request, str(error))
    except Refused as error:
        messages.error(request, str(error))
    return redirect("oversight-letters")


@desk(Role.OVERSIGHT)
@require_POST
def drop(request: HttpRequest, letter_id: int) -> HttpResponse:
    """Let one lie."""
    staff, reason = staff_of(request), request.POST.get("reason", "")
    act = lambda: letters.drop(staff, key=key_of(request), letter_id=letter_id, reason=reason)  # noqa: E731
    return perform(request, act, "已记下，不再处理。", reverse("oversight-letters"))
