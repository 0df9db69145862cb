"""What outside platforms ask of us: events (POST), files by digest and our view of shared cases (signed GETs).

No log-in and no CSRF token: each request is signed with a key shared with the platform of its address.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST

from tongban.cases import readings
from tongban.cases.models import DecisionDocument, MaterialFile
from tongban.cases.queries import documents_visible_to, visible_to
from tongban.cases.signed import genuine
from tongban.exchange import inward
from tongban.exchange.fetching import asked
from tongban.exchange.models import Platform, Way
from tongban.exchange.reconcile import page_of
from tongban.vault import store


@csrf_exempt
@require_POST
def events(request: HttpRequest, platform: str) -> HttpResponse:
    """One event of a platform. 200 done (now or before), 202 kept until its files are here, 425 an earlier one is missing,
    4xx refused, with a sentence; what is refused is kept for a person.
    """
    length = request.META.get("CONTENT_LENGTH") or "0"
    size = int(length) if length.isdecimal() and len(length) < 16 else 0
    body = b"" if size > inward.LONGEST else request.read(inward.LONGEST + 1)
    if size > inward.LONGEST or len(body) > inward.LONGEST:
        answer = inward.too_long(platform, max(size, len(body)))
    else:
        answer = inward.receive(platform, request.headers, body)
    said = {"state": answer.state} | ({"message": answer.message} if answer.message else {})
    return JsonResponse(
        answer.theirs or said, status=answer.status, safe=False, json_dumps_params={"ensure_ascii": False}
    )


def asks(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A view for signed GETs; it is given the platform."""

    @wraps(view)
    def enter(request: HttpRequest, platform: str, **named: Any) -> HttpResponse:
        found = Platform.objects.select_related("staff").filter(code=platform).exclude(way=Way.INSIDE).first()
        what = request.get_full_path().partition("/exchange/")[2]
        if found is None or not genuine(request.headers, asked(what), found.secrets(), time.time()):
            said = {"state": "refused", "message": "签名不对，或者时钟相差超过五分钟。"}
            return JsonResponse(said, status=401, json_dumps_params={"ensure_ascii": False})
        return view(request, found, **named)

    return require_GET(enter)


@asks
def file(request: HttpRequest, platform: Platform, digest: str) -> HttpResponse:
    """The bytes of a file of a case that is shared with the platform, by digest: a material's, or the document of a decision;
    404 for any other.
    """
    seen = visible_to(platform.staff)
    rows = MaterialFile.objects.filter(digest=digest, material__case__in=seen, withdrawn=False)
    found = rows.select_related("material__case").first()
    document = None if found else _document(platform, digest)
    if found:
        readings.note(platform.staff, found.material.case.number, f"材料 {found.pk}")
    elif document:
        readings.note(platform.staff, document.item.case.number, f"决定文书 {document.pk}")
    else:
        return JsonResponse({"state": "refused", "message": "没有这个文件。"}, status=404)
    return HttpResponse(store.read(digest), content_type="application/octet-stream")


def _document(platform: Platform, digest: str) -> DecisionDocument | None:
    return documents_visible_to(platform.staff).filter(digest=digest).select_related("item__case").first()


@asks
def cases(request: HttpRequest, platform: Platform) -> HttpResponse:
    """A page of our view of the cases shared with the platform, behind ``?after=``."""
    after = request.GET.get("after", "0")
    return JsonResponse(page_of(platform, int(after) if after.isdecimal() and len(after) < 19 else 0))
