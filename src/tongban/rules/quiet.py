"""Hours in which nobody is woken by a message."""

from datetime import datetime, time, timedelta

Hours = tuple[int, int]  # from hour, to hour, Asia/Shanghai; (21, 8) is from nine in the evening to eight


def hours(text: str) -> Hours | None:
    """Quiet hours from ``21-8``; None from an empty text. Raises :class:`ValueError`."""
    if not text.strip():
        return None
    first, dash, last = text.partition("-")
    if not (dash and first.strip().isdecimal() and last.strip().isdecimal() and int(first) < 24 and int(last) < 24):
        raise ValueError(f"免打扰时段“{text}”应写成 21-8 这样：几点到几点。")
    return (int(first), int(last)) if int(first) != int(last) else None


def quiet_until(local: datetime, quiet: Hours | None) -> datetime | None:
    """When the quiet hours end in which ``local`` (Asia/Shanghai) lies; None where it is not quiet."""
    if quiet is None:
        return None
    first, last = quiet
    within = first <= local.hour < last if first < last else local.hour >= first or local.hour < last
    if not within:
        return None
    day = local.date() + timedelta(days=1) if first > last and local.hour >= first else local.date()
    return datetime.combine(day, time(last), local.tzinfo)
