"""What goes in and comes out, as the API's own words: the names of the case file, personal data masked."""

import hashlib
from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field, StringConstraints

from tongban.cases.due import GROUNDS
from tongban.cases.models import Delivery, IdKind, PhoneOf
from tongban.cases.states import CaseState, ItemState
from tongban.exchange.models.clients import Scope
from tongban.rules.review import MaterialState, Outcome

MOST_IDS = 2**53 - 1  # whole in every client's numbers
Id = Annotated[int, Field(ge=1, le=MOST_IDS)]
Line = Annotated[str, StringConstraints(max_length=500)]
NUMBER = r"^[A-Z]{1,8}-[0-9]{8}-[0-9A-HJKMNP-TV-Z]{8}$"


class In(Schema):
    """Closed: what the API does not know is refused, not dropped."""

    model_config = ConfigDict(extra="forbid")


class PersonIn(In):
    """申请人、代办人或监护人。"""

    name: Line = Field(description="姓名", examples=["样例·张三"])
    id_kind: IdKind = Field(IdKind.RESIDENT_ID, description="证件种类")
    id_number: Line = Field(description="证件号码", examples=["11010519491231002X"])
    phone: Line = Field("", description="手机号码；申请人必填", examples=["13800000000"])
    address: Line = Field("", description="住址")
    valid_until: date | None = Field(None, description="证件有效期止；长期的不填")


class MaterialIn(In):
    """一份材料和对它的核对结论。"""

    place: int = Field(ge=0, le=999, description="材料在规程里的位置，从 0 起（procedures 里的 place）")
    state: MaterialState = Field(
        description="核对结论：conforms 符合，correctable 可当场更正，defective 有问题，missing 没有带"
    )
    defects: list[Line] = Field([], max_length=30, description="问题，逐条写；common_errors 里有的，照抄原文")
    original_shown: bool = Field(False, description="看过原件")
    overrule: Line = Field("", description="机器看出的问题不成立的，写明理由；不写就算有问题")
    tolerate: bool = Field(False, description="申请人愿意容缺，以后补齐")
    files: list[UUID] = Field([], max_length=30, description="上传好的文件（uploads 里的 id）")
    valid_until: date | None = Field(None, description="材料本身的有效期止")


class DeliveryIn(In):
    """结果怎么交给申请人。"""

    way: Delivery = Field(Delivery.COLLECT, description="collect 现场领取，post 邮寄")
    name: Line = Field("", description="收件人；邮寄时必填")
    phone: Line = Field("", description="收件人电话；邮寄时必填")
    address: Line = Field("", description="邮寄地址；邮寄时必填")


class CaseIn(In):
    """一次收件：和收件窗口填的一样，按同样的规则答复。"""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "procedure": 1,
                    "region": 3,
                    "items": ["202014001002"],
                    "applicant": {
                        "name": "样例·张三",
                        "id_number": "11010519491231002X",
                        "phone": "13800000000",
                        "address": "示例街道 1 号",
                    },
                    "materials": [
                        {
                            "place": 0,
                            "state": "conforms",
                            "original_shown": True,
                            "files": ["1f0e6b8a-6a3c-4c1e-9d53-3f1b9f0f2c77"],
                        },
                        {"place": 1, "state": "defective", "defects": ["背景不是白色"]},
                    ],
                    "delivery": {"way": "collect"},
                }
            ]
        },
    )

    procedure: Id = Field(description="规程版本（procedures 里的 id），应为正在施行的一版")
    window: Id | None = Field(None, description="收件窗口（me 里的 windows）；只有一个时可以不填")
    region: Id = Field(description="承办地（procedures 里的 regions）")
    items: list[Line] = Field([], max_length=50, description="事项的基本编码；没有编码的写名称")
    applicant: PersonIn
    agent: PersonIn | None = Field(None, description="代办人；本人办的不填")
    guardian: PersonIn | None = Field(None, description="监护人；申请人未满 18 周岁的必填")
    in_scope: bool = Field(True, description="属于本窗口收件范围；不属于的不予收件")
    scope_reason: Line = Field("", description="不予收件的理由")
    materials: list[MaterialIn] = Field([], max_length=100, description="每一份应交材料都要有且只有一个结论")
    delivery: DeliveryIn = Field(default_factory=lambda: DeliveryIn.model_validate({}))
    phone_of: PhoneOf = Field(PhoneOf.SELF, description="手机是谁的")
    email: Line = Field("", description="没有手机的，可以留电子邮箱")


