"""What stands on an identity card against what was typed."""

from dataclasses import dataclass
from datetime import date

from tongban.identity import citizen_id, names


@dataclass(frozen=True)
class Card:
    """An identity card as read from its chip or its face; empty or None where a value was not read."""

    name: str = ""
    number: str = ""
    address: str = ""
    valid_until: date | None = None
    long_term: bool = False


@dataclass(frozen=True)
class Difference:
    """A value that is not the same on the card and in the form."""

    field: str  # of Card
    label: str
    card: str
    typed: str

    @property
    def message(self) -> str:
        """In words."""
        return f"{self.label}：证件上是“{self.card}”，填的是“{self.typed}”。"


LABELS = {"name": "姓名", "number": "证件号码", "address": "住址", "valid_until": "有效期至"}


def values(card: Card) -> dict[str, str]:
    """Field → value as a form holds it; what was not read is left out, a long-term card has no end."""
    found = {
        "name": names.normalise(card.name),
        "number": citizen_id.normalise(card.number),
        "address": card.address.strip(),
        "valid_until": card.valid_until.isoformat() if card.valid_until and not card.long_term else "",
    }
    return {field: value for field, value in found.items() if value}


def differences(card: Card, typed: Card) -> tuple[Difference, ...]:
    """What differs where both sides say something. Spaces in an address do not count; where one lives may have changed
    since the card was made, so the address differs only where neither holds the other.
    """
    mine, theirs = values(card), values(typed)
    if card.long_term and typed.valid_until:
        mine["valid_until"] = "长期"
    return tuple(
        Difference(field, LABELS[field], value, theirs[field])
        for field, value in mine.items()
        if field in theirs and not _same(field, value, theirs[field])
    )


def _same(field: str, one: str, other: str) -> bool:
    if field != "address":
        return one == other
    one, other = "".join(one.split()), "".join(other.split())
    return one in other or other in one
