"""Codes that prove a phone at the counter (十.2（2） of the official text): one in the collection SMS, a fresh one on request.

The code of the collection SMS follows from case and phone, so another phone makes it void; a forwarded SMS carries it along,
which is why a fresh one can be sent while the collector stands there. Neither is ever shown to staff.
"""

import hmac
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from tongban.cases.actions.door import Change, Refused, act
from tongban.cases.models import Case
from tongban.cases.states import CaseState
from tongban.identity.phones import is_mobile
from tongban.messages.models import Code
from tongban.people.models import Role
from tongban.procedure.model import Topic
from tongban.vault import keys, throttle

LIFE = timedelta(minutes=10)
BETWEEN = timedelta(seconds=60)  # two fresh codes
A_DAY = 5  # fresh codes a case
WRONG, WITHIN = 5, 3600  # wrong ones within so many seconds; then no code of the case is taken for a while


class Proof(StrEnum):
    """What a typed code proves."""

    WRONG = "wrong"
    LOCKED = "locked"  # too many wrong ones: nothing is compared
    COLLECTION = "collection"  # the code of the collection SMS: who typed it has seen the SMS
    FRESH = "fresh"  # a fresh code: who typed it has the phone at hand


def collection_code(case: Case) -> str:
    """The six digits of the collection SMS, bound to case and phone."""
    return f"{int(keys.digest(f'collect {case.number} {case.applicant_phone}')[:15], 16) % 10**6:06d}"


def _bound(case: Case, code: str) -> str:
    return keys.digest(f"fresh {case.number} {case.applicant_phone} {code}")


@act("code_issued", Role.ISSUING)
def issue(change: Change) -> None:
    """Send a fresh code to the phone of the case: ``issue(staff, number, key=…)``. Raises :class:`Refused` when too often."""
    change.require_state(CaseState.DELIVERING, CaseState.IN_PROGRESS)
    if not is_mobile(change.case.applicant_phone):
        raise Refused("登记的不是手机号码，收不到验证码。请改用身份证、收文清单，或者请工作人员担保。")
    assert change.staff is not None
    today = list(Code.objects.filter(case=change.case, made_at__gt=change.now - timedelta(days=1))[:A_DAY])
    if len(today) >= A_DAY:
        raise Refused(f"这个办件一天内已发 {A_DAY} 次验证码，请改用身份证或收件回执，或明天再试。")
    if today and change.now - today[0].made_at < BETWEEN:
        raise Refused("验证码刚刚发出，请等一分钟再发。")
    code = f"{secrets.randbelow(10**6):06d}"
    row = Code.objects.create(
        case=change.case,
        digest=_bound(change.case, code),
        secret=code,
        made_at=change.now,
        expires_at=change.now + LIFE,
        made_by=change.staff,
    )
    out = ({"message": "code", "code": row.pk},)
    change.note("code_issued", change.cite(Topic.RELEASE_MESSAGE), outgoing=out)


def check(case: Case, typed: str, now: datetime | None = None) -> Proof:
    """What ``typed`` proves for ``case``. Each call counts as a try unless it was right; a right fresh code is used up.

    Give it what was typed once, when the hand-over is asked for, not at each key.
    """
    now = now or timezone.now()
    text = "".join(typed.split())
    if throttle.count("code", str(case.pk), WRONG, WITHIN, now.timestamp()):
        return Proof.LOCKED
    with transaction.atomic():
        fresh = Code.objects.filter(case=case, used_at=None, expires_at__gt=now).first()
        is_fresh = hmac.compare_digest(fresh.digest if fresh else "-" * 64, _bound(case, text))
        is_collection = hmac.compare_digest(collection_code(case).encode(), text.encode())
        if is_fresh and fresh and Code.objects.filter(pk=fresh.pk, used_at=None).update(used_at=now, secret=""):
            proof = Proof.FRESH
        elif is_collection:
            proof = Proof.COLLECTION
        else:
            return Proof.WRONG
    throttle.take_back("code", str(case.pk))
    return proof


def forget(now: datetime | None = None) -> int:
    """Drop codes that are over from the database; returns how many."""
    over = Code.objects.filter(expires_at__lte=now or timezone.now()).exclude(digest="")
    return over.update(secret="", digest="")
