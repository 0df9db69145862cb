"""The stored files that rows of the case file point at."""

from collections.abc import Iterator

from tongban.cases.models.collecting import Permit, SignedVoucher
from tongban.cases.models.deciding import DecisionDocument
from tongban.cases.models.draft import Draft
from tongban.cases.models.form import IssuedForm
from tongban.cases.models.material import MaterialFile
from tongban.vault.keepers import keeper


@keeper
def case_files() -> Iterator[tuple[str, str]]:
    """Materials, issued forms and their signed copies, files of drafts."""
    files = MaterialFile.objects.exclude(digest="").values_list("digest", "material__case__number", "filename")
    yield from ((digest, f"{number} 的材料“{name}”") for digest, number, name in files.iterator())
    forms = IssuedForm.objects.exclude(digest="").values_list("digest", "signed_digest", "serial", "case__number")
    for digest, signed, serial, number in forms.iterator():
        yield digest, f"{number} 的文书 {serial}"
        if signed:
            yield signed, f"{number} 的文书 {serial} 签字件"
    documents = DecisionDocument.objects.exclude(digest="").values_list("digest", "item__case__number")
    yield from ((digest, f"{number} 的决定文书") for digest, number in documents.iterator())
    for model, what in ((Permit, "授权材料"), (SignedVoucher, "担保签字件")):
        scans = model.objects.exclude(scan_digest="").values_list("scan_digest", "case__number")
        yield from ((digest, f"{number} 的{what}") for digest, number in scans.iterator())
    for body in Draft.objects.values_list("body", flat=True).iterator():
        for rows in body.get("files", {}).values():
            for row in (*rows, *(row["original"] for row in rows if "original" in row)):
                yield row["digest"], f"草稿里的“{row['filename']}”"
        if portrait := body.get("card", {}).get("photo"):
            yield portrait, "草稿里读卡的照片"
