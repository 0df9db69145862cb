"""Data in, PDF bytes out: typst templates in ``forms/``, one a form, with one common head and foot.

Data reaches a template as JSON, never as markup: whatever stands in a name prints as it is.
"""

import json
import re
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pylopdf_fonts_zh_cn
import segno
import typst
from pydantic import ValidationError

from tongban.paperwork import model

FORMS = Path(__file__).parent / "forms"
SHANGHAI = ZoneInfo("Asia/Shanghai")
MODELS: Mapping[str, type[model.Form]] = {
    "supplement_notice": model.SupplementNotice,
    "decline_notice": model.DeclineNotice,
    "tolerance_notice": model.ToleranceNotice,
    "tolerance_pledge": model.TolerancePledge,
    "intake_receipt": model.IntakeReceipt,
    "material_list": model.MaterialList,
    "release_receipt": model.ReleaseReceipt,
    "pause_notice": model.ClockNotice,
    "resume_notice": model.ClockNotice,
    "fee_notice": model.FeeNotice,
}
KINDS: Mapping[str, str] = {
    "supplement_notice": "补正材料告知单",
    "decline_notice": "不予收件告知单",
    "tolerance_notice": "容缺告知书",
    "tolerance_pledge": "容缺承诺书",
    "intake_receipt": "收件回执（收文清单）",
    "material_list": "单位材料目录",
    "release_receipt": "领证签收单",
    "pause_notice": "中止计时告知书",
    "resume_notice": "恢复计时告知书",
    "fee_notice": "缴费告知单",
}
UNDRAWN = re.compile(r'the text `"(.+?)"` could not be displayed')
_warm = threading.local()


class FormIncomplete(ValueError):
    """Required data of a form is missing or malformed; the message (Chinese) names form and field."""


def check(kind: str, data: Mapping[str, Any]) -> model.Form:
    """The data of a form of ``kind``, checked. Raises :class:`FormIncomplete`."""
    try:
        return MODELS[kind].model_validate(data)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise FormIncomplete(f"《{KINDS[kind]}》缺少或填错了“{place}”，补全后才能出具。") from error


def form(kind: str, data: Mapping[str, Any]) -> bytes:
    """The PDF (PDF/A-2b, tagged, A4) of a form of ``kind`` from ``data``. Raises :class:`FormIncomplete`."""
    checked = check(kind, data)
    issued = checked.issued_at.astimezone(SHANGHAI)
    body = checked.model_dump(mode="json") | {
        "title": KINDS[kind],
        "issued": f"{issued.year}年{issued.month}月{issued.day}日 {issued:%H:%M}",
        "qr": segno.make(checked.case_number, error="m").svg_inline(border=0),
    }
    try:
        compiled = _compiler().compile(
            input=str(FORMS / f"{kind}.typ"),
            sys_inputs={"data": json.dumps(body, ensure_ascii=False)},
            pdf_standards="a-2b",
            timestamp=int(issued.timestamp()),
        )
    except typst.TypstError as error:  # an archived sheet never shows a box for a character
        if undrawn := UNDRAWN.search(str(error)):
            raise FormIncomplete(
                f"《{KINDS[kind]}》里的“{undrawn[1]}”字，这台机器的字体画不出来。"
                "请系统管理员安装字体 fonts-hanazono 后再出具。"
            ) from error
        raise
    assert isinstance(compiled, bytes)
    return compiled


def _compiler() -> typst.Compiler:
    """One compiler a thread: fonts are read once."""
    if not hasattr(_warm, "compiler"):
        fonts = Path(pylopdf_fonts_zh_cn.__file__).parent
        hana = [path for path in (Path("/usr/share/fonts/truetype/hanazono"),) if path.exists()]
        _warm.compiler = typst.Compiler(
            root=str(FORMS), font_paths=[str(fonts), *map(str, hana)], ignore_system_fonts=True
        )
    compiler: typst.Compiler = _warm.compiler
    return compiler
