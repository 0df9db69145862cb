"""What an official working procedure (工作规程) says, as immutable data.

The JSON printed by ``tongban procedure read`` and the YAML a city edits are this model and nothing else. What the text
does not say is ``None`` or empty; what is odd about it stands in ``anomalies``. Fields marked *decision* are not in the
text: the city sets them in the YAML, and the default is the reading of the text given in docs/decisions.md.
"""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict

from tongban.procedure.photo import PhotoLimits

Unit = Literal["working_day", "natural_day"]


class Data(BaseModel):
    """Frozen, closed, compared by value."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Topic(StrEnum):
    """What a clause is about. Rules and desks cite by topic, so that a renumbered sibling cites its own numbers."""

    PACKAGE = "package"  # 一
    WINDOWS = "windows"  # 二
    ITEMS = "items"  # 三
    CONTACTS = "contacts"  # 四
    TIME_LIMIT = "time_limit"  # 五
    MATERIALS = "materials"  # 六
    PLATFORMS = "platforms"  # 七
    INTAKE = "intake"  # 八
    DECLINE = "decline"  # 八（一）
    CORRECT_NOW = "correct_now"  # 八（二）
    SUPPLEMENT = "supplement"  # 八（三）
    TOLERANCE = "tolerance"  # 八（四）
    CONFORM = "conform"  # 八（五）
    DIGITISE = "digitise"  # 八（五）1
    DELIVERY = "delivery"  # 八（五）2
    RECEIPT = "receipt"  # 八（五）3
    PAPER_LISTS = "paper_lists"  # 八（六）
    REGISTRATION = "registration"  # 八（七）
    RATING = "rating"  # 八（八）
    HAND_ON = "hand_on"  # 八（九）
    DISTRIBUTION = "distribution"  # 九
    RELEASE = "release"  # 十
    RELEASE_POST = "release_post"  # 十.1
    RELEASE_ON_SITE = "release_on_site"  # 十.2
    RELEASE_DOCUMENTS = "release_documents"  # 十.2（1）
    RELEASE_MESSAGE = "release_message"  # 十.2（2）
    RELEASE_VOUCHER = "release_voucher"  # 十.2（3）
    RELEASE_REFUSED = "release_refused"  # 十.3
    ARCHIVING = "archiving"  # 十一


class TimeLimit(Data):
    """A promised limit. ``days`` is 0 for 即办件; the limit starts at the department's acceptance."""

    days: int
    unit: Unit
    starts: Literal["acceptance"] = "acceptance"


class Item(Data):
    """A government item (审批事项) with its 基本编码 as written; ``group`` is a heading whose children are picked."""

    name: str
    code: str | None
    group: bool = False
    time_limit: TimeLimit | None = None
    department: str | None = None
    selectable: bool | None = None  # decision: overrides `not group`

    @property
    def pickable(self) -> bool:
        """Whether an applicant can choose this item."""
        return not self.group if self.selectable is None else self.selectable


class Contact(Data):
    """The department's enquiry phones in one region; ``valid`` when there is one and all can be dialled."""

    region: str
    phones: tuple[str, ...] = ()
    valid: bool = False


class Tolerance(Data):
    """How long, until what and by which ways a tolerable material may follow (容缺)."""

    days: int | None = None
    unit: Unit | None = None
    until: str | None = None
    channels: tuple[str, ...] = ()


class Material(Data):
    """One row of the table of materials (收件要点)."""

    name: str
    requirement: str = ""
    original: bool = False
    copies: int = 0
    electronic: bool = False
    tolerable: bool = False
    tolerance: Tolerance = Tolerance()
    common_errors: tuple[str, ...] = ()
    paper_handling: str = ""
    forwarded: bool = False  # the paper itself goes to the department (read from paper_handling)
    applies_to: tuple[str, ...] = ()  # decision: item codes; empty means every item
    keep_copy: bool = False  # decision: the paper copy stays at the window
    check: Literal["photo", "idcard", "scan"] | None = None  # decision: how the machine looks at its files; inferred
    clause: str = ""  # e.g. 六.1


class Platform(Data):
    """Where applications are taken in; ``region`` None is the rule, a region is its exception (七)."""

    region: str | None = None
    platform: str
    module: str | None = None


class Clause(Data):
    """A numbered piece of the text. ``number`` follows the print: 八（三）, 八（五）1, 十.2（1）, 六.1."""

    number: str
    heading: str = ""
    text: str = ""
    inferred: bool = False  # the number is not printed
    topic: Topic | None = None


class Anomaly(Data):
    """Something missing, malformed or contradictory, with its place; nothing is guessed."""

    code: str
    severity: Literal["error", "warning", "info"]
    clause: str | None = None
    text: str = ""
    message: str


class Policy(Data):
    """Decisions of the city on how the text is read; none of them stands in the text."""

    release_documents: Literal["either", "both"] = "either"  # 十.2（1）
    release_code: Literal["offered", "required"] = "offered"  # 十.2（2）: the fresh code beside an original SMS
    fee: bool = False  # 缴费 is named, no fee is given
    photo: PhotoLimits = PhotoLimits()  # 六: what a photo must measure, where the city says otherwise than GA 461
    supplement_consequence: str = "补齐之前，申请不推送承办部门，办结时限不起算。"  # 八（三） names no limit
    tolerance_consequence: str = "逾期没有补齐的，由承办部门决定不予受理或者终止办理，由此产生的后果由申请人承担。"


class Procedure(Data):
    """A whole working procedure."""

    annex: str | None = None
    city: str | None = None
    name: str
    directory: str | None = None
    items: tuple[Item, ...] = ()
    contacts: tuple[Contact, ...] = ()
    time_limit: TimeLimit | None = None
    materials: tuple[Material, ...] = ()
    platforms: tuple[Platform, ...] = ()
    clauses: tuple[Clause, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    policy: Policy = Policy()

    def cite(self, *topics: Topic) -> tuple[str, ...]:
        """Numbers of the clauses on ``topics``, in that order; a topic the text does not have is left out."""
        by_topic: dict[Topic, str] = {}
        for clause in self.clauses:
            if clause.topic is not None:
                by_topic.setdefault(clause.topic, clause.number)
        return tuple(by_topic[topic] for topic in topics if topic in by_topic)

    def clause(self, number: str) -> Clause | None:
        """The first clause printed with ``number``."""
        return next((clause for clause in self.clauses if clause.number == number), None)
