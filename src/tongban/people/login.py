"""Who may log in: a demo account only while the demo is on, nobody after too many wrong tries.

Tries are counted in the database, so that they count for every process and machine.
"""

import hashlib
import math
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.backends import ModelBackend

from tongban.people.models import LoginTry, Staff

ACCOUNT_TRIES = 5
ADDRESS_TRIES = 30  # a hall's people share one address
WITHIN = timedelta(minutes=15)
KEPT = timedelta(days=1)


class StaffBackend(ModelBackend):
    """Django's own, asked again at every request: a demo session ends with the demo."""

    def user_can_authenticate(self, user: Staff | None) -> bool:  # type: ignore[override]
        """Whether the account is active and, when it is a demo's, the demo is on."""
        return super().user_can_authenticate(user) and (settings.DEMO or not getattr(user, "demo", False))


def account_digest(typed: str) -> str:
    """What stands for a typed account: it may have been a password."""
    return hashlib.sha256(typed.strip().lower().encode()).hexdigest()


def locked_minutes(typed: str, address: str, now: datetime) -> int:
    """Minutes for which ``typed`` (an account, existing or not) or ``address`` must wait at ``now``; 0 when free."""
    waits = []
    for wanted, most in (({"account": account_digest(typed)}, ACCOUNT_TRIES), ({"address": address}, ADDRESS_TRIES)):
        tries = LoginTry.objects.filter(**wanted, at__gt=now - WITHIN).order_by("-at").values_list("at", flat=True)
        newest = list(tries[:most])
        if len(newest) == most:
            waits.append(newest[-1] + WITHIN - now)
    return max((math.ceil(wait.total_seconds() / 60) for wait in waits), default=0)


def failed(typed: str, address: str, now: datetime) -> None:
    """Count a wrong try; what is older than a day is forgotten."""
    LoginTry.objects.filter(at__lt=now - KEPT).delete()
    LoginTry.objects.create(account=account_digest(typed), address=address[:45], at=now)


def succeeded(typed: str) -> None:
    """The right password was given: the account's wrong tries no longer count."""
    LoginTry.objects.filter(account=account_digest(typed)).delete()
