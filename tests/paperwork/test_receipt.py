"""The receipt's second code: where to rate."""

import pypdfium2
import pytest
import zxingcpp

from tongban.paperwork.form import form
from tongban.paperwork.samples import sample

pytestmark = pytest.mark.pure


def test_the_receipt_carries_the_code_to_rate_by_only_where_there_is_an_address() -> None:
    url = "https://tongban.example/rate/SL-20261123-7Q4K2M9D/abcdefghij2345672222/"
    for rate_at, wanted in ((url, 2), ("", 1)):
        page = pypdfium2.PdfDocument(form("intake_receipt", sample("intake_receipt") | {"rate_at": rate_at}))[0]
        picture = page.render(scale=300 / 72, grayscale=True).to_pil().convert("1").convert("L")
        read = [code.text for code in zxingcpp.read_barcodes(picture) if "QR" in str(code.format)]
        assert len(read) == wanted, read
        assert (url in read) == bool(rate_at)
