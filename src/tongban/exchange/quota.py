"""How often a client may ask: counted in the database, the same for every process and machine."""

from dataclasses import dataclass

from tongban.exchange.models.clients import Client
from tongban.vault import throttle


@dataclass(frozen=True)
class Quota:
    """What is left after a request; ``wait`` seconds until the next may come, 0 while there is something left."""

    headers: dict[str, str]
    wait: int


def spend(client: Client, now: float) -> Quota:
    """Count a request of ``client`` at ``now`` (seconds since the epoch): one statement for the minute, one for the day."""
    left: list[str] = []
    waits: list[int] = []
    limits = {"minute": (client.a_minute, 60), "day": (client.a_day, 86_400)}
    for name, (most, window) in limits.items():
        tries, ends_at = throttle.tried(f"api-{name}", str(client.pk), window, now)
        reset = max(1, ends_at - int(now))
        left.append(f'"{name}";r={max(0, most - tries)};t={reset}')
        if tries > most:
            waits.append(reset)
    policy = ", ".join(f'"{name}";q={most};w={window}' for name, (most, window) in limits.items())
    return Quota({"RateLimit-Policy": policy, "RateLimit": ", ".join(left)}, max(waits, default=0))
