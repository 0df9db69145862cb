"""How a foreign platform names things: our fields to theirs and their answers to our steps, as a city writes it in YAML. Pure.

What is sent is a tree of theirs in whose leaves ``{field}`` stands for ours (dots go down: ``{applicant.name}``). A leaf that is
nothing but one field keeps its kind (a number stays a number). ``{field: …, values: {ours: theirs}}`` changes words;
``{each: …, as: …}`` makes a list. What comes back is read by the names of their fields.
"""

import re
from collections.abc import Mapping as Reads
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from tongban.exchange import wire
from tongban.people.city import Malformed

HERE = ZoneInfo("Asia/Shanghai")
FIELD = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)*)\}")
SENT = (wire.SUBMITTED, wire.SUPPLIED, wire.DELIVERED, wire.CAME_BACK)
FACTS = ("reason", "ground", "note", "amount", "granted", "why")  # the last two of a corrected decision


class Unmapped(ValueError):
    """Something has no place: a field that is not there, a value nobody wrote down. The message (Chinese) names it."""


class Data(BaseModel):
    """Frozen and closed."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Request(Data):
    """One kind of request of ours."""

    path: str = Field(default="", pattern=r"^[A-Za-z0-9._~/-]*$")  # behind the platform's address
    body: Any  # a tree of theirs


class Yes(Data):
    """How their answer says that they took it."""

    field: str
    values: tuple[str, ...] = Field(alias="is", min_length=1)
    number: str = ""  # where their number of the case stands
    message: str = ""  # where they say why not


class Callback(Data):
    """How what they send us is read."""

    number: str  # where our number of the case stands
    step: str  # where it says what happened
    steps: dict[str, str]  # their word → our step
    at: str = ""  # where the time stands; empty: when it came
    at_format: str = "%Y-%m-%d %H:%M:%S"  # of ``datetime.strptime``; Asia/Shanghai where it says no zone
    items: str = ""  # where the codes of the items stand (one, or a list); empty: every item of the case
    facts: dict[str, str] = {}  # our fact → their field
    values: dict[str, dict[str, str]] = {}  # our fact → {their word: ours}
    answer: Any = None  # what they want to hear when we took it; empty: our own
    id: str = ""  # of their fields in braces, where their own id of a message does not stay the same

    @field_validator("steps")
    @classmethod
    def _ours(cls, given: dict[str, str]) -> dict[str, str]:
        if unknown := sorted(set(given.values()) - set(wire.STEPS) - {""}):
            said = f"不认识的步骤 {'、'.join(unknown)}，可以写 {'、'.join(wire.STEPS)}，或留空表示不用理会"
            raise PydanticCustomError("steps", "{said}", {"said": said})
        return given

    @field_validator("facts")
    @classmethod
    def _facts(cls, given: dict[str, str]) -> dict[str, str]:
        if unknown := sorted(set(given) - set(FACTS)):
            said = f"不认识的 {'、'.join(unknown)}，可以写 {'、'.join(FACTS)}"
            raise PydanticCustomError("facts", "{said}", {"said": said})
        return given


class Mapping(Data):
    """The whole of it."""

    send: dict[str, Request]
    answer: Yes
    callback: Callback
    example: dict[str, Any] = {}  # recorded: an ``answer`` and a ``callback`` of theirs, to try the mapping with

    @field_validator("send")
    @classmethod
    def _kinds(cls, given: dict[str, Request]) -> dict[str, Request]:
        unknown = sorted(set(given) - set(SENT))
        if unknown or wire.SUBMITTED not in given:
            said = f"send 里应有 {wire.SUBMITTED}，另外可以写 {'、'.join(SENT[1:])}"
            raise PydanticCustomError("send", "{said}", {"said": said})
        return given


def read_mapping(path: Path) -> Mapping:
    """The mapping in a file. Raises :class:`Malformed`."""
    try:
        return Mapping.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise Malformed(f"{path.name} 读不了，请检查是否为 UTF-8 编码的 YAML。") from error
    except ValidationError as error:
        fault = error.errors()[0]
        raise Malformed(f"{path.name} 的“{'.'.join(map(str, fault['loc']))}”有误：{fault['msg']}") from error


def written(tree: Any, ours: Reads[str, Any]) -> Any:
    """``tree`` with our values in its leaves. Raises :class:`Unmapped`."""
    if isinstance(tree, str):
        whole = FIELD.fullmatch(tree)
        if whole:
            return _plain(at(ours, whole[1]))
        return FIELD.sub(lambda found: str(_plain(at(ours, found[1]))), tree)
    if isinstance(tree, dict) and set(tree) == {"each", "as"}:
        rows = at(ours, str(tree["each"]))
        return [written(tree["as"], {**ours, **row}) for row in rows or ()]
    if isinstance(tree, dict) and set(tree) == {"field", "values"}:
        value = str(_plain(at(ours, str(tree["field"]))))
        if value not in tree["values"]:
            raise Unmapped(f"“{tree['field']}”的值 {value} 没有写对方的叫法。")
        return tree["values"][value]
    if isinstance(tree, dict):
        return {name: written(branch, ours) for name, branch in tree.items()}
    return [written(branch, ours) for branch in tree] if isinstance(tree, list) else tree


def _plain(value: Any) -> Any:
    return "" if value is None else value


def at(ours: Any, path: str) -> Any:
    """The value at a dotted path. Raises :class:`Unmapped`."""
    here = ours
    for name in path.split("."):
        if here is None:
            return None  # nobody acts for the applicant: nothing of that person
        if not isinstance(here, Reads) or name not in here:
            raise Unmapped(f"没有“{path}”这个字段。")
        here = here[name]
    return here


def taken(said: Yes, answer: Any) -> str:
    """Their number of the case, or empty, where their answer says yes. Raises :class:`Unmapped` with what it says instead."""
    try:
        value = str(at(answer, said.field))
    except Unmapped as error:
        raise Unmapped(f"对方的应答里没有“{said.field}”。") from error
    if value not in said.values:
        why = str(at(answer, said.message))[:200] if said.message and isinstance(answer, Reads) else value
        raise Unmapped(f"对方没有收下：{why}")
    try:
        return str(_plain(at(answer, said.number)))[:80] if said.number else ""
    except Unmapped:
        return ""


class Read(Data):
    """A callback in our words."""

    number: str
    kind: str
    at: datetime
    items: tuple[str, ...]  # codes; empty: every item
    facts: dict[str, str]
    key: str  # empty: the message's own id


def read(callback: Callback, content: Any, now: datetime) -> Read:
    """What their message says. Raises :class:`Unmapped`."""
    if not isinstance(content, Reads):
        raise Unmapped("内容应是一个对象。")
    word = str(_plain(at(content, callback.step)))
    if word not in callback.steps:
        raise Unmapped(f"没有写“{callback.step}”为 {word[:20]} 时是哪一步。")
    kind = callback.steps[word]
    facts = {}
    for ours, theirs in callback.facts.items():
        try:
            value = str(_plain(at(content, theirs)))
        except Unmapped:
            continue  # a reason stands only where one is given
        words = callback.values.get(ours)
        if words and value:
            if value not in words:
                raise Unmapped(f"没有写“{theirs}”为 {value[:20]} 时是什么。")
            value = words[value]
        if value:
            facts[ours] = value
    named = at(content, callback.items) if callback.items else ()
    items = tuple(str(code) for code in (named if isinstance(named, list) else [named]) if code)
    key = FIELD_THEIRS.sub(lambda found: str(_plain(at(content, found[1]))), callback.id) if callback.id else ""
    number = str(_plain(at(content, callback.number))).strip()[:80]
    return Read(number=number, kind=kind, at=_moment(callback, content, now), items=items, facts=facts, key=key)


FIELD_THEIRS = re.compile(r"\{([^{}]+)\}")


def _moment(callback: Callback, content: Any, now: datetime) -> datetime:
    if not callback.at:
        return now
    text = str(_plain(at(content, callback.at)))
    try:
        moment = datetime.strptime(text, callback.at_format)
    except ValueError as error:
        raise Unmapped(f"“{callback.at}”的时间 {text[:40]} 看不懂，应像 {callback.at_format}。") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=HERE)
