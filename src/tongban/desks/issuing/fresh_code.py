"""A fresh code to the registered phone while the collector stands there (十.2（2）): sent here, compared with the hand-over."""

from dataclasses import replace

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from tongban.cases.actions.door import Refused
from tongban.cases.actions.release import WRONG_TRIES, Shown
from tongban.cases.models import Case
from tongban.desks.doors import case_or_404, desk, key_of, new_key, staff_of
from tongban.messages import codes
from tongban.messages.models import Message
from tongban.people.models import Role
from tongban.rules.release import Code
from tongban.rules.release import Message as Sms

COLLECTION = "这是领证短信里的码，只能证明看过短信。请输入刚才发到登记手机上的新验证码。"
LOCKED = "验证码错得太多，一小时以内不再核对。请改用身份证、收文清单，或者请工作人员担保。"


def proved(case: Case, shown: Shown, typed: str, errors: dict[str, str]) -> Shown:
    """``shown`` with what the ``typed`` code proves; a code that cannot be compared becomes an error of its field.

    It is compared only where it counts, beside an original SMS of a hand-over that is not going to be refused unseen: a right
    code is used up by it, a wrong one is counted.
    """
    if not typed.strip() or shown.message != Sms.ORIGINAL or not shown.collector:
        return shown
    if errors or case.failed_releases >= WRONG_TRIES:
        return shown
    proof = codes.check(case, typed)
    if proof is codes.Proof.COLLECTION:
        errors["fresh_code"] = COLLECTION
    elif proof is codes.Proof.LOCKED:
        errors["fresh_code"] = LOCKED
    return replace(shown, code=Code.RIGHT if proof is codes.Proof.FRESH else Code.WRONG)


def _said(request: HttpRequest, case: Case, refused: str = "") -> HttpResponse:
    sent = Message.objects.filter(case=case, kind="code").first()
    newest = case.codes.first()
    waits = newest is not None and (sent is None or sent.made_at < newest.made_at)
    context = {
        "case": case,
        "message": None if waits else sent,
        "waits": not refused and (waits or bool(sent and sent.state == Message.State.WAITING)),
        "refused": refused,
        "minutes": int(codes.LIFE.total_seconds() // 60),
        "key": new_key(),
    }
    return render(request, "issuing/code.html", context)


@desk(Role.ISSUING)
@require_POST
def send(request: HttpRequest, number: str) -> HttpResponse:
    """Send a fresh code; the answer says so, or why not."""
    staff = staff_of(request)
    case = case_or_404(staff, number, Role.ISSUING)
    try:
        codes.issue(staff, number, key=key_of(request))
    except Refused as error:
        return _said(request, case, str(error))
    return _said(request, case)


@desk(Role.ISSUING)
@require_GET
def sent(request: HttpRequest, number: str) -> HttpResponse:
    """How far the newest code is on its way to the phone."""
    return _said(request, case_or_404(staff_of(request), number, Role.ISSUING))
