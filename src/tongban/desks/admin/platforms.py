"""外部平台: each with its state, its address, its keys; what a foreign interface would be sent, tried without sending."""

import json
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from tongban.desks.admin.rail import rail
from tongban.desks.doors import desk, key_of, new_key, perform, staff_of
from tongban.exchange import platforms, trying
from tongban.exchange.models import Letter, Platform, PlatformPush, Way
from tongban.people.models import Role
from tongban.people.refused import Refused

MADE = "platform_key"  # in the session: a key just made, shown once


def _listed() -> list[dict[str, Any]]:
    """Every platform with what waits for it, what failed, and what of its own could not be done."""
    counted = (
        PlatformPush.objects.order_by()
        .values_list("platform")
        .annotate(waiting=Count("pk", filter=Q(state="waiting")), failed=Count("pk", filter=Q(state="failed")))
    )
    pushes: dict[int, tuple[int, int]] = {platform: (waiting, failed) for platform, waiting, failed in counted}
    letters: dict[int | None, int] = dict(
        Letter.objects.filter(state=Letter.State.FAILED, signed=True)
        .order_by()
        .values_list("platform")
        .annotate(Count("pk"))
    )
    now = timezone.now()
    return [
        {
            "platform": one,
            "waiting": pushes.get(one.pk, (0, 0))[0],
            "failed": pushes.get(one.pk, (0, 0))[1],
            "letters": letters.get(one.pk, 0),
            "away": one.failures > 0,
            "rests": one.rests_until if one.rests_until and one.rests_until > now else None,
            "keys": len(one.secrets()),
        }
        for one in Platform.objects.all()
    ]


@desk(Role.ADMINISTRATOR)
def overview(request: HttpRequest) -> HttpResponse:
    """All of them, and how each stands."""
    context = {"rows": _listed(), "rail": rail(staff_of(request), "admin-platforms")}
    return render(request, "admin/platforms.html", context)


def _platform(code: str) -> Platform:
    try:
        return platforms.find(code)
    except Refused as error:
        raise Http404 from error


@desk(Role.ADMINISTRATOR)
def page(request: HttpRequest, platform: str) -> HttpResponse:
    """One platform: address, keys, and for one with a mapping the form to try it."""
    return _page(request, _platform(platform))


def _page(request: HttpRequest, platform: Platform, status: int = 200, **more: Any) -> HttpResponse:
    made = request.session.pop(MADE, None)
    context = {
        "one": next(row for row in _listed() if row["platform"] == platform),
        "platform": platform,
        "ours": request.build_absolute_uri(f"/exchange/{platform.code}/"),
        "made": made[1] if made and made[0] == platform.code else "",
        "held": platform.keys.filter(Q(until=None) | Q(until__gt=timezone.now())),
        "peer": platform.way == Way.PEER,
        "drafts": trying.drafts(platform) if platform.mapping else [],
        "answer": trying.recorded(platform, "answer"),
        "callback": trying.recorded(platform, "callback"),
        "key": new_key(),
        "rail": rail(staff_of(request), "admin-platforms"),
    }
    return render(request, "admin/platform.html", context | more, status=status)


@desk(Role.ADMINISTRATOR)
@require_POST
def address(request: HttpRequest, platform: str) -> HttpResponse:
    """Where it is reached."""
    code, staff = _platform(platform).code, staff_of(request)
    given = request.POST.get("address", "")[:300]
    act = lambda: platforms.set_address(staff, key=key_of(request), code=code, address=given)  # noqa: E731
    return perform(request, act, "地址已保存。", reverse("admin-platform", args=[code]))


def _days(request: HttpRequest) -> int:
    given = request.POST.get("days", "")
    return int(given) if given.isdecimal() and len(given) < 4 else -1


@desk(Role.ADMINISTRATOR)
@require_POST
def make_key(request: HttpRequest, platform: str) -> HttpResponse:
    """A new key, shown once."""
    code, staff = _platform(platform).code, staff_of(request)

    def act() -> None:
        request.session[MADE] = (code, platforms.make_key(staff, key=key_of(request), code=code, days=_days(request)))

    return perform(request, act, "已换新密钥，下面只显示这一次。", reverse("admin-platform", args=[code]))


@desk(Role.ADMINISTRATOR)
@require_POST
def take_key(request: HttpRequest, platform: str) -> HttpResponse:
    """The key the other side made."""
    code, staff = _platform(platform).code, staff_of(request)
    given = request.POST.get("secret", "")[:300]
    act = lambda: platforms.take_key(staff, key=key_of(request), code=code, secret=given, days=_days(request))  # noqa: E731
    return perform(request, act, "对方的密钥已登记。", reverse("admin-platform", args=[code]))


@desk(Role.ADMINISTRATOR)
@require_POST
def rehearse(request: HttpRequest, platform: str) -> HttpResponse:
    """What a pasted answer or callback would do; nothing is sent and nothing is changed."""
    found = _platform(platform)
    if not found.mapping:
        raise Http404
    answer, callback = request.POST.get("answer", "")[:20_000], request.POST.get("callback", "")[:20_000]
    said: dict[str, Any] = {}
    for name, text, read in (("answer_said", answer, trying.answer), ("callback_said", callback, trying.callback)):
        if text.strip():
            try:
                said[name] = read(found, json.loads(text))
            except (ValueError, RecursionError):
                said[name] = trying.Read(False, "粘贴的内容不是 JSON。")
    return _page(request, found, answer=answer, callback=callback, **said)
