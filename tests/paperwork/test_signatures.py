"""A signature drawn on a screen stands in its box; an office's digital signature is valid and shows what was changed."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from pyhanko.keys import load_certs_from_pemder_data
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from tongban.paperwork.form import FormIncomplete, form
from tongban.paperwork.office_seal import NoSeal, sealed
from tongban.paperwork.samples import sample

pytestmark = pytest.mark.pure
SIGNED = {"strokes": [[[100, 50], [800, 250]], [[100, 250], [800, 50]]], "at": "2026-11-23T02:03:04+00:00"}


@pytest.mark.parametrize("kind", ["tolerance_pledge", "release_receipt", "supplement_notice", "decline_notice"])
def test_the_drawing_and_its_time_stand_where_who_signs_is_named(kind: str) -> None:
    plain, signed = (form(kind, sample(kind) | more) for more in ({}, {"signature": SIGNED}))
    assert "手写于2026年11月23日10:03:04" in "".join(
        pypdf.PdfReader(io.BytesIO(signed)).pages[0].extract_text().split()
    )
    pictures = [pypdfium2.PdfDocument(pdf)[0].render(scale=2, grayscale=True).to_pil() for pdf in (plain, signed)]
    ink = [sum(1 for value in picture.tobytes() if value < 100) for picture in pictures]
    assert ink[1] > ink[0] + 500
    assert len(pypdf.PdfReader(io.BytesIO(signed)).pages) == 1


@pytest.mark.parametrize(
    "strokes",
    [[], [[]], [[[0]]], [[[0, 301]]], [[[-1, 0]]], [[["x", 0]]], "坏", [[[0, 0]]] * 201, [[[0, 0]] * 2001], None],
)
def test_what_is_no_drawing_is_refused(strokes: object) -> None:
    with pytest.raises(FormIncomplete, match="signature"):
        form("tolerance_pledge", sample("tolerance_pledge") | {"signature": SIGNED | {"strokes": strokes}})


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A certificate of an invented office, as PKCS #12 and as PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "示例镇跨域通办窗口（示例）")])
    now = datetime.now(UTC)
    usage = x509.KeyUsage(True, True, False, False, False, False, False, False, False)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=9))
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path_factory.mktemp("office") / "office.p12"
    closed = serialization.BestAvailableEncryption(b"geheim")
    file.write_bytes(serialization.pkcs12.serialize_key_and_certificates(b"office", key, made, None, closed))
    return file, made.public_bytes(serialization.Encoding.PEM)


def test_the_offices_signature_is_valid_and_covers_the_whole_sheet(office: tuple[Path, bytes]) -> None:
    file, pem = office
    plain = form("intake_receipt", sample("intake_receipt"))
    pdf = sealed(plain, file, "geheim")
    assert pdf.startswith(plain), "what was printed stays as it was, byte by byte"
    trust = ValidationContext(trust_roots=list(load_certs_from_pemder_data(pem)))
    status = validate_pdf_signature(PdfFileReader(io.BytesIO(pdf)).embedded_signatures[0], trust)
    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"


def test_a_changed_sheet_is_found(office: tuple[Path, bytes]) -> None:
    file, pem = office
    pdf = sealed(form("intake_receipt", sample("intake_receipt")), file, "geheim")
    place = pdf.index(b"/Title")
    changed = pdf[: place + 8] + bytes([pdf[place + 8] ^ 1]) + pdf[place + 9 :]
    trust = ValidationContext(trust_roots=list(load_certs_from_pemder_data(pem)))
    status = validate_pdf_signature(PdfFileReader(io.BytesIO(changed)).embedded_signatures[0], trust)
    assert not status.intact


def test_a_certificate_that_cannot_be_used_is_said(office: tuple[Path, bytes], tmp_path: Path) -> None:
    pdf = form("fee_notice", sample("fee_notice"))
    for file, password in ((office[0], "falsch"), (tmp_path / "none.p12", "x")):
        with pytest.raises(NoSeal, match="打不开"):
            sealed(pdf, file, password)
