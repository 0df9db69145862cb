"""What the window hands to the act that takes a case in, and what is wrong with it, field by field."""

from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from tongban.cases.models import Delivery, IdKind, MaterialFile, PhoneOf
from tongban.identity import citizen_id, names, phones
from tongban.procedure.model import Procedure
from tongban.rules.review import MaterialState, MaterialVerdict
from tongban.vault.store import Stored

FULL_AGE = 18  # 民法典 第十七条
LONGEST = {"address": 300, "reason": 500, "defect": 200, "name": 100, "email": 254}


@dataclass(frozen=True)
class Person:
    """Somebody as typed or read from a card, already normalised; ``valid_until`` None means not given or 长期."""

    name: str
    id_number: str
    phone: str = ""
    id_kind: str = IdKind.RESIDENT_ID.value
    address: str = ""
    valid_until: date | None = None


@dataclass(frozen=True)
class FileGiven:
    """A file of a material, already in the vault."""

    stored: Stored
    filename: str
    source: str = MaterialFile.Source.FILE.value
    reused_from: int | None = None  # primary key of the earlier case
    merged_into: str = ""  # digest of the one file made of this and other pages
    steps: tuple[str, ...] = ()  # what the machine did to make it of another
    licence: str = ""  # of a licence service: which one, by whom, until when


@dataclass(frozen=True)
class FindingGiven:
    """What the machine said of a material, and whether it stands; ``reason``: why the person overruled it."""

    error: str  # a common error of the text; empty: none of them
    said: str
    code: str
    level: str
    standing: bool
    reason: str = ""


@dataclass(frozen=True)
class MaterialGiven:
    """One asked material as the clerk judged it."""

    verdict: MaterialVerdict
    original_shown: bool = False
    files: tuple[FileGiven, ...] = ()
    findings: tuple[FindingGiven, ...] = ()
    valid_until: date | None = None  # of the document itself, where it is known


@dataclass(frozen=True)
class Application:
    """A whole intake."""

    version_id: int
    window_id: int
    region_id: int
    items: tuple[str, ...]  # codes, or names where an item has no code
    applicant: Person
    materials: tuple[MaterialGiven, ...] = ()
    agent: Person | None = None
    guardian: Person | None = None
    in_scope: bool = True
    scope_reason: str = ""
    wants_tolerance: frozenset[int] = frozenset()
    delivery: str = Delivery.COLLECT.value
    delivery_name: str = ""
    delivery_phone: str = ""
    delivery_address: str = ""
    phone_of: str = PhoneOf.SELF.value
    email: str = ""


@dataclass(frozen=True)
class Origin:
    """Where a case was taken in that only our department works on: the outside platform and what the case is there."""

    outside: str  # its code
    platform: str  # its name
    number: str
    taken_at: datetime
    pushed_at: datetime
    window: str  # name and telephone of the window that took it in
    phone: str
    by: str


def has_control(text: str) -> bool:
    """Whether ``text`` holds control or direction-changing characters, which no form may carry."""
    return any(
        ord(char) < 32 or 127 <= ord(char) < 160 or char in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u200f"
        for char in text
    )


def _text(label: str, value: str, longest: int, *, needed: bool = True) -> str | None:
    if not value.strip():
        return f"请填写{label}。" if needed else None
    if len(value) > longest:
        return f"{label}最多 {longest} 个字，现在 {len(value)} 个，请删减。"
    if has_control(value):
        return f"{label}里有看不见的控制字符，请删去后重新输入。"
    return None


def _person(prefix: str, who: str, person: Person, today: date, *, phone: bool) -> dict[str, str | None]:
    expired = person.valid_until is not None and person.valid_until < today
    return {
        f"{prefix}_name": _text(f"{who}姓名", person.name, LONGEST["name"]) or names.check(person.name),
        f"{prefix}_id_number": _text(f"{who}证件号码", person.id_number, 40)
        or citizen_id.check(person.id_number, person.id_kind, today),
        f"{prefix}_phone": (phones.check(person.phone) if phone or person.phone else None),
        f"{prefix}_address": _text("住址", person.address, LONGEST["address"], needed=False),
        f"{prefix}_valid_until": f"证件 {person.valid_until} 已到期，请换有效证件；没有的，在材料里勾选并出具补正材料告知单。"
        if expired
        else None,
    }