class SupplementIn(In):
    """补正：来了的材料；没有写的，结论照旧。"""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "materials": [
                        {"place": 1, "state": "conforms", "files": ["1f0e6b8a-6a3c-4c1e-9d53-3f1b9f0f2c77"]},
                    ]
                }
            ]
        },
    )

    materials: list[MaterialIn] = Field(min_length=1, max_length=100)
    late_reason: Line = Field("", description="首次告知时就能看出、当时没有告知的，写明理由")


class SupplyIn(In):
    """补来的容缺材料。"""

    files: list[UUID] = Field(min_length=1, max_length=30, description="上传好的文件（uploads 里的 id）")
    overrule: Line = Field("", description="机器看出的问题不成立的，写明理由；不写就不收")


class OrdersIn(In):
    """对哪些事项做；不写就是本部门能做这一步的全部事项。"""

    items: list[Annotated[int, Field(ge=1, le=999)]] | None = Field(
        None, max_length=50, description="事项在办件里的序号（items 里的 order）"
    )


class NotAcceptIn(OrdersIn):
    """不予受理。"""

    reason: Line = Field(description="理由，申请人会看到")


class PauseIn(OrdersIn):
    """中止计时。"""

    ground: Line = Field(
        description="法定事由：" + "，".join(f"{key} {said}" for key, said in GROUNDS.items()), examples=["hearing"]
    )
    note: Line = Field("", description="说明")


class DecideIn(OrdersIn):
    """作出决定。"""

    granted: bool = Field(description="true 准予办结，false 不予办理")
    reason: Line = Field("", description="不予办理的理由，申请人会看到")


class UploadIn(In):
    """要上传的文件。"""

    filename: Annotated[str, StringConstraints(min_length=1, max_length=200)] = Field(examples=["身份证.jpg"])
    size: int = Field(ge=1, le=MOST_IDS, description="字节数", examples=[183204])
    sha256: str = Field(
        pattern=r"^[0-9a-f]{64}$",
        description="全部内容的 SHA-256（小写十六进制）",
        examples=[hashlib.sha256(b"").hexdigest()],
    )


class WebhookIn(In):
    """往哪里推送。"""

    url: Annotated[str, StringConstraints(min_length=8, max_length=500)] = Field(
        description="接收推送的地址；只能在系统管理员登记的推送地址之下", examples=["https://app.example.cn/tongban"]
    )


# --- what comes out ---


class Place(Schema):
    """编号和名称。"""

    id: int
    name: str


class Me(Schema):
    """这个令牌是谁的、能做什么。"""

    name: str
    scopes: list[Scope]
    a_minute: int = Field(description="每分钟最多请求几次")
    a_day: int = Field(description="每天最多请求几次")
    windows: list[Place] = Field(description="可以在哪些窗口收件")
    units: list[Place] = Field(description="代表哪些承办部门")


class ProcedureLine(Schema):
    """正在施行的一个套餐。"""

    id: int
    city: str
    name: str
    version: int
    effective: date


class ItemAsked(Schema):
    """可以选的一个事项。"""

    code: str = Field(description="基本编码；没有编码的是名称")
    name: str


class MaterialAsked(Schema):
    """要交的一份材料。"""

    place: int
    name: str
    requirement: str = Field(description="要求，规程原文")
    original: bool
    copies: int
    electronic: bool
    tolerable: bool = Field(description="可以容缺")
    common_errors: list[str]
    applies_to: list[str] = Field(description="只有这些事项要交；空的是每个事项都要")
    clause: str


class ProcedureOut(ProcedureLine):
    """一个套餐：问什么、要什么。"""

    items: list[ItemAsked]
    materials: list[MaterialAsked]
    regions: list[Place] = Field(description="承办地")
    promise: str = Field(description="承诺时限和算法")
    fee: bool = Field(description="可能收费")


