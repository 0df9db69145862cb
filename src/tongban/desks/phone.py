"""The page a phone opens from the code on the clerk's screen: pictures of one material, once, without a log-in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tongban.capture import phone
from tongban.capture.drafts import entry
from tongban.cases.models import Draft, MaterialFile
from tongban.desks.uploads import taken
from tongban.desks.window.seen import seen
from tongban.vault import store
from tongban.vault.kinds import NotAccepted
from tongban.vault.uploads import tidy

MOST = 10  # pictures of one submission
OVER = "这个二维码已经用过或过了 10 分钟，请让工作人员重新出一个。"


def page(request: HttpRequest, token: str) -> HttpResponse:
    """Choose or take pictures, and send them. A token that is not ours gets the answer of one that is over."""
    ticket = phone.opened(token)
    context = {"token": token, "elder": request.COOKIES.get("elder") == "1", "most": store.limit()}
    if ticket is None or not phone.live(ticket):
        return render(request, "public/send.html", context | {"over": OVER}, status=410)
    context["material"] = ticket.draft.version.procedure.materials[ticket.place]
    if request.method != "POST":
        return render(request, "public/send.html", context)
    if not phone.count_try(ticket):
        return render(request, "public/send.html", context | {"over": OVER}, status=410)
    errors, entries = [], []
    for upload in request.FILES.getlist("file")[:MOST]:
        name = tidy(upload.name or "照片")
        try:
            entries.append(entry(taken(upload), name, MaterialFile.Source.CAMERA.value))
        except NotAccepted as error:
            errors.append(f"“{name}”：{error}")
    if not entries and not errors:
        errors.append("请先拍照或选一张照片。")
    if errors:  # nothing is sent by halves: the code would be used up
        return render(request, "public/send.html", context | {"errors": errors}, status=422)
    if not phone.use(ticket, entries):
        return render(request, "public/send.html", context | {"over": OVER}, status=410)
    seen(Draft.objects.select_related("version").get(pk=ticket.draft_id), [ticket.place], asks=True)
    return render(request, "public/send.html", context | {"sent": len(entries)})
