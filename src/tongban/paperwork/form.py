"""Data in, PDF bytes out: typst templates in ``forms/``, one a form, with one common head and foot.

Data reaches a template as JSON, never as markup: whatever stands in a name prints as it is. A template sees no file but
the templates themselves.
"""

import json
import re
import threading
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pylopdf_fonts_zh_cn
import segno
import typst
from barcode.codex import Code128  # type: ignore[import-untyped]
from pydantic import ValidationError

from tongban.paperwork import model

FORMS = Path(__file__).parent / "forms"
HANA = Path("/usr/share/fonts/truetype/hanazono")
SHANGHAI = ZoneInfo("Asia/Shanghai")
MODELS: Mapping[str, type[model.Sheet]] = {
    "supplement_notice": model.SupplementNotice,
    "decline_notice": model.DeclineNotice,
    "tolerance_notice": model.ToleranceNotice,
    "tolerance_pledge": model.TolerancePledge,
    "tolerance_receipt": model.ToleranceReceipt,
    "late_notice": model.LateNotice,
    "intake_receipt": model.IntakeReceipt,
    "material_list": model.MaterialList,
    "release_refusal": model.ReleaseRefusal,
    "release_receipt": model.ReleaseReceipt,
    "pause_notice": model.ClockNotice,
    "resume_notice": model.ClockNotice,
    "fee_notice": model.FeeNotice,
    "bag_label": model.BagLabel,
    "post_label": model.PostLabel,
    "post_list": model.PostList,
    "archive_cover": model.ArchiveCover,
    "archive_list": model.ArchiveList,
}
KINDS: Mapping[str, str] = {
    "supplement_notice": "补正材料告知单",
    "decline_notice": "不予收件告知单",
    "tolerance_notice": "容缺告知书",
    "tolerance_pledge": "容缺承诺书",
    "tolerance_receipt": "容缺补齐回执",
    "late_notice": "容缺逾期告知书",
    "intake_receipt": "收件回执（收文清单）",
    "material_list": "单位材料目录",
    "release_refusal": "不予现场发放告知单",
    "release_receipt": "领证签收单",
    "pause_notice": "中止计时告知书",
    "resume_notice": "恢复计时告知书",
    "fee_notice": "缴费告知单",
    "bag_label": "邮件袋标签",
    "post_label": "邮政标签",
    "post_list": "邮寄交接清单",
    "archive_cover": "归档封面",
    "archive_list": "卷内文件目录",
}
UNDRAWN = re.compile(r'the text `?"(.+?)"`? could not be displayed')
_warm = threading.local()


class FormIncomplete(ValueError):
    """Required data of a form is missing or malformed; the message (Chinese) names form and field."""


def check(kind: str, data: Mapping[str, Any]) -> model.Sheet:
    """The data of a form of ``kind``, checked. Raises :class:`FormIncomplete`."""
    try:
        return MODELS[kind].model_validate(data)
    except ValidationError as error:
        fault = error.errors()[0]
        place = ".".join(str(part) for part in fault["loc"])
        raise FormIncomplete(f"《{KINDS[kind]}》缺少或填错了“{place}”，补全后才能出具。") from error


def form(kind: str, data: Mapping[str, Any], template: str | None = None) -> bytes:
    """The PDF (PDF/A-2b and PDF/UA-1) of a form of ``kind`` from ``data``; the same data give the same bytes.

    ``template`` is a city's own typst text in place of ours. Raises :class:`FormIncomplete`, also for a character that no
    font here draws: an archived sheet never shows a box.
    """
    checked = check(kind, data)
    body = checked.model_dump(mode="json") | _drawn(kind, checked)
    try:
        return _compile(template, kind, body, checked.issued_at)
    except typst.TypstError as error:
        if undrawn := UNDRAWN.search(str(error)):
            raise FormIncomplete(
                f"《{KINDS[kind]}》里的“{undrawn[1]}”字，这台机器的字体画不出来。"
                "请系统管理员安装字体 fonts-hanazono 后再出具。"
            ) from error
        raise


def drawn(name: str, body: Mapping[str, Any], at: datetime) -> bytes:
    """The PDF of a template of ours that is no form: nothing is numbered, nothing to be signed."""
    local = at.astimezone(SHANGHAI)
    made = f"{local.year}年{local.month}月{local.day}日 {local:%H:%M}"
    return _compile(None, name, {**body, "made": made}, at)


