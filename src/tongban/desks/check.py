"""The public check page of a printed sheet: issued here, when, at which window, unaltered, still valid. It names no person."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from tongban.cases import tokens
from tongban.cases.queries import form_by_token, visible_to
from tongban.custody.bags import bag_by_code
from tongban.desks.doors import place_of
from tongban.paperwork.form import KINDS
from tongban.people.models import Staff
from tongban.vault import store, throttle

TRIES, WITHIN = 30, 600  # looks an address may take in so many seconds
UNKNOWN = "没有这张文书：核验码不对，或者这张文书不是在这里出具的。请核对页脚的核验码。"
SAME, SIGNED, OTHER = (
    "与出具时的电子原件逐字节一致，没有改动。",
    "与存入的签字件逐字节一致，没有改动。",
    "与电子原件不一致：内容被改动过，或者它是拍照、扫描、另存的一份。请以本页和纸质原件为准，有疑问打电话问窗口。",
)


def _too_often(request: HttpRequest) -> bool:
    return throttle.count("check", place_of(request), TRIES, WITHIN) is not None


def ask(request: HttpRequest) -> HttpResponse:
    """Type the token that stands in the foot of a sheet."""
    typed = request.GET.get("token", "")[:300]
    token = tokens.read(typed)
    if token:
        return redirect("public-check", token)
    context = {"here": "check", "elder": request.COOKIES.get("elder") == "1", "typed": typed}
    return render(request, "public/check_ask.html", context | {"error": UNKNOWN if typed else ""})


def sheet(request: HttpRequest, token: str) -> HttpResponse:
    """What is known of a sheet; a posted copy is compared with what was issued, and not kept."""
    context = {"here": "check", "elder": request.COOKIES.get("elder") == "1"}
    if _too_often(request):
        said = "核验太频繁，请过一会儿再试。"
        return render(request, "public/check_ask.html", context | {"error": said}, status=429)
    issued = form_by_token(token)
    if issued is None:
        return render(request, "public/check_ask.html", context | {"error": UNKNOWN, "typed": token[:40]}, status=404)
    if issued.kind == "bag_label" and request.method == "GET" and bag_by_code(str(issued.data.get("bag", ""))):
        return redirect("public-bag", issued.data["bag"])
    said, same = "", False
    upload = request.FILES.get("file")
    if request.method == "POST" and upload is None:
        said = "请选择要比对的 PDF 文件。"
    elif upload is not None and upload.size and upload.size > store.limit():
        said = f"文件超过 {store.limit() // 2**20} MB，不是这张文书。"
    elif upload is not None:
        digest = hashlib.sha256(upload.read()).hexdigest()
        same = digest in (issued.digest, issued.signed_digest)
        said = SAME if digest == issued.digest else SIGNED if same else OTHER
    staff = request.user
    inside = isinstance(staff, Staff) and issued.case_id and visible_to(staff).filter(pk=issued.case_id).exists()
    context |= {
        "form": issued,
        "title": KINDS[issued.kind],
        "by": issued.data["window"]["name"],
        "said": said,
        "same": same,
        "number": issued.case.number if issued.case and inside else "",
    }
    return render(request, "public/check.html", context)