def _reach(a: Application) -> dict[str, str | None]:
    """What is wrong with how the applicant is to be told."""
    found: dict[str, str | None] = {}
    if a.phone_of == PhoneOf.AGENT and not a.agent:
        found["phone_of"] = "选了代办人的手机，但没有填代办人。"
    if a.phone_of == PhoneOf.GUARDIAN and not a.guardian:
        found["phone_of"] = "选了监护人的手机，但没有填监护人。"
    if a.email:
        try:
            validate_email(a.email)
        except ValidationError:
            found["email"] = "电子邮箱的格式不对，请核对，如 zhang@example.cn。"
        if len(a.email) > LONGEST["email"]:
            found["email"] = f"电子邮箱最多 {LONGEST['email']} 个字符。"
    return found


def minor(person: Person, today: date) -> bool:
    """Whether the id number says the person is under age on ``today``; False where the number tells no birth date."""
    if person.id_kind not in (IdKind.RESIDENT_ID, IdKind.RESIDENCE_PERMIT):
        return False
    birth = citizen_id.birth_of(person.id_number)
    return birth is not None and citizen_id.age_on(birth, today) < FULL_AGE


def problems(application: Application, procedure: Procedure, today: date) -> dict[str, str]:
    """What is wrong, as field → Chinese message; empty when the application can be taken in.

    An expired card stops the intake only while every material is said to conform: with a defect named, the supplement
    notice is the answer.
    """
    a = application
    found = _person("applicant", "申请人", a.applicant, today, phone=True)
    if any(m.verdict.state in (MaterialState.DEFECTIVE, MaterialState.MISSING) for m in a.materials) or not a.in_scope:
        found["applicant_valid_until"] = None
    if a.agent:
        found |= _person("agent", "代办人", a.agent, today, phone=True)
        if a.agent.id_number == a.applicant.id_number:
            found["agent_id_number"] = "代办人和申请人的证件号码相同。本人办理的，请不要填代办人。"
    if a.guardian:
        found |= _person("guardian", "监护人", a.guardian, today, phone=False)
    elif minor(a.applicant, today):
        found["guardian_name"] = "申请人未满 18 周岁，请填写监护人姓名和证件号码。"
    known = {item.code or item.name for item in procedure.items if item.pickable}
    if not a.in_scope:
        found["scope_reason"] = _text("不予收件的理由", a.scope_reason, LONGEST["reason"])
    elif not a.items:
        found["items"] = "请至少选一个事项。"
    if not set(a.items) <= known:
        found["items"] = "所选事项不在本套餐内，请重新选择。"
    if a.delivery == Delivery.POST:
        found["delivery_name"] = _text("收件人", a.delivery_name, LONGEST["name"]) or names.check(a.delivery_name)
        found["delivery_phone"] = phones.check(a.delivery_phone)
        found["delivery_address"] = _text("邮寄地址", a.delivery_address, LONGEST["address"])
    found |= _reach(a)
    for given in a.materials:
        material = procedure.materials[given.verdict.material]
        if given.verdict.state is MaterialState.CONFORMS and not given.files and not material.forwarded and a.in_scope:
            found[f"material_{given.verdict.material}"] = f"请扫描或上传“{material.name}”，或利用核对过的历史资料。"
        for text in (*given.verdict.defects, *(one.reason for one in given.findings if one.reason)):
            if error := _text("问题说明", text, LONGEST["reason"]):
                found[f"material_{given.verdict.material}"] = error
    return {name: message for name, message in found.items() if message}
