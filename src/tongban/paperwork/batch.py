"""Several sheets as one PDF, to be printed at once. The sheets themselves stay as they were issued."""

import io
from collections.abc import Iterable

import pypdf


def one_pdf(sheets: Iterable[bytes]) -> bytes:
    """All pages of ``sheets`` (PDF bytes) in their order. For the printer alone: it is not archived, and not PDF/A."""
    together = pypdf.PdfWriter()
    for sheet in sheets:
        together.append(pypdf.PdfReader(io.BytesIO(sheet)), import_outline=False)
    out = io.BytesIO()
    together.write(out)
    return out.getvalue()
