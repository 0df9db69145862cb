"""Personal data as screens and messages show it: first and last, no more (PIPL)."""

ADDRESS_SHOWN = 6


def mask_name(name: str) -> str:
    """张三丰 → 张*; the part before · counts as one: its first character stays."""
    return f"{name[:1]}*" if name else ""


def mask_id(number: str) -> str:
    """First and last character of a number, the rest as asterisks; a number of up to two is all asterisks."""
    return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}" if len(number) > 2 else "*" * len(number)


def mask_phone(phone: str) -> str:
    """138****0000; a shorter number keeps its last two digits."""
    if len(phone) >= 11:
        return f"{phone[:3]}{'*' * (len(phone) - 7)}{phone[-4:]}"
    return f"{'*' * max(0, len(phone) - 2)}{phone[-2:]}" if phone else ""


def mask_address(address: str) -> str:
    """The first six characters (about the region), the rest left out."""
    return address if len(address) <= ADDRESS_SHOWN else f"{address[:ADDRESS_SHOWN]}……"


def mask_email(address: str) -> str:
    """z***@example.cn: the first character and what is behind the @."""
    name, at, host = address.partition("@")
    return f"{name[:1]}***{at}{host}" if at else "***"
