"""Every form: rendered, read back by another program, unmoved by markup, rare characters drawn, gaps named."""

import io
import json
import subprocess
from typing import Any

import pdfplumber
import pypdf
import pytest

from tongban.paperwork.form import KINDS, MODELS, FormIncomplete, form
from tongban.paperwork.samples import sample

pytestmark = pytest.mark.pure
MARKUP = [
    "#panic()",
    "$x^2$",
    "*粗*",
    "_斜_",
    "\\",
    "<标签>",
    "@引用",
    "`码`",
    "= 题",
    "- 项",
    "//注",
    "#[",
    "]",
    '"',
    "~",
]
ON_NO_LABEL = {"window", "complaint_phone", "token"}
SIZES = {"bag_label": (100, 60), "post_label": (100, 150)}  # mm; everything else is A4
RARE = "㛃𬭊𠮷䶮𪚥𮧵〇"


def text_of(pdf: bytes) -> str:
    """What a sheet says, in reading order, without spaces."""
    with pdfplumber.open(io.BytesIO(pdf)) as opened:
        said = "".join(char["text"] for page in opened.pages for char in page.chars)
    return "".join(said.replace("\u200b", "").split())


def printed(pdf: bytes) -> str:
    """The same by another program, in the order of the page."""
    out = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return "".join(out.split())


def leaves(data: Any, left_out: set[str]) -> list[str]:
    """Every text within the data but what is ``left_out``."""
    if isinstance(data, dict):
        return [text for name, value in data.items() if name not in left_out for text in leaves(value, left_out)]
    if isinstance(data, list):
        return [text for value in data for text in leaves(value, left_out)]
    return [data] if isinstance(data, str) else []


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_put_in_stands_on_the_sheet(kind: str) -> None:
    data = sample(kind)
    text = text_of(form(kind, data))
    assert KINDS[kind] in text or kind in SIZES  # a label says what it is in its own words
    for name in ("serial", "officer"):
        assert "".join(str(data[name]).split()) in text, name
    left_out = (
        {"issued_at", "check_at"}
        | (ON_NO_LABEL if kind.endswith("label") else set())
        | ({"requirement", "channels"} if "pledge" in kind or kind in ("late_notice", "tolerance_receipt") else set())
    )
    for said in leaves(data, left_out):
        assert "".join(said.split()) in text, said


@pytest.mark.parametrize("kind", KINDS)
def test_the_same_data_prints_the_same_bytes(kind: str) -> None:
    assert form(kind, sample(kind)) == form(kind, sample(kind))


@pytest.mark.parametrize("kind", KINDS)
def test_archivable_tagged_titled_and_chinese(kind: str) -> None:
    pdf = pypdf.PdfReader(io.BytesIO(form(kind, sample(kind))))
    root = pdf.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert str(root["/Lang"]).startswith("zh")
    assert pdf.metadata is not None
    assert KINDS[kind] in str(pdf.metadata.title)
    xmp = root["/Metadata"].get_object().get_data().decode()
    assert "<pdfaid:part>2" in xmp
    box = pdf.pages[0].mediabox
    width, height = SIZES.get(kind, (210, 297))
    assert (round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) == (width, height)
    assert "<pdfuaid:part>1" in xmp


@pytest.mark.parametrize("kind", KINDS)
def test_markup_is_printed_not_obeyed(kind: str) -> None:
    for start in range(0, len(MARKUP), 4):
        hostile = "".join(MARKUP[start : start + 4])
        assert "".join(hostile.split()) in text_of(form(kind, sample(kind) | {"officer": hostile})), hostile


def test_rare_characters_are_drawn_and_read_back() -> None:
    pdf = form("intake_receipt", sample("intake_receipt") | {"applicant": RARE})
    assert RARE in text_of(pdf)
    assert RARE in printed(pdf)
    fonts = subprocess.run(["pdffonts", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    assert "no " not in [line[-30:-26] for line in fonts.splitlines()[2:]], "字体没有嵌入"


def test_very_long_text_flows_on() -> None:
    data = sample("decline_notice") | {"reason": "理由很长。" * 400}
    pdf = pypdf.PdfReader(io.BytesIO(form("decline_notice", data)))
    assert len(pdf.pages) >= 2
    assert text_of(form("decline_notice", data)).count("很长") >= 399  # one may be cut by the foot of the page


@pytest.mark.parametrize("kind", KINDS)
def test_every_missing_field_is_named(kind: str) -> None:
    data = sample(kind)
    required = [name for name, field in MODELS[kind].model_fields.items() if field.is_required()]
    assert len(required) >= 8
    for name in required:
        with pytest.raises(FormIncomplete, match=f"《{KINDS[kind]}》.*“{name}”"):
            form(kind, {other: value for other, value in data.items() if other != name})


def test_a_character_no_font_draws_is_named() -> None:
    with pytest.raises(FormIncomplete, match="“\U00031351”字"):
        form("decline_notice", sample("decline_notice") | {"applicant": "样\U00031351"})


def test_a_field_nobody_knows_is_refused() -> None:
    with pytest.raises(FormIncomplete, match="身份证号"):
        form("decline_notice", sample("decline_notice") | {"身份证号": "11010519491231002X"})


def test_samples_are_plain_json() -> None:
    for kind in KINDS:
        assert json.loads(json.dumps(sample(kind))) == sample(kind)
