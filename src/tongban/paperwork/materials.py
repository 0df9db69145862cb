"""All materials of a case as one PDF to read: a cover that lists them, then every file; images become pages. Not archived."""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pypdf
from PIL import Image, ImageOps, ImageSequence
from pypdf import PageObject, PdfReader, PdfWriter, Transformation
from pypdf.errors import PyPdfError

from tongban.paperwork.form import drawn, undrawn

A4 = (595.28, 841.89)  # points
EDGE = 36.0
MOST_PIXELS = (2480, 3508)  # an image is put in no finer than 300 dpi of an A4 page; the file itself keeps all it has
LEAST_DPI = 96.0  # an image that says nothing, or too little, of its resolution


class Unreadable(ValueError):
    """A file cannot be put in; the message (Chinese) names it."""


@dataclass(frozen=True)
class Enclosed:
    """A file as the cover lists it: its material, its name, where it came from, its digest; its kind by content."""

    material: str
    name: str
    source: str
    media_type: str
    digest: str


def materials_pdf(
    head: dict[str, Any],
    files: Sequence[Enclosed],
    read: Callable[[Enclosed], bytes],
    made: datetime,
    progress: Callable[[int], object] = lambda done: None,
) -> bytes:
    """One PDF: cover, then ``files`` in their order, each read only when its turn comes and with a bookmark.

    ``head`` is what the cover says of the case (title_line, case_number, package, applicant masked, officer); ``progress`` is told how
    many files are in. Raises :class:`Unreadable`, and what ``read`` raises.
    """
    body, starts = PdfWriter(), []
    for place, file in enumerate(files, 1):
        starts.append(len(body.pages))
        _put(body, file, read(file))
        progress(place)
    counts = [after - start for start, after in zip(starts, [*starts[1:], len(body.pages)], strict=True)]
    cover = _cover(head, files, starts, counts, made)
    together = PdfWriter()
    together.append(cover, import_outline=False)
    first = len(together.pages)
    together.append(_reader(body), import_outline=False)
    for file, start in zip(files, starts, strict=True):
        together.add_outline_item(title=f"{file.material}　{file.name}", page_number=first + start)
    together.add_metadata({"/Title": f"{head['case_number']} 全部材料"})
    out = io.BytesIO()
    together.write(out)
    return out.getvalue()


def _reader(writer: PdfWriter) -> PdfReader:
    out = io.BytesIO()
    writer.write(out)
    return PdfReader(out)


def _cover(
    head: dict[str, Any], files: Sequence[Enclosed], starts: Sequence[int], counts: Sequence[int], made: datetime
) -> PdfReader:
    """The cover; its own length moves the pages it names, so it is set until that is right."""
    gone = undrawn([*(file.name for file in files), *map(str, head.values())])
    plain = str.maketrans(dict.fromkeys(gone, "〓"))  # a name that no font here draws must not cost the whole file
    pages = 1
    while True:
        rows = [
            {
                "material": file.material,
                "name": file.name.translate(plain),
                "source": file.source,
                "digest": file.digest,
                "page": pages + start + 1,
                "pages": count,
            }
            for file, start, count in zip(files, starts, counts, strict=True)
        ]
        said = {name: str(value).translate(plain) for name, value in head.items()}
        reader = PdfReader(io.BytesIO(drawn("materials", said | {"rows": rows}, made)))
        if len(reader.pages) <= pages:
            return reader
        pages = len(reader.pages)


def _put(body: PdfWriter, file: Enclosed, data: bytes) -> None:
    try:
        if file.media_type == "application/pdf":
            body.append(PdfReader(io.BytesIO(data)), import_outline=False)
            return
        with Image.open(io.BytesIO(data)) as image:
            for frame in ImageSequence.Iterator(image):
                body.add_page(_page(frame))
    except (PyPdfError, OSError, ValueError, KeyError, TypeError, Image.DecompressionBombError) as error:
        raise Unreadable(f"“{file.material}”的文件“{file.name}”打不开，没有合并成功。请逐个下载。") from error


def _page(frame: Image.Image) -> PageObject:
    """An image in the middle of an A4 page, upright, as large as it is on paper and never larger than the page."""
    dpi = float(frame.info.get("dpi", (0, 0))[0] or 0)
    upright = ImageOps.exif_transpose(frame).convert("RGB")
    width = upright.width
    upright.thumbnail(MOST_PIXELS)
    out = io.BytesIO()
    upright.save(out, "PDF", resolution=72.0, quality=90)
    held = pypdf.PdfReader(out).pages[0]
    natural = 72.0 / max(dpi, LEAST_DPI) * width / upright.size[0]
    scale = min(natural, (A4[0] - 2 * EDGE) / upright.size[0], (A4[1] - 2 * EDGE) / upright.size[1])
    page = PageObject.create_blank_page(width=A4[0], height=A4[1])
    across, down = (A4[0] - upright.size[0] * scale) / 2, (A4[1] - upright.size[1] * scale) / 2
    page.merge_transformed_page(held, Transformation().scale(scale).translate(across, down))
    return page
