"""Where an SMS gateway reports what became of messages: signed, the same as what we send it."""

import json
import time

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from tongban.cases.signed import genuine
from tongban.messages.sending import report

LONGEST, MOST = 262_144, 1000  # bytes of a body, entries of it


@csrf_exempt
@require_POST
def sms(request: HttpRequest) -> HttpResponse:
    """Delivery reports: one object or a list of ``{"id", "state": "delivered" or "failed", "reason"}``.

    Answers how many were taken; what names no message of ours is counted, not refused. 403 without a right signature of the
    last five minutes, 400 for what is no report, 413 for more than 256 KB.
    """
    if int(request.headers.get("content-length") or 0) > LONGEST:
        return JsonResponse({"message": "太大，请分几次报。"}, status=413)
    if not genuine(request.headers, request.body, settings.SMS_SECRETS, time.time()):
        return JsonResponse({"message": "签名不对，或时钟相差超过五分钟。"}, status=403)
    try:
        told = json.loads(request.body)
    except (ValueError, RecursionError):
        told = None
    entries = told if isinstance(told, list) else [told]
    if len(entries) > MOST or not all(isinstance(entry, dict) for entry in entries):
        return JsonResponse({"message": f"应为一个对象，或最多 {MOST} 个对象的列表。"}, status=400)
    now = timezone.now()
    taken = sum(report(entry, now) for entry in entries)
    return JsonResponse({"taken": taken, "unknown": len(entries) - taken})
