"""Systems let in through the API: made, given tokens, changed, shut out."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from tongban.desks.admin.rail import rail
from tongban.desks.admin.views import id_of
from tongban.desks.doors import desk, key_of, new_key, perform, staff_of
from tongban.exchange import clients as acts
from tongban.exchange.models import Client, Scope
from tongban.people import accounts
from tongban.people.models import Change, Role, Unit, Window


@desk(Role.ADMINISTRATOR)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """Every client; a form for a new one."""
    rows = Client.objects.select_related("staff").prefetch_related("tokens").order_by("revoked_at", "name")
    now = timezone.now()
    ending = {token.client_id for token in acts.ending(now)}
    context = {
        "rows": [
            {"client": one, "tokens": acts.live_tokens(one, now), "used": _used(one), "ends": one.pk in ending}
            for one in rows
        ],
        "scopes": Scope.choices,
        "chosen": (),
        "roles": [(role.value, role.label) for role in accounts.OF_MACHINES],
        "windows": Window.objects.filter(closed_at=None)
        .select_related("region")
        .order_by("region__city", "region__order", "id"),
        "units": Unit.objects.filter(closed_at=None)
        .select_related("region")
        .order_by("region__city", "region__order", "id"),
        "a_minute": 120,
        "a_day": 20_000,
        "key": new_key(),
        "rail": rail(staff_of(request), "admin-clients"),
    }
    return render(request, "admin/clients.html", context)


def _used(client: Client) -> Any:
    return max((token.used_at for token in client.tokens.all() if token.used_at), default=None)


def _facts(request: HttpRequest) -> dict[str, Any]:
    return {
        "scopes": request.POST.getlist("scopes"),
        "a_minute": id_of(request, "a_minute"),
        "a_day": id_of(request, "a_day"),
        "receivers": request.POST.get("receivers", "")[:5000],
    }


@desk(Role.ADMINISTRATOR)
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """A new client."""
    made: list[Client] = []

    def act() -> None:
        role = request.POST.get("role", "")
        scope = id_of(request, accounts.SCOPES.get(role, ("", None))[0])
        name = request.POST.get("name", "")[:400]
        made.append(
            acts.make_client(
                staff_of(request), key=key_of(request), name=name, role=role, scope_id=scope, **_facts(request)
            )
        )

    answer = perform(request, act, "接入系统已登记。请在下面发放令牌。", reverse("admin-clients"))
    if made:
        answer["Location"] = reverse("admin-client", args=[made[0].pk])
    return answer


def _client(client_id: int) -> Client:
    found = Client.objects.select_related("staff").filter(pk=client_id).first()
    if found is None:
        raise Http404
    return found


@desk(Role.ADMINISTRATOR)
@never_cache
@require_GET
def page(request: HttpRequest, client_id: int) -> HttpResponse:
    """One client: what it may, its tokens, its webhooks, what was changed. A new token is shown once."""
    client = _client(client_id)
    now = timezone.now()
    told = request.session.pop("token", None)
    duties = client.staff.duties.filter(accounts.in_force(now)).select_related(
        "region", "unit__region", "window__region"
    )
    context = {
        "client": client,
        "token": told[1] if told and told[0] == client_id else "",
        "tokens": [{"token": one, "state": _state(one, now)} for one in client.tokens.all()[:20]],
        "duties": [(duty, accounts.named(duty)) for duty in duties],
        "webhooks": client.webhooks.filter(ended_at=None),
        "scopes": Scope.choices,
        "chosen": client.scopes,
        "a_minute": client.a_minute,
        "a_day": client.a_day,
        "receivers": "\n".join(client.receivers),
        "changes": Change.objects.filter(about_staff=client.staff)[:10],
        "key": new_key(),
        "rail": rail(staff_of(request), "admin-clients"),
    }
    return render(request, "admin/client.html", context)


def _state(token: Any, now: Any) -> str:
    if token.revoked_at:
        return "已作废"
    return "有效" if token.expires_at > now else "已到期"


def _do(request: HttpRequest, client_id: int, act: Any, done: str) -> HttpResponse:
    return perform(request, act, done, reverse("admin-client", args=[_client(client_id).pk]))


@desk(Role.ADMINISTRATOR)
@require_POST
def change(request: HttpRequest, client_id: int) -> HttpResponse:
    """Scopes, quotas, receivers."""
    act = lambda: acts.change_client(  # noqa: E731
        staff_of(request), key=key_of(request), client_id=client_id, **_facts(request)
    )
    return _do(request, client_id, act, "已保存，马上生效。")


@desk(Role.ADMINISTRATOR)
@require_POST
def token(request: HttpRequest, client_id: int) -> HttpResponse:
    """A new token, shown once."""

    def act() -> None:
        made = acts.make_token(
            staff_of(request),
            key=key_of(request),
            client_id=client_id,
            days=id_of(request, "days") or 0,
            overlap=-1 if (overlap := id_of(request, "overlap")) is None else overlap,
        )
        request.session["token"] = [client_id, made]

    return _do(request, client_id, act, "新令牌已生成，请马上复制。")


@desk(Role.ADMINISTRATOR)
@require_POST
def revoke_token(request: HttpRequest, client_id: int, token_id: int) -> HttpResponse:
    """End a token."""
    act = lambda: acts.revoke_token(  # noqa: E731
        staff_of(request), key=key_of(request), client_id=client_id, token_id=token_id
    )
    return _do(request, client_id, act, "令牌已作废。")


@desk(Role.ADMINISTRATOR)
@require_POST
def revoke(request: HttpRequest, client_id: int) -> HttpResponse:
    """Shut a client out."""
    act = lambda: acts.revoke_client(staff_of(request), key=key_of(request), client_id=client_id)  # noqa: E731
    return _do(request, client_id, act, "已停用。它办过的事和记录都还在。")
