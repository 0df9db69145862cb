"""The editable form of a procedure: YAML that a person can read, and that reads back without loss."""

from typing import Any

import yaml
from pydantic import ValidationError

from tongban.procedure.model import Procedure


class Malformed(ValueError):
    """The YAML is not a procedure; the message (Chinese) names the place."""


class _Dumper(yaml.SafeDumper):
    """Block style; text of several lines as a block."""


def _text(dumper: yaml.SafeDumper, value: str) -> Any:
    plain = "\n" in value and all(char == "\n" or char.isprintable() for char in value)
    block = plain and not any(line != line.strip() for line in value.split("\n"))
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|" if block else None)


_Dumper.add_representer(str, _text)


def dump(procedure: Procedure) -> str:
    """``procedure`` as YAML; what is empty or at its default is left out, except what a city may want to decide."""
    body = procedure.model_dump(mode="json", exclude_defaults=True)
    policy = procedure.policy.model_dump(mode="json", exclude={"photo"})  # its limits are many: only those decided
    body["policy"] = policy | body.get("policy", {})
    return yaml.dump(body, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=110)


def load(text: str) -> Procedure:
    """The procedure written in ``text``. Raises :class:`Malformed` with the place of the first fault."""
    try:
        body = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"第 {mark.line + 1} 行第 {mark.column + 1} 列" if mark else "文件"
        raise Malformed(f"{where}不符合 YAML 格式，请检查缩进和冒号。") from error
    if not isinstance(body, dict):
        raise Malformed("内容不是规程数据，请核对是否选错了文件。")
    try:
        return Procedure.model_validate(body)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        said = {"missing": "缺少这一项", "extra_forbidden": "没有这一项，请检查拼写"}.get(
            fault["type"], f"内容有误（{fault['msg']}）"
        )
        raise Malformed(f"“{place}”：{said}。") from error
