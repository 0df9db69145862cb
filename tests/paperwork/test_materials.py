"""All materials as one PDF: a cover that lists them, photos as pages, scans as they are; what is broken is named."""

import io
from datetime import UTC, datetime

import pypdf
import pytest
from PIL import Image

from tongban.paperwork.materials import Enclosed, Unreadable, materials_pdf

pytestmark = pytest.mark.pure
HEAD = {"title_line": "示例市", "case_number": "SL-1", "package": "示例", "applicant": "样*", "officer": "样例·陈"}
MADE = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)


def image(kind: str, size: tuple[int, int], **how: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind, **how)
    return out.getvalue()


def scan(pages: int) -> bytes:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(595, 842)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def files(*given: tuple[str, str, bytes]) -> tuple[list[Enclosed], dict[str, bytes]]:
    listed = [Enclosed("身份证", name, "扫描", media, f"{n:064x}") for n, (name, media, _) in enumerate(given)]
    return listed, {f"{n:064x}": data for n, (_, _, data) in enumerate(given)}


def made(*given: tuple[str, str, bytes]) -> tuple[pypdf.PdfReader, list[int]]:
    listed, stored = files(*given)
    done: list[int] = []
    pdf = materials_pdf(HEAD, listed, lambda file: stored[file.digest], MADE, done.append)
    return pypdf.PdfReader(io.BytesIO(pdf)), done


def test_cover_then_every_file_with_a_bookmark() -> None:
    tiff = io.BytesIO()
    sheets = [Image.new("RGB", (300, 400), colour) for colour in ("red", "blue")]
    sheets[0].save(tiff, "TIFF", save_all=True, append_images=sheets[1:])
    pdf, done = made(
        ("寸照𬭊.jpg", "image/jpeg", image("JPEG", (358, 441), dpi=(350, 350))),
        ("正反面.pdf", "application/pdf", scan(3)),
        ("大图.png", "image/png", image("PNG", (4000, 6000))),
        ("传真.tif", "image/tiff", tiff.getvalue()),
    )
    assert len(pdf.pages) == 1 + 1 + 3 + 1 + 2
    assert done == [1, 2, 3, 4]
    said = pdf.pages[0].extract_text().replace("\n", "")
    for text in ("SL-1", "样*", "寸照𬭊.jpg", "正反面.pdf", f"{1:064x}"[-20:]):
        assert text in said.replace("\u200b", ""), text
    marks = [(mark.title, pdf.get_destination_page_number(mark)) for mark in pdf.outline]
    assert marks == [
        ("身份证　寸照𬭊.jpg", 1),
        ("身份证　正反面.pdf", 2),
        ("身份证　大图.png", 5),
        ("身份证　传真.tif", 6),
    ]
    for page in pdf.pages:
        assert (round(page.mediabox.width), round(page.mediabox.height)) == (595, 842)


def test_a_photo_is_as_large_as_on_paper_and_turned_as_it_was_taken() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # taken with the phone on its side
    pdf, _ = made(("照.jpg", "image/jpeg", image("JPEG", (400, 200), dpi=(100, 100), exif=exif)))
    drawn = pdf.pages[1].images[0].image
    assert drawn is not None
    assert drawn.size == (200, 400)
    assert b"0.72" in pdf.pages[1].get_contents().get_data()  # type: ignore[union-attr] # 72 points an inch at 100 dpi


def test_eighty_files_have_a_cover_of_several_pages_whose_numbers_are_right() -> None:
    pdf, _ = made(*((f"{n}.pdf", "application/pdf", scan(1)) for n in range(80)))
    cover = len(pdf.pages) - 80
    assert cover >= 2
    assert pdf.get_destination_page_number(pdf.outline[0]) == cover
    assert str(cover + 1) in pdf.pages[0].extract_text()


@pytest.mark.parametrize(
    ("media", "data"), [("image/jpeg", b"\xff\xd8 broken"), ("application/pdf", b"%PDF-1.7 broken")]
)
def test_what_is_broken_is_named(media: str, data: bytes) -> None:
    with pytest.raises(Unreadable, match="坏的"):
        made(("坏的", media, data))
