"""The archive desk's lists of what is kept: lent, transferred in batches, held, destroyed after the term."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_GET, require_POST

from tongban.archive import disposal, keeping
from tongban.archive.models import Disposal, DisposalEntry, Transfer
from tongban.archive.queries import holds_visible_to, packages_visible_to, transfers_visible_to
from tongban.cases.actions.door import NotFound, Refused
from tongban.cases.models import Case
from tongban.cases.queries import PAGE, after
from tongban.desks.archive.views import rail
from tongban.desks.doors import desk, key_of, new_key, page_key, perform, staff_of
from tongban.desks.rails import rail_of
from tongban.people.models import Role, Staff


def _day(value: str) -> date | None:
    try:
        return parse_date(value)
    except ValueError:
        return None


def _done(request: HttpRequest, act: Any, said: str, back: str) -> HttpResponse:
    """Do what is no act on one case, and go back with what came of it."""
    try:
        key_of(request)
        made = act()
    except NotFound as error:
        raise Http404 from error
    except Refused as error:
        messages.error(request, str(error))
        return redirect(back)
    messages.success(request, said.format(made))
    return redirect(back)


@desk(Role.ARCHIVE)
def loans(request: HttpRequest) -> HttpResponse:
    """What is lent out, the earliest due first."""
    staff = staff_of(request)
    rows = list(keeping.visible_loans(staff)[: PAGE * 4])
    return render(request, "archive/loans.html", {"rows": rows, "key": new_key(), "rail": rail(staff, "loans")})


@desk(Role.ARCHIVE)
@require_POST
def lend(request: HttpRequest, number: str) -> HttpResponse:
    """Lend a case's file."""
    given = request.POST

    def act() -> Case:
        return keeping.lend(
            staff_of(request), number, key=key_of(request), borrower=given.get("borrower", ""),
            purpose=given.get("purpose", ""), due_on=_day(given.get("due_on", "")),
        )  # fmt: skip

    return perform(request, act, "借出已登记。", reverse("archive-check", args=[number]))


@desk(Role.ARCHIVE)
@require_POST
def give_back(request: HttpRequest, number: str) -> HttpResponse:
    """What was lent is back."""
    act = lambda: keeping.give_back(staff_of(request), number, key=key_of(request))  # noqa: E731
    return perform(request, act, "归还已登记。", reverse("archive-check", args=[number]))


@desk(Role.ARCHIVE)
@require_POST
def hold(request: HttpRequest, number: str) -> HttpResponse:
    """Place a legal hold, or lift it."""
    do, said = (keeping.lift, "已解冻。") if request.POST.get("lift") else (keeping.hold, "已冻结，解冻以前不会销毁。")
    reason = request.POST.get("reason", "")
    act = lambda: do(staff_of(request), number, key=key_of(request), reason=reason)  # noqa: E731
    return perform(request, act, said, reverse("archive-check", args=[number]))


def _series(staff: Staff) -> list[tuple[str, int | None]]:
    rows = packages_visible_to(staff).filter(transfer=None, destroyed_at=None).exclude(packed_at=None)
    return list(rows.order_by("fonds", "year").values_list("fonds", "year").distinct())


@desk(Role.ARCHIVE)
def transfers(request: HttpRequest) -> HttpResponse:
    """Batches for the city's archive, newest first; and what could be put into one."""
    staff = staff_of(request)
    rows = list(transfers_visible_to(staff)[:PAGE])
    context = {"rows": rows, "series": _series(staff), "key": new_key(), "rail": rail(staff, "transfers")}
    return render(request, "archive/transfers.html", context)


@desk(Role.ARCHIVE)
@require_POST
def make_transfer(request: HttpRequest) -> HttpResponse:
    """Make a batch of a fonds and a year."""
    fonds, _, year = request.POST.get("series", "").rpartition("|")
    wanted = int(year) if year.isdecimal() and len(year) == 4 else 0
    act = lambda: keeping.make_transfer(staff_of(request), fonds, wanted)  # noqa: E731
    return _done(request, act, "移交批次 {} 后台正在编，每个信息包读一遍再编进去。", reverse("archive-transfers"))


@desk(Role.ARCHIVE)
@require_GET
def transfer(request: HttpRequest, batch: str) -> HttpResponse:
    """One batch, asked again while it is being filled."""
    return render(request, "archive/transfer.html", {"row": _batch(staff_of(request), batch), "key": new_key()})


def _batch(staff: Staff, batch: str) -> Transfer:
    row = transfers_visible_to(staff).filter(number=batch).first()
    if row is None:
        raise Http404
    return row