def _drawn(kind: str, checked: model.Sheet) -> dict[str, Any]:
    """What a template draws and cannot work out: the title, the time in words, the codes as SVG."""
    issued = checked.issued_at.astimezone(SHANGHAI)
    line = next((found for name in ("waybill", "bag", "case_number") if (found := getattr(checked, name, ""))), "")
    return {
        "title": KINDS[kind],
        "issued": f"{issued.year}年{issued.month}月{issued.day}日 {issued:%H:%M}",
        "qr": segno.make(checked.check_at + checked.token, error="m").svg_inline(border=0),
        "rating": segno.make(rate_at, error="m").svg_inline(border=0)
        if (rate_at := getattr(checked, "rate_at", ""))
        else "",
        "signed": _signed(checked.signature) if checked.signature else None,
        "line": line,
        "bars": _bars(line) if line else "",
    }


def _signed(signature: model.Signature) -> dict[str, str]:
    """A drawn signature as SVG, and its time in words."""
    paths = ("M" + "L".join(f"{x} {y}" for x, y in (*stroke, stroke[-1])) for stroke in signature.strokes)
    drawn = "".join(f'<path d="{path}"/>' for path in paths)
    at = signature.at.astimezone(SHANGHAI)
    return {
        "svg": f'<svg xmlns="http://www.w3.org/2000/svg" width="{model.WIDE}" height="{model.HIGH}" fill="none" '
        f'stroke="black" stroke-width="11" stroke-linecap="round" stroke-linejoin="round">{drawn}</svg>',
        "at": f"{at.year}年{at.month}月{at.day}日 {at:%H:%M:%S}",
    }


def _bars(text: str) -> str:
    """Code 128 (ISO/IEC 15417) of ASCII ``text`` as SVG, one unit a module, without quiet zone."""
    if not text.isascii():
        raise FormIncomplete(f"“{text}”里有不能印成条码的字，请核对编号。")
    modules = Code128(text).build()[0]
    runs = [(match.start(), len(match[0])) for match in re.finditer("1+", modules)]
    path = "".join(f"M{start} 0h{length}v1h-{length}z" for start, length in runs)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{len(modules)}" height="1" '
        f'viewBox="0 0 {len(modules)} 1" preserveAspectRatio="none"><path d="{path}"/></svg>'
    )


def _compile(template: str | None, kind: str, body: Mapping[str, Any], at: datetime) -> bytes:
    source = template if template is not None else (FORMS / f"{kind}.typ").read_text(encoding="utf-8")
    compiled = _compiler().compile(
        input=source.encode(),
        sys_inputs={"data": json.dumps(body, ensure_ascii=False)},
        pdf_standards=["a-2b", "ua-1"],
        timestamp=int(at.timestamp()),
    )
    assert isinstance(compiled, bytes)
    return compiled


def undrawn(texts: Iterable[str]) -> str:
    """The characters of ``texts`` that no font here draws, in order, each once."""
    wanted = "".join(dict.fromkeys(char for text in texts for char in text if not _common(char)))
    missing = ""
    while wanted:
        source = '#set document(title: "x")\n#set text(font: ("Noto Serif SC", "HanaMinA", "HanaMinB"))\n#sys.inputs.t'
        try:
            _compiler().compile(input=source.encode(), sys_inputs={"t": wanted}, pdf_standards="a-2b", timestamp=0)
            return missing
        except typst.TypstError as error:
            found = "".join(re.findall(UNDRAWN, error.diagnostic))
            if not found:
                raise
            missing += "".join(char for char in found if char not in missing)
            wanted = "".join(char for char in wanted if char not in found)
    return missing


def _common(char: str) -> bool:
    """Whether the fonts that come with the program surely have ``char`` (GB 2312), or it is no character to draw."""
    try:
        return bool(char.encode("gb2312"))
    except UnicodeEncodeError:
        return char < " " or char.isspace()


def _compiler() -> typst.Compiler:
    """One compiler a thread: fonts are read once."""
    if not hasattr(_warm, "compiler"):
        fonts = [str(Path(pylopdf_fonts_zh_cn.__file__).parent), *([str(HANA)] if HANA.exists() else [])]
        _warm.compiler = typst.Compiler(root=str(FORMS), font_paths=fonts, ignore_system_fonts=True)
    compiler: typst.Compiler = _warm.compiler
    return compiler
