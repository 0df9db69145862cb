"""What a check says about an image: a code, how grave it is, the number measured and the number wanted."""

from dataclasses import asdict, dataclass
from typing import Any, Literal

Level = Literal["failure", "advice"]


@dataclass(frozen=True)
class Finding:
    """One thing that is not as it should be.

    ``measured`` is a number, or a word where there is no number, or None; ``required`` is what it should be, as printed
    (``193–221``); ``message`` is a Chinese sentence that says what is wrong and what to do.
    """

    code: str
    level: Level
    measured: float | str | None
    required: str | None
    message: str

    def json(self) -> dict[str, Any]:
        """The finding as the commands print it."""
        return asdict(self)


def failure(code: str, message: str, measured: float | str | None = None, required: str | None = None) -> Finding:
    """A finding that keeps the file from being accepted, until a person overrules it."""
    return Finding(code, "failure", measured, required, message)


def advice(code: str, message: str, measured: float | str | None = None, required: str | None = None) -> Finding:
    """A finding for a person to confirm."""
    return Finding(code, "advice", measured, required, message)
