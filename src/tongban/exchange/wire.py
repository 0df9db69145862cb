"""What two instances say to each other: CloudEvents 1.0 in JSON, structured mode, one step of one case each.

Extension attributes: ``sequence`` and ``sequencetype`` (the documented Sequence extension) count the events of one case in one
direction from 1. Times carry their zone. Whoever reads takes what is exactly so, and nothing more. ``protocol`` says up to
which number the sender understands steps: one that a peer does not know is not told to it.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

MEDIA_TYPE = "application/cloudevents+json"
TYPES = "cn.tongban."  # then the kind, then the version of its data
VERSION = ".v1"

PROTOCOL = 2
SUBMITTED, SUPPLIED, DELIVERED, CAME_BACK = "submitted", "supplied", "delivered", "came_back"  # from who took it in
PAPER = "paper"
RECEIVED = "received"  # from whose department it is; then its steps:
STEPS = (
    "accepted", "not_accepted", "paused", "resumed", "fee_asked", "fee_confirmed", "granted", "refused", "corrected",
    "result_sent",
)  # fmt: skip
DOCUMENT = "document"
SINCE = {DOCUMENT: 2, PAPER: 2}  # the protocol a step came with; 0.3.0 knew 1


class Data(BaseModel):
    """Frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Envelope(BaseModel):
    """The context attributes; unknown extensions are allowed, as the specification wants."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"]
    id: str = Field(pattern=r"^[A-Za-z0-9_-]{1,48}$")
    source: str = Field(min_length=1, max_length=200)
    type: str = Field(max_length=80)
    subject: str = Field(min_length=1, max_length=80)
    time: AwareDatetime
    datacontenttype: Literal["application/json"] = "application/json"
    sequence: str = Field(pattern=r"^[0-9]{10}$")
    sequencetype: Literal["Integer"] = "Integer"
    protocol: int = Field(default=1, ge=1, le=1000)
    data: dict[str, Any]

    @property
    def kind(self) -> str:
        """What happened, without the name space and the version; empty where it is not of ours."""
        known = self.type.startswith(TYPES) and self.type.endswith(VERSION)
        return self.type[len(TYPES) : -len(VERSION)] if known else ""


class FileSaid(Data):
    """A file of a material; its bytes are asked for by digest."""

    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    size: int = Field(ge=1)
    media_type: str = Field(max_length=80)
    filename: str = Field(max_length=200)
    source: str = Field(max_length=10)


class MaterialSaid(Data):
    """A material as the window judged it."""

    index: int = Field(ge=0, le=200)
    state: str = Field(max_length=20)
    defects: tuple[str, ...] = ()
    original_shown: bool = False
    tolerated: bool = False
    valid_until: date | None = None
    files: tuple[FileSaid, ...] = ()


class PersonSaid(Data):
    """Somebody's data."""

    name: str = Field(max_length=100)
    id_kind: str = Field(max_length=20)
    id_number: str = Field(max_length=40)
    phone: str = Field(default="", max_length=40)
    address: str = Field(default="", max_length=300)


class WindowSaid(Data):
    """The window that took the case in."""

    name: str = Field(max_length=120)
    phone: str = Field(default="", max_length=40)
    officer: str = Field(max_length=100)


class DeliverySaid(Data):
    """How the applicant wants the result."""

    way: str = Field(max_length=10)
    name: str = Field(default="", max_length=100)
    phone: str = Field(default="", max_length=40)
    address: str = Field(default="", max_length=300)


class Submitted(Data):
    """A whole case, as it is pushed to the department."""

    city: str = Field(max_length=40)
    region: str = Field(max_length=40)
    package: str = Field(max_length=120)
    procedure: str = Field(pattern=r"^[0-9a-f]{64}$")  # SHA-256 of the version it was taken in under
    taken_at: AwareDatetime
    window: WindowSaid
    items: tuple[str, ...] = Field(min_length=1, max_length=50)  # codes, or names where there is no code
    applicant: PersonSaid
    phone_of: str = Field(max_length=10)
    email: str = Field(default="", max_length=254)
    agent: PersonSaid | None = None
    guardian: PersonSaid | None = None
    delivery: DeliverySaid
    materials: tuple[MaterialSaid, ...] = Field(max_length=200)


class Supplied(Data):
    """A tolerated material that came later, with its files."""

    material: int = Field(ge=0, le=200)
    files: tuple[FileSaid, ...] = Field(min_length=1)


class Document(Data):
    """The decision of an item as a PDF of the department's; the one that was in force before no longer is."""

    item: int = Field(ge=1, le=50)
    file: FileSaid


class SheetSaid(Data):
    """The list (单位材料目录) on top of the paper for one unit: what is in it, where it is, since when."""

    code: str = Field(max_length=16)
    unit: str = Field(max_length=120)
    materials: tuple[str, ...] = Field(max_length=200)
    place: str = Field(max_length=40)
    since: AwareDatetime
    waybill: str = Field(default="", max_length=30)


class Paper(Data):
    """All paper that goes from the window to the department, as it stands after a handover."""

    lists: tuple[SheetSaid, ...] = Field(max_length=50)


class Received(Data):
    """The number the case has at the department's."""

    number: str = Field(min_length=1, max_length=80)


class Step(Data):
    """A step on some items; which of the other fields stand there depends on the step."""

    items: tuple[int, ...] = Field(min_length=1, max_length=50)
    reason: str = Field(default="", max_length=600)
    ground: str = Field(default="", max_length=20)
    note: str = Field(default="", max_length=600)
    amount: Decimal | None = None
    granted: bool | None = None  # what a corrected decision is now
    why: str = Field(default="", max_length=600)  # it was wrong


MODELS: dict[str, type[Data]] = {
    SUBMITTED: Submitted,
    SUPPLIED: Supplied,
    PAPER: Paper,
    DOCUMENT: Document,
    RECEIVED: Received,
    DELIVERED: Step,
    CAME_BACK: Step,
    **dict.fromkeys(STEPS, Step),
}


def envelope(
    *, key: str, source: str, kind: str, number: str, at: datetime, sequence: int, data: Any
) -> dict[str, Any]:
    """An event as it goes over the line."""
    return {
        "specversion": "1.0",
        "id": key,
        "source": source,
        "type": f"{TYPES}{kind}{VERSION}",
        "subject": number,
        "time": at.isoformat(),
        "datacontenttype": "application/json",
        "sequence": f"{sequence:010}",
        "sequencetype": "Integer",
        "protocol": PROTOCOL,
        "data": data,
    }