class PersonOut(Schema):
    """一个人；默认遮盖。"""

    role: Literal["applicant", "agent", "guardian", "delivery"]
    name: str
    id_number: str
    phone: str
    address: str


class ItemOut(Schema):
    """办件里的一个事项。"""

    order: int
    code: str
    name: str
    unit: str
    state: ItemState
    state_said: str
    state_since: datetime
    accepted_at: datetime | None
    due: date | None = Field(description="应办结日")
    due_provisional: bool = Field(description="暂定：放假安排还没有公布")
    fee_asked: str | None = Field(description="应缴金额，元")
    fee_paid: bool
    decision: Literal["", "granted", "refused"]
    reason: str


class DefectOut(Schema):
    """要补正的一份材料。"""

    place: int
    name: str
    state: MaterialState
    defects: list[str]
    requirement: str


class FormOut(Schema):
    """一份文书。"""

    id: int
    kind: str
    title: str
    serial: str
    issued_at: datetime


class CaseLine(Schema):
    """一个办件，一行。"""

    number: str = Field(examples=["SL-20261124-0A1B2C3D"])
    procedure: str
    region: str
    window: str
    state: CaseState
    state_said: str
    state_since: datetime
    taken_at: datetime
    due: date | None
    due_provisional: bool
    light: Literal["green", "yellow", "red"]
    light_said: str


class CaseOut(CaseLine):
    """一个办件。"""

    outcome: Outcome = Field(description="最近一次形式审查的结论")
    clauses: list[str] = Field(description="依据的条款")
    reason: str = Field(description="不予收件的理由")
    defects: list[DefectOut] = Field(description="要补正的材料，一次告知全部")
    delivery: Delivery
    people: list[PersonOut]
    items: list[ItemOut]
    forms: list[FormOut] = Field(description="出具的文书，PDF 在 /cases/{number}/forms/{form_id}")


class FileOut(Schema):
    """材料的一个文件。"""

    id: int
    filename: str
    media_type: str
    size: int
    sha256: str
    added_at: datetime


class MaterialOut(Schema):
    """办件的一份材料。"""

    place: int
    name: str
    clause: str
    state: MaterialState
    defects: list[str]
    original_shown: bool
    forwarded: bool = Field(description="纸质材料转承办部门")
    tolerated: bool
    tolerance_due: date | None
    supplied_at: datetime | None
    files: list[FileOut]


class Cases(Schema):
    """一页办件。"""

    cases: list[CaseLine]
    next: int | None = Field(description="下一页从哪里起（after）；空的是没有了")


class EventOut(Schema):
    """一件发生过的事。"""

    id: int
    type: str = Field(description="种类", examples=["case.accepted"])
    said: str = Field(description="中文名称", examples=["受理，开始计时"])
    number: str = Field(description="办件编号")
    sequence: int = Field(description="在这个办件里的第几件")
    at: datetime
    item: int | None = Field(description="哪个事项（order）")
    clauses: list[str]


class Events(Schema):
    """一段事件。"""

    events: list[EventOut]
    next: int = Field(description="下次从哪里起（after）")


class UploadOut(Schema):
    """一个上传。"""

    id: UUID
    filename: str
    size: int
    received: int = Field(description="已经收到的字节数：从这里接着传")
    part: int = Field(description="一段最多多少字节")
    done: bool = Field(description="收完、核对过，可以用在办件里")
    media_type: str
    expires_at: datetime = Field(description="过了这个时间还没有用在办件里的，会删去")


class WebhookOut(Schema):
    """一个推送订阅。"""

    id: int
    url: str
    made_at: datetime
    disabled_at: datetime | None = Field(description="连续一天送不到的，停止推送")
    why: str
    waiting: int = Field(description="还没有送到的条数")


class WebhookMade(WebhookOut):
    """新的订阅，带签名密钥；密钥只显示这一次。"""

    secret: str = Field(examples=["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])


class Tested(Schema):
    """试推送的结果。"""

    delivered: bool
    said: str = Field(description="对方怎么答")
