"""How often something was tried: one count for every process and machine, in the database.

A count belongs to a *kind* (``progress``, ``login`` …) and a *key* (an address, an account, a number). It begins with the first
try and starts anew when its window is over. The table holds a keyed digest of both: neither address nor phone can be read from it.

Count before the secret is compared, outside a transaction (a rollback would forget the try), and take the try back where it was
right: then many guesses at once are all counted.
"""

import ipaddress
import time
from collections.abc import Iterable

from django.db import connection
from django.db.models import F

from tongban.vault.keys import digest
from tongban.vault.models import Tally

# One statement, so that two at once are both counted; a window that ends too late was begun before the clock was set back.
_COUNT = """
INSERT INTO vault_tally (digest, tries, ends_at) VALUES (%s, 1, %s)
ON CONFLICT (digest) DO UPDATE SET
  tries = CASE WHEN vault_tally.ends_at > %s AND vault_tally.ends_at <= excluded.ends_at THEN vault_tally.tries + 1 ELSE 1 END,
  ends_at = CASE WHEN vault_tally.ends_at > %s AND vault_tally.ends_at <= excluded.ends_at
    THEN vault_tally.ends_at ELSE excluded.ends_at END
RETURNING tries, ends_at
"""
SWEPT = 1000  # rows dropped at a time


def count(kind: str, key: str, limit: int, window: int, now: float | None = None) -> int | None:
    """Count a try of ``key``; None while there were no more than ``limit`` within ``window`` seconds, else seconds to wait.

    One statement. ``now`` is seconds since 1970, the clock's where it is not given.
    """
    at = int(time.time() if now is None else now)
    tries, ends_at = tried(kind, key, window, at)
    return max(1, ends_at - at) if tries > limit else None


def tried(kind: str, key: str, window: int, at: float) -> tuple[int, int]:
    """Count a try of ``key`` at ``at`` (seconds since 1970); how many there are now, and when their window is over."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [_digest(kind, key), int(at) + window, int(at), int(at)])
        tries, ends_at = cursor.fetchone()
    return tries, ends_at


def waits(kind: str, keys: Iterable[str], limit: int) -> dict[str, int]:
    """Seconds for which each of ``keys`` that used up its ``limit`` tries must wait; counts nothing. One query."""
    at, digests = int(time.time()), {_digest(kind, key): key for key in keys}
    used_up = Tally.objects.filter(digest__in=digests, tries__gte=limit, ends_at__gt=at)
    return {digests[digest]: ends_at - at for digest, ends_at in used_up.values_list("digest", "ends_at")}


def take_back(kind: str, key: str) -> None:
    """The last try does not count: it was right."""
    Tally.objects.filter(digest=_digest(kind, key), tries__gt=0).update(tries=F("tries") - 1)


def clear(kind: str, key: str) -> None:
    """Begin anew."""
    Tally.objects.filter(digest=_digest(kind, key)).delete()


def sweep() -> int:
    """Drop counts whose window is over; returns how many."""
    over = list(Tally.objects.filter(ends_at__lte=int(time.time())).values_list("pk", flat=True)[:SWEPT])
    return Tally.objects.filter(pk__in=over, ends_at__lte=int(time.time())).delete()[0] if over else 0


def place(address: str) -> str:
    """The place an address stands for: an IPv4 address itself, of IPv6 the /64 that one subscriber has."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address[:45]
    if found.version == 4:
        return str(found)
    return str(found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False))


def _digest(kind: str, key: str) -> str:
    return digest(f"{kind}\n{key}")
