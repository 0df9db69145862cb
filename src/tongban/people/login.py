"""Who may log in: a demo account only while the demo is on, nobody after too many wrong tries (``vault.throttle``).

Right and wrong tries are noted as well, for the administrator: whose, by what, where from, when; of an account that does not
exist only the digest of what was typed.
"""

import hashlib
import math
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.backends import ModelBackend

from tongban.people.models import LoginTry, Staff
from tongban.vault import throttle

ACCOUNT_TRIES = 5
ADDRESS_TRIES = 30  # a hall's people share one address
WITHIN = 15 * 60  # seconds
KEPT = timedelta(days=200)  # logs are kept for six months at least (网络安全法, 21)
Way = LoginTry.Way


class StaffBackend(ModelBackend):
    """Django's own, asked again at every request: a demo session ends with the demo."""

    def user_can_authenticate(self, user: Staff | None) -> bool:  # type: ignore[override]
        """Whether the account is active, is a person's and, when it is a demo's, the demo is on."""
        if not super().user_can_authenticate(user) or getattr(user, "machine", False):
            return False
        return settings.DEMO or not getattr(user, "demo", False)


def account_digest(typed: str) -> str:
    """What stands for a typed account: it may have been a password."""
    return hashlib.sha256(typed.strip().lower().encode()).hexdigest()


def tried(typed: str, address: str) -> int:
    """Count a try before anything is compared; minutes that ``typed`` (an account, existing or not) or ``address`` must wait, or 0.

    Follow it by :func:`failed` or, where what was typed is right, by :func:`right`.
    """
    wait = throttle.count("login-from", throttle.place(address), ADDRESS_TRIES, WITHIN)
    wait = wait or throttle.count("login", account_digest(typed), ACCOUNT_TRIES, WITHIN)
    return math.ceil(wait / 60) if wait else 0


def right(typed: str, address: str) -> None:
    """What was typed is right: this try does not count."""
    throttle.take_back("login-from", throttle.place(address))
    throttle.take_back("login", account_digest(typed))


def failed(typed: str, address: str, now: datetime, way: str = Way.PASSWORD) -> None:
    """Note a wrong try."""
    staff = Staff.objects.filter(username=typed.strip()).only("pk").first()
    LoginTry.objects.create(staff=staff, account=account_digest(typed), address=address[:45], way=way, at=now)


def came(staff: Staff, address: str, now: datetime, way: str) -> None:
    """Note that ``staff`` showed who they are; what is older than ``KEPT`` is forgotten."""
    LoginTry.objects.filter(at__lt=now - KEPT).delete()
    LoginTry.objects.create(
        staff=staff, account=account_digest(staff.username), address=address[:45], way=way, right=True, at=now
    )


def succeeded(typed: str) -> None:
    """Every step of a log-in is done, or an administrator unlocks: the account's wrong tries no longer count."""
    throttle.clear("login", account_digest(typed))


def locked_minutes(accounts: Iterable[str]) -> dict[str, int]:
    """Minutes that the accounts among ``accounts`` that are locked must wait. One query."""
    digests = {account_digest(name): name for name in accounts}
    waits = throttle.waits("login", digests, ACCOUNT_TRIES)
    return {digests[digest]: math.ceil(seconds / 60) for digest, seconds in waits.items()}
