"""What each printed form needs, checked before anything is numbered or rendered."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict


class Data(BaseModel):
    """Frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Item(Data):
    """An item with its code."""

    name: str
    code: str = ""


class Place(Data):
    """A window: where to ask."""

    name: str
    address: str = ""
    phone: str = ""


class Form(Data):
    """What stands on every sheet. Names and numbers of persons come masked."""

    title_line: str
    serial: str
    case_number: str
    applicant: str
    id_masked: str
    agent: str = ""
    package: str
    items: tuple[Item, ...] = ()
    region: str
    window: Place
    officer: str
    issued_at: datetime  # with zone; printed in Asia/Shanghai
    complaint_phone: str = ""
    clauses: tuple[str, ...]
    clause_text: str = ""  # the text of the clause itself


class Asked(Data):
    """A material that is asked for: what is wrong, what exactly is required, how to mend it."""

    name: str
    defects: tuple[str, ...]
    requirement: str
    mend: str = ""


class SupplementNotice(Form):
    """补正材料告知单 (八（三）): every defect at once."""

    materials: tuple[Asked, ...]


class DeclineNotice(Form):
    """不予收件告知单 (八（一）)."""

    reason: str
    competent: str = ""


class Missing(Data):
    """A tolerated material and until when it must come."""

    name: str
    requirement: str
    due: str  # a date, or 办结前
    channels: tuple[str, ...] = ()


class ToleranceNotice(Form):
    """容缺告知书 (八（四）)."""

    materials: tuple[Missing, ...]


class TolerancePledge(ToleranceNotice):
    """容缺承诺书 (八（四）): five statements."""


class Received(Data):
    """A line of the receipt's list of materials."""

    name: str
    form: str  # 原件核验、复印件、电子档
    files: int
    handling: str  # 退回申请人、转送承办部门、容缺待补


class IntakeReceipt(Form):
    """收件回执（收文清单） (八（五）3)."""

    materials: tuple[Received, ...]
    pushed_to: str
    promise: str  # the limit and how it is counted
    delivery: str
    collect: str


class Listed(Data):
    """A line of the list of paper for a unit."""

    name: str
    original: bool = False
    copies: int = 0


class MaterialList(Form):
    """单位材料目录 (八（六）)."""

    unit: str
    materials: tuple[Listed, ...]


class ReleaseReceipt(Form):
    """领证签收单 (十)."""

    results: tuple[str, ...]
    collector: str
    way: str
    warning: str = ""
    voucher: str = ""


class ClockNotice(Form):
    """中止、恢复计时告知书 (五)."""

    item: str
    ground: str = ""
    note: str = ""
    since: str
    due: str = ""


class FeeNotice(Form):
    """缴费告知单 (八（五）3)."""

    item: str
    amount: str
