"""“先检查照片再来”: a photo looked at for anybody, by the same code as at the window. Nothing is stored."""

import threading
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from tongban.cases.looks import limits as limits_of
from tongban.cases.models import ProcedureVersion
from tongban.checks.eyes import photo
from tongban.desks.doors import place_of
from tongban.procedure.model import Material
from tongban.rules.machine import Seen, match
from tongban.vault import throttle

TRIES, WITHIN = 12, 600  # photos an address may have looked at in so many seconds
PATIENCE = 6.0  # seconds to wait for one's turn: a process looks at one photo at a time
_turn = threading.Lock()


def page(request: HttpRequest, version_id: int, place: int) -> HttpResponse:
    """The form, and after a POST what the machine says of the photo."""
    version = ProcedureVersion.objects.filter(pk=version_id, effective__lte=timezone.localdate()).first()
    materials = version.procedure.materials if version else ()
    if version is None or place >= len(materials) or materials[place].check != "photo":
        raise Http404
    context = {
        "here": "guide",
        "elder": request.COOKIES.get("elder") == "1",
        "version": version,
        "material": materials[place],
        "place": place,
        "most": settings.UPLOAD_LIMIT,
    }
    if request.method != "POST":
        return render(request, "public/photo.html", context)
    upload = request.FILES.get("file")
    if upload is None or not upload.size:
        return _said(request, context, "请先选一张照片。", 422)
    if upload.size > settings.UPLOAD_LIMIT:
        return _said(request, context, f"照片超过 {settings.UPLOAD_LIMIT // 2**20} MB，请缩小后再检查。", 422)
    if _throttled(request):
        return _said(request, context, "检查得太频繁，请过一会儿再试。", 429)
    if not _turn.acquire(timeout=PATIENCE):
        return _said(request, context, "现在检查照片的人多，请过一会儿再试。", 503)
    try:
        result = photo([upload.read()], {"limits": limits_of(version.procedure)})
    finally:
        _turn.release()
    return render(request, "public/photo.html", context | _told(result, materials[place]))


def _told(result: dict[str, Any], material: Material) -> dict[str, Any]:
    seen = [Seen(f["code"], f["level"], f["message"]) for f in result["findings"]]
    return {"accepted": result["accepted"], "findings": match(material, seen), "looked": True}


def _said(request: HttpRequest, context: dict[str, Any], said: str, status: int) -> HttpResponse:
    return render(request, "public/photo.html", context | {"said": said}, status=status)


def _throttled(request: HttpRequest) -> bool:
    return throttle.count("photo", place_of(request), TRIES, WITHIN) is not None
