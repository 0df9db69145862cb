"""Asking the machine to look, and looking: here for what is quick, in the worker for what is not.

A row is taken by compare-and-set on its state and its tries, so that two workers never do the same look; one whose worker
died is taken again after a minute, three times at most.
"""

import hashlib
import json
import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.db import close_old_connections
from django.db.models import Q
from django.utils import timezone

from tongban.checks.eyes import EYES, VERSIONS, ready
from tongban.checks.models import Check
from tongban.vault import store

TRIES = 3
DIED = timedelta(seconds=60)  # a look that has not ended by then: whoever did it is gone
STALLED = timedelta(seconds=10)  # waiting for longer than this, nobody seems to work
KEPT = timedelta(days=7)
PAUSE = 0.25  # seconds between two looks for work
QUICK = ("image/jpeg", "image/png")  # kinds of file a photo may be: looked at in a fraction of a second

logger = logging.getLogger(__name__)
_one_at_a_time = threading.Lock()  # decoded pictures are large: a process holds one


@dataclass(frozen=True)
class Look:
    """What to look at, and how. ``given`` are plain values (limits, the day); equal looks are the same look."""

    kind: str  # photo, idcard, scan, pages
    digests: tuple[str, ...]
    media_types: tuple[str, ...]
    given: dict[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Names the look: the same for the same files looked at in the same way, by the same version of the look."""
        body = [self.kind, VERSIONS[self.kind], self.digests, self.given]
        return hashlib.sha256(json.dumps(body, sort_keys=True, ensure_ascii=False).encode()).hexdigest()

    @property
    def quick(self) -> bool:
        """Whether it may be done within a request: what reads text loads a model, which no web process should hold."""
        return self.kind == "photo" and all(kind in QUICK for kind in self.media_types)


def found(looks: Iterable[Look]) -> dict[str, Check]:
    """Key → what is known of each look; one query."""
    keys = [look.key for look in looks]
    return {check.key: check for check in Check.objects.filter(key__in=keys)} if keys else {}


def ask(looks: Iterable[Look]) -> dict[str, Check]:
    """Key → each look, asked for where nobody had: a quick one is done before this returns, others wait for the worker."""
    wanted = {look.key: look for look in looks}
    known = found(wanted.values())
    new = [look for key, look in wanted.items() if key not in known]
    if not new:
        return known
    now = timezone.now()
    rows = [
        Check(key=look.key, kind=look.kind, digests=list(look.digests), given=look.given, asked_at=now) for look in new
    ]
    Check.objects.bulk_create(rows, ignore_conflicts=True)
    for check in Check.objects.filter(key__in=[look.key for look in new]):
        if wanted[check.key].quick and take(check):
            do(check)
        known[check.key] = check
    return known


def _free() -> Q:
    """A look nobody is at: waiting, or its worker died."""
    died = timezone.now() - DIED
    return Q(state=Check.State.WAITING) | Q(state=Check.State.WORKING, started_at__lt=died)


def take(check: Check) -> bool:
    """Make the look ours; False when somebody has it."""
    now = timezone.now()
    mine = Check.objects.filter(_free(), pk=check.pk, tries=check.tries).update(
        state=Check.State.WORKING, tries=check.tries + 1, started_at=now
    )
    if mine:
        check.state, check.tries, check.started_at = Check.State.WORKING, check.tries + 1, now
    return bool(mine)


def do(check: Check) -> None:
    """Look, and write what came of it. Whatever goes wrong is the look's own failure and nobody else's."""
    try:
        with _one_at_a_time:
            check.result = EYES[check.kind]([store.read(digest) for digest in check.digests], check.given)
        check.state = Check.State.DONE
    except Exception:
        logger.exception("check %s failed", check)
        check.state, check.result = Check.State.FAILED, None
    check.done_at = timezone.now()
    check.save(update_fields=["state", "result", "done_at"])


def look() -> int:
    """Do the oldest look that waits, or whose worker died; returns how many: 0 or 1."""
    check = Check.objects.filter(_free()).order_by("id").first()
    if check is None:
        return 0
    if check.tries >= TRIES:
        Check.objects.filter(pk=check.pk, tries=check.tries).update(state=Check.State.FAILED, done_at=timezone.now())
    elif take(check):
        do(check)
    return 1


def keep_looking(stop: threading.Event) -> None:
    """Look until told to stop: the worker's second thread, so that nobody waits behind messages. Models are loaded first."""
    try:
        ready()
    except Exception:
        logger.exception("the models that read text were not loaded; photos are looked at all the same")
    while not stop.is_set():
        close_old_connections()
        try:
            done = look()
        except Exception:
            logger.exception("looking failed; trying again")
            done = 0
        if not done:
            stop.wait(PAUSE)


def stalled(check: Check) -> bool:
    """Whether a look waits for a worker that does not come."""
    return check.state == Check.State.WAITING and check.asked_at < timezone.now() - STALLED


def forget() -> int:
    """Forget results that are some days old; returns how many."""
    return Check.objects.filter(done_at__lt=timezone.now() - KEPT).delete()[0]
