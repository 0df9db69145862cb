"""The digital signature of the issuing office over a form (PAdES): optional, by a PKCS #12 file the operator names."""

import io
from pathlib import Path


class NoSeal(RuntimeError):
    """The office's certificate cannot be used; the message (Chinese) says why."""


def sealed(pdf: bytes, certificate: Path, password: str) -> bytes:
    """``pdf`` signed (PAdES baseline B) as an incremental update: what was there stays as it was, byte by byte.

    Needs the extra ``signing`` (pyHanko). Raises :class:`NoSeal`.
    """
    try:
        from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
        from pyhanko.sign import fields, signers
    except ImportError as error:
        raise NoSeal("已设置出具单位的电子签章，但没有安装 pyhanko（pip install tongban[signing]）。") from error
    try:
        signer = signers.SimpleSigner.load_pkcs12(str(certificate), passphrase=password.encode())  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise NoSeal(f"电子签章的证书 {certificate.name} 打不开，请核对文件和口令。") from error
    if signer is None:
        raise NoSeal(f"电子签章的证书 {certificate.name} 打不开，请核对文件和口令。")
    meta = signers.PdfSignatureMetadata(
        field_name="Office", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES, reason="出具文书"
    )
    out = io.BytesIO()
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    signers.PdfSigner(meta, signer).sign_pdf(writer, output=out)
    return out.getvalue()
