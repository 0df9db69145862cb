"""Who keeps which stored file: each room says so itself, for the vault knows no room."""

from collections.abc import Callable, Iterator

Keeper = Callable[[], Iterator[tuple[str, str]]]
_keepers: list[Keeper] = []


def keeper(kept: Keeper) -> Keeper:
    """Register ``kept``, which yields (digest, what it is, in Chinese) of every file a room's rows point at."""
    _keepers.append(kept)
    return kept


def kept() -> Iterator[tuple[str, str]]:
    """Every file that any room points at, read in portions; one digest may come more than once."""
    for one in _keepers:
        yield from one()
