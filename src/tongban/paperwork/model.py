"""What each printed form needs, checked before anything is numbered or rendered."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

WIDE, HIGH = 900, 300  # units of the field a signature is drawn in


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


Point = tuple[Annotated[int, Field(ge=0, le=WIDE)], Annotated[int, Field(ge=0, le=HIGH)]]


class Signature(Data):
    """A signature drawn with a finger or a pen: strokes of points in a field of ``WIDE`` × ``HIGH``, and when."""

    strokes: tuple[Annotated[tuple[Point, ...], Field(min_length=1, max_length=2000)], ...] = Field(
        min_length=1, max_length=200
    )
    at: datetime


class Sheet(Data):
    """What stands on everything that is printed and numbered."""

    title_line: str
    serial: str
    token: str  # opaque and signed (``cases.tokens``); the QR code carries it behind ``check_at``
    check_at: str = (
        ""  # address of the public check page, with its last slash; empty: the QR code holds the token alone
    )
    window: Place
    officer: str
    issued_at: datetime  # with zone; printed in Asia/Shanghai
    complaint_phone: str = ""
    seal: str = ""  # what is said where the seal goes; the city's word
    signature: Signature | None = None  # of who has to sign; only in the signed copy beside the sheet


class Form(Sheet):
    """What stands on every sheet of a case. Names and numbers of persons come masked."""

    case_number: str
    applicant: str
    id_masked: str
    agent: str = ""
    package: str
    items: tuple[Item, ...] = ()
    region: str
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
    consequence: str


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
    consequence: str


class TolerancePledge(ToleranceNotice):
    """容缺承诺书 (八（四）): five statements."""


class LateNotice(ToleranceNotice):
    """容缺逾期告知书: what was not there by its day, and what the notice said would follow."""

    done: str  # what is done now, in the officer's words


class Supplied(Data):
    """A tolerated material that has come."""

    name: str
    on: str  # the day it arrived
    way: str  # 窗口提交、网上上传、邮件袋
    files: int


class ToleranceReceipt(Form):
    """容缺补齐回执: what has come, what is still missing."""

    materials: tuple[Supplied, ...]
    open: tuple[Missing, ...] = ()


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
    rate_at: str = (
        ""  # the signed link of this case; printed as a QR code; empty where the instance has no public address
    )


class Listed(Data):
    """A line of the list of paper for a unit."""

    name: str
    original: bool = False
    copies: int = 0
    pages: int = 0  # 0: not counted


class MaterialList(Form):
    """单位材料目录 (八（六）)."""

    unit: str
    materials: tuple[Listed, ...]
    bag: str = ""


class ReleaseReceipt(Form):
    """领证签收单 (十)."""

    results: tuple[str, ...]
    collector: str
    way: str
    code_check: str = ""  # what the code sent to the registered phone proved
    warning: str = ""
    voucher: str = ""


class ReleaseRefusal(Form):
    """不予现场发放告知单 (十.3): the clause and the reason, on wish."""

    reason: str
    collector: str = ""
    instead: str = ""  # how it can be had after all


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


class Address(Data):
    """An end of a consignment. A person comes with name and phone masked; the address is needed whole."""

    name: str
    phone: str = ""
    address: str = ""
    postcode: str = ""


BagKind = Literal["容缺回寄", "材料", "结果"]


class BagLabel(Sheet):
    """邮件袋标签, 100 × 60 mm. ``bag`` is printed as text and as a barcode; the QR code carries the token."""

    bag: str
    kind: BagKind
    sender: Address
    receiver: Address
    cases: tuple[str, ...] = ()  # case numbers in the bag
    due: str = ""  # until when a 容缺回寄 bag must be back


class PostLabel(Sheet):
    """邮政标签, 100 × 150 mm."""

    case_number: str
    waybill: str = ""  # as a barcode where the carrier gave one
    kind: BagKind
    direction: Literal["寄出", "回寄"] = "寄出"
    sender: Address
    receiver: Address
    contents: tuple[str, ...] = ()
    note: str = ""


class Consigned(Data):
    """A line of the list handed to the carrier."""

    waybill: str
    case_number: str
    kind: BagKind
    receiver: str  # masked name, or the name of a hall
    destination: str
    note: str = ""


class PostList(Sheet):
    """邮寄交接清单: what the post desk gave the carrier on one day."""

    day: str
    desk: str
    carrier: str
    rows: tuple[Consigned, ...]


class Filed(Data):
    """A line of the list of a file's contents."""

    name: str
    mark: str = ""  # serial of a form, 电子文件号
    day: str = ""
    pages: int = 0  # 0: electronic only
    digest: str = ""
    note: str = ""


class ArchiveCover(Form):
    """归档封面."""

    archive_number: str  # 档号
    fonds: str = ""  # 全宗
    category: str = ""
    year: int
    retention: str
    result: str
    taken_on: str
    closed_on: str
    files: int
    pages: int = 0


class ArchiveList(Form):
    """卷内文件目录."""

    archive_number: str
    rows: tuple[Filed, ...]
    note: str = ""
