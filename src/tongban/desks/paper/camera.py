"""A frame of the camera while labels are scanned, for a browser that cannot read codes: looked at, answered, kept nowhere."""

from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_POST

from tongban.desks.doors import desk


@desk()
@require_POST
def read(request: HttpRequest) -> JsonResponse:
    """What the QR codes in the posted frame say."""
    from tongban.imaging.labels import MOST_BYTES, codes

    frame = request.FILES.get("frame")
    small = frame is not None and frame.size is not None and frame.size <= MOST_BYTES
    return JsonResponse({"codes": codes(frame.read()) if frame is not None and small else ()})