@desk(Role.ARCHIVE)
def transfer_list(request: HttpRequest, batch: str) -> HttpResponse:
    """The list that goes with a batch."""
    row = _batch(staff_of(request), batch)
    if row.finished_at is None:
        raise Http404
    response = HttpResponse(keeping.transfer_list(row), content_type="application/xml; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{row.number}.xml"'
    return response


@desk(Role.ARCHIVE)
@require_POST
def receipt(request: HttpRequest, batch: str) -> HttpResponse:
    """The receiver's receipt."""
    row, given = _batch(staff_of(request), batch), request.POST

    def act() -> Transfer:
        return keeping.receive(
            staff_of(request), row.number, receipt=given.get("receipt", ""), received_by=given.get("received_by", ""),
            received_on=_day(given.get("received_on", "")),
        )  # fmt: skip

    return _done(request, act, "{} 的回执已登记。", reverse("archive-transfers"))


@desk(Role.ARCHIVE, Role.OVERSIGHT)
def disposals(request: HttpRequest) -> HttpResponse:
    """Lists of what is to be destroyed, newest first."""
    staff = staff_of(request)
    rows = list(disposal.disposals_visible_to(staff).select_related("made_by", "reviewed_by", "approved_by")[:PAGE])
    fonds = list(
        packages_visible_to(staff).exclude(fonds="").order_by("fonds").values_list("fonds", flat=True).distinct()
    )
    holds = list(holds_visible_to(staff)[:PAGE])
    context = {"rows": rows, "fonds": fonds, "holds": holds, "key": new_key(), "rail": _rail(staff)}
    return render(request, "archive/disposals.html", context)


def _rail(staff: Staff) -> list[dict[str, Any]]:
    role = Role.ARCHIVE if staff.holds(Role.ARCHIVE) else Role.OVERSIGHT
    return rail_of(staff, role, "disposals")


@desk(Role.ARCHIVE)
@require_POST
def make_disposal(request: HttpRequest) -> HttpResponse:
    """List what is over its term."""
    fonds = request.POST.get("fonds", "")[:20]
    act = lambda: disposal.make_list(staff_of(request), fonds)  # noqa: E731
    return _done(request, act, "销毁清单 {} 已列出，请审查。", reverse("archive-disposals"))


def _list(staff: Staff, batch: str) -> Disposal:
    row = disposal.disposals_visible_to(staff).filter(number=batch).first()
    if row is None:
        raise Http404
    return row


@desk(Role.ARCHIVE, Role.OVERSIGHT)
def disposal_page(request: HttpRequest, batch: str) -> HttpResponse:
    """One list: its cases, who looked, and when it is done the certificate."""
    staff = staff_of(request)
    row = _list(staff, batch)
    entries = DisposalEntry.objects.filter(disposal=row).select_related("package__case__version")
    page, more = after(entries, page_key(request))
    states = [entry.state for entry in DisposalEntry.objects.filter(disposal=row).only("state")]
    context = {
        "row": row,
        "rows": page,
        "more": more,
        "counts": [(label, states.count(value)) for value, label in DisposalEntry.State.choices if value in states],
        "destroyed": states.count(DisposalEntry.State.DESTROYED),
        "may_review": row.state == Disposal.State.LISTED and staff.holds(Role.ARCHIVE),
        "may_approve": row.state == Disposal.State.REVIEWED
        and staff.holds(Role.OVERSIGHT)
        and staff.pk not in (row.made_by_id, row.reviewed_by_id),
        "removed": sum(DisposalEntry.objects.filter(disposal=row).values_list("removed", flat=True)),
        "to_remove": sum(map(len, DisposalEntry.objects.filter(disposal=row).values_list("files", flat=True))),
        "key": new_key(),
        "rail": _rail(staff),
    }
    return render(request, "archive/disposal.html", context)


@desk(Role.ARCHIVE, Role.OVERSIGHT)
@require_POST
def disposal_step(request: HttpRequest, batch: str, step: str) -> HttpResponse:
    """Strike a case off, look through, approve."""
    staff = staff_of(request)
    row, given = _list(staff, batch), request.POST
    entry = given.get("entry", "")
    entry_id = int(entry) if entry.isdecimal() and len(entry) < 19 else 0
    steps = {
        "strike": (
            lambda: disposal.strike(staff, row.number, entry_id=entry_id, reason=given.get("reason", "")),
            "已划去。",
        ),
        "review": (lambda: disposal.review(staff, row.number), "已审查，请督办人员批准。"),
        "approve": (lambda: disposal.approve(staff, row.number), "已批准，后台开始销毁。"),
    }
    if step not in steps:
        raise Http404
    act, said = steps[step]
    return _done(request, act, said, reverse("archive-disposal", args=[row.number]))
